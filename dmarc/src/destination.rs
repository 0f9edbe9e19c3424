//! Whether those whom a record names as receivers of reports take them
//! ([RFC 9990 §4](https://www.rfc-editor.org/rfc/rfc9990#section-4)).

use std::collections::BTreeMap;
use std::fmt;

use letterhead_dns::{DomainName, LookupError, LookupErrorKind, RecordType, Resolver};

use crate::discovery::walk::Walker;
use crate::record::Record;
use crate::report_uri::ReportUri;

/// Checks every address that the record of a policy domain names for reports: first those of `rua`, then those of `ruf`,
/// each in the order of the record.
///
/// An address inside the organization needs nobody's consent. Any other host must publish a record at
/// `<policy domain>._report._dmarc.<host>`, where it may name other addresses of its own. Each name is asked for once. An
/// address whose host shares no ending with the policy domain costs one lookup; where a common ending leaves the
/// organizational domain open, up to eight more. Hosts beyond the first [`MAX_HOSTS`] are not asked.
///
/// ```
/// use letterhead_dmarc::{DestinationVerdict, Record, check_destinations};
/// use letterhead_dns::{DomainName, Zone, block_on_ready};
///
/// let zone: Zone = "example.org._report._dmarc.reports.example TXT \"v=DMARC1\"".parse()?;
/// let policy_domain: DomainName = "example.org".parse()?;
/// let record: Record = "v=DMARC1; p=none; rua=mailto:a@reports.example,mailto:b@other.example".parse()?;
/// let checked = block_on_ready(check_destinations(&policy_domain, &record, &zone)).expect("ready at once");
/// assert!(matches!(checked[0].verdict(), DestinationVerdict::Accepted));
/// assert!(matches!(checked[1].verdict(), DestinationVerdict::NotAccepted(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn check_destinations(
    policy_domain: &DomainName,
    record: &Record,
    resolver: &dyn Resolver,
) -> Vec<Destination> {
    let mut check = Check {
        policy_domain,
        resolver,
        walker: Walker::new(resolver),
        known: BTreeMap::new(),
    };
    let aggregate = record
        .aggregate_reports()
        .iter()
        .map(|uri| (ReportKind::Aggregate, uri));
    let failure = record
        .failure_reports()
        .iter()
        .map(|uri| (ReportKind::Failure, uri));
    let mut destinations = Vec::new();
    for (kind, uri) in aggregate.chain(failure) {
        destinations.push(Destination {
            kind,
            uri: uri.clone(),
            verdict: check.verdict(kind, uri).await,
        });
    }
    destinations
}

/// An address for reports and whether its host takes them.
#[derive(Debug, Clone)]
pub struct Destination {
    kind: ReportKind,
    uri: ReportUri,
    verdict: DestinationVerdict,
}

impl Destination {
    /// Which reports the record wants sent there.
    #[must_use]
    pub fn kind(&self) -> ReportKind {
        self.kind
    }

    /// The address in the record.
    #[must_use]
    pub fn uri(&self) -> &ReportUri {
        &self.uri
    }

    /// Whether reports may be sent there.
    #[must_use]
    pub fn verdict(&self) -> &DestinationVerdict {
        &self.verdict
    }

    /// Where reports go in the end: to the address, to those that its host names in its place, or nowhere.
    #[must_use]
    pub fn addresses(&self) -> &[ReportUri] {
        match &self.verdict {
            DestinationVerdict::Internal | DestinationVerdict::Accepted => {
                std::slice::from_ref(&self.uri)
            }
            DestinationVerdict::AcceptedElsewhere(addresses) => addresses,
            DestinationVerdict::NotAccepted(_) | DestinationVerdict::Failed(_) => &[],
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}: {}", self.kind, self.uri, self.verdict)
    }
}

/// The two kinds of reports.
#[expect(
    clippy::exhaustive_enums,
    reason = "the two kinds are fixed by the version of the record"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportKind {
    /// Reports about all mail of a period (`rua`).
    Aggregate,
    /// Reports about one message each (`ruf`).
    Failure,
}

impl ReportKind {
    /// The tag that names their addresses.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Aggregate => "rua",
            Self::Failure => "ruf",
        }
    }
}

impl fmt::Display for ReportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Aggregate => "aggregate reports",
            Self::Failure => "failure reports",
        })
    }
}

/// Whether reports may be sent to an address.
#[expect(
    clippy::exhaustive_enums,
    reason = "callers decide differently for each and must not miss one"
)]
#[derive(Debug, Clone)]
pub enum DestinationVerdict {
    /// They may: the host belongs to the organization that publishes the record.
    Internal,
    /// They may: the host says that it takes them.
    Accepted,
    /// They may, at these addresses of the same host, which it names in place of the one in the record.
    AcceptedElsewhere(Vec<ReportUri>),
    /// They must not.
    NotAccepted(Refusal),
    /// A lookup failed, so that it is not known; until it is, they must not.
    Failed(LookupError),
}

