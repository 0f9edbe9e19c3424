//! What verification found.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use letterhead_dns::DomainName;

use crate::agent_identifier::AgentOrUserIdentifier;
use crate::algorithm::Algorithm;
use crate::base64_text;
use crate::domain_name;
use crate::public_key_record::KeyRecordError;
use crate::selector::Selector;
use crate::signature::{Signature, SignatureError};

/// The verdict on one DKIM-Signature field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    cause: Cause,
    signature: Option<Box<Signature>>,
    /// Where there is no signature, because it could not be read.
    claim: Claim,
    facts: Facts,
}

/// Which domain and selector a signature names that cannot be read otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Claim {
    domain: Option<DomainName>,
    selector: Option<Selector>,
}

impl Claim {
    /// From the value of a DKIM-Signature field, whatever else is in it.
    pub(crate) fn of(value: &[u8]) -> Self {
        let tag = |wanted: &[u8]| {
            value.split(|octet| *octet == b';').find_map(|part| {
                let equals = memchr::memchr(b'=', part)?;
                let (name, value) = part.split_at_checked(equals)?;
                (name.trim_ascii() == wanted)
                    .then(|| str::from_utf8(value.get(1..)?.trim_ascii()).ok())
                    .flatten()
            })
        };
        Self {
            domain: tag(b"d").and_then(domain_name::parse),
            selector: tag(b"s").and_then(Selector::parse),
        }
    }
}

/// What verification found beside the cause, as far as it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Facts {
    pub(crate) testing: Option<Testing>,
    pub(crate) key_bits: Option<usize>,
    /// Of the canonical form.
    pub(crate) body_length: Option<u64>,
    /// How far `t=` lies in the future, beyond the tolerance for clocks.
    pub(crate) ahead: Option<Duration>,
}

/// The domain said `t=y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Testing;

impl Verdict {
    pub(crate) fn new(cause: Cause) -> Self {
        Self {
            cause,
            signature: None,
            claim: Claim::default(),
            facts: Facts::default(),
        }
    }

    pub(crate) fn unread(cause: Cause, claim: Claim) -> Self {
        Self {
            claim,
            ..Self::new(cause)
        }
    }

    pub(crate) fn of(signature: Box<Signature>, cause: Cause, facts: Facts) -> Self {
        Self {
            cause,
            signature: Some(signature),
            claim: Claim::default(),
            facts,
        }
    }

    /// The result in the words of RFC 8601.
    #[must_use]
    pub fn result(&self) -> DkimResult {
        self.cause.result()
    }

    /// Why.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Whether the signature holds. See also [`is_testing`](Self::is_testing),
    /// [`unsigned_body_octets`](Self::unsigned_body_octets) and [`signed_ahead`](Self::signed_ahead).
    #[must_use]
    pub fn is_pass(&self) -> bool {
        self.result() == DkimResult::Pass
    }

    /// All tags of the signature, where they could be read.
    #[must_use]
    pub fn signature(&self) -> Option<&Signature> {
        self.signature.as_deref()
    }

    /// The signing domain, where at least that could be read. Only a pass proves anything about it.
    #[must_use]
    pub fn domain(&self) -> Option<&DomainName> {
        let domain = self.signature.as_deref().map(Signature::domain);
        domain.or(self.claim.domain.as_ref())
    }

    /// The selector, where at least that could be read.
    #[must_use]
    pub fn selector(&self) -> Option<&Selector> {
        let selector = self.signature.as_deref().map(Signature::selector);
        selector.or(self.claim.selector.as_ref())
    }

