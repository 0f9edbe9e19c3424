//! A policy with its lookups replaced by what they find.

mod flattened;
mod groups;
mod names;
mod options;

use letterhead_dns::domain_name::DomainNameError;
use letterhead_dns::{DomainName, Resolver};

pub use self::flattened::{FlatRecord, Flattened};
use self::groups::{Groups, Item};
use self::names::Names;
pub use self::options::FlattenOptions;
use crate::audit::walk::Walk;
use crate::audit::{Audit, Branch, BranchTerm, follow};
use crate::check::reason::Reason;
use crate::limits::{ADVISED_OCTETS, Limits};
use crate::record::domain_spec::DomainSpec;
use crate::record::macro_string::MacroLetter;
use crate::record::parser::VERSION;
use crate::record::term::{Mechanism, Modifier, Qualifier, TermKind};

/// Replaces the terms of a domain's policy that cause lookups by the addresses that they stand for now, with the default
/// [`FlattenOptions`].
///
/// Every client gets the same result as from the policy as published, except that one that a kept term or a limit would
/// have kept in error may pass by a network that now stands in front. The networks are the fewest
/// that say so. A record of more than 450 octets is split: its networks go to records of their own below the domain, which
/// it includes. Terms that depend on the sender (`ptr`, and macros other than `%{d}`) cannot be flattened and are kept.
///
/// What comes out is a copy, and the DNS that it was copied from goes on to change: keep the policy as it was written, and
/// publish anew at least as often as [`refresh_within`](Flattened::refresh_within) says, or mail from new addresses fails.
/// To keep it, publish it at a name of its own, such as `_policy.example.org`, and flatten that one
/// [for the domain](FlattenOptions::publish_at); or give a resolver that answers with it, an
/// [`Overlay`](letterhead_dns::Overlay).
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
/// assert_eq!(flat.record.text, "v=spf1 ip4:192.0.2.0/31 ip4:198.51.100.0/24 ~all");
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
    flatten_with(domain, &FlattenOptions::default(), resolver).await
}

/// [`flatten()`] with options.
///
/// # Errors
///
/// As [`flatten()`], and terms that would mean something else at the name to publish at.
pub async fn flatten_with(
    domain: &DomainName,
    options: &FlattenOptions,
    resolver: &dyn Resolver,
) -> Result<Flattened, FlattenError> {
    let audit = follow(domain, &mut Walk::new(resolver)).await;
    let mut flat = Flattening::new(options);
    flat.branch(&audit.tree)?;
    flat.write(&audit, resolver).await
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
    /// A term that is kept names its own domain, and would name another where the record is to be published.
    #[error("`{term}` means another domain at the name to publish at; write the domain into it")]
    Relative {
        /// The term.
        term: String,
    },
    /// The names at which parts would be published cannot be looked up now, or all are taken.
    #[error("no name is free below {domain} for a part of the policy")]
    NoFreeName {
        /// The domain.
        domain: DomainName,
    },
    /// The domain is so long that nothing can be published below it.
    #[error("no record can be published below the domain")]
    Name(#[source] DomainNameError),
}

/// What the flattened record consists of.
#[derive(Debug)]
struct Flattening<'o> {
    options: &'o FlattenOptions,
    groups: Groups,
    /// `all` or `redirect` as it will be written; nothing where the policy has neither.
    ending: Option<String>,
    /// How many lookups a `redirect` that is kept costs.
    redirect_lookups: usize,
    modifiers: Vec<String>,
    dropped: Vec<String>,
}

impl<'o> Flattening<'o> {
    fn new(options: &'o FlattenOptions) -> Self {
        Self {
            options,
            groups: Groups::new(),
            ending: None,
            redirect_lookups: 0,
            modifiers: Vec::new(),
            dropped: Vec::new(),
        }
    }

