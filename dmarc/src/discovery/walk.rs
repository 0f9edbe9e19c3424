//! The DNS tree walk ([RFC 9989 §4.10](https://www.rfc-editor.org/rfc/rfc9989#section-4.10)).

use std::collections::BTreeMap;

use letterhead_dns::{DomainName, LookupError, LookupErrorKind, RecordType, Resolver};

use super::query::{Query, QueryOutcome};
use crate::record::{PublicSuffix, Record};

/// A walk asks for the start and then for names of at most this many labels, which makes eight lookups at most.
const LABELS_AFTER_START: usize = 7;

/// Walks the tree, asks for each name once and remembers what it asked.
pub(crate) struct Walker<'a> {
    resolver: &'a dyn Resolver,
    known: BTreeMap<DomainName, Finding>,
    queries: Vec<Query>,
}

/// What stands at `_dmarc` below a domain.
#[derive(Clone)]
enum Finding {
    Record(Box<Record>),
    /// Nothing that counts; whether `_dmarc` itself exists tells that the domain does.
    Nothing(Existence),
    Failed(LookupError),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existence {
    Exists,
    DoesNotExist,
}

/// An organizational domain and the name whose record decided it.
pub(crate) struct Selected {
    pub(crate) domain: DomainName,
    pub(crate) decided_by: Option<DomainName>,
}

impl<'a> Walker<'a> {
    pub(crate) fn new(resolver: &'a dyn Resolver) -> Self {
        Self {
            resolver,
            known: BTreeMap::new(),
            queries: Vec::new(),
        }
    }

    pub(crate) fn into_queries(self) -> Vec<Query> {
        self.queries
    }

    /// The organizational domain, if what is known already tells it.
    pub(crate) fn known_organizational_domain(&self, domain: &DomainName) -> Option<DomainName> {
        let mut found = Vec::new();
        let mut next = Some(domain.clone());
        while let Some(name) = next {
            next = above(&name);
            match self.known.get(&name)? {
                Finding::Record(record) => {
                    let ends = record.public_suffix() != PublicSuffix::Unspecified;
                    found.push((name, Record::clone(record)));
                    if ends {
                        break;
                    }
                }
                Finding::Nothing(_) => {}
                Finding::Failed(_) => return None,
            }
        }
        Some(select(domain, &found).domain)
    }

    pub(crate) async fn organizational_domain(
        &mut self,
        domain: &DomainName,
    ) -> Result<Selected, LookupError> {
        let found = self.walk(domain).await?;
        Ok(select(domain, &found))
    }

    /// Whether two domains have the same organizational domain. Walks only where the names do not decide.
    pub(crate) async fn same_organization(
        &mut self,
        first: &DomainName,
        second: &DomainName,
    ) -> Result<bool, LookupError> {
        if first == second {
            return Ok(true);
        }
        // An organizational domain is the name it was asked for or one above it, so that two names without a common
        // ending never share one.
        if first.labels().next_back() != second.labels().next_back() {
            return Ok(false);
        }
        let organizational = self.organizational_domain(first).await?;
        if !second.is_at_or_below(&organizational.domain) {
            return Ok(false);
        }
        let other = self.organizational_domain(second).await?;
        Ok(organizational.domain == other.domain)
    }

    /// The records on the way up from `start`, longest name first.
    ///
    /// A record whose policy is broken takes part, because only its version decides that it is a DMARC record.
    pub(crate) async fn walk(
        &mut self,
        start: &DomainName,
    ) -> Result<Vec<(DomainName, Record)>, LookupError> {
        let mut found = Vec::new();
        let mut next = Some(start.clone());
        while let Some(domain) = next {
            next = above(&domain);
            let Some(record) = self.record_at(&domain).await? else {
                continue;
            };
            let public_suffix = record.public_suffix();
            found.push((domain, record));
            match public_suffix {
                PublicSuffix::Yes | PublicSuffix::No => break,
                PublicSuffix::Unspecified => {}
            }
        }
        Ok(found)
    }

    /// The one DMARC record of a domain.
    pub(crate) async fn record_at(
        &mut self,
        domain: &DomainName,
    ) -> Result<Option<Record>, LookupError> {
        let finding = match self.known.get(domain) {
            Some(finding) => finding.clone(),
            None => {
                let finding = self.ask(domain).await;
                self.known.insert(domain.clone(), finding.clone());
                finding
            }
        };
        match finding {
            Finding::Record(record) => Ok(Some(*record)),
            Finding::Nothing(_) => Ok(None),
            Finding::Failed(error) => Err(error),
        }
    }

    async fn ask(&mut self, domain: &DomainName) -> Finding {
        let Ok(name) = domain.as_name().prepend("_dmarc") else {
            // A name that is too long for the DNS cannot exist there; nobody needs to be asked.
            return Finding::Nothing(Existence::DoesNotExist);
        };
        let lookup = self.resolver.lookup(&name, RecordType::TXT).await;
        let (outcome, finding) = match lookup {
            Ok(answer) => {
                let mut records: Vec<Record> = answer
                    .texts()
                    .filter_map(|text| Record::try_from(text).ok())
                    .collect();
                match (records.pop(), records.len()) {
                    (Some(record), 0) => (
                        QueryOutcome::Record(Box::new(record.clone())),
                        Finding::Record(Box::new(record)),
                    ),
                    (Some(_), others) => (
                        QueryOutcome::SeveralRecords(others + 1),
                        Finding::Nothing(Existence::Exists),
                    ),
                    (None, _) => (QueryOutcome::NoRecord, Finding::Nothing(Existence::Exists)),
                }
            }
            Err(error) => match error.kind() {
                LookupErrorKind::NoSuchName => (
                    QueryOutcome::NoSuchName,
                    Finding::Nothing(Existence::DoesNotExist),
                ),
                LookupErrorKind::Temporary | LookupErrorKind::Malformed => {
                    (QueryOutcome::Failed(error.clone()), Finding::Failed(error))
                }
            },
        };
        self.queries
            .push(Query::new(name, RecordType::TXT, outcome));
        finding
    }

