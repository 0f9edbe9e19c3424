//! Whether a message passes, and what is asked for if it does not.

use std::fmt;

use letterhead_dns::{DomainName, LookupError, LookupErrorKind, Resolver};

use crate::alignment::{Alignment, align};
use crate::alignment_mode::AlignmentMode;
use crate::discovery::walk::Walker;
use crate::discovery::{DiscoveryOutcome, PolicyRecord, Query, discover_with};
use crate::evidence::{DkimEvidence, EvidenceResult, Origin, SpfEvidence};
use crate::policy::Policy;
use crate::record::Record;

mod explanation;

/// Judges a message by its author domain and what SPF and DKIM found
/// ([RFC 9989 §5.3](https://www.rfc-editor.org/rfc/rfc9989#section-5.3)).
///
/// Lookups are made only as far as the verdict needs them, and each name is asked for once: no walk for strict
/// alignment, for identical domains, for evidence that is neither a pass nor a temporary error, or for temporary errors
/// where something else passes.
///
/// A domain of the caller's own may cost eight lookups for each signature with a name of its own, so the number of
/// signatures in `dkim` is the caller's to limit; DKIM verifiers do.
///
/// Which domain is the author domain is the caller's to say: with no domain in From, or several, there is nothing to
/// judge ([RFC 9989 §5.3.1](https://www.rfc-editor.org/rfc/rfc9989#section-5.3.1)). A [`DomainName`] holds A-labels, so
/// that Unicode has been converted by then.
pub async fn evaluate(
    author_domain: &DomainName,
    spf: Option<&SpfEvidence>,
    dkim: &[DkimEvidence],
    resolver: &dyn Resolver,
) -> Verdict {
    let mut walker = Walker::new(resolver);
    let mut identifiers = identifiers(spf, dkim);
    let found = discover_with(author_domain, &mut walker).await;
    let (result, policy, lookup_error) = match found.outcome {
        DiscoveryOutcome::NoRecord => (DmarcResult::None, None, None),
        DiscoveryOutcome::DoesNotApply(policy) => (DmarcResult::None, Some(policy), None),
        DiscoveryOutcome::Failed(error) => (failure(&error), None, Some(error)),
        DiscoveryOutcome::Found(policy) => {
            for identifier in &mut identifiers {
                identifier.mode = Some(match identifier.mechanism {
                    Mechanism::Spf => policy.record().spf_alignment(),
                    Mechanism::Dkim { .. } => policy.record().dkim_alignment(),
                });
            }
            let judged = judge(author_domain, &mut identifiers, &mut walker).await;
            let (result, error) = match (judged, found.existence_error) {
                // A message that fails is asked about, and what is asked for it is not known.
                ((DmarcResult::Fail, _), Some(error)) => (failure(&error), Some(error)),
                (judged, _) => judged,
            };
            (result, Some(policy), error)
        }
    };
    Verdict {
        author_domain: author_domain.clone(),
        organizational_domain: walker.known_organizational_domain(author_domain),
        result,
        policy,
        identifiers,
        lookup_error,
        queries: walker.into_queries(),
    }
}

async fn judge(
    author_domain: &DomainName,
    identifiers: &mut [Identifier],
    walker: &mut Walker<'_>,
) -> (DmarcResult, Option<LookupError>) {
    let mut temporary = None;
    let mut permanent = None;
    let mut mechanism_failed = false;
    for result in [EvidenceResult::Pass, EvidenceResult::TempError] {
        for identifier in identifiers.iter_mut() {
            let Some(mode) = identifier.mode.filter(|_| identifier.result == result) else {
                continue;
            };
            identifier.alignment =
                match align(author_domain, &identifier.domain, mode, walker).await {
                    Ok(alignment) => alignment,
                    Err(error) => {
                        match failure(&error) {
                            DmarcResult::TempError => temporary.get_or_insert(error),
                            _ => permanent.get_or_insert(error),
                        };
                        Alignment::Unknown
                    }
                };
            mechanism_failed |=
                result == EvidenceResult::TempError && identifier.alignment == Alignment::Aligned;
        }
        if identifiers.iter().any(Identifier::is_aligned_pass) {
            return (DmarcResult::Pass, None);
        }
    }
    if mechanism_failed || temporary.is_some() {
        (DmarcResult::TempError, temporary)
    } else if permanent.is_some() {
        (DmarcResult::PermError, permanent)
    } else {
        (DmarcResult::Fail, None)
    }
}

