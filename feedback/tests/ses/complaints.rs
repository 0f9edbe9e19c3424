//! Complaints, and who made them.

use letterhead_feedback::{Event, EventKind};
use serde_json::{Value, json};

use crate::{about, only, read};

fn complaint(listed: &[&str], subtype: Option<&str>, kind: Option<&str>) -> Value {
    let listed: Vec<_> = listed
        .iter()
        .map(|to| json!({"emailAddress": to}))
        .collect();
    let detail = json!({
        "complainedRecipients": listed,
        "timestamp": "2026-11-20T09:00:00+00:00",
        "feedbackId": "f-2",
        "complaintSubType": subtype,
        "complaintFeedbackType": kind,
    });
    about(
        &["joe@example.org", "ann@example.org", "sue@example.net"],
        "Complaint",
        "complaint",
        &detail,
    )
}

#[test]
fn complaints_are_what_their_type_says() {
    for (subtype, kind, expected) in [
        (None, Some("abuse"), EventKind::Complained),
        (None, Some("fraud"), EventKind::Complained),
        (None, Some("virus"), EventKind::Complained),
        (None, Some("other"), EventKind::Complained),
        (None, None, EventKind::Complained),
        (None, Some("not-spam"), EventKind::NotSpam),
        (None, Some("auth-failure"), EventKind::AuthFailure),
        (None, Some("opt-out"), EventKind::Unsubscribed),
        (None, Some("brand-new"), EventKind::Unknown),
        (
            Some("OnAccountSuppressionList"),
            None,
            EventKind::Suppressed,
        ),
    ] {
        let event = only(&complaint(&["joe@example.org"], subtype, kind));
        assert_eq!(event.kind(), expected, "{subtype:?} {kind:?}");
        assert_eq!(event.recipient().unwrap().to_string(), "joe@example.org");
    }
}

#[test]
fn a_complaint_of_one_among_several_names_nobody() {
    let event = only(&complaint(
        &["joe@example.org", "ann@example.org"],
        None,
        Some("abuse"),
    ));
    assert_eq!(event.kind(), EventKind::Complained);
    assert_eq!(event.addressee(), None);
    let candidates: Vec<_> = event.candidates().iter().map(ToString::to_string).collect();
    assert_eq!(candidates, ["joe@example.org", "ann@example.org"]);

    let nobody = only(&complaint(&[], None, Some("abuse")));
    assert_eq!((nobody.addressee(), nobody.candidates().len()), (None, 3));

    // What SES did not send, it knows.
    let on_list = complaint(
        &["joe@example.org", "ann@example.org"],
        Some("OnAccountSuppressionList"),
        None,
    );
    assert_eq!(read(&on_list).events.len(), 2);

    let many: Vec<String> = (0..500).map(|n| format!("u{n}@example.org")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let event = only(&complaint(&many, None, Some("abuse")));
    assert_eq!(event.candidates().len(), Event::MAX_CANDIDATES);
}
