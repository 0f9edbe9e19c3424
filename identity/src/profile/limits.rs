//! The limits that hold for an account of one tier.

use std::collections::BTreeSet;

use super::{Amount, Changed, Profile, ProfileId, Quota, QuotaPer, QuotaUnit, SizeBasis, Window};
use crate::word::Tier;

/// The limits that a profile sets on the mail of an account, as far as they depend on its tier.
#[derive(Debug, Clone)]
pub struct Limits {
    profile: ProfileId,
    tier: Option<Tier>,
    quotas: Vec<Quota>,
}

impl Profile {
    /// The limits of an account of this tier; `None` where nobody said which.
    ///
    /// A limit of the tier stands in place of the one for every tier. Where no tier is named, what only tiers have limits
    /// for is [unknown](Amount::Unknown): it depends, and that never means unlimited.
    ///
    /// # Errors
    ///
    /// A tier that the profile does not name.
    pub fn limits(&self, tier: Option<&Tier>) -> Result<Limits, UnknownTier> {
        let known = self.tiers();
        if let Some(tier) = tier
            && !known.contains(tier)
        {
            return Err(UnknownTier {
                profile: self.id().clone(),
                tier: tier.clone(),
                known: known.into_iter().cloned().collect(),
            });
        }
        Ok(self.limits_of(tier))
    }

    /// The tiers that it distinguishes, in alphabetical order.
    #[must_use]
    pub fn tiers(&self) -> BTreeSet<&Tier> {
        self.quotas()
            .iter()
            .filter_map(|quota| quota.tier.as_ref())
            .collect()
    }

    /// Whether one message to this many recipients, of this many octets as transferred, is within the limits that are
    /// known of every tier: [`Limits::check_message`] without a tier.
    ///
    /// # Errors
    ///
    /// The first limit that it would pass.
    pub fn check_message(&self, recipients: u64, octets: u64) -> Result<(), OverLimit> {
        self.limits_of(None).check_message(recipients, octets)
    }

    fn limits_of(&self, tier: Option<&Tier>) -> Limits {
        let mut quotas: Vec<Quota> = Vec::new();
        let has = |quotas: &[Quota], quota: &Quota| {
            quotas.iter().any(|other| other.is_about_the_same_as(quota))
        };
        let rows = || self.quotas().iter();
        quotas.extend(
            rows()
                .filter(|row| tier.is_some() && row.tier.as_ref() == tier)
                .cloned(),
        );
        for row in rows().filter(|row| row.tier.is_none()) {
            if !has(&quotas, row) {
                quotas.push(row.clone());
            }
        }
        for row in rows() {
            if !has(&quotas, row) {
                quotas.push(Quota {
                    maximum: Amount::Unknown,
                    tier: None,
                    note: Some("it depends on the tier".to_owned()),
                    ..row.clone()
                });
            }
        }
        Limits {
            profile: self.id().clone(),
            tier: tier.cloned(),
            quotas,
        }
    }
}

impl Limits {
    /// Whose limits they are.
    #[must_use]
    pub fn profile(&self) -> &ProfileId {
        &self.profile
    }

    /// The tier they are of, as it was named.
    #[must_use]
    pub fn tier(&self) -> Option<&Tier> {
        self.tier.as_ref()
    }

    /// The limits, those of the tier first: one for each unit, window and whose mail is counted together.
    #[must_use]
    pub fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// The same with the customer's own number in place of each limit on this unit over this window, as the provider's
    /// console tells it. Where the profile has no such limit, it is one for the account.
    ///
    /// ```
    /// use letterhead_identity::Profile;
    /// use letterhead_identity::profile::{Amount, QuotaUnit, Window};
    ///
    /// let limits = Profile::built_in("amazon-ses")?.limits(Some(&"production".parse()?))?;
    /// let limits = limits.with_maximum(QuotaUnit::Recipients, Window::Second, Amount::Known(14));
    /// let mut quotas = limits.quotas().iter();
    /// assert!(quotas.any(|quota| quota.window == Window::Second && quota.maximum == Amount::Known(14)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_maximum(mut self, unit: QuotaUnit, window: Window, maximum: Amount) -> Self {
        let mut is_there = false;
        for quota in &mut self.quotas {
            if quota.unit == unit && quota.window == window {
                (quota.maximum, is_there) = (maximum, true);
            }
        }
        if !is_there {
            self.quotas.push(Quota {
                unit,
                window,
                maximum,
                per: QuotaPer::Account,
                tier: None,
                basis: SizeBasis::Encoded,
                changed: Changed::Unknown,
                note: Some("said by the customer".to_owned()),
                source: String::new(),
            });
        }
        self
    }

    /// Whether one message to this many recipients, of this many octets as transferred, is within the limits that are
    /// known.
    ///
    /// A limit on external recipients or on octets before they are encoded refuses nothing here: from these two numbers it
    /// cannot be told whether the message passes it.
    ///
    /// # Errors
    ///
    /// The first limit that it would pass.
    pub fn check_message(&self, recipients: u64, octets: u64) -> Result<(), OverLimit> {
        let quotas = self.quotas.iter();
        for quota in quotas.filter(|quota| quota.window == Window::Message) {
            let planned = match (quota.unit, quota.basis) {
                // The recipients of one message are all different.
                (QuotaUnit::Recipients | QuotaUnit::UniqueRecipients, _) => recipients,
                (QuotaUnit::Octets, SizeBasis::Encoded) => octets,
                (QuotaUnit::Messages, _) => 1,
                (QuotaUnit::Octets, SizeBasis::Raw)
                | (QuotaUnit::ExternalRecipients | QuotaUnit::Connections, _) => continue,
            };
            if let Some(maximum) = quota.maximum.known()
                && planned > maximum
            {
                return Err(OverLimit {
                    profile: self.profile.clone(),
                    unit: quota.unit,
                    maximum,
                    planned,
                });
            }
        }
        Ok(())
    }
}

/// A message that a provider would refuse for its size or number of recipients.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{profile} takes at most {maximum} {unit} a message, and this one has {planned}")]
#[non_exhaustive]
pub struct OverLimit {
    /// Whose limit it is.
    pub profile: ProfileId,
    /// What is counted.
    pub unit: QuotaUnit,
    /// How many there may be.
    pub maximum: u64,
    /// How many there would be.
    pub planned: u64,
}

/// A tier that a profile does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{profile} has no limits of a tier {tier}; {}", names(known))]
#[non_exhaustive]
pub struct UnknownTier {
    /// Whose limits they are.
    pub profile: ProfileId,
    /// What was asked for.
    pub tier: Tier,
    /// What there is.
    pub known: Vec<Tier>,
}

fn names(tiers: &[Tier]) -> String {
    if tiers.is_empty() {
        return "it has no tiers, so name none".to_owned();
    }
    let names: Vec<&str> = tiers.iter().map(Tier::as_str).collect();
    format!("known are: {}", names.join(", "))
}