impl fmt::Display for DestinationVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal => f.write_str("within the organization"),
            Self::Accepted => f.write_str("accepted"),
            Self::AcceptedElsewhere(addresses) => {
                f.write_str("accepted at")?;
                addresses
                    .iter()
                    .try_for_each(|address| write!(f, " {address}"))
            }
            Self::NotAccepted(refusal) => write!(f, "not accepted: {refusal}"),
            Self::Failed(error) => write!(f, "not known: {error}"),
        }
    }
}

/// Why reports must not be sent to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The host publishes no record that says that it takes them.
    NoRecord {
        /// Where that record belongs.
        name: DomainName,
    },
    /// The name of that record would be too long for the DNS.
    NameTooLong,
    /// The record names an address at yet another host.
    OtherHost {
        /// That address.
        uri: ReportUri,
    },
    /// The URI names no host.
    NoHost,
    /// The record names more hosts than are asked, [`MAX_HOSTS`].
    TooManyHosts,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecord { name } => write!(f, "there is no DMARC record at {name}"),
            Self::NameTooLong => f.write_str("the name to ask for is too long for the DNS"),
            Self::OtherHost { uri } => write!(f, "its host points to another one, {uri}"),
            Self::NoHost => f.write_str("the URI names no host"),
            Self::TooManyHosts => write!(f, "the record names more than {MAX_HOSTS} hosts"),
        }
    }
}

struct Check<'a> {
    policy_domain: &'a DomainName,
    resolver: &'a dyn Resolver,
    walker: Walker<'a>,
    known: BTreeMap<DomainName, Consent>,
}

/// What is known of a host.
#[derive(Clone)]
enum Consent {
    NotNeeded,
    Given(Vec<Record>),
    Refused(Refusal),
    Failed(LookupError),
}

impl Check<'_> {
    async fn verdict(&mut self, kind: ReportKind, uri: &ReportUri) -> DestinationVerdict {
        let Some(host) = uri.host() else {
            return DestinationVerdict::NotAccepted(Refusal::NoHost);
        };
        match self.consent(&host).await {
            Consent::NotNeeded => DestinationVerdict::Internal,
            Consent::Given(records) => accepted(kind, &host, &records),
            Consent::Refused(refusal) => DestinationVerdict::NotAccepted(refusal),
            Consent::Failed(error) => DestinationVerdict::Failed(error),
        }
    }

    async fn consent(&mut self, host: &DomainName) -> Consent {
        if let Some(known) = self.known.get(host) {
            return known.clone();
        }
        if self.known.len() == MAX_HOSTS {
            return Consent::Refused(Refusal::TooManyHosts);
        }
        let consent = match self
            .walker
            .same_organization(self.policy_domain, host)
            .await
        {
            Ok(true) => Consent::NotNeeded,
            Ok(false) => self.ask(host).await,
            Err(error) => Consent::Failed(error),
        };
        self.known.insert(host.clone(), consent.clone());
        consent
    }

    async fn ask(&self, host: &DomainName) -> Consent {
        let Ok(name) = host.prepend(&format!("{}._report._dmarc", self.policy_domain)) else {
            return Consent::Refused(Refusal::NameTooLong);
        };
        match self.resolver.lookup(name.as_name(), RecordType::TXT).await {
            Ok(answer) => {
                let records: Vec<Record> = answer
                    .texts()
                    .filter_map(|text| Record::try_from(text).ok())
                    .collect();
                if records.is_empty() {
                    Consent::Refused(Refusal::NoRecord { name })
                } else {
                    Consent::Given(records)
                }
            }
            Err(error) => match error.kind() {
                LookupErrorKind::NoSuchName => Consent::Refused(Refusal::NoRecord { name }),
                LookupErrorKind::Temporary | LookupErrorKind::Malformed => Consent::Failed(error),
            },
        }
    }
}

/// Unlike policy records, several records that consent do not cancel each other.
fn accepted(kind: ReportKind, host: &DomainName, records: &[Record]) -> DestinationVerdict {
    let addresses: Vec<ReportUri> = records
        .iter()
        .flat_map(|record| match kind {
            ReportKind::Aggregate => record.aggregate_reports(),
            ReportKind::Failure => record.failure_reports(),
        })
        .cloned()
        .collect();
    if let Some(other) = addresses
        .iter()
        .find(|address| address.host().as_ref() != Some(host))
    {
        return DestinationVerdict::NotAccepted(Refusal::OtherHost { uri: other.clone() });
    }
    if addresses.is_empty() {
        DestinationVerdict::Accepted
    } else {
        DestinationVerdict::AcceptedElsewhere(addresses)
    }
}

/// How many different hosts of one record are asked whether they take reports. Whoever publishes a record makes whoever
/// reads it ask them, so there is an end to it; few records name more than three.
pub const MAX_HOSTS: usize = 16;
