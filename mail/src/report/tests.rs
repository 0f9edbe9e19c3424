//! Tests of reports.

use std::time::Duration;

use super::{Concern, NotAttemptedReason, Outcome, OutcomeClass, Phase, RecipientReport};
use crate::reply::{EnhancedCode, Reply, ReplyCode};

#[test]
fn what_may_have_been_accepted_is_not_safe_to_retry() {
    let row = |outcome| RecipientReport::new("a@x.example".parse().unwrap(), outcome, Phase::Final);
    assert!(!row(Outcome::InDoubt).is_safe_to_retry());
    assert!(!row(Outcome::Accepted).is_safe_to_retry());
    assert!(!row(Outcome::Rejected).is_safe_to_retry());
    assert!(row(Outcome::Deferred).is_safe_to_retry());
    assert!(row(Outcome::NotAttempted(NotAttemptedReason::Cancelled)).is_safe_to_retry());
    assert!(!Outcome::InDoubt.is_proven_not_accepted());
    assert_eq!(
        Outcome::NotAttempted(NotAttemptedReason::Suppressed).class(),
        OutcomeClass::Refused
    );
}

#[test]
fn another_server_may_be_asked_where_this_one_refused_neither_message_nor_recipient() {
    let may = |outcome, phase| {
        RecipientReport::new("a@x.example".parse().unwrap(), outcome, phase).may_go_elsewhere()
    };
    for phase in [Phase::Connect, Phase::Tls, Phase::Auth] {
        assert!(may(Outcome::Rejected, phase), "{phase}");
    }
    for phase in [Phase::Mail, Phase::Rcpt, Phase::Final, Phase::Local] {
        assert!(!may(Outcome::Rejected, phase), "{phase}");
        assert!(may(Outcome::Deferred, phase), "{phase}");
    }
    for (reason, elsewhere) in [
        (NotAttemptedReason::Unsupported, true),
        (NotAttemptedReason::Postponed, true),
        (NotAttemptedReason::Cancelled, true),
        (NotAttemptedReason::Suppressed, false),
        (NotAttemptedReason::Withheld, false),
    ] {
        let outcome = Outcome::NotAttempted(reason);
        assert_eq!(may(outcome, Phase::Local), elsewhere, "{outcome}");
    }
    assert!(!may(Outcome::Accepted, Phase::Final));
    assert!(!may(Outcome::InDoubt, Phase::Connect));
}

#[test]
fn only_rcpt_and_suppression_concern_the_recipient() {
    let suppressed = Outcome::NotAttempted(NotAttemptedReason::Suppressed);
    for (outcome, phase, concern) in [
        (Outcome::Rejected, Phase::Auth, Concern::Connection),
        (Outcome::Deferred, Phase::Connect, Concern::Connection),
        (Outcome::Rejected, Phase::Mail, Concern::Message),
        (Outcome::Rejected, Phase::Rcpt, Concern::Recipient),
        (Outcome::Rejected, Phase::Final, Concern::Message),
        (Outcome::Rejected, Phase::Local, Concern::Message),
        (suppressed, Phase::Local, Concern::Recipient),
    ] {
        let row = RecipientReport::new("a@x.example".parse().unwrap(), outcome, phase);
        assert_eq!(row.concerns(), concern, "{row}");
    }
}

#[test]
fn a_row_reads_as_a_sentence() {
    let reply = Reply::new(
        ReplyCode::new(550).unwrap(),
        EnhancedCode::new(5, 1, 1),
        "no such user",
    );
    let row = RecipientReport::new(
        "a@x.example".parse().unwrap(),
        Outcome::Rejected,
        Phase::Rcpt,
    )
    .with_reply(reply);
    assert_eq!(
        row.to_string(),
        "a@x.example rejected at rcpt: 550 5.1.1 no such user"
    );
}

#[test]
fn a_row_is_one_line_whatever_its_text() {
    let address = "a@x.example".parse().unwrap();
    let row = RecipientReport::new(address, Outcome::Deferred, Phase::Connect)
        .with_detail("x\r\nb@y accepted")
        .with_server(format!("mx\n\x1b{}", "y".repeat(2_000)))
        .with_retry_after(Duration::from_secs(60));
    assert_eq!(row.to_string().lines().count(), 1);
    assert_eq!(row.detail(), Some("x b@y accepted"));
    let server = row.server().unwrap();
    assert!(server.starts_with("mx  y"));
    assert_eq!(server.chars().count(), Reply::MAX_TEXT);

    let mut stored = serde_json::to_value(&row).unwrap();
    assert_eq!(
        serde_json::from_value::<RecipientReport>(stored.clone()).unwrap(),
        row
    );
    for field in ["detail", "server"] {
        stored[field] = format!("x\r\nb@y accepted\0{}", "z".repeat(2_000)).into();
    }
    let read: RecipientReport = serde_json::from_value(stored).unwrap();
    assert_eq!(read.to_string().lines().count(), 1);
    for text in [read.detail().unwrap(), read.server().unwrap()] {
        assert!(text.starts_with("x b@y accepted z"), "{text}");
        assert_eq!(text.chars().count(), Reply::MAX_TEXT);
    }
}

#[test]
fn what_was_found_without_a_server_has_its_code_too() {
    let row = RecipientReport::new(
        "a@x.example".parse().unwrap(),
        Outcome::NotAttempted(NotAttemptedReason::Unsupported),
        Phase::Local,
    )
    .with_enhanced(EnhancedCode::new(5, 6, 7).unwrap())
    .with_detail("the server does not offer SMTPUTF8");
    assert_eq!(
        row.to_string(),
        "a@x.example not attempted (unsupported) at local: 5.6.7 the server does not offer SMTPUTF8"
    );
    assert_eq!(row.code(), None);
    assert_eq!(row.text(), Some("the server does not offer SMTPUTF8"));
    assert_eq!(row.enhanced(), EnhancedCode::new(5, 6, 7));
    let stored = serde_json::to_string(&row).unwrap();
    assert_eq!(
        serde_json::from_str::<RecipientReport>(&stored).unwrap(),
        row
    );
    // Rows that were stored before there was such a code are read as well.
    let old = r#"{"recipient":"a@x.example","outcome":"accepted","phase":"final","reply":null,"detail":null,"server":null,"retry_after":null}"#;
    let old: RecipientReport = serde_json::from_str(old).unwrap();
    assert_eq!((old.enhanced(), old.tls()), (None, None));
}

#[test]
fn what_one_puts_off_oneself_concerns_neither_message_nor_recipient() {
    let row = |reason| {
        RecipientReport::new(
            "a@x.example".parse().unwrap(),
            Outcome::NotAttempted(reason),
            Phase::Local,
        )
    };
    let postponed = row(NotAttemptedReason::Postponed);
    assert_eq!(postponed.concerns(), Concern::Connection);
    assert!(postponed.is_safe_to_retry());
    let withheld = row(NotAttemptedReason::Withheld);
    assert_eq!(
        (withheld.concerns(), withheld.class()),
        (Concern::Message, OutcomeClass::Refused)
    );
}
