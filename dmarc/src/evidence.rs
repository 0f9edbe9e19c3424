//! What SPF and DKIM found, as far as DMARC needs it.

use std::fmt;
use std::str::FromStr;

use letterhead_dns::DomainName;

/// Who made a claim that evidence holds.
#[expect(
    clippy::exhaustive_enums,
    reason = "a claim was either checked or it was not"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A verifier looked at the message and at the DNS: for the code that hands on the verdicts of SPF and DKIM, and
    /// for no other.
    Verifier,
    /// The caller says so; nobody checked: for evidence made by hand, read from a field or a report, or assumed in a
    /// test.
    Caller,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Verifier => "verified",
            Self::Caller => "asserted by the caller",
        })
    }
}

/// The result of a mechanism, as far as DMARC tells results apart.
#[expect(
    clippy::exhaustive_enums,
    reason = "every result of SPF and DKIM falls in one of these"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvidenceResult {
    /// The domain is authenticated.
    Pass,
    /// It is not: fail, softfail, neutral, policy.
    Fail,
    /// It could not be found out now.
    TempError,
    /// It cannot be found out: what the domain publishes, or the signature, is broken.
    PermError,
    /// The domain publishes nothing to check.
    None,
}

impl fmt::Display for EvidenceResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
            Self::None => "none",
        })
    }
}

/// Reads the result words of SPF and DKIM ([RFC 8601 §2.7](https://www.rfc-editor.org/rfc/rfc8601#section-2.7)) in any
/// case; softfail, neutral and policy are a fail to DMARC.
impl FromStr for EvidenceResult {
    type Err = UnknownResult;

    fn from_str(text: &str) -> Result<Self, UnknownResult> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "pass" => Self::Pass,
            "fail" | "softfail" | "neutral" | "policy" => Self::Fail,
            "temperror" => Self::TempError,
            "permerror" => Self::PermError,
            "none" => Self::None,
            _ => return Err(UnknownResult),
        })
    }
}

/// Text that is no result of SPF or DKIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a result; expected pass, fail, softfail, neutral, policy, none, temperror or permerror"
)]
#[non_exhaustive]
pub struct UnknownResult;

/// What SPF found for the MAIL FROM domain; with a null reverse-path that is the HELO name
/// ([RFC 7208 §2.4](https://www.rfc-editor.org/rfc/rfc7208#section-2.4)). A HELO check of its own is no evidence here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpfEvidence {
    domain: DomainName,
    result: EvidenceResult,
    origin: Origin,
}

impl SpfEvidence {
    /// Evidence as `origin` claims it; whoever calls this vouches for it.
    #[must_use]
    pub fn assertion(domain: DomainName, result: EvidenceResult, origin: Origin) -> Self {
        Self {
            domain,
            result,
            origin,
        }
    }

    /// The domain that was checked.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// What SPF found.
    #[must_use]
    pub fn result(&self) -> EvidenceResult {
        self.result
    }

    /// Who claims it.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }
}

/// What DKIM found for one signature.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DkimEvidence {
    domain: DomainName,
    selector: Box<str>,
    result: EvidenceResult,
    origin: Origin,
}

impl DkimEvidence {
    /// Evidence as `origin` claims it; whoever calls this vouches for it. `domain` is the signature's `d=`, `selector`
    /// its `s=`.
    #[must_use]
    pub fn assertion(
        domain: DomainName,
        selector: &str,
        result: EvidenceResult,
        origin: Origin,
    ) -> Self {
        Self {
            domain,
            selector: selector.into(),
            result,
            origin,
        }
    }

    /// The signing domain.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The selector, as it was given.
    #[must_use]
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// What DKIM found.
    #[must_use]
    pub fn result(&self) -> EvidenceResult {
        self.result
    }

    /// Who claims it.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }
}
