//! Whether the message has the form that mail must have.

use letterhead_dns::Severity;
use letterhead_mail::Message;

use super::code::Code;
use super::finding::{Finding, RuleSource};
use super::inspection::Inspection;

impl Inspection<'_> {
    /// Fields that must be there, or may be there once only, and the length of lines
    /// ([RFC 5322 §3.6](https://www.rfc-editor.org/rfc/rfc5322#section-3.6)).
    pub(super) fn check_form(&mut self) {
        let message = self.request.message;
        self.check_from();
        self.check_fields();
        if message.has_utf8_headers() {
            self.add(
                Finding::new(
                    Code::FieldUnreadable,
                    RuleSource::rfc(6532, "3"),
                    "a header field has octets outside ASCII, which servers without SMTPUTF8 refuse",
                    "write them as encoded words",
                )
                .severity(Severity::Warning),
            );
        }
        let longest = message.longest_line();
        if longest > MAX_LINE {
            self.add(Finding::new(
                Code::LineTooLong,
                RuleSource::rfc(5322, "2.1.1"),
                format!("a line has {longest} octets, and servers fold or refuse what is longer than {MAX_LINE}"),
                "encode the body as quoted-printable or base64, and fold header fields",
            ));
        }
    }

    fn check_from(&mut self) {
        let about_from = |source, problem: String, remedy| {
            Finding::new(Code::From, source, problem, remedy).about("From")
        };
        match self.request.message.authors() {
            Err(error) => {
                let mut problem = error.to_string();
                let mut source = std::error::Error::source(&error);
                while let Some(inner) = source {
                    problem = format!("{problem}: {inner}");
                    source = inner.source();
                }
                self.add(about_from(
                    RuleSource::rfc(5322, "3.6.2"),
                    problem,
                    "write one From field with one mailbox",
                ));
            }
            Ok(_) if self.author.is_none() => self.add(about_from(
                RuleSource::rfc(9989, "5.3.1"),
                "it does not name one domain, so that DMARC cannot be judged".to_owned(),
                "write one mailbox, at a domain of yours",
            )),
            Ok(authors) if authors.len() > 1 => {
                let several = about_from(
                    RuleSource::rfc(9989, "5.3.1"),
                    "it names several people, and receivers may refuse what is not from one"
                        .to_owned(),
                    "write one mailbox",
                );
                self.add(several.severity(Severity::Warning));
                self.check_sender();
            }
            Ok(_) => {}
        }
    }

    fn check_sender(&mut self) {
        if self.request.message.header("Sender").is_none() {
            self.add(
                Finding::new(
                    Code::FieldMissing,
                    RuleSource::rfc(5322, "3.6.2"),
                    "From names several people, and Sender says which of them sends",
                    "add it, or write one mailbox in From",
                )
                .about("Sender"),
            );
        }
    }

    fn check_fields(&mut self) {
        let message = self.request.message;
        for (name, section, remedy) in REQUIRED {
            if message.header(name).is_none() && !self.is_replaced(name) {
                let missing = Finding::new(
                    Code::FieldMissing,
                    RuleSource::rfc(5322, section),
                    "it is missing; servers on the way add one, which breaks signatures, or refuse the message",
                    remedy,
                );
                self.add(missing.about(name));
            }
        }
        for name in ONCE {
            let count = message.headers_named(name).count();
            if count > 1 {
                self.add(
                    Finding::new(
                        Code::FieldRepeated,
                        RuleSource::rfc(5322, "3.6"),
                        format!("it is there {count} times, and may be once"),
                        "leave one",
                    )
                    .about(name),
                );
            }
        }
        if message.header("Message-ID").is_some() && message.message_id().is_none() {
            self.add(
                Finding::new(
                    Code::FieldUnreadable,
                    RuleSource::rfc(5322, "3.6.4"),
                    "it is not `<left@right>` without white space",
                    "write one that is unique, at a domain of yours",
                )
                .about("Message-ID"),
            );
        }
        if let Some(date) = message.header("Date")
            && !is_date(&date.unfolded())
        {
            self.add(
                Finding::new(
                    Code::FieldUnreadable,
                    RuleSource::rfc(5322, "3.3"),
                    "it is no date",
                    "write one such as `Sun, 22 Nov 2026 09:00:00 +0000`",
                )
                .about("Date"),
            );
        }
    }

    /// Whether a finding so far says that the message is not in the form of mail.
    pub(super) fn has_form_error(&self) -> bool {
        self.findings.iter().any(|finding| {
            finding.severity == Severity::Error
                && matches!(
                    finding.code,
                    Code::From
                        | Code::FieldMissing
                        | Code::FieldRepeated
                        | Code::FieldUnreadable
                        | Code::LineTooLong
                )
        })
    }
}

