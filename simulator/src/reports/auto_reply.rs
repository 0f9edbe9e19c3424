//! Answers by machines, [RFC 3834](https://www.rfc-editor.org/rfc/rfc3834), well-behaved and not.

mod decline;

use std::time::SystemTime;

use letterhead_mail::message::MessageError;
use letterhead_mail::{
    EmailAddress, HeaderText, LineEndings, Message, ReversePath, parse_mailbox_list,
};

pub use self::decline::{Reason, declines};
use super::container::one_line;
use super::date::date_time;
use super::encoded_text::{body, words};
use crate::entropy::SeededEntropy;

/// An answer by a machine in the place of whoever owns a mailbox: an absence note or the like.
///
/// Whether to answer at all is for [`declines`] to say.
///
/// ```
/// use std::time::SystemTime;
/// use letterhead_mail::{LineEndings, Message, ReversePath};
/// use letterhead_simulator::SeededEntropy;
/// use letterhead_simulator::reports::{AutoReply, auto_reply::declines};
///
/// let text = "From: a@b.example\nTo: joe@x.example\nSubject: Lunch\n\nToday?\n";
/// let original = Message::from_bytes(text, LineEndings::Normalise)?;
/// let (joe, return_path) = ("joe@x.example".parse()?, ReversePath::Address("a@b.example".parse()?));
/// let reply = AutoReply::new(joe, "I am away until May.");
/// assert_eq!(declines(&original, &return_path, &["joe@x.example".parse()?], None), None);
///
/// let to = reply.addressee(&original, &return_path).expect("there is a return path");
/// let answer = reply.write(&original, &to, SystemTime::UNIX_EPOCH, &SeededEntropy::new(1))?;
/// assert_eq!(answer.header("Subject").unwrap().unfolded(), "Auto: Lunch");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct AutoReply {
    responder: EmailAddress,
    text: String,
    manners: Manners,
}

/// How a machine answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Manners {
    /// As RFC 3834 asks: to the return path, from the null sender, with Auto-Submitted.
    Polite,
    /// To Reply-To or From, from the owner's address, with X-Autoreply: yes.
    XAutoreply,
    /// To Reply-To or From, from the owner's address, with X-Autorespond and the original subject.
    XAutorespond,
    /// To Reply-To or From, from the owner's address, with Precedence: `auto_reply`.
    Precedence,
    /// To Reply-To or From, from the owner's address; nothing tells it but its subject, which begins with these words in
    /// the owner's language, such as `Automatische Antwort:`.
    Subject(HeaderText),
    /// To the return path, from the null sender, dressed as a bounce: the subject is that of one and the text begins as one
    /// does; only Auto-Submitted tells that it is an answer, and the owner's address that no mail system wrote it.
    LikeBounce,
}

impl AutoReply {
    /// An answer by the owner of `responder`, polite.
    #[must_use]
    pub fn new(responder: EmailAddress, text: impl Into<String>) -> Self {
        Self {
            responder,
            text: text.into(),
            manners: Manners::Polite,
        }
    }

    /// Answering in this manner.
    #[must_use]
    pub fn with_manners(mut self, manners: Manners) -> Self {
        self.manners = manners;
        self
    }

    /// Where an answer to `original`, which came with this return path, goes; `None` where there is nobody to answer: no
    /// return path for a machine that answers to it, no readable Reply-To or From for a rude one.
    #[must_use]
    pub fn addressee(&self, original: &Message, return_path: &ReversePath) -> Option<EmailAddress> {
        if matches!(self.manners, Manners::Polite | Manners::LikeBounce) {
            return return_path.address().cloned();
        }
        let first = |name: &str| {
            let mailboxes = parse_mailbox_list(original.header(name)?.value()).ok()?;
            mailboxes.first().map(|mailbox| mailbox.address().clone())
        };
        first("Reply-To").or_else(|| first("From"))
    }

