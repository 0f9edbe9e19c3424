use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use letterhead_identity::Subject;
use letterhead_mail::EmailAddress;

use crate::behaviour::Behaviour;

/// A behaviour that a running simulation was [given](crate::Simulator::inject).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Injection(u64);

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// As it is printed; whether there is such an injection is for [`Simulator::withdraw`](crate::Simulator::withdraw) to say.
impl FromStr for Injection {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// How mailboxes treat mail since they were told.
#[derive(Debug, Clone, Default)]
pub(super) struct Injected {
    behaviours: BTreeMap<Injection, (Subject, Behaviour)>,
    last: u64,
}

impl Injected {
    pub(super) fn add(&mut self, subject: Subject, behaviour: Behaviour) -> Injection {
        self.last += 1;
        let injection = Injection(self.last);
        self.behaviours.insert(injection, (subject, behaviour));
        injection
    }

    pub(super) fn remove(&mut self, injection: Injection) -> bool {
        self.behaviours.remove(&injection).is_some()
    }

    /// The last that was said of the address, with or without its label, or else of its domain.
    pub(super) fn behaviour_of(&self, recipient: &EmailAddress) -> Option<Behaviour> {
        if self.behaviours.is_empty() {
            return None;
        }
        let said_of = |subject: &Subject| {
            let mut said = self.behaviours.values().rev();
            let (_, behaviour) = said.find(|(known, _)| is_same(known, subject))?;
            Some(behaviour.clone())
        };
        let addresses = [recipient.clone(), recipient.without_label()];
        let mut subjects = addresses.into_iter().map(Subject::Address);
        let of_address = subjects.find_map(|subject| said_of(&subject));
        of_address.or_else(|| said_of(&Subject::Domain(recipient.domain_name()?.clone())))
    }
}

/// Mailboxes have no case.
fn is_same(known: &Subject, asked: &Subject) -> bool {
    match (known, asked) {
        (Subject::Address(known), Subject::Address(asked)) => {
            known.domain() == asked.domain()
                && known.local_part().eq_ignore_ascii_case(asked.local_part())
        }
        (known, asked) => known == asked,
    }
}
