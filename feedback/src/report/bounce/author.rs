//! Who writes bounces, and under which subject, as data.

use std::sync::LazyLock;

use letterhead_mail::EmailAddress;

use super::address_in_text::{addresses, lenient};
use super::word_list::WordList;
use crate::report::field_group::FieldGroup;
use crate::report::mail_text::decode_words;

/// What the header of a mail says of who wrote it.
#[derive(Debug, Default)]
pub(crate) struct Author {
    /// 3 where only a mail system writes under such a name, 2 where mostly one does, 1 where a machine does.
    pub(crate) weight: u8,
    /// 2 where the subject is that of a bounce, 1 where it may be.
    pub(crate) subject: u8,
    /// Whether the subject says that it is about something else than a message.
    is_other: bool,
    /// Whether the subject says that somebody answers or passes on.
    pub(crate) is_answer: bool,
    /// Whether no answer can be sent: the null sender, or a mailer daemon as the sender.
    pub(crate) no_return: bool,
    /// The list, where its manager wrote it.
    pub(crate) list: Option<EmailAddress>,
    /// The addresses named as failed by the header, in order.
    pub(crate) failed: Vec<EmailAddress>,
    /// Whose mail it is: From, and who it came to.
    pub(crate) own: Vec<EmailAddress>,
    /// The addresses that it came to.
    pub(crate) delivered_to: Vec<EmailAddress>,
}

impl Author {
    /// Reads the header once.
    pub(crate) fn of(header: FieldGroup<'_>) -> Self {
        let mut author = Self::default();
        let mut list_fields = false;
        let mut list_id = None;
        let mut is_list_manager = false;
        let mut has_from = false;
        for field in header.fields() {
            let is = |names: &[&str]| names.iter().any(|name| field.is(name));
            if field.is("From") {
                has_from = true;
                let value = field.value().unwrap_or_default();
                let value = decode_words(&value);
                author.weight = author.weight.max(weight(&value));
                author
                    .own
                    .extend(addresses(&value).map(|found| found.address).take(MAX_NAMED));
            } else if field.is("Subject") {
                let value = field.value().unwrap_or_default();
                author.read_subject(&decode_words(&value).to_lowercase());
            } else if field.is("Return-Path") {
                let path = field.value().unwrap_or_default().to_ascii_lowercase();
                author.no_return |= path == "<>" || path.contains("mailer-daemon");
            } else if is(FAILED) {
                let value = field.value().unwrap_or_default();
                author.add_failed(&value);
            } else if is(DELIVERED_TO) {
                let value = field.value().unwrap_or_default();
                for found in addresses(&value) {
                    let full = author.delivered_to.len() >= MAX_NAMED;
                    if !full && !author.delivered_to.contains(&found.address) {
                        author.delivered_to.push(found.address);
                    }
                }
            } else if field.is("X-MLServer") || field.is("X-Mailman-Version") {
                is_list_manager = true;
            } else if field.is("X-Mailer") || field.is("User-Agent") {
                let value = field.value().unwrap_or_default().to_ascii_lowercase();
                if MAILERS.iter().any(|name| value.contains(name)) {
                    author.weight = author.weight.max(2);
                }
            } else if is(BOUNCE_FIELDS) {
                author.weight = author.weight.max(2);
                author.subject = author.subject.max(1);
            } else if field.is("List-Id") {
                list_fields = true;
                list_id = field.value();
            } else if field.is("List-Post") || field.is("List-Unsubscribe") {
                list_fields = true;
            }
        }
        // People and their programs do not leave it out.
        if !has_from {
            author.weight = author.weight.max(2);
        }
        // What a list passes on was written by whoever wrote to the list, and a digest goes to the list itself.
        author.list = author
            .own
            .first()
            .filter(|_| is_list_manager)
            .and_then(list)
            .filter(|list| list_id.as_ref().is_none_or(|id| is_id_of(id, list)))
            .filter(|list| !author.delivered_to.contains(list));
        if author.list.is_some() {
            author.weight = 3;
        } else if list_fields && author.weight < 3 {
            author.weight = 0;
        }
        if author.is_other {
            author.weight = 0;
        }
        author.own.extend(author.delivered_to.iter().cloned());
        author
    }

    /// Whether the header alone could be that of a bounce.
    pub(crate) fn may_be_mail_system(&self) -> bool {
        let is_machine = self.weight >= 2 || self.no_return;
        (is_machine && !self.is_other) || !self.failed.is_empty()
    }

    fn read_subject(&mut self, subject: &str) {
        let subject = subject.trim();
        self.is_answer = SUBJECTS
            .answers
            .iter()
            .any(|start| subject.starts_with(start));
        let others = &SUBJECTS.others;
        self.is_other |= others.iter().any(|start| subject.starts_with(start));
        let has = |list: &[&str]| list.iter().any(|words| subject.contains(words));
        let weight = if has(&SUBJECTS.likely) {
            2
        } else {
            u8::from(has(&SUBJECTS.hints))
        };
        if !self.is_answer {
            self.subject = self.subject.max(weight);
        }
    }