    /// The envelope sender of an answer: a polite one cannot be answered in turn
    /// ([RFC 3834 §3.3](https://www.rfc-editor.org/rfc/rfc3834#section-3.3)).
    #[must_use]
    pub fn envelope_sender(&self) -> ReversePath {
        match self.manners {
            Manners::Polite | Manners::LikeBounce => ReversePath::Null,
            Manners::XAutoreply
            | Manners::XAutorespond
            | Manners::Precedence
            | Manners::Subject(_) => ReversePath::Address(self.responder.clone()),
        }
    }

    /// Writes the answer to `original`, to be sent to `to`.
    ///
    /// # Errors
    ///
    /// When the parts do not make a message; they do, whatever the arguments.
    pub fn write(
        &self,
        original: &Message,
        to: &EmailAddress,
        now: SystemTime,
        entropy: &SeededEntropy,
    ) -> Result<Message, MessageError> {
        let (encoding, body) = match self.manners {
            Manners::LikeBounce => body(&format!(
                "Your message could not be delivered to <{}>.\n\n{}",
                self.responder, self.text
            )),
            _ => body(&self.text),
        };
        let head = format!(
            "From: <{from}>\r\n\
             To: <{to}>\r\n\
             Subject: {subject}\r\n\
             Date: {date}\r\n\
             Message-ID: <{id}@{host}>\r\n\
             {thread}\
             {marks}\
             MIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\
             \r\n",
            from = self.responder,
            subject = self.subject(original),
            date = date_time(now),
            id = entropy.token(26),
            host = self.responder.domain(),
            thread = thread(original),
            marks = self.marks(original),
        );
        Message::from_bytes(head + &body, LineEndings::Strict)
    }

    fn subject(&self, original: &Message) -> String {
        let lead = match &self.manners {
            Manners::Polite => "Auto:",
            Manners::LikeBounce => "Undeliverable:",
            Manners::Subject(lead) => lead.as_str(),
            Manners::XAutoreply | Manners::XAutorespond | Manners::Precedence => "Re:",
        };
        words(format!("{lead} {}", subject_of(original)).trim_end())
    }

    /// The fields that tell that a machine answers.
    fn marks(&self, original: &Message) -> String {
        match &self.manners {
            Manners::Polite | Manners::LikeBounce => "Auto-Submitted: auto-replied\r\n".to_owned(),
            Manners::XAutoreply => "X-Autoreply: yes\r\n".to_owned(),
            Manners::XAutorespond => {
                let subject = subject_of(original);
                let subject = if subject.is_empty() { "yes" } else { &subject };
                format!("X-Autorespond: {}\r\n", words(subject))
            }
            Manners::Precedence => "Precedence: auto_reply\r\n".to_owned(),
            Manners::Subject(_) => String::new(),
        }
    }
}

/// The subject of the original, decoded, in one line.
fn subject_of(original: &Message) -> String {
    let subject = crate::mailbox::field_values(original, "Subject");
    let subject = subject.into_iter().next().unwrap_or_default();
    one_line(&subject).trim().to_owned()
}

/// In-Reply-To and References ([RFC 3834 §3.1.5](https://www.rfc-editor.org/rfc/rfc3834#section-3.1.5),
/// [RFC 5322 §3.6.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4)); nothing where the original has no id.
fn thread(original: &Message) -> String {
    let Some(id) = original.message_id() else {
        return String::new();
    };
    let id = one_line(&id);
    let earlier = original
        .header("References")
        .or_else(|| original.header("In-Reply-To"));
    let earlier = earlier.map(|field| field.unfolded()).unwrap_or_default();
    let ids = earlier
        .split_ascii_whitespace()
        .filter(|word| word.starts_with('<') && word.ends_with('>') && word.len() < MAX_ID)
        .filter(|word| word.is_ascii() && !word.contains(|c: char| c.is_control()));
    let ids: Vec<&str> = ids.collect();
    let kept = ids.len().saturating_sub(MAX_REFERENCES);
    let references: String = ids
        .iter()
        .skip(kept)
        .map(|word| format!("{word}\r\n "))
        .collect();
    format!("In-Reply-To: {id}\r\nReferences: {references}{id}\r\n")
}

/// Earlier mails of a thread that are named; the newest are kept.
const MAX_REFERENCES: usize = 20;
/// Octets of an id, so that a line holds it.
const MAX_ID: usize = 600;
