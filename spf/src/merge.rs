//! Adding terms to the record a domain has.

use std::fmt;

use crate::limits::Limits;
use crate::record::Record;
use crate::record::builder::MAX_TXT;
use crate::record::domain_spec::DomainSpec;
use crate::record::parse_error::ParseError;
use crate::record::parser::VERSION;
use crate::record::term::{Directive, Mechanism, Qualifier};

/// Adds what a provider asks for to the record a domain already has, and changes nothing else.
///
/// New terms go before `all`, or after the last mechanism where there is no `all`; the rest is kept octet for octet. A
/// term is present already when the record has it with `+` before `all`, spelt in whatever case, or has a network that
/// covers it. Without a record, the new one ends in `~all`.
///
/// ```
/// use letterhead_spf::merge;
///
/// let wanted = ["include:amazonses.com".parse()?];
/// let merged = merge(Some("v=spf1 mx ~all"), &wanted)?;
/// assert_eq!(merged.record, "v=spf1 mx include:amazonses.com ~all");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A record that is broken; one whose `redirect` decides, beside which mechanisms would not do what is meant; terms
/// that cannot be added; and a result that is too long, or has more than ten lookups of its own. The domain's record
/// stays as it is.
pub fn merge(existing: Option<&str>, wanted: &[Directive]) -> Result<Merged, MergeError> {
    for directive in wanted {
        if directive.qualifier() != Qualifier::Pass || *directive.mechanism() == Mechanism::All {
            return Err(MergeError::NotAddable(Box::new(directive.clone())));
        }
    }
    let Some(text) = existing else {
        return create(wanted);
    };
    let record: Record = text.parse().map_err(MergeError::Existing)?;
    let end = record.all().map_or(usize::MAX, |all| all.span().start);
    let in_front: Vec<&Directive> = record
        .terms()
        .iter()
        .filter(|term| term.span().start < end)
        .filter_map(|term| term.directive())
        .collect();
    let passed: Vec<&Directive> = in_front
        .iter()
        .filter(|directive| directive.qualifier() == Qualifier::Pass)
        .copied()
        .collect();
    let added = missing(wanted, &passed);
    let mut notices: Vec<Notice> = Vec::new();
    for other in wanted
        .iter()
        .filter_map(|one| contradiction(one, &in_front))
    {
        let notice = Notice::Contradicted(Box::new(other.clone()));
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    }
    if record.all().is_some() && record.redirect().is_some() {
        notices.push(Notice::RedirectIgnored);
    }
    match record
        .all()
        .and_then(|all| all.directive())
        .map(Directive::qualifier)
    {
        Some(Qualifier::Pass) => notices.push(Notice::EveryonePasses),
        Some(Qualifier::Neutral) => notices.push(Notice::NeutralAll),
        _ => {}
    }
    // What another record passes in place of this one is passed already.
    let is_target = |directive: &Directive, target: &DomainSpec| matches!(directive.mechanism(), Mechanism::Include(domain) if domain.is_same_domain(target));
    let added: Vec<Directive> = match record.redirect().filter(|_| record.all().is_none()) {
        Some(target) => added
            .into_iter()
            .filter(|directive| !is_target(directive, target))
            .collect(),
        None => added,
    };
    if !added.is_empty()
        && record.all().is_none()
        && let Some(target) = record.redirect()
    {
        return Err(MergeError::Redirect {
            target: target.clone(),
        });
    }
    if record.all().is_none() && record.redirect().is_none() {
        notices.push(Notice::NoAll);
    }
    let merged = insert(&record, &added);
    check(&merged)?;
    Ok(Merged {
        record: merged,
        change: if added.is_empty() {
            Change::Unchanged
        } else {
            Change::Added(added)
        },
        notices,
    })
}

/// What [`merge()`] came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Merged {
    /// The record to publish, the only one with `v=spf1` at its name.
    pub record: String,
    /// How it differs from the one there was.
    pub change: Change,
    /// What the domain's owner should know before publishing.
    pub notices: Vec<Notice>,
}

/// How a merged record differs from the one there was.
#[expect(clippy::exhaustive_enums, reason = "callers show each differently")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Everything wanted was there.
    Unchanged,
    /// These were added.
    Added(Vec<Directive>),
    /// There was no record.
    New,
}