/// Whether this has the form of a date, comments aside
/// ([RFC 5322 §3.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.3)).
fn is_date(text: &str) -> bool {
    let after_day_name = text.split_once(',').map_or(text, |(_, rest)| rest);
    let mut words = after_day_name.split_ascii_whitespace();
    let mut next = || words.next().unwrap_or_default();
    let (day, month, year, time, zone) = (next(), next(), next(), next(), next());
    let number = |text: &str| -> Option<u32> {
        let is_digits = text.bytes().all(|octet| octet.is_ascii_digit());
        text.parse().ok().filter(|_| is_digits)
    };
    let clock: Vec<Option<u32>> = time.split(':').map(number).collect();
    let is_time = match clock.as_slice() {
        [Some(hour), Some(minute)] => *hour < 24 && *minute < 60,
        [Some(hour), Some(minute), Some(second)] => *hour < 24 && *minute < 60 && *second <= 60,
        _ => false,
    };
    let is_zone = match zone.strip_prefix(['+', '-']) {
        Some(offset) => offset.len() == 4 && number(offset).is_some(),
        None => !zone.is_empty() && zone.bytes().all(|octet| octet.is_ascii_alphabetic()),
    };
    number(day).is_some_and(|day| (1..=31).contains(&day))
        && MONTHS.iter().any(|name| name.eq_ignore_ascii_case(month))
        && year.len() >= 2
        && number(year).is_some()
        && is_time
        && is_zone
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// What the fields for unsubscription offer ([RFC 2369 §3.2](https://www.rfc-editor.org/rfc/rfc2369#section-3.2),
/// [RFC 8058 §3.1](https://www.rfc-editor.org/rfc/rfc8058#section-3.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsubscription {
    /// One click is enough.
    OneClick,
    /// There is an address, and no one click.
    Address,
    /// There is none.
    None,
}

impl Unsubscription {
    /// What the fields List-Unsubscribe and List-Unsubscribe-Post of a message come to
    /// ([RFC 8058 §3.1](https://www.rfc-editor.org/rfc/rfc8058#section-3.1)); a field that is there twice counts as none.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let only = |name| {
            let mut fields = message.headers_named(name);
            match (fields.next(), fields.next()) {
                (Some(field), None) => Some(field.unfolded()),
                _ => None,
            }
        };
        let Some(addresses) = only("List-Unsubscribe") else {
            return Self::None;
        };
        let has = |scheme: &str| {
            let mut uris = addresses
                .split('<')
                .skip(1)
                .filter_map(|rest| rest.split_once('>'))
                .map(|(uri, _)| uri.trim());
            uris.any(|uri| {
                uri.get(..scheme.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
                    && uri.len() > scheme.len()
            })
        };
        let is_one_click = only("List-Unsubscribe-Post")
            .is_some_and(|value| value == "List-Unsubscribe=One-Click");
        match (has("https://"), is_one_click) {
            (true, true) => Self::OneClick,
            (true, false) => Self::Address,
            (false, _) if has("mailto:") => Self::Address,
            (false, _) => Self::None,
        }
    }
}

/// The longest line in octets, CRLF not counted.
const MAX_LINE: usize = 998;

const REQUIRED: [(&str, &str, &str); 2] = [
    ("Date", "3.6.1", "add the time it is sent"),
    (
        "Message-ID",
        "3.6.4",
        "add one that is unique, at a domain of yours",
    ),
];

/// From is counted where its mailboxes are read.
const ONCE: [&str; 10] = [
    "Date",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Subject",
];
