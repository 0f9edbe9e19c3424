//! What people do to the list.

use letterhead_dns::block_on_ready;
use letterhead_feedback::{
    Applied, Cursor, Decision, EventKind, Ignored, Revoked, SuppressionFilter, SuppressionReason,
};

use crate::setting::{HARD, JOE, List, SOFT, address, day, event, event_about, keys};

#[test]
fn a_manual_entry_keeps_its_note() {
    let list = List::new();
    assert_eq!(list.add_manual(JOE, 1), Applied::Done);
    assert_eq!(list.add_manual(JOE, 1), Applied::Unchanged);
    let found = list.suppressed(&[JOE]);
    assert_eq!(found[0].reason(), SuppressionReason::Manual);
    assert_eq!(found[0].evidence().diagnostic(), Some("asked by phone"));
    assert_eq!(list.remove(3), Applied::Done);
    assert_eq!(list.add_manual(JOE, 4), Applied::Done);
    assert_eq!(list.add_manual(JOE, 2), Applied::Stale);
}

#[test]
fn a_lift_keeps_its_note() {
    let list = List::new();
    list.record(&event(HARD, 1, 0), 0);
    list.remove(3);
    let record = block_on_ready(list.list.get(&list.tenant, &address(JOE)));
    let record = record.unwrap().unwrap().unwrap();
    assert_eq!(record.suppressions(&list.tenant).count(), 0);
    let lift = &record.lifts()[0];
    assert_eq!((lift.at(), lift.note()), (day(3), Some("asked by phone")));
    assert_eq!((lift.reason(), lift.coverage()), (None, None));
    assert!(record.knows(event(HARD, 1, 0).id()));
    let none = block_on_ready(list.list.get(&list.tenant, &address("ann@example.org")));
    assert_eq!(none.unwrap().unwrap(), None);
}

#[test]
fn pages_show_every_suppression_once_and_in_order() {
    let list = List::new();
    let all = [
        "b@x.example",
        "A@x.example",
        "d@x.example",
        "c@x.example",
        "e@x.example",
    ];
    for who in all {
        list.add_manual(who, 1);
    }
    list.record(&event(SOFT, 1, 0), 1);
    for limit in 1..7 {
        let seen = list.all(&SuppressionFilter::all(), limit);
        assert_eq!(
            keys(&seen),
            [
                "a@x.example",
                "b@x.example",
                "c@x.example",
                "d@x.example",
                "e@x.example"
            ]
        );
        assert_eq!(seen[0].address(), Some(&address("a@x.example")));
    }
}

/// Hard bounces and complaints of two domains on days 1 to 6.
fn mixed() -> List {
    let list = List::new();
    for (who, kind, on) in [
        ("a@x.example", HARD, 1),
        ("b@x.example", HARD, 2),
        ("b@x.example", EventKind::Complained, 3),
        ("c@x.example", HARD, 4),
        ("d@sub.x.example", HARD, 5),
        ("e@y.example", HARD, 6),
    ] {
        list.record(&event_about(who, kind, on, day(on)), 10);
    }
    list
}

#[test]
fn listings_are_narrowed_by_reason_domain_and_time() {
    let list = mixed();
    let all = SuppressionFilter::all;
    let domain = || "X.example".parse().unwrap();
    for (filter, expected) in [
        (all(), "a b b c d e"),
        (all().reason(SuppressionReason::Complaint), "b"),
        (all().domain(domain()), "a b b c"),
        (all().from(day(3)).before(day(5)), "b c"),
        (
            all()
                .domain(domain())
                .reason(SuppressionReason::HardBounce)
                .from(day(2)),
            "b c",
        ),
        (
            all().coverage(list.scope().stream("n".parse().unwrap()).coverage().clone()),
            "",
        ),
    ] {
        for limit in [1, 2, 100] {
            let found = keys(&list.all(&filter, limit));
            let found: Vec<&str> = found.iter().map(|key| &key[..1]).collect();
            assert_eq!(found.join(" "), expected, "{filter:?}");
        }
    }
}

fn revoke(list: &List, filter: &SuppressionFilter, after: Option<Cursor>, now: u32) -> Revoked {
    let limit = 1.try_into().unwrap();
    let note = "ticket 7: their servers were down";
    let revoked = list
        .list
        .revoke(&list.tenant, filter, after, limit, note, day(now));
    block_on_ready(revoked).unwrap().unwrap()
}

#[test]
fn a_revocation_lifts_what_it_says_and_no_more() {
    let list = mixed();
    let filter = SuppressionFilter::all()
        .domain("x.example".parse().unwrap())
        .reason(SuppressionReason::HardBounce)
        .from(day(2))
        .before(day(5));
    let mut lifted = Vec::new();
    let mut after = None;
    loop {
        let step = revoke(&list, &filter, after, 10);
        assert!(step.lifted.len() <= 1);
        lifted.extend(step.lifted);
        after = step.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(keys(&lifted), ["b@x.example", "c@x.example"]);
    let left = list.all(&SuppressionFilter::all(), 10);
    assert_eq!(
        keys(&left),
        [
            "a@x.example",
            "b@x.example",
            "d@sub.x.example",
            "e@y.example"
        ]
    );
    assert_eq!(left[1].reason(), SuppressionReason::Complaint);
    // It is remembered, with its note.
    let late = event_about("c@x.example", HARD, 77, day(9));
    assert_eq!(list.record(&late, 11), Decision::Ignored(Ignored::Stale));
    let c = address("c@x.example");
    let record = block_on_ready(list.list.get(&list.tenant, &c))
        .unwrap()
        .unwrap()
        .unwrap();
    assert_eq!(
        record.lifts()[0].note(),
        Some("ticket 7: their servers were down")
    );
    // Another time it finds nothing.
    assert!(revoke(&list, &filter, None, 11).lifted.is_empty());
}

#[test]
fn a_revocation_does_not_forget_what_it_does_not_mean() {
    let list = List::new();
    let news = event(EventKind::Unsubscribed, 1, 1).with_stream("news".parse().unwrap());
    list.record(&news, 1);
    list.record(&event(EventKind::Unsubscribed, 2, 5), 5);
    let filter = SuppressionFilter::all().from(day(4));
    assert_eq!(revoke(&list, &filter, None, 9).lifted.len(), 1);
    let left = list.all(&SuppressionFilter::all(), 10);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].scope().to_string(), "acme, stream news");
}