/// What the domain's owner should know before publishing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The record is the domain's first: whoever sends for it today and is not named in it will softfail.
    NameEverySender,
    /// The record has neither `all` nor `redirect`, so senders it does not name are neutral.
    NoAll,
    /// The record has `redirect` beside `all`, where it means nothing.
    RedirectIgnored,
    /// The record ends in `+all`, so that everyone passes, wanted or not.
    EveryonePasses,
    /// The record ends in `?all`, so that senders it does not name are neutral.
    NeutralAll,
    /// A term in front names what is wanted, or some of it, and does not pass it.
    Contradicted(Box<Directive>),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameEverySender => f.write_str(
                "this is the domain's first SPF record: name every service that sends for it now, or its mail will softfail",
            ),
            Self::NoAll => f.write_str(
                "the record has no `all`: senders it does not name are neutral; end it in `~all` or `-all`",
            ),
            Self::RedirectIgnored => {
                f.write_str("the record has `redirect` beside `all`, where it is ignored; remove one")
            }
            Self::EveryonePasses => f.write_str(
                "the record ends in `+all`: every host on the internet passes; write `~all`",
            ),
            Self::NeutralAll => f.write_str(
                "the record ends in `?all`: senders it does not name are neutral; write `~all`",
            ),
            Self::Contradicted(directive) => write!(
                f,
                "`{directive}` stands in front and does not pass what is wanted; remove it"
            ),
        }
    }
}

/// Why nothing can be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// The domain's record is not valid; receivers already treat it as an error.
    #[error("the domain's SPF record is broken; correct it first")]
    Existing(#[source] ParseError),
    /// Another domain's record decides.
    #[error(
        "the record ends in `redirect={target}`: mechanisms beside it would not be part of that policy; add the terms to the record of {target}, or replace `redirect` by `include` and an `all`"
    )]
    Redirect {
        /// The domain that `redirect` names.
        target: DomainSpec,
    },
    /// What is wanted is not something a sender adds to a record.
    #[error("`{0}` cannot be added: wanted are mechanisms that pass a sender, and not `all`")]
    NotAddable(Box<Directive>),
    /// Nothing is there and nothing is wanted.
    #[error("there is no record and no term to put into one")]
    Nothing,
    /// The result would be an error for every receiver.
    #[error(
        "the record would have {count} terms that cause DNS lookups, and {limit} are allowed; remove terms that are not needed"
    )]
    TooManyLookups {
        /// How many there would be.
        count: usize,
        /// How many may be there.
        limit: usize,
    },
    /// The result would be longer than a TXT record can be.
    #[error(
        "the record would have {octets} octets, more than a TXT record can hold; move terms into a record that is included"
    )]
    TooLong {
        /// How many there would be.
        octets: usize,
    },
}

fn create(wanted: &[Directive]) -> Result<Merged, MergeError> {
    let added = missing(wanted, &[]);
    if added.is_empty() {
        return Err(MergeError::Nothing);
    }
    let mut record = String::from(VERSION);
    for directive in &added {
        record.push_str(&format!(" {directive}"));
    }
    record.push_str(" ~all");
    check(&record)?;
    Ok(Merged {
        record,
        change: Change::New,
        notices: vec![Notice::NameEverySender],
    })
}

/// What is wanted and covered neither by the record nor by something wanted earlier.
fn missing(wanted: &[Directive], present: &[&Directive]) -> Vec<Directive> {
    let mut added: Vec<Directive> = Vec::new();
    for directive in wanted {
        let covered = |other: &Directive| other.mechanism().covers(directive.mechanism());
        if !present.iter().any(|other| covered(other)) && !added.iter().any(covered) {
            added.push(directive.clone());
        }
    }
    added
}

/// Puts the terms before `all`, or after the last directive, or after the version.
fn insert(record: &Record, added: &[Directive]) -> String {
    let text = record.as_str();
    let terms: Vec<String> = added.iter().map(Directive::to_string).collect();
    if terms.is_empty() {
        return text.to_owned();
    }
    let terms = terms.join(" ");
    let after_last = || {
        let directives = record.terms().iter().rev();
        directives
            .filter(|term| term.directive().is_some())
            .map(|term| term.span().end)
            .next()
            .unwrap_or(VERSION.len())
    };
    let (at, inserted) = match record.all() {
        Some(all) => (all.span().start, format!("{terms} ")),
        None => (after_last(), format!(" {terms}")),
    };
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    format!("{before}{inserted}{after}")
}

/// The first term that does not pass what is wanted, or some of it, before a term passes all of it.
pub(crate) fn contradiction<'r>(
    wanted: &Directive,
    terms: &[&'r Directive],
) -> Option<&'r Directive> {
    let (one, decided) = (
        wanted.mechanism(),
        terms.iter().position(|term| {
            term.qualifier() == Qualifier::Pass && term.mechanism().covers(wanted.mechanism())
        }),
    );
    terms
        .iter()
        .take(decided.unwrap_or(terms.len()))
        .find(|term| {
            let other = term.mechanism();
            term.qualifier() != Qualifier::Pass && (other.covers(one) || one.covers(other))
        })
        .copied()
}

/// Refuses what receivers would not take.
fn check(record: &str) -> Result<(), MergeError> {
    if record.len() > MAX_TXT {
        let octets = record.len();
        return Err(MergeError::TooLong { octets });
    }
    let count = record
        .parse::<Record>()
        .map_err(MergeError::Existing)?
        .own_lookups();
    let limit = Limits::default().lookups();
    if count > limit {
        return Err(MergeError::TooManyLookups { count, limit });
    }
    Ok(())
}
