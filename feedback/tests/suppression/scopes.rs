//! Streams, providers, and mail that passes by policy.

use letterhead_feedback::{
    Applied, Coverage, EventKind, Exempt, Provider, ProviderEntries, SuppressionPolicy,
    SuppressionReason,
};
use letterhead_mail::StreamId;

use crate::setting::{HARD, JOE, List, event};

fn stream(name: &str) -> StreamId {
    name.parse().unwrap()
}

fn held(list: &List, name: &str) -> Option<SuppressionReason> {
    let screening = list.check(&list.scope().stream(stream(name)), &[JOE], 99);
    screening.suppressed.first().map(|found| found.reason())
}

#[test]
fn a_wish_closes_its_stream_only() {
    for (kind, reason) in [
        (EventKind::Complained, SuppressionReason::Complaint),
        (EventKind::Unsubscribed, SuppressionReason::Unsubscribe),
    ] {
        let list = List::new();
        list.record(&event(kind, 1, 0).with_stream(stream("news")), 0);
        assert_eq!(held(&list, "news"), Some(reason));
        assert_eq!(held(&list, "receipts"), None);
        // Mail that names no stream may be of this one.
        assert_eq!(list.reason(), Some(reason));
        let found = list.suppressed(&[JOE]);
        assert_eq!(found[0].scope().to_string(), "acme, stream news");
    }
}

#[test]
fn a_wish_that_names_no_stream_closes_all() {
    let list = List::new();
    list.record(&event(EventKind::Unsubscribed, 1, 0), 0);
    assert_eq!(held(&list, "news"), Some(SuppressionReason::Unsubscribe));
    assert_eq!(list.suppressed(&[JOE])[0].scope(), &list.scope());
}

#[test]
fn a_dead_address_is_dead_for_every_stream() {
    let list = List::new();
    list.record(&event(HARD, 1, 0).with_stream(stream("news")), 0);
    assert_eq!(held(&list, "receipts"), Some(SuppressionReason::HardBounce));
}

#[test]
fn two_streams_are_closed_and_opened_one_by_one() {
    let list = List::new();
    for name in ["news", "offers"] {
        list.record(
            &event(EventKind::Unsubscribed, 1, 0).with_stream(stream(name)),
            0,
        );
    }
    // The second event has the same id as the first: kind, address and message are the same.
    assert_eq!(held(&list, "offers"), None);
    let second = event(EventKind::Unsubscribed, 2, 0).with_stream(stream("offers"));
    list.record(&second, 0);
    assert_eq!(held(&list, "offers"), Some(SuppressionReason::Unsubscribe));
    let news = list.scope().stream(stream("news"));
    assert_eq!(list.remove_from(&news, 1), Applied::Done);
    assert_eq!(list.remove_from(&news, 1), Applied::Unchanged);
    assert_eq!(held(&list, "news"), None);
    assert_eq!(held(&list, "offers"), Some(SuppressionReason::Unsubscribe));
    assert_eq!(list.remove(2), Applied::Done);
    assert_eq!(list.reason(), None);
}

#[test]
fn a_transactional_stream_passes_what_means_all_mail_and_says_so() {
    let policy = SuppressionPolicy::default().transactional(
        stream("resets"),
        Exempt::FromAllMail,
        "legal, 2026-11: people need them to log in",
    );
    let list = List::with(policy);
    list.record(&event(EventKind::Complained, 1, 0), 0);
    let resets = list.scope().stream(stream("resets"));
    let screening = list.check(&resets, &[JOE], 1);
    assert!(screening.suppressed.is_empty());
    assert_eq!(screening.passed.len(), 1);
    let passage = &screening.passed[0];
    assert_eq!(passage.suppression.reason(), SuppressionReason::Complaint);
    assert_eq!(passage.note, "legal, 2026-11: people need them to log in");
    assert_eq!(passage.suppression.address().unwrap().to_string(), JOE);
    assert_eq!(held(&list, "news"), Some(SuppressionReason::Complaint));
    assert_eq!(list.reason(), Some(SuppressionReason::Complaint));

    // Its own it does not pass, nor what is about the address.
    let own = event(EventKind::Unsubscribed, 2, 1).with_stream(stream("resets"));
    list.record(&own, 1);
    assert_eq!(held(&list, "resets"), Some(SuppressionReason::Unsubscribe));
    list.remove(2);
    list.record(&event(HARD, 3, 3), 3);
    list.record(&event(EventKind::Complained, 4, 3), 3);
    let screening = list.check(&resets, &[JOE], 4);
    assert_eq!(
        screening.suppressed[0].reason(),
        SuppressionReason::HardBounce
    );
    assert!(screening.passed.is_empty());
}

#[test]
fn mail_that_nobody_can_refuse_passes_its_own_stream_too() {
    let policy = SuppressionPolicy::default().transactional(
        stream("resets"),
        Exempt::AlsoFromItsOwn,
        "decided by legal",
    );
    let list = List::with(policy);
    let own = event(EventKind::Unsubscribed, 2, 1).with_stream(stream("resets"));
    list.record(&own, 1);
    let resets = list.scope().stream(stream("resets"));
    let screening = list.check(&resets, &[JOE], 4);
    assert!(screening.suppressed.is_empty());
    assert_eq!(screening.passed.len(), 1);
    list.add_manual(JOE, 5);
    assert_eq!(held(&list, "resets"), Some(SuppressionReason::Manual));
}

#[test]
fn a_list_that_is_asked_about_no_stream_is_one_as_providers_keep_theirs() {
    let policy = SuppressionPolicy::default().transactional(
        stream("resets"),
        Exempt::AlsoFromItsOwn,
        "decided by legal",
    );
    let list = List::with(policy);
    let own = event(EventKind::Complained, 2, 1).with_stream(stream("resets"));
    list.record(&own, 1);
    let screening = list.check(&list.scope(), &[JOE], 4);
    assert_eq!(screening.suppressed.len(), 1);
    assert!(screening.passed.is_empty());
}

#[test]
fn a_providers_entry_holds_all_mail_or_that_by_way_of_it() {
    let suppressed = event(EventKind::Suppressed, 1, 0).with_provider(Provider::Ses);
    for (which, others) in [
        (ProviderEntries::ForAllMail, 1),
        (ProviderEntries::ForThatProvider, 0),
    ] {
        let list = List::with(SuppressionPolicy::default().provider_entries(which));
        list.record(&suppressed, 0);
        for (mail, count) in [
            (list.scope(), 1),
            (list.scope().provider(Provider::Ses), 1),
            (list.scope().provider(Provider::Oci), others),
        ] {
            let screening = list.check(&mail, &[JOE], 1);
            assert_eq!(screening.suppressed.len(), count, "{mail}");
        }
    }
}

#[test]
fn coverages_meet_where_some_mail_is_part_of_both() {
    let all = Coverage::default();
    let news = Coverage::new(Some(stream("news")), None);
    let offers = Coverage::new(Some(stream("offers")), Some(Provider::Ses));
    let ses = Coverage::new(None, Some(Provider::Ses));
    let oci = Coverage::new(None, Some(Provider::Oci));
    for (one, other, meet) in [
        (&all, &news, true),
        (&news, &news, true),
        (&news, &offers, false),
        (&news, &ses, true),
        (&offers, &ses, true),
        (&offers, &oci, false),
    ] {
        assert_eq!(one.meets(other), meet);
        assert_eq!(other.meets(one), meet);
    }
}
