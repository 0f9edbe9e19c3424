//! What a test wants of a mail.

use std::time::SystemTime;

use letterhead_mail::{EmailAddress, Method, MethodResult, PropertyType, parse_mailbox_list};

use super::content::{Content, values};
use super::{Disposition, StoredMail};
use crate::event::Seconds;

/// One demand on a mail.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    /// An address or the whole value of this field.
    Addressed(&'static str, String),
    Header(String, String),
    SubjectContains(String),
    TextContains(String),
    HtmlContains(String),
    Attachment(String),
    SignedBy(String),
    Verdict(Method, String),
    PutInto(Disposition),
    Since(SystemTime),
}

/// A demand that a mail does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) label: String,
    pub(super) wanted: String,
    pub(super) was: String,
}

impl Filter {
    /// `None` where the mail meets it.
    pub(super) fn difference(&self, mail: &StoredMail) -> Option<Difference> {
        let (is_met, was) = self.judge(mail);
        (!is_met).then(|| Difference {
            label: self.label(),
            wanted: self.wanted(),
            was,
        })
    }

    /// Whether the mail meets it, and what there is instead.
    fn judge(&self, mail: &StoredMail) -> (bool, String) {
        match self {
            Self::Addressed(name, wanted) => {
                let found = values(&mail.message, name);
                let is_met = found.contains(wanted) || names(mail, name, wanted);
                (is_met, quoted_list(&found))
            }
            Self::Header(name, wanted) => {
                let found = values(&mail.message, name);
                (found.contains(wanted), quoted_list(&found))
            }
            Self::SubjectContains(wanted) => {
                let found = values(&mail.message, "Subject");
                let is_met = found.iter().any(|subject| subject.contains(wanted));
                (is_met, quoted_list(&found))
            }
            Self::TextContains(wanted) => contains(Content::read(&mail.message).text, wanted),
            Self::HtmlContains(wanted) => contains(Content::read(&mail.message).html, wanted),
            Self::Attachment(wanted) => {
                let attachments = mail.attachments();
                let name = |name: Option<&str>| name.map_or_else(|| "unnamed".to_owned(), quoted);
                let found: Vec<String> = attachments
                    .iter()
                    .map(|attachment| name(attachment.file_name()))
                    .collect();
                let is_met = attachments
                    .iter()
                    .any(|attachment| attachment.file_name() == Some(wanted));
                (is_met, list(&found))
            }
            Self::SignedBy(domain) => {
                let signs = |result: &MethodResult| {
                    let signer = result.property_value(&PropertyType::HEADER, "d");
                    result.result() == "pass"
                        && signer.is_some_and(|signer| signer.eq_ignore_ascii_case(domain))
                };
                let is_met = results(mail, &Method::DKIM).any(signs);
                (is_met, verdicts(mail, &Method::DKIM))
            }
            Self::Verdict(method, wanted) => {
                let is = |result: &MethodResult| result.result().eq_ignore_ascii_case(wanted);
                (results(mail, method).any(is), verdicts(mail, method))
            }
            Self::PutInto(wanted) => (mail.disposition == *wanted, mail.disposition.to_string()),
            Self::Since(time) => (
                mail.received_at >= *time,
                Seconds(mail.received_at).to_string(),
            ),
        }
    }

    fn label(&self) -> String {
        match self {
            Self::Addressed(name, _) => (*name).to_owned(),
            Self::Header(name, _) => name.clone(),
            Self::SubjectContains(_) => "Subject".to_owned(),
            Self::TextContains(_) => "text".to_owned(),
            Self::HtmlContains(_) => "HTML".to_owned(),
            Self::Attachment(_) => "attachment".to_owned(),
            Self::SignedBy(_) => "signature".to_owned(),
            Self::Verdict(method, _) => method.to_string(),
            Self::PutInto(_) => "put into".to_owned(),
            Self::Since(_) => "received".to_owned(),
        }
    }

    fn wanted(&self) -> String {
        match self {
            Self::Addressed(_, value) | Self::Header(_, value) | Self::Attachment(value) => {
                quoted(value)
            }
            Self::SubjectContains(part) | Self::TextContains(part) | Self::HtmlContains(part) => {
                format!("… {} …", quoted(part))
            }
            Self::SignedBy(domain) => format!("dkim=pass header.d={domain}"),
            Self::Verdict(method, result) => format!("{method}={result}"),
            Self::PutInto(disposition) => disposition.to_string(),
            Self::Since(time) => format!("at or after {}", Seconds(*time)),
        }
    }
}

/// Whether the address stands in a field of this name.
fn names(mail: &StoredMail, name: &str, wanted: &str) -> bool {
    let Ok(wanted) = wanted.parse::<EmailAddress>() else {
        return false;
    };
    mail.message.headers_named(name).any(|field| {
        parse_mailbox_list(field.value())
            .is_ok_and(|mailboxes| mailboxes.iter().any(|mailbox| *mailbox.address() == wanted))
    })
}

fn contains(found: Option<String>, wanted: &str) -> (bool, String) {
    match found {
        Some(text) => (text.contains(wanted), quoted(&text)),
        None => (false, NONE.to_owned()),
    }
}

fn results<'a>(mail: &'a StoredMail, method: &'a Method) -> impl Iterator<Item = &'a MethodResult> {
    let results = mail.authentication.results().iter();
    results.filter(move |result| result.method() == method)
}

fn verdicts(mail: &StoredMail, method: &Method) -> String {
    let said: Vec<String> = results(mail, method)
        .map(|result| {
            let signer = result.property_value(&PropertyType::HEADER, "d");
            let signer = signer.map_or(String::new(), |signer| format!(" header.d={signer}"));
            format!("{method}={}{signer}", result.result())
        })
        .collect();
    list(&said)
}

/// Text in quotes, cut to what fits in a line.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.trim_end().chars().take(MAX_SHOWN).collect();
    let is_cut = text.trim_end().len() > shown.len();
    if is_cut {
        shown.push('…');
    }
    format!("{shown:?}")
}

fn quoted_list(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    list(&quoted)
}

fn list(values: &[String]) -> String {
    if values.is_empty() {
        return NONE.to_owned();
    }
    let shown: Vec<&str> = values.iter().take(MAX_LISTED).map(String::as_str).collect();
    let more = values.len() - shown.len();
    let rest = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.join(", ") + &rest
}

const NONE: &str = "none";
/// Characters of a value that are shown.
const MAX_SHOWN: usize = 72;
/// Values that are shown of one field.
const MAX_LISTED: usize = 4;