    /// The algorithm, where it is one that can be verified.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.signature.as_deref().and_then(Signature::algorithm)
    }

    /// The first eight characters of `b=`, which tell the signature from others of the same domain
    /// ([RFC 6008 §4](https://www.rfc-editor.org/rfc/rfc6008#section-4)), where the signature could be read.
    #[must_use]
    pub fn signature_start(&self) -> Option<String> {
        let signature = self.signature.as_deref()?.signature();
        // Six octets make eight characters.
        let start = signature.get(..6).unwrap_or(signature);
        Some(base64_text::ENGINE.encode(start))
    }

    /// The agent or user identifier, where the signature names one.
    #[must_use]
    pub fn agent_or_user_identifier(&self) -> Option<&AgentOrUserIdentifier> {
        self.signature
            .as_deref()
            .and_then(Signature::agent_or_user_identifier)
    }

    /// Whether the domain is testing DKIM (`t=y`), in which case its mail is to be treated as if it were not signed
    /// ([RFC 6376 §3.6.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1)). The result is given all the same.
    #[must_use]
    pub fn is_testing(&self) -> bool {
        self.facts.testing.is_some()
    }

    /// The size of the key in bits, where one was found.
    #[must_use]
    pub fn key_bits(&self) -> Option<usize> {
        self.facts.key_bits
    }

    /// How many octets at the end of the canonical body the signature does not cover, because of `l=`. Anyone can
    /// change them ([RFC 6376 §8.2](https://www.rfc-editor.org/rfc/rfc6376#section-8.2)). `None` where all is covered.
    #[must_use]
    pub fn unsigned_body_octets(&self) -> Option<u64> {
        let covered = self.signature.as_deref()?.body_length()?;
        self.facts
            .body_length?
            .checked_sub(covered)
            .filter(|octets| *octets > 0)
    }

    /// How far in the future the signature says it was made (`t=`), where that is more than
    /// [`clock_skew`](crate::VerifyLimits::clock_skew) tolerates. It changes no result, since a clock that is wrong proves
    /// nothing about the message.
    #[must_use]
    pub fn signed_ahead(&self) -> Option<Duration> {
        self.facts.ahead
    }
}

/// `dkim=<result> (<cause>)`, with domain and selector where they are known.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dkim={} ({})", self.result(), self.cause)?;
        if let Some(domain) = self.domain() {
            write!(f, " header.d={domain}")?;
        }
        if let Some(selector) = self.selector() {
            write!(f, " header.s={selector}")?;
        }
        Ok(())
    }
}

/// The result of DKIM for one signature ([RFC 8601 §2.7.1](https://www.rfc-editor.org/rfc/rfc8601#section-2.7.1)).
///
/// The word `none` of that section belongs to a message without signatures, for which there is no verdict at all.
#[expect(
    clippy::exhaustive_enums,
    reason = "the registry is closed, and callers must not miss one"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DkimResult {
    /// The signature holds.
    Pass,
    /// The message is not what was signed.
    Fail,
    /// The signature could not be read.
    Neutral,
    /// The signature is not acceptable for reasons of policy.
    Policy,
    /// The key could not be fetched now; try again later.
    TempError,
    /// The signature cannot be verified, now or later.
    PermError,
}

impl fmt::Display for DkimResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Neutral => "neutral",
            Self::Policy => "policy",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        })
    }
}

