//! A policy with its lookups replaced by what they find.

mod groups;

use std::fmt;
use std::time::Duration;

use letterhead_dns::domain_name::DomainNameError;
use letterhead_dns::{DomainName, RecordType, Resolver, Txt};

use self::groups::{Groups, Item};
use crate::audit::{Audit, Branch, BranchTerm, audit};
use crate::check::reason::Reason;
use crate::check::trace::Lookup;
use crate::limits::Limits;
use crate::record::Record;
use crate::record::parser::{VERSION, has_version};
use crate::record::term::{Mechanism, Modifier, Qualifier, TermKind};

/// Replaces the terms of a domain's policy that cause lookups by the addresses that they stand for now.
///
/// Every client gets the same result as from the policy as published, errors of limits aside. The networks are the fewest
/// that say so. A record of more than 450 octets is split: its networks go to records of their own below the domain, which
/// it includes. Terms that depend on the sender (`ptr`, and macros other than `%{d}`) cannot be flattened and are kept.
///
/// What comes out is a copy, and the DNS that it was copied from goes on to change: keep the policy as it was written, and
/// publish anew at least as often as [`refresh_within`](Flattened::refresh_within) says, or mail from new addresses fails.
///
/// ```
/// use letterhead_dns::{Zone, block_on_ready};
/// use letterhead_spf::flatten;
///
/// let zone: Zone = r#"
/// example.org.     300 IN TXT "v=spf1 a:mail.example.org include:amazonses.com ~all"
/// mail.example.org 300 IN A   192.0.2.1
/// amazonses.com.   900 IN TXT "v=spf1 ip4:192.0.2.0/32 ip4:198.51.100.0/24 -all"
/// "#.parse()?;
/// let domain = "example.org".parse()?;
/// let flat = block_on_ready(flatten(&domain, &zone)).expect("a zone in memory answers at once")?;
/// assert_eq!(flat.records[0].text, "v=spf1 ip4:192.0.2.0/31 ip4:198.51.100.0/24 ~all");
/// assert_eq!((flat.lookups_before, flat.lookups), (2, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A policy with a part that is broken or cannot be looked up now, and one that needs more than ten records.
pub async fn flatten(
    domain: &DomainName,
    resolver: &dyn Resolver,
) -> Result<Flattened, FlattenError> {
    let audit = audit(domain, resolver).await;
    let mut flat = Flattening::new();
    flat.branch(&audit.tree)?;
    flat.write(&audit, resolver).await
}

/// A flattened policy. `Display` writes it as a master file, the risk as a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flattened {
    /// The records to publish: that of the domain, then those it includes.
    pub records: Vec<FlatRecord>,
    /// How many terms count as lookups in the worst case, as published.
    pub lookups_before: usize,
    /// How many would count with these records.
    pub lookups: usize,
    /// Terms that stay because what they match depends on the sender.
    pub kept: Vec<String>,
    /// Terms that are left out because they match nobody, and explanations that cannot be carried over.
    pub dropped: Vec<String>,
    /// The shortest time to live of what was copied; `None` where nothing was looked up but the record itself.
    pub refresh_within: Option<Duration>,
}

impl Flattened {
    /// What to keep in mind when publishing this.
    #[must_use]
    pub fn risk(&self) -> String {
        match self.refresh_within {
            None => {
                String::from("nothing was copied from other names, so nothing can become outdated")
            }
            Some(ttl) => format!(
                "a copy of what the DNS said when it was made: publish it anew at least every {} seconds, the shortest time to live of what was copied, or mail from addresses that were added since will fail",
                ttl.as_secs()
            ),
        }
    }
}

impl fmt::Display for Flattened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "; {}", self.risk())?;
        for record in &self.records {
            for text in &record.replaces {
                writeln!(f, "; replaces \"{}\"", text.escape_debug())?;
            }
            // Resolvers may keep the copy for as long as the originals.
            let ttl = self
                .refresh_within
                .map_or(3600, |ttl| ttl.as_secs().max(60));
            let text = Txt::split(record.text.as_bytes());
            writeln!(f, "{} {ttl} IN TXT {text}", record.name.as_name())?;
        }
        Ok(())
    }
}

/// A record of a flattened policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlatRecord {
    /// Where to publish it.
    pub name: DomainName,
    /// Its text.
    pub text: String,
    /// The SPF records that are there now.
    pub replaces: Vec<String>,
}

/// Why a policy cannot be flattened.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FlattenError {
    /// There is no record to flatten, or it is not valid.
    #[error("{domain}: {problem}")]
    NoRecord {
        /// Whose record it is.
        domain: String,
        /// What is wrong.
        problem: Reason,
    },
    /// A term is in error for some clients. What they would get from a copy would be different.
    #[error("`{term}` of {domain}: {problem}")]
    Broken {
        /// Whose record it is.
        domain: String,
        /// The term.
        term: String,
        /// What is wrong with it.
        problem: Reason,
    },
    /// The addresses need more records than a check may look up.
    #[error(
        "the policy would need {lookups} lookups, and {limit} are allowed; authorise fewer addresses, or keep more of it in `include`"
    )]
    TooLarge {
        /// How many there would be.
        lookups: usize,
        /// How many may be there.
        limit: usize,
    },
    /// The domain is so long that nothing can be published below it.
    #[error("no record can be published below the domain")]
    Name(#[source] DomainNameError),
}