    fn branch(&mut self, branch: &Branch) -> Result<(), FlattenError> {
        if branch.record.is_none() {
            return Err(FlattenError::NoRecord {
                domain: branch.domain.clone(),
                problem: branch.problem.clone().unwrap_or(Reason::NoRecord),
            });
        }
        for term in &branch.terms {
            let Some(published) = branch.published(term) else {
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
        if term.depends_on_sender || self.options.keeps(branch, term) {
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

    /// The modifiers of the domain's record. Where another record takes its place, explanations are left out: which of the
    /// two is given depends on the term that fails ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).
    fn modifiers(&mut self, tree: &Branch) {
        let mut at = Some(tree);
        let is_followed = redirected(tree).is_some();
        while let Some((branch, record)) = at.and_then(|at| Some((at, at.record.as_ref()?))) {
            for term in record.terms() {
                let text = record.text_of(term).to_owned();
                match term.kind() {
                    TermKind::Modifier(Modifier::Explanation(_)) if is_followed => {
                        self.dropped.push(text);
                    }
                    TermKind::Modifier(Modifier::Explanation(_) | Modifier::Unknown(_))
                        if branch.domain == tree.domain =>
                    {
                        self.modifiers.push(text);
                    }
                    TermKind::Modifier(_) | TermKind::Directive(_) => {}
                }
            }
            at = redirected(branch);
        }
    }

    /// The record in one piece, or with its passing networks in records of their own.
    async fn write(
        mut self,
        audit: &Audit,
        resolver: &dyn Resolver,
    ) -> Result<Flattened, FlattenError> {
        self.modifiers(&audit.tree);
        let target = self.options.published_at().unwrap_or(&audit.domain);
        if *target != audit.domain {
            self.check_relative(&audit.tree)?;
        }
        let mut names = Names::new(audit, target, resolver);
        let replaces = names.replaces(target).await;
        let mut terms = Vec::new();
        for item in self.groups.items() {
            match item {
                Item::Networks(networks) => terms.extend(networks.terms()),
                Item::Kept { text, .. } => terms.push(text.clone()),
            }
        }
        let whole = self.record(&terms);
        let mut parts = Vec::new();
        let text = if whole.len() <= ADVISED_OCTETS {
            whole
        } else {
            let terms = self.split(&mut names, &mut parts).await?;
            self.record(&terms)
        };
        let lookups = self.lookups() + parts.len();
        let limit = Limits::default().lookups();
        if lookups > limit {
            return Err(FlattenError::TooLarge { lookups, limit });
        }
        let obsolete = names.obsolete(&parts).await;
        Ok(Flattened {
            record: FlatRecord {
                name: target.clone(),
                text,
                replaces,
            },
            parts,
            lookups_before: audit.lookups(),
            lookups,
            kept: self.kept(),
            dropped: self.dropped,
            obsolete,
            refresh_within: audit.shortest_ttl(),
        })
    }

    /// The terms of the domain's record when passing networks are in records of their own, which go to `parts`.
    async fn split(
        &self,
        names: &mut Names<'_>,
        parts: &mut Vec<FlatRecord>,
    ) -> Result<Vec<String>, FlattenError> {
        let mut terms = Vec::new();
        for item in self.groups.items() {
            match item {
                Item::Kept { text, .. } => terms.push(text.clone()),
                Item::Networks(networks) if networks.qualifier != Qualifier::Pass => {
                    terms.extend(networks.terms());
                }
                Item::Networks(networks) => {
                    for text in filled(networks.terms(), self.options.part_octets()) {
                        let part = names.part(text).await?;
                        terms.push(format!("include:{}", part.name));
                        parts.push(part);
                    }
                }
            }
        }
        Ok(terms)
    }

    /// Refuses kept terms that name the domain of their record.
    fn check_relative(&self, tree: &Branch) -> Result<(), FlattenError> {
        let Some(record) = &tree.record else {
            return Ok(());
        };
        let kept = self.kept();
        for term in record.terms() {
            let text = record.text_of(term);
            let is_written = kept.iter().chain(&self.modifiers).any(|kept| kept == text);
            let is_relative = match term.kind() {
                TermKind::Directive(directive) => match directive.mechanism() {
                    Mechanism::All | Mechanism::Ip4(_) | Mechanism::Ip6(_) => false,
                    mechanism => mechanism.domain().is_none_or(uses_domain),
                },
                TermKind::Modifier(Modifier::Redirect(domain) | Modifier::Explanation(domain)) => {
                    uses_domain(domain)
                }
                TermKind::Modifier(Modifier::Unknown(_)) => false,
            };
            if is_written && is_relative {
                let term = text.to_owned();
                return Err(FlattenError::Relative { term });
            }
        }
        Ok(())
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

/// Records that hold these terms, each as many as it may.
fn filled(terms: Vec<String>, octets: usize) -> Vec<String> {
    const END: &str = " -all";
    let mut records: Vec<String> = Vec::new();
    for term in terms {
        match records.last_mut() {
            Some(last) if last.len() + 1 + term.len() + END.len() <= octets => {
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

/// The record that took the place of this one, unless `redirect` is kept.
fn redirected(branch: &Branch) -> Option<&Branch> {
    let is_kept = branch.terms.last()?.depends_on_sender;
    branch.redirected().filter(|_| !is_kept)
}

fn uses_domain(domain: &DomainSpec) -> bool {
    domain.macro_string().uses(MacroLetter::Domain)
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
