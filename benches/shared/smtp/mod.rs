//! What the SMTP benches of both folders share: the mails, a server, a client without a library, a long way between them.

mod away;
mod core;
mod dialogue;
mod lanes;
mod raw;
mod sink;

pub(crate) use self::away::{Away, round_trips};
pub(crate) use self::core::Side;
pub(crate) use self::dialogue::By;
pub(crate) use self::lanes::{Lane, Load, runtime, sending};
pub(crate) use self::raw::Raw;
pub(crate) use self::sink::Sink;

/// Plain text, indented HTML beside text, an attachment.
pub(crate) const MAILS: [(&str, &[u8]); 3] = [
    ("2 KB", include_bytes!("../../mails/text-2k.eml")),
    ("12 KB", include_bytes!("../../mails/html-12k.eml")),
    ("200 KB", include_bytes!("../../mails/attachment-200k.eml")),
];

/// A mail with lines that begin with dots, to see that what is sent arrives.
pub(crate) const DOTS: &[u8] =
    b"From: billing@yourcompany.example\r\nSubject: dots\r\n\r\n.\r\n..\r\n.a\r\nb.\r\n\r\n.\r\n";

/// The envelope's sender.
pub(crate) const SENDER: &str = "billing@yourcompany.example";

/// The only recipient.
pub(crate) const RECIPIENT: &str = "ada@receiver.example";
