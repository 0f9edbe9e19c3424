use letterhead_mail::EmailAddress;

use crate::suppression::Suppression;

/// What a suppression list says about sending to some addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "what is suppressed must not be sent to, and what passes by policy belongs into a log"]
#[non_exhaustive]
pub struct Screening {
    /// Those that must not be written to, in the order they were asked about, each with its greatest reason.
    pub suppressed: Vec<Suppression>,
    /// Those that are suppressed for this reason and may be written to all the same, because the policy calls the stream
    /// transactional. Keep them with what was sent.
    pub passed: Vec<Passage>,
}

impl Screening {
    /// Why this address, spelled as it was asked about, must not be written to.
    #[must_use]
    pub fn suppression_of(&self, address: &EmailAddress) -> Option<&Suppression> {
        let mut suppressed = self.suppressed.iter();
        suppressed.find(|suppression| suppression.address() == Some(address))
    }
}

/// A suppression that mail passes by a decision of the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Passage {
    /// What it passes.
    pub suppression: Suppression,
    /// Who decided so and why, as the [policy](crate::SuppressionPolicy::transactional) has it.
    pub note: String,
}