/// What the flattened record consists of.
#[derive(Debug)]
struct Flattening {
    groups: Groups,
    /// `all` or `redirect` as it will be written; nothing where the policy has neither.
    ending: Option<String>,
    /// How many lookups a `redirect` that is kept costs.
    redirect_lookups: usize,
    modifiers: Vec<String>,
    dropped: Vec<String>,
}

impl Flattening {
    fn new() -> Self {
        Self {
            groups: Groups::new(),
            ending: None,
            redirect_lookups: 0,
            modifiers: Vec::new(),
            dropped: Vec::new(),
        }
    }

    fn branch(&mut self, branch: &Branch) -> Result<(), FlattenError> {
        let Some(record) = &branch.record else {
            return Err(FlattenError::NoRecord {
                domain: branch.domain.clone(),
                problem: branch.problem.clone().unwrap_or(Reason::NoRecord),
            });
        };
        for term in &branch.terms {
            let Some(published) = record.terms().get(term.index) else {
                continue;
            };
            match published.directive() {
                None => return self.redirect(branch, term),
                Some(directive) if *directive.mechanism() == Mechanism::All => {
                    self.groups.end(directive.qualifier());
                    self.ending = Some(branch.text_of(term).to_owned());
                    return Ok(());
                }
                Some(directive) => self.term(branch, term, directive.qualifier())?,
            }
        }
        self.groups.end(Qualifier::Neutral);
        Ok(())
    }

    fn term(
        &mut self,
        branch: &Branch,
        term: &BranchTerm,
        qualifier: Qualifier,
    ) -> Result<(), FlattenError> {
        let text = branch.text_of(term);
        if term.depends_on_sender {
            self.groups.keep(qualifier, text, term.cost.lookups);
        } else if self.groups.leave(&term.in_error) {
            return Err(broken(branch, term));
        } else if term.addresses.is_empty() {
            self.dropped.push(text.to_owned());
        } else {
            self.groups.add(qualifier, &term.addresses);
        }
        Ok(())
    }

    /// The record that `redirect` leads to takes the place of the rest, unless it depends on the sender.
    fn redirect(&mut self, branch: &Branch, term: &BranchTerm) -> Result<(), FlattenError> {
        match &term.nested {
            _ if term.depends_on_sender => {
                self.ending = Some(branch.text_of(term).to_owned());
                self.redirect_lookups = term.cost.lookups;
                Ok(())
            }
            Some(nested) if nested.problem.is_none() => self.branch(nested),
            _ => Err(broken(branch, term)),
        }
    }

    /// The modifiers of the domain's record, and the `exp` of one that took its place, which is used for the fails of that
    /// one ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).
    fn modifiers(&mut self, tree: &Branch) {
        let mut at = Some(tree);
        let mut explained = false;
        while let Some((branch, record)) = at.and_then(|at| Some((at, at.record.as_ref()?))) {
            for term in record.terms() {
                let text = record.text_of(term).to_owned();
                match term.kind() {
                    TermKind::Modifier(Modifier::Explanation(domain)) if !explained => {
                        explained = true;
                        // In another record `%{d}` is another domain.
                        if branch.domain == tree.domain || domain.literal().is_some() {
                            self.modifiers.push(text);
                        } else {
                            self.dropped.push(text);
                        }
                    }
                    TermKind::Modifier(Modifier::Unknown { .. })
                        if branch.domain == tree.domain =>
                    {
                        self.modifiers.push(text);
                    }
                    TermKind::Modifier(_) | TermKind::Directive(_) => {}
                }
            }
            let last = branch.terms.last();
            at = last
                .filter(|last| !last.depends_on_sender && is_redirect(record, last))
                .and_then(|last| last.nested.as_deref());
        }
    }

    /// The record in one piece, and the same with its passing networks in records of their own.
    async fn write(
        mut self,
        audit: &Audit,
        resolver: &dyn Resolver,
    ) -> Result<Flattened, FlattenError> {
        self.modifiers(&audit.tree);
        let mut terms = Vec::new();
        for item in self.groups.items() {
            match item {
                Item::Networks(networks) => terms.extend(networks.terms()),
                Item::Kept { text, .. } => terms.push(text.clone()),
            }
        }
        let whole = self.record(&terms);
        let mut names = Names::new(audit);
        let mut parts = Vec::new();
        let own = if whole.len() <= ADVISED_OCTETS {
            whole
        } else {
            self.record(&self.split(&mut names, &mut parts)?)
        };
        let lookups = self.lookups() + parts.len();
        let limit = Limits::default().lookups();
        if lookups > limit {
            return Err(FlattenError::TooLarge { lookups, limit });
        }
        let mut records = vec![FlatRecord {
            name: audit.domain.clone(),
            text: own,
            replaces: spf_records(audit.tree.lookup.as_ref()),
        }];
        for (name, text) in parts {
            let answer = resolver.lookup(name.as_name(), RecordType::TXT).await;
            let lookup = Lookup {
                name: name.as_name().clone(),
                record_type: RecordType::TXT,
                answer,
            };
            let replaces = spf_records(Some(&lookup));
            records.push(FlatRecord {
                name,
                text,
                replaces,
            });
        }
        Ok(Flattened {
            records,
            lookups_before: audit.lookups(),
            lookups,
            kept: self.kept(),
            dropped: self.dropped,
            refresh_within: audit.shortest_ttl(),
        })
    }

