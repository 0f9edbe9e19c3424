//! Why an assertion over a mailbox failed, in words.

use std::fmt;
use std::fmt::Write as _;

use super::StoredMail;
use super::content::values;
use super::filter::{Difference, Filter, quoted};
use super::view::Look;
use crate::event::Seconds;

/// A mailbox does not hold what was expected; `Display` tells what differs, in several lines.
#[derive(Clone, PartialEq, Eq)]
pub struct Mismatch {
    words: String,
}

impl Mismatch {
    pub(super) fn new(words: String) -> Self {
        Self { words }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// As `Display`, so that what `unwrap` says can be read.
impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for Mismatch {}

/// The words; writing to a String does not fail.
pub(super) fn describe(
    look: &Look,
    filters: &[Filter],
    found: &[StoredMail],
    expected: usize,
) -> String {
    let address = &look.address;
    let mut words = format!("expected {} in {address}, ", mails(expected));
    match (found.len(), look.mails.len()) {
        (_, 0) => {
            words.push_str("which is empty");
            surroundings(&mut words, look);
        }
        (0, there) => {
            let _ = write!(words, "but none of the {} there matches", mails(there));
            nearest_miss(&mut words, &look.mails, filters);
        }
        (matching, there) => {
            let verb = if there == 1 { "is" } else { "are" };
            let _ = match filters {
                [] => write!(words, "but {} {verb} there", mails(there)),
                _ => write!(words, "but {matching} of {} there match", mails(there)),
            };
            for mail in found.iter().take(MAX_LISTED) {
                let _ = write!(words, "\n  {}", Summary(mail));
            }
            if matching > MAX_LISTED {
                let _ = write!(words, "\n  and {} more", matching - MAX_LISTED);
            }
            if matching < expected {
                nearest_miss(&mut words, &look.mails, filters);
            }
        }
    }
    words
}

/// The mail that fails the fewest filters, the newest of several, and what differs.
fn nearest_miss(words: &mut String, mails: &[StoredMail], filters: &[Filter]) {
    let judged = mails
        .iter()
        .rev()
        .map(|mail| (mail, differences(mail, filters)))
        .filter(|(_, missed)| !missed.is_empty());
    let Some((mail, missed)) = judged.min_by_key(|(_, missed)| missed.len()) else {
        return;
    };
    let _ = write!(words, "\nnearest miss: {}", Summary(mail));
    let label = |difference: &Difference| difference.label.chars().count();
    let width = missed.iter().map(label).max().unwrap_or_default();
    for Difference { label, wanted, was } in &missed {
        let _ = write!(words, "\n  {label:width$}  wanted {wanted}");
        let _ = write!(words, "\n  {:width$}  was    {was}", "");
    }
    let met = filters.len() - missed.len();
    if met > 0 {
        let _ = write!(
            words,
            "\n  the other {met} of {} filters match",
            filters.len()
        );
    }
}

fn differences(mail: &StoredMail, filters: &[Filter]) -> Vec<Difference> {
    let missed = filters.iter().filter_map(|filter| filter.difference(mail));
    missed.collect()
}

/// Where there is mail, and what was refused.
fn surroundings(words: &mut String, look: &Look) {
    if look.others.is_empty() {
        words.push_str("\nno mailbox has mail");
    } else {
        words.push_str("\nmailboxes with mail:");
    }
    for (mailbox, count) in look.others.iter().take(MAX_LISTED) {
        let _ = write!(words, "\n  {mailbox}  {}", mails(*count));
    }
    if look.others.len() > MAX_LISTED {
        let more = look.others.len() - MAX_LISTED;
        let _ = write!(words, "\n  and {more} more");
    }
    if !look.refusals.is_empty() {
        words.push_str("\nlast refusals of this recipient or of whole messages:");
    }
    for refusal in &look.refusals {
        let _ = write!(words, "\n  {refusal}");
    }
}

fn mails(count: usize) -> String {
    match count {
        0 => "no mail".to_owned(),
        1 => "1 mail".to_owned(),
        count => format!("{count} mails"),
    }
}

/// A mail in a line.
struct Summary<'a>(&'a StoredMail);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(mail) = self;
        let subjects = values(&mail.message, "Subject");
        let subject = subjects.first().map(|subject| quoted(subject));
        let time = Seconds(mail.received_at);
        let sender = mail.envelope.sender();
        match subject {
            Some(subject) => write!(f, "{subject} from <{sender}> at {time}"),
            None => write!(f, "mail without subject from <{sender}> at {time}"),
        }
    }
}

/// Mails and mailboxes that are listed.
const MAX_LISTED: usize = 5;
