//! Counting recipients as providers do.

use std::collections::BTreeSet;

use letterhead_dns::DomainName;
use letterhead_mail::EmailAddress;

/// Whom a mail is to go to, as the sender names it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Addressee {
    /// One address. That of an alias, or of a list that a server keeps, is one recipient too: who is behind it is not the
    /// sender's mail.
    Address(EmailAddress),
    /// A group that the sender's own program keeps, such as a distribution list of a mail client: each of its members
    /// gets a message of his own.
    Group(Vec<EmailAddress>),
}

/// Who gets which message: one message to all single addresses together, and one to each member of each group.
///
/// An address that is named singly more than once gets the one message once; a member of a group that is also named
/// singly gets both.
#[must_use]
pub fn expand(addressees: &[Addressee]) -> Vec<Vec<EmailAddress>> {
    let mut together: Vec<EmailAddress> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut alone = Vec::new();
    for addressee in addressees {
        match addressee {
            Addressee::Address(address) => {
                if seen.insert(address) {
                    together.push(address.clone());
                }
            }
            Addressee::Group(members) => alone.extend(members.iter().map(|one| vec![one.clone()])),
        }
    }
    let first = (!together.is_empty()).then_some(together);
    first.into_iter().chain(alone).collect()
}

/// How much mail something is, by everything that quotas count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecipientCount {
    /// Messages.
    pub messages: u64,
    /// Recipients of all messages.
    pub recipients: u64,
    /// Different addresses among them.
    pub unique_recipients: u64,
    /// Recipients outside the sender's own domains.
    pub external_recipients: u64,
}

impl RecipientCount {
    /// Counts what [`expand`] makes of the addressees. `own` are the sender's domains: addresses at them or below are not
    /// external.
    #[must_use]
    pub fn of(addressees: &[Addressee], own: &[DomainName]) -> Self {
        let messages = expand(addressees);
        Self::of_messages(&messages, own)
    }

    /// Counts messages by the recipients of each.
    #[must_use]
    pub fn of_messages(messages: &[Vec<EmailAddress>], own: &[DomainName]) -> Self {
        let all = || messages.iter().flatten();
        let unique: BTreeSet<&EmailAddress> = all().collect();
        Self {
            messages: number(messages.len()),
            recipients: number(all().count()),
            unique_recipients: number(unique.len()),
            external_recipients: number(all().filter(|one| is_external(one, own)).count()),
        }
    }
}

/// Whether an address is at none of these domains, nor below one.
#[must_use]
pub fn is_external(address: &EmailAddress, own: &[DomainName]) -> bool {
    address
        .domain_name()
        .is_none_or(|domain| !own.iter().any(|own| domain.is_at_or_below(own)))
}

/// A count that no limit is below if it does not fit.
fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Addressee, RecipientCount, expand};

    fn one(address: &str) -> Addressee {
        Addressee::Address(address.parse().unwrap())
    }

    fn group(members: &[&str]) -> Addressee {
        Addressee::Group(members.iter().map(|one| one.parse().unwrap()).collect())
    }

    #[test]
    fn an_alias_is_one_recipient() {
        let count = RecipientCount::of(&[one("everybody@b.example")], &[]);
        assert_eq!((count.messages, count.recipients), (1, 1));
        let two = [one("everybody@b.example"), one("c@d.example")];
        let count = RecipientCount::of(&two, &[]);
        assert_eq!((count.messages, count.recipients), (1, 2));
    }

    #[test]
    fn a_group_of_the_client_is_a_message_for_each_member() {
        let to = [
            one("boss@b.example"),
            group(&["a@b.example", "c@d.example", "e@f.example"]),
            one("Boss@b.example"),
            one("boss@b.example"),
        ];
        let messages: Vec<String> = expand(&to)
            .iter()
            .map(|message| {
                let names: Vec<String> = message.iter().map(ToString::to_string).collect();
                names.join(" ")
            })
            .collect();
        assert_eq!(
            messages,
            [
                "boss@b.example Boss@b.example",
                "a@b.example",
                "c@d.example",
                "e@f.example"
            ]
        );
        let count = RecipientCount::of(&to, &[]);
        assert_eq!((count.messages, count.recipients), (4, 5));
        assert_eq!(RecipientCount::of(&[group(&[])], &[]).messages, 0);
    }

    #[test]
    fn unique_and_external_recipients_are_counted_apart() {
        let own = ["b.example".parse().unwrap()];
        let to = [
            one("a@b.example"),
            one("a@sub.b.example"),
            one("a@notb.example"),
            one("a@[192.0.2.1]"),
            group(&["a@b.example", "a@notb.example"]),
        ];
        let count = RecipientCount::of(&to, &own);
        assert_eq!((count.messages, count.recipients), (3, 6));
        assert_eq!((count.unique_recipients, count.external_recipients), (4, 3));
    }
}
