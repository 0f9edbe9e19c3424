//! What a provider's own names for causes say.

use letterhead_mail::EnhancedCode;

use crate::diagnosis::Diagnosis;
use crate::event::{EventKind, Permanence, Reason};

/// A provider's name for why a message did not arrive.
#[derive(Debug)]
pub(crate) struct Category {
    /// As the provider writes it; case does not count.
    pub(crate) name: &'static str,
    pub(crate) address: Address,
    pub(crate) reason: Reason,
}

/// What a category says of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    /// There is no such address.
    Dead,
    /// Something else is the matter.
    NotToBlame,
    /// Nothing.
    Unsaid,
}

impl Category {
    pub(crate) const fn new(name: &'static str, address: Address, reason: Reason) -> Self {
        Self {
            name,
            address,
            reason,
        }
    }

    /// The first of the table by this name.
    pub(crate) fn named<'a>(table: &'a [Self], name: &str) -> Option<&'a Self> {
        table.iter().find(|row| row.name.eq_ignore_ascii_case(name))
    }
}

/// The kind that a provider's type of event is, case aside; `Unknown` where the table has none.
pub(crate) fn kind_named(table: &[(&str, EventKind)], name: &str) -> EventKind {
    let row = table.iter().find(|(row, _)| row.eq_ignore_ascii_case(name));
    row.map_or(EventKind::Unknown, |(_, kind)| *kind)
}

/// Puts the provider's category and what the server's reply comes to together. An address is dead only where neither
/// speaks against it: a reply for policy, for a full mailbox, or a transient one outweighs a category that says "invalid",
/// and a category that says "blocked" outweighs a status.
pub(crate) fn judge(category: Option<&Category>, diagnosis: &Diagnosis) -> (Permanence, Reason) {
    let address = category.map_or(Address::Unsaid, |category| category.address);
    let permanence = match address {
        Address::Dead if speaks_against(diagnosis) => Permanence::Soft,
        Address::Dead => Permanence::Hard,
        Address::NotToBlame => Permanence::Soft,
        Address::Unsaid => diagnosis.permanence,
    };
    // A refusal for policy stays one, whatever mailbox the provider thinks is missing.
    let is_open = match (address, permanence) {
        (Address::Dead, Permanence::Soft) => diagnosis.reason == Reason::UNSPECIFIED,
        _ => GENERAL.contains(&diagnosis.reason),
    };
    let named = category.map(|category| category.reason.clone());
    let reason = named
        .filter(|named| is_open && *named != Reason::UNSPECIFIED)
        .unwrap_or_else(|| diagnosis.reason.clone());
    (permanence, reason)
}

/// Whether the reply gives another reason than that there is no such address.
fn speaks_against(diagnosis: &Diagnosis) -> bool {
    let is_of_another = |status: EnhancedCode| {
        let is_sender = status.subject() == 1 && matches!(status.detail(), 7..=9);
        matches!(status.subject(), 2 | 3 | 6 | 7) || is_sender
    };
    diagnosis.class() == Some(4)
        || diagnosis.status.is_some_and(is_of_another)
        || !(OF_DEAD.contains(&diagnosis.reason) || GENERAL.contains(&diagnosis.reason))
}

/// Reasons that leave open what happened.
const GENERAL: &[Reason] = &[
    Reason::UNSPECIFIED,
    Reason::MAILBOX,
    Reason::POLICY,
    Reason::NETWORK,
    Reason::SYSTEM,
    Reason::PROTOCOL,
    Reason::SECURITY,
    Reason::ON_HOLD,
];

/// Reasons for which an address is dead.
const OF_DEAD: &[Reason] = &[
    Reason::USER_UNKNOWN,
    Reason::HOST_UNKNOWN,
    Reason::BAD_ADDRESS,
    Reason::MOVED,
    Reason::NOT_ACCEPTED,
];

#[cfg(test)]
mod tests {
    use super::{Address, Category, judge};
    use crate::diagnosis::{Clues, diagnose};
    use crate::event::{Permanence, Reason};

    #[test]
    fn an_address_is_dead_only_where_nobody_speaks_against_it() {
        const UNKNOWN: Category = Category::new("unknown", Address::Dead, Reason::USER_UNKNOWN);
        const BLOCK: Category = Category::new("block", Address::NotToBlame, Reason::BLOCKED);
        const OTHER: Category = Category::new("other", Address::Unsaid, Reason::UNSPECIFIED);
        let (hard, soft) = (Permanence::Hard, Permanence::Soft);
        for (category, words, permanence, reason) in [
            (&UNKNOWN, "550 5.1.1 x", hard, Reason::USER_UNKNOWN),
            (&UNKNOWN, "550 5.1.2 x", hard, Reason::HOST_UNKNOWN),
            (&UNKNOWN, "550", hard, Reason::USER_UNKNOWN),
            (&UNKNOWN, "", hard, Reason::USER_UNKNOWN),
            (&UNKNOWN, "550 5.4.1 x", hard, Reason::USER_UNKNOWN),
            (&UNKNOWN, "550 5.7.1 x", soft, Reason::POLICY),
            (&UNKNOWN, "550 5.2.2 x", soft, Reason::MAILBOX_FULL),
            (&UNKNOWN, "550 5.1.8 x", soft, Reason::SENDER_REJECTED),
            (&UNKNOWN, "450 4.1.1 x", soft, Reason::USER_UNKNOWN),
            (&BLOCK, "550 5.1.1 x", soft, Reason::USER_UNKNOWN),
            (&BLOCK, "550 5.7.1 x", soft, Reason::BLOCKED),
            (&OTHER, "550 5.1.1 x", hard, Reason::USER_UNKNOWN),
            (&OTHER, "550 5.7.1 x", soft, Reason::POLICY),
        ] {
            let diagnosis = diagnose(&Clues {
                diagnostic: Some(words),
                ..Clues::default()
            });
            let judged = judge(Some(category), &diagnosis);
            assert_eq!(judged, (permanence, reason), "{} {words}", category.name);
        }
        let silent = judge(None, &diagnose(&Clues::default()));
        assert_eq!(silent, (soft, Reason::UNSPECIFIED));
    }
}
