//! What is sent.

use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, Submission};

/// This message, from `s@x.example`.
pub(crate) fn submission_of(message: &str, recipients: &[&str]) -> Submission {
    let message = Message::from_bytes(message, LineEndings::Strict).unwrap();
    let recipients = recipients
        .iter()
        .map(|text| text.parse::<EmailAddress>().unwrap());
    let sender: EmailAddress = "s@x.example".parse().unwrap();
    let envelope = Envelope::new(sender, recipients).unwrap();
    Submission::new(
        "id".parse().unwrap(),
        "tenant".parse().unwrap(),
        message,
        envelope,
    )
}