    fn add_failed(&mut self, value: &str) {
        for word in value.split([',', ';', ' ']) {
            let Some(address) = lenient(word) else {
                continue;
            };
            if self.failed.len() < MAX_FAILED && !self.failed.contains(&address) {
                self.failed.push(address);
            }
        }
    }
}

/// The list that such an author manages: `team@example.org` for `team-admin@example.org`.
fn list(author: &EmailAddress) -> Option<EmailAddress> {
    let local = author.local_part();
    let name = MANAGERS.iter().find_map(|end| local.strip_suffix(end))?;
    EmailAddress::new(name, author.domain().clone()).ok()
}

/// Whether a List-Id is that of this list: its address with a dot for the at sign
/// ([RFC 2919 §2](https://www.rfc-editor.org/rfc/rfc2919#section-2)).
fn is_id_of(id: &str, list: &EmailAddress) -> bool {
    let expected = format!("{}.{}", list.local_part(), list.domain());
    let label = id.rsplit_once('<').map_or(id, |(_, label)| label);
    label
        .trim()
        .trim_end_matches('>')
        .eq_ignore_ascii_case(&expected)
}

/// How much the author's name and address are those of a mail system.
fn weight(from: &str) -> u8 {
    let from = from.to_lowercase();
    let from = from.trim();
    let address = addresses(from).last();
    let (name, local) = match &address {
        Some(found) => (found.before, found.address.local_part()),
        // `MAILER-DAEMON`, `<>` and `MAILER-DAEMON <>`.
        None => (from, from.trim_end_matches("<>").trim()),
    };
    let local = local.trim_matches(|c: char| "<>\"'".contains(c));
    let is = |list: &[&str]| list.contains(&local);
    if from == "<>"
        || is(&AUTHORS.certain)
        || AUTHORS
            .certain_starts
            .iter()
            .any(|start| local.starts_with(start))
    {
        return 3;
    }
    let after = address.as_ref().map_or("", |found| found.after);
    let named = |list: &[&str]| {
        list.iter()
            .any(|words| name.contains(words) || after.contains(words))
    };
    if is(&AUTHORS.likely) || named(&AUTHORS.likely_names) {
        return 2;
    }
    u8::from(is(&AUTHORS.machines))
}

/// Who writes bounces.
struct Authors {
    certain: Vec<&'static str>,
    certain_starts: Vec<&'static str>,
    likely: Vec<&'static str>,
    likely_names: Vec<&'static str>,
    machines: Vec<&'static str>,
}

static AUTHORS: LazyLock<Authors> = LazyLock::new(|| {
    let list = WordList::of(include_str!("data/authors.txt"));
    Authors {
        certain: list.section("certain local part"),
        certain_starts: list.section("certain start"),
        likely: list.section("likely local part"),
        likely_names: list.section("likely name"),
        machines: list.section("machine"),
    }
});

/// The subjects of bounces.
struct Subjects {
    answers: Vec<&'static str>,
    others: Vec<&'static str>,
    likely: Vec<&'static str>,
    hints: Vec<&'static str>,
}

static SUBJECTS: LazyLock<Subjects> = LazyLock::new(|| {
    let list = WordList::of(include_str!("data/subjects.txt"));
    Subjects {
        answers: list.section("answer"),
        others: list.section("other"),
        likely: list.section("likely"),
        hints: list.section("hint"),
    }
});

/// What list managers add to the name of their list.
const MANAGERS: &[&str] = &["-admin", "-bounces", "-owner", "-request"];

/// Programs that write bounces, as X-Mailer names them.
const MAILERS: &[&str] = &[
    "<smtp32",
    "m-filter",
    "surfcontrol e-mail filter",
    "amazon workmail",
    "mailmarshal",
    "lotus notes mta",
    "mailer-daemon",
];

/// Fields that only bounces have.
const BOUNCE_FIELDS: &[&str] = &[
    "X-MX-Bounce",
    "X-DSNContext",
    "X-DSN-Context",
    "X-Mailer-Daemon-Error",
    "X-BounceIO-Id",
    "X-Yahoo-Newman-Bounce",
    "X-Bounce-Report",
];

/// Fields that name who was not reached.
const FAILED: &[&str] = &[
    "X-Failed-Recipients",
    "X-Failed-Recipient",
    "X-Mailer-Daemon-Recipients",
    "X-Bounced-Address",
    "X-Bounced-To",
];

/// Fields that name who a mail came to.
const DELIVERED_TO: &[&str] = &[
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
    "X-Apparently-To",
    "X-RcptTo",
    "To",
];

/// The most addresses of its own that are kept of a mail.
const MAX_NAMED: usize = 16;
/// The most failed addresses that are read from the header.
const MAX_FAILED: usize = 1_000;