/// The result of a lookup that failed.
fn failure(error: &LookupError) -> DmarcResult {
    match error.kind() {
        LookupErrorKind::Temporary => DmarcResult::TempError,
        // Discovery takes a missing name for an answer, so that only a malformed one comes here.
        LookupErrorKind::Malformed | LookupErrorKind::NoSuchName => DmarcResult::PermError,
    }
}

fn identifiers(spf: Option<&SpfEvidence>, dkim: &[DkimEvidence]) -> Vec<Identifier> {
    let spf = spf.map(|evidence| Identifier {
        mechanism: Mechanism::Spf,
        domain: evidence.domain().clone(),
        result: evidence.result(),
        origin: evidence.origin(),
        mode: None,
        alignment: Alignment::NotEvaluated,
    });
    let dkim = dkim.iter().map(|evidence| Identifier {
        mechanism: Mechanism::Dkim {
            selector: evidence.selector().into(),
        },
        domain: evidence.domain().clone(),
        result: evidence.result(),
        origin: evidence.origin(),
        mode: None,
        alignment: Alignment::NotEvaluated,
    });
    spf.into_iter().chain(dkim).collect()
}

/// What DMARC says of a message, with everything that led to it. `Display` writes it as a paragraph.
#[derive(Debug, Clone)]
#[must_use]
pub struct Verdict {
    author_domain: DomainName,
    organizational_domain: Option<DomainName>,
    result: DmarcResult,
    policy: Option<Box<PolicyRecord>>,
    identifiers: Vec<Identifier>,
    lookup_error: Option<LookupError>,
    queries: Vec<Query>,
}

impl Verdict {
    /// The result.
    #[must_use]
    pub fn result(&self) -> DmarcResult {
        self.result
    }

    /// What the domain owner asks receivers to do with this message: the policy after `sp`, `np` and `t` for a message
    /// that fails, [`Policy::None`] for every other.
    #[must_use]
    pub fn disposition(&self) -> Policy {
        match self.result {
            DmarcResult::Fail => self.requested_policy().unwrap_or(Policy::None),
            DmarcResult::Pass
            | DmarcResult::None
            | DmarcResult::TempError
            | DmarcResult::PermError => Policy::None,
        }
    }

    /// What the domain owner asks for messages of this author domain that fail, whatever became of this one: the policy
    /// after `sp`, `np` and `t`. `None` where no policy applies or it is not known.
    #[must_use]
    pub fn requested_policy(&self) -> Option<Policy> {
        let policy = self.policy.as_ref()?;
        policy.record().requested_policy(policy.subject())
    }

    /// The author domain that was judged.
    #[must_use]
    pub fn author_domain(&self) -> &DomainName {
        &self.author_domain
    }

    /// The organizational domain of the author domain, if the lookups made for the verdict tell it; no lookup is made for
    /// it alone. [`organizational_domain`](crate::organizational_domain()) asks.
    #[must_use]
    pub fn organizational_domain(&self) -> Option<&DomainName> {
        self.organizational_domain.as_ref()
    }

    /// The domain whose record was found, without `_dmarc`.
    #[must_use]
    pub fn policy_domain(&self) -> Option<&DomainName> {
        self.policy.as_ref().map(|policy| policy.domain())
    }

