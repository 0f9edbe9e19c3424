//! What would become of a message, at every receiver, without sending it.
//!
//! [`Simulator::deliverability`](crate::Simulator::deliverability) has the dialogue that
//! [`transport`](crate::Simulator::transport) would have with each receiver, in a copy of the world that is thrown away: the
//! replies are those that a delivery at this moment gets, to the octet, and nothing of it happens. Beside the receivers of the
//! simulation it asks one for each [`ReceiverPolicy`] that is wanted, such as those of Google, Yahoo and Microsoft.
//!
//! ```
//! use std::time::SystemTime;
//! use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, Submission};
//! use letterhead_simulator::{Approach, Simulator};
//!
//! let zone = "yourcompany.example. TXT \"v=spf1 ip4:203.0.113.5 -all\"\n_dmarc.yourcompany.example. TXT \"v=DMARC1; p=reject\"";
//! let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 42).zone(zone.parse()?).build()?;
//! let text = "From: billing@yourcompany.example\nDate: Thu, 01 Jan 1970 00:00:00 +0000\nSubject: Invoice\n\nPlease pay.\n";
//! let message = Message::from_bytes(text, LineEndings::Normalise)?;
//! let (from, to): (EmailAddress, EmailAddress) = ("bounces@yourcompany.example".parse()?, "ada@gmail.com".parse()?);
//! let submission = Submission::new("1".parse()?, "acme".parse()?, message, Envelope::new(from, [to])?);
//!
//! let found = simulator.deliverability(&submission, &Approach::from("203.0.113.5".parse()?));
//! let google = found.of_policy("google").expect("it is built in");
//! let unmet: Vec<&str> = google.unmet().map(|rule| rule.rule.as_str()).collect();
//! assert_eq!(unmet, ["reverse-dns"]);
//! assert!(found.to_string().contains("NOT MET  reverse-dns"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod approach;
mod ask;
mod report;

use std::net::IpAddr;

use letterhead_identity::profile::Source;
use letterhead_identity::receiver_policy::Strength;
use letterhead_identity::word::{ReceiverName, RuleName};
use letterhead_identity::{Authenticated, ReceiverPolicy};
use letterhead_mail::{DomainName, EmailAddress, Report};

pub use self::approach::Approach;
pub(crate) use self::ask::deliverability;
use crate::mailbox::Disposition;
use crate::receiver::Assessed;

/// What each receiver would do with a message. `Display` is a report for people.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub struct Deliverability {
    /// The receivers of the simulation by name, then the policies in the order they were given.
    pub outlooks: Vec<Outlook>,
}

/// What one receiver would do with a message.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outlook {
    /// Whose it is.
    pub receiver: Asked,
    /// The address that the client is taken to come from.
    pub client: IpAddr,
    /// Whom the receiver was asked about: the recipients that are its own, or its postmaster where none is.
    pub recipients: Vec<EmailAddress>,
    /// What a delivery now would report, as the transport does.
    pub report: Report,
    /// Where the message would be put; `None` where nobody would keep it.
    pub disposition: Option<Disposition>,
    /// What SPF, DKIM and DMARC say, also where the message would be refused before they are looked at; `None` of a
    /// receiver that looks at none.
    pub authenticated: Option<Authenticated>,
    /// Every rule of the receiver's policy, in its order.
    pub rules: Vec<RuleOutlook>,
}

/// Who was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Asked {
    /// A receiver of the simulation.
    Host(DomainName),
    /// A receiver with the rules of this policy, and no other, that takes everybody's mail.
    Policy(ReceiverName),
}

/// A rule of a receiver, held against a message.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RuleOutlook {
    /// The rule.
    pub rule: RuleName,
    /// Whether it has to be.
    pub strength: Strength,
    /// Whether it is asked of this message from this sender: some rules are for bulk or promotional mail only.
    pub applies: bool,
    /// `None` where a receiver cannot see it.
    pub is_met: Option<bool>,
    /// What to do where it is not met.
    pub remedy: String,
    /// Where the rule was read.
    pub source: Option<Source>,
}

impl Deliverability {
    /// The outlook at a receiver of the simulation.
    #[must_use]
    pub fn of_host(&self, name: &DomainName) -> Option<&Outlook> {
        let is_it =
            |outlook: &&Outlook| matches!(&outlook.receiver, Asked::Host(host) if host == name);
        self.outlooks.iter().find(is_it)
    }

    /// The outlook under a policy, by its name.
    #[must_use]
    pub fn of_policy(&self, name: &str) -> Option<&Outlook> {
        let is_it = |outlook: &&Outlook| matches!(&outlook.receiver, Asked::Policy(policy) if policy.as_str() == name);
        self.outlooks.iter().find(is_it)
    }

    /// Whether everybody would take it for every recipient.
    #[must_use]
    pub fn is_taken_everywhere(&self) -> bool {
        self.outlooks.iter().all(Outlook::is_taken)
    }
}

impl Outlook {
    /// Whether it would be taken for every recipient.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.report.all_accepted()
    }

    /// The rules that are asked of this message and not met, those that are only recommended too.
    pub fn unmet(&self) -> impl Iterator<Item = &RuleOutlook> {
        let is_unmet = |rule: &&RuleOutlook| rule.applies && rule.is_met == Some(false);
        self.rules.iter().filter(is_unmet)
    }
}

impl RuleOutlook {
    fn new(assessed: &Assessed, policy: Option<&ReceiverPolicy>) -> Self {
        let requirement = &assessed.requirement;
        Self {
            rule: requirement.rule.clone(),
            strength: requirement.strength,
            applies: assessed.applies,
            is_met: assessed.is_met,
            remedy: requirement.remedy().into_owned(),
            source: policy.and_then(|policy| policy.source(&requirement.source).cloned()),
        }
    }
}
