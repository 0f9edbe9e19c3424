//! Whether the key that signs is the key that is published.

use std::fmt;
use std::time::Duration;

use letterhead_dns::domain_name::DomainNameError;
use letterhead_dns::{
    Answer, DomainName, Finding, LookupErrorKind, Name, RecordData, RecordType, Resolver, Severity,
    Txt,
};

use crate::algorithm::Digest;
use crate::key::SigningKey;
use crate::key_error::KeyError;
use crate::lint::code::Code;
use crate::lint::lint;
use crate::public_key::PublicKey;
use crate::public_key_record::PublicKeyRecord;
use crate::selector::Selector;

/// What was found at the name of a key. Only [`check_published`] and [`KeyRing::check`](crate::KeyRing::check) make
/// one.
///
/// `Display` is one line: the name, the chain of aliases where the name is delegated, the verdict, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct PublicationCheck {
    name: DomainName,
    key: PublicKey,
    verdict: Publication,
    aliases: Vec<Name>,
    ttl: Option<Duration>,
    findings: Vec<Finding<Code>>,
}

impl PublicationCheck {
    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> &Publication {
        &self.verdict
    }

    /// Whether signatures of the key verify with what is published.
    #[must_use]
    pub fn is_match(&self) -> bool {
        self.verdict == Publication::Matches
    }

    /// Where the record is expected.
    #[must_use]
    pub fn name(&self) -> &DomainName {
        &self.name
    }

    /// The public half of the key that was looked for.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Where the name is delegated by CNAME: the target of each alias, in order. The last one is where the record is,
    /// or is missing.
    #[must_use]
    pub fn aliases(&self) -> &[Name] {
        &self.aliases
    }

    /// How long the answer may be kept, where there was one: for so long others may still see it after a change.
    #[must_use]
    pub fn ttl(&self) -> Option<Duration> {
        self.ttl
    }

    /// What is wrong with the texts at the name, also where the key matches.
    #[must_use]
    pub fn findings(&self) -> &[Finding<Code>] {
        &self.findings
    }

    /// What to do next; `None` where nothing is to be done.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        let at = self
            .aliases
            .last()
            .map_or_else(|| self.name.to_string(), ToString::to_string);
        Some(match &self.verdict {
            Publication::Matches => return None,
            Publication::OtherKey { .. } => format!(
                "publish the record of the signing key at {at}, or sign with the key that belongs to it"
            ),
            Publication::Revoked => {
                String::from("take another selector; a key that was withdrawn does not come back")
            }
            Publication::Missing => format!("publish the record of the key at {at}"),
            Publication::Several { .. } => format!("leave one key record at {at}"),
            Publication::Broken => self
                .findings
                .iter()
                .find(|finding| finding.severity == Severity::Error)
                .map_or_else(
                    || format!("publish the record of the key at {at} again"),
                    |finding| finding.remedy.clone(),
                ),
            Publication::LookupFailed { kind } => String::from(match kind {
                LookupErrorKind::Temporary | LookupErrorKind::NoSuchName => {
                    "try again later; nothing is known until then"
                }
                LookupErrorKind::Malformed => "have the name server's answer corrected",
            }),
        })
    }

    fn new(name: DomainName, key: PublicKey, verdict: Publication) -> Self {
        Self {
            name,
            key,
            verdict,
            aliases: Vec::new(),
            ttl: None,
            findings: Vec::new(),
        }
    }
}

impl fmt::Display for PublicationCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        for alias in &self.aliases {
            write!(f, " -> {alias}")?;
        }
        write!(f, ": {}", self.verdict)?;
        match self.remedy() {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

/// How a published record stands to a signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Publication {
    /// Signatures of the key verify with the record.
    Matches,
    /// Another key is published.
    OtherKey {
        /// The published one.
        found: PublicKey,
    },
    /// The record says that the key is withdrawn.
    Revoked,
    /// There is no key record at the name.
    Missing,
    /// There is more than one key record at the name.
    Several {
        /// How many.
        count: usize,
    },
    /// There is a record, and no signature verifies with it; the findings say why.
    Broken,
    /// The DNS gave no answer, so that nothing is known.
    LookupFailed {
        /// How it failed.
        kind: LookupErrorKind,
    },
}

impl fmt::Display for Publication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matches => f.write_str("the published key is that of the signer"),
            Self::OtherKey { found } => write!(
                f,
                "another key is published, {} with {} bits",
                found.algorithm().key_type(),
                found.bits()
            ),
            Self::Revoked => f.write_str("the published record withdraws the key"),
            Self::Missing => f.write_str("no key record is published"),
            Self::Several { count } => write!(f, "{count} key records are published"),
            Self::Broken => f.write_str("the published record verifies no signature"),
            Self::LookupFailed { kind } => write!(f, "the record could not be looked up, {kind}"),
        }
    }
}

