//! Adding terms to the record a domain has.

use std::fmt;
use std::ops::Range;

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
/// covers it, and no term in front of that matches and does not pass it. One that has it with another qualifier gives way
/// to it, and one that covers it comes after it; [`Merged::notices`] says so. Without a record, the new one ends in `~all`.
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
/// A record that is broken; one whose `redirect` decides, beside which mechanisms would not do what is meant; one that
/// refuses a part of what is wanted; terms that cannot be added; and a result that is too long, or has more than ten lookups of its own. The domain's record
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
    let redirect = record.redirect().filter(|_| record.all().is_none());
    let mut in_front: Vec<Placed> = record
        .terms()
        .iter()
        .filter(|term| term.span().start < end)
        .filter_map(|term| Some(Placed::kept(term.directive()?, term.span())))
        .collect();
    let mut added: Vec<Directive> = Vec::new();
    let mut at_end: Vec<Directive> = Vec::new();
    let mut notices: Vec<Notice> = Vec::new();
    for one in wanted {
        let directives = in_front.iter().map(|placed| &placed.directive);
        let Some((at, obstacle)) = contradiction(one, directives) else {
            let passes = |other: &Directive| {
                other.qualifier() == Qualifier::Pass && other.mechanism().covers(one.mechanism())
            };
            // What another record passes in place of this one is passed already.
            let is_target = |target: &DomainSpec| matches!(one.mechanism(), Mechanism::Include(domain) if domain.is_same_domain(target));
            let is_passed = in_front.iter().any(|placed| passes(&placed.directive))
                || at_end.iter().any(passes)
                || redirect.is_some_and(is_target);
            if !is_passed {
                added.push(one.clone());
                at_end.push(one.clone());
            }
            continue;
        };
        let obstacle = obstacle.clone();
        let is_same = obstacle.mechanism().covers(one.mechanism());
        // To pass a part that the owner refuses, or to change who decides, is the owner's decision.
        if redirect.is_some() || (one.mechanism().covers(obstacle.mechanism()) && !is_same) {
            return Err(MergeError::Contradicted {
                wanted: Box::new(one.clone()),
                obstacle: Box::new(obstacle),
            });
        }
        added.push(one.clone());
        let notice = if one.mechanism().covers(obstacle.mechanism()) {
            if let Some(placed) = in_front.get_mut(at) {
                placed.directive = one.clone();
                placed.is_wanted = true;
            }
            Notice::Replaced(Box::new(obstacle))
        } else {
            let place = in_front.get(at).map_or(end, |placed| placed.span.start);
            in_front.insert(at, Placed::wanted(one, place));
            Notice::Overruled(Box::new(obstacle))
        };
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
    if let Some(target) = redirect.filter(|_| !added.is_empty()) {
        return Err(MergeError::Redirect {
            target: target.clone(),
        });
    }
    if record.all().is_none() && record.redirect().is_none() {
        notices.push(Notice::NoAll);
    }
    let merged = place(insert(&record, &at_end), &in_front);
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
    /// These were added, or took the place of terms that did not pass them.
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
    /// This term named what is wanted and did not pass it: the term wanted took its place.
    Replaced(Box<Directive>),
    /// This term matches what is wanted and does not pass it: the term wanted was put in front of it.
    Overruled(Box<Directive>),
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
            Self::Replaced(directive) => write!(
                f,
                "`{directive}` does not pass what is wanted, and the term wanted takes its place"
            ),
            Self::Overruled(directive) => write!(
                f,
                "`{directive}` does not pass what is wanted, and the term wanted goes in front of it"
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
    /// A term in front does not pass what is wanted, or a part of it, and only the owner can say what is meant.
    #[error(
        "`{obstacle}` comes before `{wanted}` and does not pass it, or not all of it; remove it if all of it may send"
    )]
    Contradicted {
        /// What is wanted.
        wanted: Box<Directive>,
        /// What does not pass it.
        obstacle: Box<Directive>,
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
    let mut added: Vec<&Directive> = Vec::new();
    for one in wanted {
        let covers = |other: &&Directive| other.mechanism().covers(one.mechanism());
        if !added.iter().any(covers) {
            added.push(one);
        }
    }
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

/// Puts what is wanted before terms that would not pass it, or in their place. What was inserted behind all of them does
/// not move them.
fn place(mut text: String, in_front: &[Placed]) -> String {
    for placed in in_front.iter().rev().filter(|placed| placed.is_wanted) {
        let space = if placed.span.is_empty() { " " } else { "" };
        let (before, after) = (text.get(..placed.span.start), text.get(placed.span.end..));
        if let (Some(before), Some(after)) = (before, after) {
            text = format!("{before}{}{space}{after}", placed.directive);
        }
    }
    text
}

/// A directive before `all`: one of the record, or one wanted and the part of the record that it takes the place of.
struct Placed {
    directive: Directive,
    span: Range<usize>,
    is_wanted: bool,
}

impl Placed {
    fn kept(directive: &Directive, span: Range<usize>) -> Self {
        Self {
            directive: directive.clone(),
            span,
            is_wanted: false,
        }
    }

    fn wanted(directive: &Directive, before: usize) -> Self {
        Self {
            directive: directive.clone(),
            span: before..before,
            is_wanted: true,
        }
    }
}

/// The first term that does not pass what is wanted, or some of it, before a term passes all of it, and its position; as
/// far as the text tells.
pub(crate) fn contradiction<'r>(
    wanted: &Directive,
    terms: impl Iterator<Item = &'r Directive>,
) -> Option<(usize, &'r Directive)> {
    let one = wanted.mechanism();
    for (at, term) in terms.enumerate() {
        let other = term.mechanism();
        if term.qualifier() == Qualifier::Pass {
            if other.covers(one) {
                return None;
            }
        } else if other.covers(one) || one.covers(other) || takes_a_family_from(other, one) {
            return Some((at, term));
        }
    }
    None
}

/// Whether it matches every client of IPv4, or of IPv6, among which hosts of the wanted name may be.
fn takes_a_family_from(term: &Mechanism, wanted: &Mechanism) -> bool {
    let is_family = match term {
        Mechanism::Ip4(network) => network.prefix() == 0,
        Mechanism::Ip6(network) => network.prefix() == 0,
        _ => false,
    };
    is_family && !matches!(wanted, Mechanism::Ip4(_) | Mechanism::Ip6(_))
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
