//! A provider's mailbox simulator.

use letterhead_dns::DomainName;
use letterhead_mail::{EmailAddress, EnhancedCode};
use serde::Deserialize;

use super::identity_rule::Coverage;

/// A mailbox of the provider's simulator, or all those of a domain. Where several are meant by one address, the first in
/// the profile counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Row")]
#[non_exhaustive]
pub struct SimulatedAddress {
    /// Which mailboxes it is.
    pub mailboxes: SimulatedMailboxes,
    /// What becomes of mail to it.
    pub outcome: SimulatedOutcome,
    /// The status a report gives.
    pub status: Option<EnhancedCode>,
    /// The diagnostic a report gives, with its type.
    pub diagnostic: Option<String>,
    /// What becomes of the address itself.
    pub on_list: OnList,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl SimulatedAddress {
    /// Whether mail to this address is for it. Case does not matter, and a `+label` in the local part changes nothing.
    #[must_use]
    pub fn is_meant_by(&self, recipient: &EmailAddress) -> bool {
        match &self.mailboxes {
            SimulatedMailboxes::Address(address) => {
                let plain = recipient.without_label();
                address.domain() == plain.domain()
                    && address.local_part().to_lowercase() == plain.local_part().to_lowercase()
            }
            SimulatedMailboxes::Domain { domain, covers } => {
                recipient
                    .domain_name()
                    .is_some_and(|recipient| match covers {
                        Coverage::DomainAndSubdomains => recipient.is_at_or_below(domain),
                        Coverage::Domain | Coverage::ExactAddress => recipient == domain,
                    })
            }
        }
    }
}

/// Which mailboxes are simulated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimulatedMailboxes {
    /// One.
    Address(EmailAddress),
    /// Every one at a domain.
    Domain {
        /// The domain.
        domain: DomainName,
        /// Whether those below it are meant too.
        covers: Coverage,
    },
}

/// What becomes of mail to a simulated mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SimulatedOutcome {
    /// It is taken.
    Delivered,
    /// A delivery status notification comes back.
    Bounced,
    /// A complaint comes back.
    Complained,
    /// It is taken, and an automatic answer comes back.
    AutoReplied,
    /// It bounces as mail to a suppressed recipient does.
    Suppressed,
    /// It is taken by the provider and thrown away.
    Discarded,
}

/// Whether mail to a simulated mailbox that fails has its address suppressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OnList {
    /// It never comes onto the customer's suppression list, so that it can be written to again.
    #[default]
    Never,
    /// It comes onto the list, as any other that fails so.
    AsOthers,
}

/// A row as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    address: Option<EmailAddress>,
    domain: Option<String>,
    covers: Option<Coverage>,
    outcome: SimulatedOutcome,
    status: Option<EnhancedCode>,
    diagnostic: Option<String>,
    #[serde(default)]
    on_list: OnList,
    note: Option<String>,
    source: String,
}

impl TryFrom<Row> for SimulatedAddress {
    type Error = String;

    fn try_from(row: Row) -> Result<Self, String> {
        let mailboxes = match (row.address, row.domain, row.covers) {
            (Some(address), None, None) => SimulatedMailboxes::Address(address),
            (
                None,
                Some(domain),
                covers @ (None | Some(Coverage::Domain | Coverage::DomainAndSubdomains)),
            ) => SimulatedMailboxes::Domain {
                domain: domain.parse().map_err(|error| format!("domain: {error}"))?,
                covers: covers.unwrap_or(Coverage::Domain),
            },
            _ => {
                return Err(
                    "a simulated mailbox is an address, or a domain that covers \"domain\" or \"domain-and-subdomains\""
                        .to_owned(),
                );
            }
        };
        Ok(Self {
            mailboxes,
            outcome: row.outcome,
            status: row.status,
            diagnostic: row.diagnostic,
            on_list: row.on_list,
            note: row.note,
            source: row.source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::SimulatedOutcome;
    use crate::profile::{Profile, ProfileError};

    const HEAD: &str = "schema = 1\nid = \"x\"\ntitle = \"X\"\n[sources.page]\nurl = \"https://x.example\"\nas_of = \"2026-01-31\"\n";

    fn read(sections: &str) -> Result<Profile, ProfileError> {
        Profile::from_toml(&format!("{HEAD}{sections}"), |_| None)
    }

    #[test]
    fn mailboxes_are_addresses_or_whole_domains() {
        let row = |mailbox: &str, outcome: &str| {
            format!("[[simulator]]\n{mailbox}\noutcome = \"{outcome}\"\nsource = \"page\"\n")
        };
        let profile = read(
            &(row("address = \"Bounce@sim.example\"", "bounced")
                + &row("domain = \"sim.example\"", "discarded")
                + &row(
                    "domain = \"sink.example\"\ncovers = \"domain-and-subdomains\"",
                    "delivered",
                )),
        )
        .unwrap();
        let outcome = |address: &str| {
            let address = address.parse().unwrap();
            let mut rows = profile.simulated_addresses().iter();
            rows.find(|row| row.is_meant_by(&address))
                .map(|row| row.outcome)
        };
        for (address, expected) in [
            ("bounce@sim.example", Some(SimulatedOutcome::Bounced)),
            ("BOUNCE+x@Sim.Example", Some(SimulatedOutcome::Bounced)),
            ("anybody@sim.example", Some(SimulatedOutcome::Discarded)),
            ("bounce@deep.sim.example", None),
            ("x@sink.example", Some(SimulatedOutcome::Delivered)),
            (
                "x@gmail.com.sink.example",
                Some(SimulatedOutcome::Delivered),
            ),
            ("x@notsink.example", None),
            ("x@[192.0.2.1]", None),
        ] {
            assert_eq!(outcome(address), expected, "{address}");
        }
        for mailbox in [
            "address = \"a@sim.example\"\ndomain = \"sim.example\"",
            "address = \"a@sim.example\"\ncovers = \"domain\"",
            "domain = \"sim.example\"\ncovers = \"exact-address\"",
            "domain = \"sim..example\"",
            "note = \"nowhere\"",
        ] {
            let error = read(&row(mailbox, "delivered")).unwrap_err();
            assert!(matches!(error, ProfileError::Syntax { .. }), "{error}");
        }
    }
}
