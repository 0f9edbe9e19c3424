//! A second opinion on every mail, by [mail-auth](https://crates.io/crates/mail-auth) 0.13 (feature `cross-check`).
//!
//! Where a simulation is built with [`SimulatorBuilder::cross_check`](crate::SimulatorBuilder::cross_check), each mail that a
//! receiver judges is judged by mail-auth as well: SPF of the same identity, each DKIM signature, and DMARC from what
//! mail-auth itself found. Both see the same records, at the same virtual time. The [`SecondOpinion`] stays with the
//! [mail](crate::StoredMail::second_opinion); each [`Disagreement`] is an
//! [event](crate::SimEventKind::Disagreed), also where the mail is refused, and so is a mail that mail-auth
//! [had no opinion about](crate::SimEventKind::NotCrossChecked). The receiver decides by the first opinion alone.
//!
//! A disagreement that comes from one of mail-auth's [known errors](KnownError) names it; a few of those are no errors, but
//! choices that the standards leave open. One that names none is an error of ours, or one of mail-auth's that is not known
//! yet.
//!
//! # What is compared
//!
//! - SPF: the result.
//! - DKIM, each signature: whether it holds, is not known for now (`temperror`), or neither. Which word stands for a signature
//!   that does not hold is not compared; mail-auth says `neutral` of a changed body where
//!   [RFC 8601 §2.7.1](https://www.rfc-editor.org/rfc/rfc8601#section-2.7.1) has `fail`.
//! - DMARC: the result and, where a record applies, what it asks for mail that fails.
//!
//! # What mail-auth is told
//!
//! It sees the simulated DNS only. Faults come to it as failing lookups, and names that do not exist as such. Three things
//! cannot be said to it in its own words. Whether `x=` has passed is said by moving it, since it reads the machine's clock.
//! That an author domain does not exist is said by having `sp` ask what `np` asks. And `exp` is not explained.

mod answers;
mod compare;
mod dkim_fields;
mod judge;
mod known;
#[cfg(test)]
mod tests;

use std::fmt;

use letterhead_dkim::DkimResult;
use letterhead_dmarc::{DmarcResult, Policy};
use letterhead_spf::SpfResult;

pub(crate) use self::judge::{Brought, SecondJudge};
pub use self::known::KnownError;

/// What mail-auth finds in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecondOpinion {
    /// SPF of the envelope's sender, or of the client's name where the sender is null.
    pub spf: SpfResult,
    /// Each DKIM-Signature field that it sees, from the top.
    pub dkim: Vec<DkimOpinion>,
    /// DMARC of the From domain, from its own SPF and DKIM.
    pub dmarc: DmarcOpinion,
    /// Where the receiver found something else.
    pub disagreements: Vec<Disagreement>,
}

impl SecondOpinion {
    /// Whether the receiver found the same, but for what [known errors](KnownError) explain.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let mut disagreements = self.disagreements.iter();
        disagreements.all(|disagreement| disagreement.known.is_some())
    }
}

/// What mail-auth finds in one DKIM-Signature field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DkimOpinion {
    /// The signing domain, where it could read that.
    pub domain: Option<String>,
    /// The selector, where it could read that.
    pub selector: Option<String>,
    /// Its result; `None` of a field that it says nothing about.
    pub result: Option<DkimResult>,
}

/// What comes out of DMARC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DmarcOpinion {
    /// The result; [`DmarcResult::None`] also where there is no author domain to judge.
    pub result: DmarcResult,
    /// What the record that applies asks for mail that fails.
    pub policy: Option<Policy>,
}

/// `fail (reject)`
impl fmt::Display for DmarcOpinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.result)?;
        match self.policy {
            Some(policy) => write!(f, " ({policy})"),
            None => Ok(()),
        }
    }
}

/// The receiver found one thing and mail-auth another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Disagreement {
    /// What was judged, and what both found.
    pub difference: Difference,
    /// The error of mail-auth that it comes from; `None` where no known one explains it.
    pub known: Option<KnownError>,
}

/// `DMARC: fail (reject), by mail-auth pass (known: …)`
impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.difference)?;
        match self.known {
            Some(known) => write!(f, " (known: {known})"),
            None => f.write_str(" (not known)"),
        }
    }
}

/// What two looked at and saw differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// SPF.
    Spf {
        /// What the receiver found.
        ours: SpfResult,
        /// What mail-auth found.
        theirs: SpfResult,
    },
    /// A DKIM signature.
    Dkim {
        /// Which of the DKIM-Signature fields it is, counted from 0 at the top.
        field: usize,
        /// What the receiver found; `None` where it sees no such field.
        ours: Option<DkimResult>,
        /// What mail-auth found; `None` where it says nothing about it.
        theirs: Option<DkimResult>,
    },
    /// DMARC.
    Dmarc {
        /// What the receiver found.
        ours: DmarcOpinion,
        /// What mail-auth found.
        theirs: DmarcOpinion,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spf { ours, theirs } => write!(f, "SPF: {ours}, by mail-auth {theirs}"),
            Self::Dkim {
                field,
                ours,
                theirs,
            } => {
                let place = field + 1;
                let (ours, theirs) = (OrNothing(*ours), OrNothing(*theirs));
                write!(f, "DKIM signature {place}: {ours}, by mail-auth {theirs}")
            }
            Self::Dmarc { ours, theirs } => write!(f, "DMARC: {ours}, by mail-auth {theirs}"),
        }
    }
}

struct OrNothing(Option<DkimResult>);

impl fmt::Display for OrNothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(result) => write!(f, "{result}"),
            None => f.write_str("nothing"),
        }
    }
}

/// Why there is no second opinion on a mail that the receiver judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NoSecondOpinion {
    /// It wanted to wait for something, and in a simulation nothing comes.
    #[error("mail-auth waited for an answer although all are there; please report the mail")]
    NotReady,
    /// It finds no header fields.
    #[error("mail-auth finds no header fields in the message; let the header begin with one")]
    Unreadable,
}