/// Looks whether signatures of `key` verify with what is published for the selector: the key signs a test digest, and
/// the published key must accept it. Aliases are followed.
///
/// ```
/// use letterhead_dkim::{KeySpec, PrivateKey, PublicKeyRecord, check_published};
/// use letterhead_dns::{Zone, block_on_ready};
///
/// let key = PrivateKey::generate(KeySpec::Ed25519)?;
/// let (selector, domain) = ("2026a".parse()?, "example.org".parse()?);
/// let mut zone = Zone::new();
/// let check = block_on_ready(check_published(&selector, &domain, &key, &zone)).expect("ready at once")?;
/// assert_eq!(
///     check.to_string(),
///     "2026a._domainkey.example.org: no key record is published; \
///      publish the record of the key at 2026a._domainkey.example.org"
/// );
/// zone.insert(PublicKeyRecord::for_key(&key).at(&selector, &domain, 3600)?);
/// let check = block_on_ready(check_published(&selector, &domain, &key, &zone)).expect("ready at once")?;
/// assert!(check.is_match());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A name that cannot exist, or a key that cannot sign. What the DNS says, or fails to say, is a verdict.
pub async fn check_published(
    selector: &Selector,
    domain: &DomainName,
    key: &dyn SigningKey,
    resolver: &dyn Resolver,
) -> Result<PublicationCheck, PublicationError> {
    let test = Digest::of(b"Is the key that signs the key that is published?");
    let signature = key.sign_digest(&test)?;
    let accepts = |published: &PublicKey| {
        published.algorithm() == key.algorithm()
            && published
                .verifier()
                .is_some_and(|verifier| verifier.accepts(&test, &signature))
    };
    let name = selector.record_name(domain)?;
    Ok(check(name, key.public_key(), accepts, resolver).await)
}

/// The same where the private key is not at hand: the published key must be this one.
pub(crate) async fn check_public_key(
    name: DomainName,
    key: PublicKey,
    resolver: &dyn Resolver,
) -> PublicationCheck {
    let own = key.clone();
    check(name, key, move |published| *published == own, resolver).await
}

async fn check(
    name: DomainName,
    key: PublicKey,
    accepts: impl Fn(&PublicKey) -> bool + Send,
    resolver: &dyn Resolver,
) -> PublicationCheck {
    let answer = match resolver.lookup(name.as_name(), RecordType::TXT).await {
        Ok(answer) => answer,
        Err(error) => {
            let verdict = match error.kind() {
                LookupErrorKind::NoSuchName => Publication::Missing,
                kind @ (LookupErrorKind::Temporary | LookupErrorKind::Malformed) => {
                    Publication::LookupFailed { kind }
                }
            };
            let mut check = PublicationCheck::new(name, key, verdict);
            check.aliases = delegation(&check.name, resolver).await;
            return check;
        }
    };
    let (verdict, findings) = judge(&answer, accepts);
    let mut check = PublicationCheck::new(name, key, verdict);
    check.findings = findings;
    check.ttl = Some(answer.ttl());
    check.aliases = answer.aliases().to_vec();
    check
}

fn judge(
    answer: &Answer,
    accepts: impl Fn(&PublicKey) -> bool,
) -> (Publication, Vec<Finding<Code>>) {
    let texts: Vec<Txt> = answer.txts().cloned().collect();
    let findings = lint(&texts);
    let broken = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let records: Vec<PublicKeyRecord> = texts
        .iter()
        .filter_map(|text| PublicKeyRecord::parse(text.octets()).ok())
        .collect();
    let verdict = match records.as_slice() {
        [] if texts.is_empty() => Publication::Missing,
        [] if findings.iter().all(is_absence) => Publication::Missing,
        [] => Publication::Broken,
        [record] => match record.key() {
            None => Publication::Revoked,
            Some(found) if !accepts(found) => Publication::OtherKey {
                found: found.clone(),
            },
            Some(_) if broken => Publication::Broken,
            Some(_) => Publication::Matches,
        },
        several => Publication::Several {
            count: several.len(),
        },
    };
    (verdict, findings)
}

/// Whether a finding says no more than that nothing at the name was meant as a key record.
fn is_absence(finding: &Finding<Code>) -> bool {
    matches!(finding.code, Code::NoRecord | Code::ForeignText)
}

/// Where an alias at the name leads, when nothing is found behind it.
async fn delegation(name: &DomainName, resolver: &dyn Resolver) -> Vec<Name> {
    let mut chain: Vec<Name> = Vec::new();
    let mut owner = name.as_name().clone();
    while chain.len() < LONGEST_CHAIN {
        let Ok(answer) = resolver.lookup(&owner, RecordType::CNAME).await else {
            break;
        };
        let target = answer.records().iter().find_map(|record| match record {
            RecordData::Cname(target) => Some(target.clone()),
            _ => None,
        });
        match target {
            Some(target) if !chain.contains(&target) => {
                chain.push(target.clone());
                owner = target;
            }
            _ => break,
        }
    }
    chain
}

/// Why nothing could be judged.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PublicationError {
    /// Selector and domain are together too long for a name.
    #[error("selector and domain are together no name")]
    Name(#[from] DomainNameError),
    /// The key could not sign the test digest.
    #[error("the key could not sign a test digest")]
    Key(#[from] KeyError),
}

/// Aliases that are followed to say where a record is missing.
const LONGEST_CHAIN: usize = 8;
