//! Drafts of messages that something else has built.

use letterhead_mail::mailbox::MailboxListErrorKind;
use letterhead_mail::{Draft, LineEndings, Message};

fn draft(header: &str) -> Result<Draft, letterhead_mail::DraftError> {
    let raw = format!("From: a@example.org\n{header}\nHello\n");
    Draft::from_message(&Message::from_bytes(raw, LineEndings::Normalise).unwrap())
}

#[test]
fn everyone_named_is_a_recipient_once_and_bcc_is_gone() {
    let draft = draft(
        "To: Ann <ann@example.com>,\n b@example.com\nBCC: c@example.com\nCc: b@example.com\n\
         Bcc : d@example.com,\n e@example.com\nSubject: Bcc: not this\n",
    )
    .unwrap();
    let recipients: Vec<_> = draft.recipients().iter().map(ToString::to_string).collect();
    let all = [
        "ann@example.com",
        "b@example.com",
        "c@example.com",
        "d@example.com",
        "e@example.com",
    ];
    assert_eq!(recipients, all);
    assert_eq!(
        str::from_utf8(draft.message().as_bytes()).unwrap(),
        "From: a@example.org\r\nTo: Ann <ann@example.com>,\r\n b@example.com\r\nCc: b@example.com\r\n\
         Subject: Bcc: not this\r\n\r\nHello\r\n"
    );
}

#[test]
fn resent_fields_are_another_matter() {
    let header = "Resent-To: b@example.com\nResent-Bcc: c@example.com\n";
    let draft = draft(header).unwrap();
    assert_eq!(draft.recipients(), []);
    assert!(draft.message().header("Resent-Bcc").is_some());
}

#[test]
fn a_list_that_cannot_be_read_is_refused_and_an_empty_one_is_not() {
    for field in ["To", "Cc", "Bcc"] {
        let error = draft(&format!("{field}: ok@example.com, broken\n")).unwrap_err();
        assert_eq!(error.field(), field);
        let source = std::error::Error::source(&error).unwrap();
        let kind = source
            .downcast_ref::<letterhead_mail::mailbox::MailboxListError>()
            .unwrap()
            .kind();
        assert_eq!(kind, MailboxListErrorKind::UnexpectedEnd);
    }
    let nobody = draft("To: undisclosed-recipients:;\nCc:\nBcc:\n \n").unwrap();
    assert_eq!(nobody.recipients(), []);
}
