//! Delivery status notifications as some systems write them: against the rules.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use letterhead_mail::message::MessageError;
use letterhead_mail::{LineEndings, Message};

use super::container::Returned;
use super::date::date_time;
use super::delivery_status::{DeliveryStatusNotification, RecipientStatus};
use crate::entropy::SeededEntropy;

/// What is wrong with a report. Each is something that mail systems do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Malformation {
    /// Words in plain text and nothing else, with the message behind them, in the manner of qmail
    /// ([QSBMF](https://cr.yp.to/proto/qsbmf.txt)): who and why stands in paragraphs.
    PlainText,
    /// The field Final-Recipient, which RFC 3464 requires, is missing; the recipient stands in the text and, where it
    /// was given, in Original-Recipient.
    NoFinalRecipient,
    /// Status has a comment behind its code.
    StatusWithComment,
    /// The message comes back whole in base64, which no message may be in
    /// ([RFC 2046 §5.2.1](https://www.rfc-editor.org/rfc/rfc2046#section-5.2.1)).
    EncodedReturn,
    /// No blank lines stand between the groups of fields, so that recipients with different actions run together.
    GroupsRunTogether,
    /// Subject and words are those of a failure, whatever became of the recipients: a delay looks final.
    WordsOfFailure,
    /// The machine-readable part is missing, though the report says that it has one.
    NoStatusPart,
}

impl Malformation {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::PlainText,
        Self::NoFinalRecipient,
        Self::StatusWithComment,
        Self::EncodedReturn,
        Self::GroupsRunTogether,
        Self::WordsOfFailure,
        Self::NoStatusPart,
    ];

    /// A stable name, such as `no-status-part`, which reads back.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlainText => "plain-text",
            Self::NoFinalRecipient => "no-final-recipient",
            Self::StatusWithComment => "status-with-comment",
            Self::EncodedReturn => "encoded-return",
            Self::GroupsRunTogether => "groups-run-together",
            Self::WordsOfFailure => "words-of-failure",
            Self::NoStatusPart => "no-status-part",
        }
    }
}

impl fmt::Display for Malformation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Malformation {
    type Err = MalformationError;

    fn from_str(text: &str) -> Result<Self, MalformationError> {
        let mut all = Self::ALL.into_iter();
        all.find(|one| one.as_str() == text)
            .ok_or(MalformationError)
    }
}

/// Text that names no fault of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a fault of a report is one of plain-text, no-final-recipient, status-with-comment, encoded-return, \
     groups-run-together, words-of-failure and no-status-part"
)]
#[non_exhaustive]
pub struct MalformationError;

impl DeliveryStatusNotification {
    /// Writes the notification about `original` with this fault, and otherwise as [`write`](Self::write) does.
    ///
    /// # Errors
    ///
    /// When the parts do not make a message; they do, whatever the arguments.
    pub fn write_malformed(
        &self,
        malformation: Malformation,
        original: &Message,
        now: SystemTime,
        entropy: &SeededEntropy,
    ) -> Result<Message, MessageError> {
        let (mut subject, mut text, mut fields) = (self.subject(), self.text(), self.fields());
        let mut returned = self.returned(original);
        match malformation {
            Malformation::PlainText => return self.in_words(original, now, entropy),
            Malformation::NoFinalRecipient => {
                fields = without_lines(&fields, "Final-Recipient:");
            }
            Malformation::StatusWithComment => {
                fields = each_line(&fields, |line| match line.strip_prefix("Status:") {
                    Some(_) => format!("{line} (as far as this host can tell)"),
                    None => line.to_owned(),
                });
            }
            Malformation::EncodedReturn => returned = Returned::Encoded(original),
            Malformation::GroupsRunTogether => fields = without_lines(&fields, ""),
            Malformation::WordsOfFailure => {
                subject = "Undelivered Mail Returned to Sender";
                text = self.words_of_failure();
            }
            Malformation::NoStatusPart => {
                text = self.words_of_failure();
                fields.clear();
            }
        }
        self.compose(subject, &text, &fields, returned, now, entropy)
    }

    fn words_of_failure(&self) -> String {
        let item =
            |status: &RecipientStatus| format!("<{}>: {}\n", status.recipient(), status.said());
        let items: String = self.recipients().iter().map(item).collect();
        format!("Your message could not be delivered to one or more recipients:\n\n{items}")
    }

    fn in_words(
        &self,
        original: &Message,
        now: SystemTime,
        entropy: &SeededEntropy,
    ) -> Result<Message, MessageError> {
        let host = self.reporting_mta();
        let item =
            |status: &RecipientStatus| format!("<{}>:\n{}\n\n", status.recipient(), status.said());
        let items: String = self.recipients().iter().map(item).collect();
        let top = format!(
            "From: MAILER-DAEMON@{host}\n\
             To: {to}\n\
             Subject: failure notice\n\
             Date: {date}\n\
             Message-ID: <{id}@{host}>\n\
             \n\
             Hi. This is the mail program at {host}.\n\
             I could not deliver your message to the addresses below,\n\
             and I have given up.\n\
             \n\
             {items}\
             --- Below this line is a copy of the message.\n\
             \n\
             Return-Path: <{to}>\n",
            to = self.to(),
            date = date_time(now),
            id = entropy.token(26),
        );
        let mut octets = top.replace('\n', "\r\n").into_bytes();
        octets.extend_from_slice(original.as_bytes());
        Message::from_bytes(octets, LineEndings::Strict)
    }
}

fn without_lines(text: &str, start: &str) -> String {
    let is_kept = |line: &&str| match start {
        "" => !line.is_empty(),
        start => !line.starts_with(start),
    };
    text.lines()
        .filter(is_kept)
        .map(|line| format!("{line}\n"))
        .collect()
}

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| change(line) + "\n").collect()
}