    /// The record that was found, even if it does not apply.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        self.policy.as_ref().map(|policy| policy.record())
    }

    /// The record that was found, even if it does not apply, and where.
    #[must_use]
    pub fn policy_record(&self) -> Option<&PolicyRecord> {
        self.policy.as_deref()
    }

    /// The identifiers that passed and speak for the author domain. A message passes if there is one.
    pub fn aligned(&self) -> impl Iterator<Item = &Identifier> + '_ {
        self.identifiers
            .iter()
            .filter(|identifier| identifier.is_aligned_pass())
    }

    /// All identifiers given as evidence: SPF first, then DKIM in the order given.
    #[must_use]
    pub fn identifiers(&self) -> &[Identifier] {
        &self.identifiers
    }

    /// How far the evidence can be trusted. For a pass: verified if one aligned identifier was. Otherwise: asserted by
    /// the caller if any of the evidence was. `None` without evidence.
    #[must_use]
    pub fn evidence_origin(&self) -> Option<Origin> {
        let (decisive, other) = match self.result {
            DmarcResult::Pass => (Origin::Verifier, Origin::Caller),
            DmarcResult::Fail
            | DmarcResult::None
            | DmarcResult::TempError
            | DmarcResult::PermError => (Origin::Caller, Origin::Verifier),
        };
        let mut origins = self
            .identifiers
            .iter()
            .filter(|identifier| self.result != DmarcResult::Pass || identifier.is_aligned_pass())
            .map(|identifier| identifier.origin)
            .peekable();
        origins.peek()?;
        Some(if origins.any(|origin| origin == decisive) {
            decisive
        } else {
            other
        })
    }

    /// The lookup whose failure kept the verdict from being a pass or a fail.
    #[must_use]
    pub fn lookup_error(&self) -> Option<&LookupError> {
        self.lookup_error.as_ref()
    }

    /// The lookups, in order.
    #[must_use]
    pub fn queries(&self) -> &[Query] {
        &self.queries
    }
}

/// The result of DMARC, as in Authentication-Results
/// ([RFC 8601 §2.7](https://www.rfc-editor.org/rfc/rfc8601#section-2.7)).
#[expect(
    clippy::exhaustive_enums,
    reason = "callers decide differently for each and must not miss one"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DmarcResult {
    /// An identifier that passed speaks for the author domain.
    Pass,
    /// None does.
    Fail,
    /// No policy applies.
    None,
    /// It is not known now: a lookup failed, or an aligned identifier had a temporary error.
    TempError,
    /// It cannot be known: the DNS answers with something malformed.
    PermError,
}

impl fmt::Display for DmarcResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::None => "none",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        })
    }
}

/// A domain that a mechanism looked at, and how it stands to the author domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identifier {
    mechanism: Mechanism,
    domain: DomainName,
    result: EvidenceResult,
    origin: Origin,
    mode: Option<AlignmentMode>,
    alignment: Alignment,
}

impl Identifier {
    /// The mechanism.
    #[must_use]
    pub fn mechanism(&self) -> &Mechanism {
        &self.mechanism
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// The selector of a DKIM signature; `None` for SPF.
    #[must_use]
    pub fn selector(&self) -> Option<&str> {
        match &self.mechanism {
            Mechanism::Spf => None,
            Mechanism::Dkim { selector } => Some(selector),
        }
    }

    /// What the mechanism found.
    #[must_use]
    pub fn result(&self) -> EvidenceResult {
        self.result
    }

    /// Who claims it.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The alignment that the policy record asks for; `None` where no policy applies.
    #[must_use]
    pub fn mode(&self) -> Option<AlignmentMode> {
        self.mode
    }

    /// How the domain stands to the author domain.
    #[must_use]
    pub fn alignment(&self) -> Alignment {
        self.alignment
    }

    fn is_aligned_pass(&self) -> bool {
        self.result == EvidenceResult::Pass && self.alignment == Alignment::Aligned
    }
}

/// A mechanism that authenticates a domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mechanism {
    /// Sender Policy Framework.
    Spf,
    /// A signature of `DomainKeys` Identified Mail.
    Dkim {
        /// The selector of the key.
        selector: Box<str>,
    },
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Spf => "SPF",
            Self::Dkim { .. } => "DKIM",
        })
    }
}
