//! Whose mail is counted together.

use std::fmt;

use letterhead_dns::DomainName;
use letterhead_mail::IdentityName;
use serde::{Deserialize, Serialize};

use crate::placement::CredentialId;
use crate::profile::{ProfileId, Quota, QuotaPer, QuotaUnit, Window};
use crate::word::Region;

/// One limit on the mail of one account, user, identity, domain or region: everything with the same key is counted
/// together.
///
/// Neither the maximum nor the tier is part of it: what was sent stays counted when either changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QuotaKey {
    /// Whose limit it is.
    pub profile: ProfileId,
    /// The customer's account there, by a name of the application's own.
    pub account: String,
    /// What within the account is counted by itself.
    pub per: QuotaPer,
    /// Which of them; empty for the account.
    pub of: String,
    /// What is counted.
    pub unit: QuotaUnit,
    /// Over what.
    pub window: Window,
}

impl QuotaKey {
    /// The key under which mail of this sender counts against a quota.
    #[must_use]
    pub fn new(profile: &ProfileId, quota: &Quota, sender: &Sender) -> Self {
        let of = match quota.per {
            QuotaPer::Account => None,
            QuotaPer::User => sender.user.as_ref().map(ToString::to_string),
            QuotaPer::Identity => sender.identity.as_ref().map(ToString::to_string),
            QuotaPer::Domain => sender.domain.as_ref().map(ToString::to_string),
            QuotaPer::Region => sender.region.as_ref().map(ToString::to_string),
        };
        Self {
            profile: profile.clone(),
            account: sender.account.clone(),
            per: quota.per,
            of: of.unwrap_or_default(),
            unit: quota.unit,
            window: quota.window,
        }
    }
}

/// For people: `recipients in 24 hours of the account "main" under amazon-ses`.
impl fmt::Display for QuotaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of the ", self.unit, self.window)?;
        if !self.of.is_empty() {
            write!(f, "{} {:?} in the ", self.per, self.of)?;
        }
        f.write_str("account ")?;
        if !self.account.is_empty() {
            write!(f, "{:?} ", self.account)?;
        }
        write!(f, "under {}", self.profile)
    }
}

/// Who sends, as far as limits tell senders apart. Those of whom something is not said are counted together, which is on
/// the safe side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sender {
    /// The customer's account at the provider, by a name of the application's own.
    pub account: String,
    /// The region it sends through.
    pub region: Option<Region>,
    /// The credentials it submits with.
    pub user: Option<CredentialId>,
    /// The identity it sends as.
    pub identity: Option<IdentityName>,
    /// That identity's domain.
    pub domain: Option<DomainName>,
}

impl Sender {
    /// Somebody in an account.
    #[must_use]
    pub fn new(account: &str) -> Self {
        Self {
            account: account.to_owned(),
            ..Self::default()
        }
    }
}
