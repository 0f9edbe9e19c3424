//! What is sent.

use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, Submission};

/// This message, from `s@x.example`.
pub(crate) fn submission_of(message: impl AsRef<[u8]>, recipients: &[&str]) -> Submission {
    let message = Message::from_bytes(message.as_ref(), LineEndings::Strict).unwrap();
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