    /// The terms of the domain's record when passing networks are in records of their own, which go to `parts`.
    fn split(
        &self,
        names: &mut Names<'_>,
        parts: &mut Vec<(DomainName, String)>,
    ) -> Result<Vec<String>, FlattenError> {
        let mut terms = Vec::new();
        for item in self.groups.items() {
            match item {
                Item::Kept { text, .. } => terms.push(text.clone()),
                Item::Networks(networks) if networks.qualifier != Qualifier::Pass => {
                    terms.extend(networks.terms());
                }
                Item::Networks(networks) => {
                    for text in filled(networks.terms()) {
                        let name = names.next()?;
                        terms.push(format!("include:{name}"));
                        parts.push((name, text));
                    }
                }
            }
        }
        Ok(terms)
    }

    fn record(&self, terms: &[String]) -> String {
        let parts = terms.iter().chain(&self.ending).chain(&self.modifiers);
        let mut record = String::from(VERSION);
        for part in parts {
            record.push(' ');
            record.push_str(part);
        }
        record
    }

    fn lookups(&self) -> usize {
        let kept = self.groups.items().iter().map(|item| match item {
            Item::Networks(_) => 0,
            Item::Kept { lookups, .. } => *lookups,
        });
        kept.sum::<usize>() + self.redirect_lookups
    }

    fn kept(&self) -> Vec<String> {
        let kept = self.groups.items().iter().filter_map(|item| match item {
            Item::Networks(_) => None,
            Item::Kept { text, .. } => Some(text.clone()),
        });
        let redirect = self.ending.clone().filter(|_| self.redirect_lookups > 0);
        kept.chain(redirect).collect()
    }
}

/// Names for the records that the domain's own includes.
struct Names<'a> {
    audit: &'a Audit,
    number: usize,
}

impl<'a> Names<'a> {
    fn new(audit: &'a Audit) -> Self {
        Self { audit, number: 0 }
    }

    /// The next name that is not one of those the policy consists of: replacing one of these would change the policy
    /// before the new record of the domain is there.
    fn next(&mut self) -> Result<DomainName, FlattenError> {
        loop {
            self.number += 1;
            let label = format!("_spf{}", self.number);
            let name = self.audit.domain.prepend(&label);
            let name = name.map_err(FlattenError::Name)?;
            let mut used = false;
            self.audit.tree.visit(&mut |branch| {
                used |= branch.domain.eq_ignore_ascii_case(name.as_str());
            });
            if !used {
                return Ok(name);
            }
        }
    }
}

/// Records that hold these terms, each as many as it may.
fn filled(terms: Vec<String>) -> Vec<String> {
    const END: &str = " -all";
    let mut records: Vec<String> = Vec::new();
    for term in terms {
        match records.last_mut() {
            Some(last) if last.len() + 1 + term.len() + END.len() <= ADVISED_OCTETS => {
                last.push(' ');
                last.push_str(&term);
            }
            _ => records.push(format!("{VERSION} {term}")),
        }
    }
    for record in &mut records {
        record.push_str(END);
    }
    records
}

fn is_redirect(record: &Record, term: &BranchTerm) -> bool {
    let term = record.terms().get(term.index);
    term.is_some_and(|term| matches!(term.kind(), TermKind::Modifier(_)))
}

/// The texts among those found that are SPF records, whole or broken.
fn spf_records(lookup: Option<&Lookup>) -> Vec<String> {
    let answer = lookup.and_then(|lookup| lookup.answer.as_ref().ok());
    let texts = answer.into_iter().flat_map(|answer| answer.texts());
    texts
        .filter(|text| has_version(text))
        .map(|text| String::from_utf8_lossy(&text).into_owned())
        .collect()
}

fn broken(branch: &Branch, term: &BranchTerm) -> FlattenError {
    let nested = || term.nested.as_deref().and_then(first_problem);
    FlattenError::Broken {
        domain: branch.domain.clone(),
        term: branch.text_of(term).to_owned(),
        problem: term
            .problem
            .clone()
            .or_else(nested)
            .unwrap_or(Reason::NoRecord),
    }
}

/// What is wrong in a record or below it.
fn first_problem(branch: &Branch) -> Option<Reason> {
    branch.problem.clone().or_else(|| {
        branch.terms.iter().find_map(|term| {
            let nested = || term.nested.as_deref().and_then(first_problem);
            term.problem.clone().or_else(nested)
        })
    })
}

/// RFC 7208 advises to stay below this, so that an answer fits into a UDP message
/// ([RFC 7208 §3.4](https://www.rfc-editor.org/rfc/rfc7208#section-3.4)).
const ADVISED_OCTETS: usize = 450;
