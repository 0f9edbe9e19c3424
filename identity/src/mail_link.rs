//! Links mailed to the owner of an address, who proves it by following one and confirming.
//!
//! A link carries a token that nobody can guess or make: what it is for, until when, and a random part, signed. Looking
//! at the page it leads to changes nothing, because mail scanners follow every link; only what the page's button sends
//! confirms, and only once.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use letterhead_mail::{Entropy, TenantId};

use crate::awaited_link::AwaitedLink;
use crate::identity::IdentityKey;
use crate::subject::Subject;

/// The secret that links are signed with. Whoever has it can confirm any address.
#[derive(Clone)]
pub struct LinkKey(hmac::Key);

impl LinkKey {
    /// A key of these octets, which must come from a source of randomness.
    ///
    /// # Errors
    ///
    /// When there are fewer than 32.
    pub fn new(octets: &[u8]) -> Result<Self, ShortLinkKey> {
        if octets.len() < MIN_KEY {
            return Err(ShortLinkKey);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, octets)))
    }
}

/// Shows nothing of the secret.
impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey(…)")
    }
}

/// A secret that could be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key for links has at least 32 octets")]
#[non_exhaustive]
pub struct ShortLinkKey;

/// The part of a link that proves the address: letters, digits, hyphens and underscores, for a URL's path or query.
///
/// It is as good as a password until it is used, so it does not show in `Debug`; `Display` writes it.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(String);

impl LinkToken {
    pub(crate) fn new(claim: &Claim, key: &LinkKey) -> Self {
        let text = claim.to_text();
        let tag = hmac::sign(&key.0, text.as_bytes());
        let mut octets = tag.as_ref().to_vec();
        octets.extend_from_slice(text.as_bytes());
        Self(URL_SAFE_NO_PAD.encode(octets))
    }

    /// What it says, if it was made with this key.
    pub(crate) fn read(&self, key: &LinkKey) -> Result<Claim, TokenProblem> {
        let octets = URL_SAFE_NO_PAD
            .decode(&self.0)
            .map_err(|_| TokenProblem::Malformed)?;
        let (tag, text) = octets
            .split_at_checked(digest::SHA256_OUTPUT_LEN)
            .ok_or(TokenProblem::Malformed)?;
        hmac::verify(&key.0, text, tag).map_err(|_| TokenProblem::Forged)?;
        std::str::from_utf8(text)
            .ok()
            .and_then(Claim::from_text)
            .ok_or(TokenProblem::Malformed)
    }
}

impl fmt::Display for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(…)")
    }
}

/// Any text: what is no token is told when it is used.
impl FromStr for LinkToken {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) tenant: TenantId,
    pub(crate) key: IdentityKey,
    /// In whole seconds.
    pub(crate) expires: SystemTime,
    /// In hexadecimal.
    nonce: String,
}

impl Claim {
    /// It expires at the whole second before `expires`.
    pub(crate) fn new(
        tenant: TenantId,
        key: IdentityKey,
        expires: SystemTime,
        entropy: &dyn Entropy,
    ) -> Self {
        let mut nonce = [0; 32];
        entropy.fill(&mut nonce);
        Self {
            tenant,
            key,
            expires: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds(expires)),
            nonce: hexadecimal(&nonce),
        }
    }

    pub(crate) fn awaited(&self) -> AwaitedLink {
        let digest = digest::digest(&digest::SHA256, self.nonce.as_bytes());
        AwaitedLink {
            digest: hexadecimal(digest.as_ref()),
            expires: self.expires,
        }
    }

    /// One part a line: none of them can hold a line end.
    fn to_text(&self) -> String {
        let (group, region) = (&self.key.environment_group, &self.key.region);
        format!(
            "{}\n{}\n{}\n{}\n{}\n{}\n{}",
            self.tenant,
            self.key.profile,
            group.as_ref().map_or("", |group| group.as_str()),
            region.as_ref().map_or("", |region| region.as_str()),
            self.key.subject,
            seconds(self.expires),
            self.nonce
        )
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let mut next = || lines.next();
        let tenant = next()?.parse().ok()?;
        let profile = next()?.parse().ok()?;
        let group = Some(next()?).filter(|group| !group.is_empty());
        let region = Some(next()?).filter(|region| !region.is_empty());
        let subject: Subject = next()?.parse().ok()?;
        let seconds = next()?.parse().ok()?;
        let nonce = next()?.to_owned();
        let mut key = IdentityKey::new(profile, subject);
        if let Some(group) = group {
            key = key.environment_group(group.parse().ok()?);
        }
        if let Some(region) = region {
            key = key.region(region.parse().ok()?);
        }
        Some(Self {
            tenant,
            key,
            expires: SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?,
            nonce,
        })
    }
}

/// What is wrong with a token before anything is looked up.
pub(crate) enum TokenProblem {
    Malformed,
    Forged,
}

/// Whole seconds since the epoch.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// In octets: as many as the digest has.
const MIN_KEY: usize = 32;