    /// Whether a domain exists: it or something below it has a record
    /// ([RFC 8020](https://www.rfc-editor.org/rfc/rfc8020)).
    pub(crate) async fn existence(
        &mut self,
        domain: &DomainName,
    ) -> Result<Existence, LookupError> {
        if let Some(Finding::Record(_) | Finding::Nothing(Existence::Exists)) =
            self.known.get(domain)
        {
            return Ok(Existence::Exists);
        }
        // A lookup of this type follows no alias, so that "no such name" is about this name and not about a target.
        let name = domain.as_name();
        let (existence, outcome) = match self.resolver.lookup(name, RecordType::CNAME).await {
            Ok(_) => (Ok(Existence::Exists), QueryOutcome::NoRecord),
            Err(error) => match error.kind() {
                LookupErrorKind::NoSuchName => {
                    (Ok(Existence::DoesNotExist), QueryOutcome::NoSuchName)
                }
                LookupErrorKind::Temporary | LookupErrorKind::Malformed => {
                    (Err(error.clone()), QueryOutcome::Failed(error))
                }
            },
        };
        self.queries
            .push(Query::new(name.clone(), RecordType::CNAME, outcome));
        existence
    }
}

/// The organizational domain of `start`, given the records on the way up, longest name first
/// ([RFC 9989 §4.10.2](https://www.rfc-editor.org/rfc/rfc9989#section-4.10.2)).
pub(crate) fn select(start: &DomainName, found: &[(DomainName, Record)]) -> Selected {
    for (domain, record) in found {
        let organizational = match record.public_suffix() {
            PublicSuffix::No => Some(domain.clone()),
            PublicSuffix::Yes if domain != start => {
                ending(start, domain.labels().count().saturating_add(1))
            }
            PublicSuffix::Yes | PublicSuffix::Unspecified => None,
        };
        if let Some(organizational) = organizational {
            return Selected {
                domain: organizational,
                decided_by: Some(domain.clone()),
            };
        }
    }
    let highest = found.last().map(|(domain, _)| domain.clone());
    Selected {
        domain: highest.clone().unwrap_or_else(|| start.clone()),
        decided_by: highest,
    }
}

/// The next name of a walk.
fn above(domain: &DomainName) -> Option<DomainName> {
    if domain.labels().count() > LABELS_AFTER_START {
        ending(domain, LABELS_AFTER_START)
    } else {
        domain.parent()
    }
}

/// The last labels of a domain.
fn ending(domain: &DomainName, labels: usize) -> Option<DomainName> {
    let surplus = domain.labels().count().checked_sub(labels)?;
    let kept: Vec<&str> = domain.labels().skip(surplus).collect();
    kept.join(".").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{DomainName, Record, above, select};

    fn targets(start: &str) -> Vec<String> {
        let start: DomainName = start.parse().unwrap();
        std::iter::successors(Some(start), above)
            .map(|domain| domain.to_string())
            .collect()
    }

    #[test]
    fn a_walk_of_up_to_eight_labels_takes_off_one_at_a_time() {
        assert_eq!(
            targets("a.mail.example.com"),
            [
                "a.mail.example.com",
                "mail.example.com",
                "example.com",
                "com"
            ]
        );
        assert_eq!(targets("com"), ["com"]);
        assert_eq!(targets("a.b.c.d.e.f.g.h").len(), 8);
    }

    #[test]
    fn a_longer_walk_goes_on_at_seven_labels() {
        let start = "a.b.c.d.e.f.g.h.i.j.mail.example.com";
        assert_eq!(
            targets(start),
            [
                start,
                "g.h.i.j.mail.example.com",
                "h.i.j.mail.example.com",
                "i.j.mail.example.com",
                "j.mail.example.com",
                "mail.example.com",
                "example.com",
                "com",
            ]
        );
        assert_eq!(targets("1.2.3.4.5.6.7.8.9").len(), 8);
    }

    #[test]
    fn the_organizational_domain_is_selected_from_the_longest_name() {
        let start = "a.b.example.co.uk";
        for (found, expected) in [
            (&[][..], start),
            (
                &[("b.example.co.uk", "u"), ("example.co.uk", "u")],
                "example.co.uk",
            ),
            (&[("a.b.example.co.uk", "u")], start),
            (&[("b.example.co.uk", "n")], "b.example.co.uk"),
            (&[("b.example.co.uk", "u"), ("co.uk", "y")], "example.co.uk"),
            (
                &[("b.example.co.uk", "n"), ("example.co.uk", "u")],
                "b.example.co.uk",
            ),
            (&[("a.b.example.co.uk", "y")], start),
            (&[("a.b.example.co.uk", "n")], start),
            (&[("b.example.co.uk", "y")], start),
            (&[("example.co.uk", "u"), ("uk", "u")], "uk"),
        ] {
            let found: Vec<(DomainName, Record)> = found
                .iter()
                .map(|(domain, psd)| {
                    let record = format!("v=DMARC1; psd={psd}");
                    (domain.parse().unwrap(), record.parse().unwrap())
                })
                .collect();
            let selected = select(&start.parse().unwrap(), &found);
            assert_eq!(selected.domain.as_str(), expected, "{found:?}");
        }
    }
}