/// Why a signature got its result.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// Signature and body hash hold.
    Verified,
    /// The body is not the one that was signed.
    BodyHashMismatch,
    /// `l=` covers more octets than the body has.
    BodyShorterThanSigned,
    /// The signed header fields are not those that were signed, or another key signed them.
    SignatureMismatch,
    /// The DKIM-Signature field breaks the syntax.
    SignatureSyntax(SignatureError),
    /// The header holds a CR or LF that ends no line, so readers differ on what its fields are.
    BareLineFeeds,
    /// `h=` does not include From.
    FromNotSigned,
    /// `a=` names an algorithm that is withdrawn, `rsa-sha1`, or unknown.
    AlgorithmNotUsable,
    /// `x=` has passed.
    Expired,
    /// There is no key at the selector.
    NoKey,
    /// Domain and selector together are no name that could be looked up.
    KeyName,
    /// The DNS failed for the moment.
    KeyLookupFailed,
    /// The DNS answer made no sense.
    KeyLookupMalformed,
    /// The record at the selector is no key record.
    KeySyntax(KeyRecordError),
    /// There are more key records at the selector than are tried.
    SeveralKeys,
    /// The key is withdrawn: `p=` is empty.
    KeyRevoked,
    /// The key is of another type than the algorithm of the signature.
    KeyTypeMismatch,
    /// The key does not allow the hash of the signature.
    HashNotAllowed,
    /// The key is not for mail.
    ServiceNotAllowed,
    /// The key says `t=s`, and the domain of `i=` is below the signing domain.
    IdentifierNotAllowed,
    /// The RSA key has less than 1024 bits ([RFC 8301 §3.2](https://www.rfc-editor.org/rfc/rfc8301#section-3.2)).
    KeyTooSmall,
    /// The numbers of the key are no key.
    KeyInvalid,
    /// The message has more signatures than the limits allow; this one and those below were not looked at.
    TooManySignatures,
    /// The DKIM-Signature field is longer than the limits allow.
    SignatureTooLong,
    /// The message has more header fields than the limits allow.
    TooManyHeaderFields,
}

impl Cause {
    /// The result this cause leads to.
    #[must_use]
    pub fn result(&self) -> DkimResult {
        match self {
            Self::Verified => DkimResult::Pass,
            Self::BodyHashMismatch | Self::BodyShorterThanSigned | Self::SignatureMismatch => {
                DkimResult::Fail
            }
            Self::SignatureSyntax(_) | Self::BareLineFeeds => DkimResult::Neutral,
            Self::Expired
            | Self::TooManySignatures
            | Self::SignatureTooLong
            | Self::TooManyHeaderFields => DkimResult::Policy,
            Self::KeyLookupFailed => DkimResult::TempError,
            Self::FromNotSigned
            | Self::AlgorithmNotUsable
            | Self::NoKey
            | Self::KeyName
            | Self::KeyLookupMalformed
            | Self::KeySyntax(_)
            | Self::SeveralKeys
            | Self::KeyRevoked
            | Self::KeyTypeMismatch
            | Self::HashNotAllowed
            | Self::ServiceNotAllowed
            | Self::IdentifierNotAllowed
            | Self::KeyTooSmall
            | Self::KeyInvalid => DkimResult::PermError,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verified => "verified",
            Self::BodyHashMismatch => "the body was changed",
            Self::BodyShorterThanSigned => "the body is shorter than what was signed",
            Self::SignatureMismatch => {
                "a signed header field was changed, or the key is another one"
            }
            Self::SignatureSyntax(error) => return write!(f, "bad signature: {error}"),
            Self::BareLineFeeds => "the header has line ends other than CRLF",
            Self::FromNotSigned => "From is not signed",
            Self::AlgorithmNotUsable => "the algorithm is withdrawn or unknown",
            Self::Expired => "the signature has expired",
            Self::NoKey => "no key record",
            Self::KeyName => "domain and selector are no name",
            Self::KeyLookupFailed => "the key could not be looked up now",
            Self::KeyLookupMalformed => "the DNS answer for the key is malformed",
            Self::KeySyntax(error) => return write!(f, "bad key record: {error}"),
            Self::SeveralKeys => "too many key records",
            Self::KeyRevoked => "the key is revoked",
            Self::KeyTypeMismatch => "the key is not of the algorithm's type",
            Self::HashNotAllowed => "the key does not allow SHA-256",
            Self::ServiceNotAllowed => "the key is not for mail",
            Self::IdentifierNotAllowed => "the key does not allow i= below the signing domain",
            Self::KeyTooSmall => "the RSA key is smaller than 1024 bits",
            Self::KeyInvalid => "the key is invalid",
            Self::TooManySignatures => "too many signatures",
            Self::SignatureTooLong => "the signature field is too long",
            Self::TooManyHeaderFields => "too many header fields",
        })
    }
}
