//! The customer's own servers, where a provider's mail goes through them: what they must let through, and how they have
//! to be set.
//!
//! - [`relay_check`] compares a message as the provider handed it over with the copy that left.
//! - [`relay_advice`] compares what is known of a server with what the provider asks for.
//! - [`check_forwarding`], [`forwarding_path`] and [`fallback_requester`] are about mail that comes in by forwarding.

mod advice;
pub mod code;
mod fields;
mod forwarding;
mod signatures;

use std::fmt;
use std::time::SystemTime;

use letterhead_dns::{Finding, Resolver, Severity};
use letterhead_mail::Message;
use serde::Serialize;

pub use self::advice::{RelayServer, Setting, relay_advice};
use self::code::Code;
pub use self::forwarding::{check_forwarding, fallback_requester, forwarding_path};
pub use self::signatures::RelayedSignature;
use crate::profile::Profile;

/// Compares a message as the provider handed it over with the copy that left the customer's servers.
///
/// Looked for are the fields that the profile says must get through or stay as they were (folds and the width of white
/// space do not count), the recipients that To, Cc and Bcc name, and the DKIM signatures: each that held before must hold
/// after, unless the author's domain, one above or one below it has signed again. Both copies are judged by the keys that
/// are published now.
///
/// ```
/// use letterhead_dns::{Zone, block_on_ready};
/// use letterhead_identity::{Profile, relay_check};
/// use letterhead_mail::{LineEndings, Message};
/// # use std::time::SystemTime;
///
/// let profile = Profile::built_in("own-server")?;
/// let read = |text: &str| Message::from_bytes(text, LineEndings::Normalise);
/// let before = read("From: a@example.org\nTo: b@example.net\n\nHello\n")?;
/// let after = read("From: a@example.org\nTo: c@example.net\n\nHello\n")?;
/// let zone = Zone::new();
/// let check = relay_check(&profile, &before, &after, &zone, SystemTime::UNIX_EPOCH);
/// let check = block_on_ready(check).expect("a zone answers at once");
/// assert!(!check.holds());
/// assert!(check.to_string().starts_with("error recipients-changed `c@example.net, b@example.net`"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn relay_check(
    profile: &Profile,
    before: &Message,
    after: &Message,
    resolver: &dyn Resolver,
    now: SystemTime,
) -> RelayCheck {
    let mut findings = fields::findings(profile, before, after);
    let signatures = signatures::compare(before, after, resolver, now, &mut findings).await;
    RelayCheck {
        findings,
        signatures,
    }
}

/// What became of a message on its way through the customer's servers.
///
/// `Display` writes a line for each finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RelayCheck {
    /// What is wrong, or worth knowing. `text` is the name of the field, the signature, or the recipients.
    pub findings: Vec<Finding<Code>>,
    /// Every signature of either copy, those of the first copy first.
    pub signatures: Vec<RelayedSignature>,
}

impl RelayCheck {
    /// Whether everything got through that has to: there is no finding of severity [`Error`](Severity::Error).
    #[must_use]
    pub fn holds(&self) -> bool {
        let mut findings = self.findings.iter();
        !findings.any(|finding| finding.severity == Severity::Error)
    }
}

impl fmt::Display for RelayCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        if self.findings.is_empty() {
            writeln!(f, "everything got through as it was")?;
        }
        Ok(())
    }
}
