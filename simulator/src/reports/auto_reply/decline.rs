//! When a machine must not answer.

use std::fmt;
use std::time::Duration;

use letterhead_mail::{EmailAddress, Message, ReversePath, parse_mailbox_list};

/// Why a message gets no automatic answer ([RFC 3834 §2](https://www.rfc-editor.org/rfc/rfc3834#section-2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It came from the null sender: it is a report.
    NullSender,
    /// It came from an address behind which no person is: a mailer daemon, a list's manager.
    MachineSender,
    /// Auto-Submitted says that a machine sent it.
    AutoSubmitted,
    /// It came over a mailing list.
    List,
    /// Precedence says that it went to many.
    Bulk,
    /// None of the owner's addresses stands in To or Cc.
    NotAddressed,
    /// The same sender was answered in the last seven days.
    AnsweredRecently,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NullSender => "the sender is null",
            Self::MachineSender => "the sender is a machine",
            Self::AutoSubmitted => "it was submitted by a machine",
            Self::List => "it came over a mailing list",
            Self::Bulk => "it was sent in bulk",
            Self::NotAddressed => "it is not addressed to the owner",
            Self::AnsweredRecently => "the sender was answered in the last seven days",
        })
    }
}

/// Why `original`, which came with this return path, gets no answer from the owner of the addresses `own`; `None` where it
/// may get one. Mail to `local+label` counts as mail to `local`. `since_last_answer` is how long ago this sender was
/// answered last, which the caller keeps.
#[must_use]
pub fn declines(
    original: &Message,
    return_path: &ReversePath,
    own: &[EmailAddress],
    since_last_answer: Option<Duration>,
) -> Option<Reason> {
    let Some(sender) = return_path.address() else {
        return Some(Reason::NullSender);
    };
    if is_machine(sender) {
        Some(Reason::MachineSender)
    } else if keywords(original, "Auto-Submitted").any(|word| word != "no") {
        Some(Reason::AutoSubmitted)
    } else if is_from_list(original) {
        Some(Reason::List)
    } else if keywords(original, "Precedence").any(|word| BULK.contains(&word.as_str())) {
        Some(Reason::Bulk)
    } else if !is_addressed(original, own) {
        Some(Reason::NotAddressed)
    } else if since_last_answer.is_some_and(|since| since < ONE_ANSWER_IN) {
        Some(Reason::AnsweredRecently)
    } else {
        None
    }
}

fn is_machine(sender: &EmailAddress) -> bool {
    let local = sender.local_part().to_ascii_lowercase();
    local == "mailer-daemon" || local.starts_with("owner-") || local.ends_with("-request")
}

/// The first word of each field of this name, in lower case, without parameters and comments.
fn keywords<'a>(original: &'a Message, name: &'a str) -> impl Iterator<Item = String> + 'a {
    original.headers_named(name).map(|field| {
        let value = field.unfolded().to_ascii_lowercase();
        let ends = |c: char| c == ';' || c == '(' || c.is_ascii_whitespace();
        value.split(ends).next().unwrap_or_default().to_owned()
    })
}

/// Whether it has a field of a mailing list ([RFC 2369](https://www.rfc-editor.org/rfc/rfc2369),
/// [RFC 2919](https://www.rfc-editor.org/rfc/rfc2919)). Newsletters have List-Unsubscribe: they are meant as well.
fn is_from_list(original: &Message) -> bool {
    original.header_fields().any(|field| {
        let name = field.name().to_ascii_lowercase();
        name.starts_with("list-") || name == "mailing-list"
    })
}

fn is_addressed(original: &Message, own: &[EmailAddress]) -> bool {
    let is_own =
        |address: &EmailAddress| own.contains(address) || own.contains(&address.without_label());
    ["To", "Cc"].iter().any(|name| {
        original.headers_named(name).any(|field| {
            parse_mailbox_list(field.value())
                .is_ok_and(|mailboxes| mailboxes.iter().any(|mailbox| is_own(mailbox.address())))
        })
    })
}

/// Values of Precedence that go to many.
const BULK: [&str; 3] = ["bulk", "list", "junk"];
/// A sender is answered once in this time ([RFC 3834 §2](https://www.rfc-editor.org/rfc/rfc3834#section-2)).
const ONE_ANSWER_IN: Duration = Duration::from_secs(7 * 24 * 3600);
