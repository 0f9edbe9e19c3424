//! One record while it is evaluated.

use letterhead_dns::Name;

use crate::check::bad_target::BadTarget;
use crate::check::expand::Values;
use crate::check::log::Log;
use crate::check::policy::Published;
use crate::check::query::{DomainProblem, Query, query_name};
use crate::record::domain_spec::DomainSpec;
use crate::text::Text;

/// Whose record is to be evaluated.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) domain: Domain<'a>,
    pub(crate) name: Result<&'a Name, DomainProblem>,
    pub(crate) role: Role,
    /// How many records led to it.
    pub(crate) depth: usize,
}

impl<'a> Subject<'a> {
    /// The domain that is checked.
    pub(crate) fn first(query: &'a Query) -> Self {
        Self {
            domain: Domain::Checked(query.domain_text()),
            name: query.domain_name(),
            role: Role::Sender,
            depth: 0,
        }
    }
}

/// The domain of a record that is evaluated.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Domain<'a> {
    /// The one that is checked.
    Checked(&'a str),
    /// The one that a term names.
    Named(&'a Target<'a>),
}

impl<'a> Domain<'a> {
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Checked(text) => text,
            Self::Named(target) => target.text(),
        }
    }
}

/// For whom a record speaks: explanations of an included record are not used
/// ([RFC 7208 §6.2](https://www.rfc-editor.org/rfc/rfc7208#section-6.2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Sender,
    Included,
}

/// The evaluation of one record.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) name: &'a Name,
    published: &'a Published,
    /// What `%{p}` is here, once it was needed.
    pub(crate) validated: Option<String>,
    /// The index of the term that is evaluated.
    term: usize,
    pub(crate) found_nothing: bool,
    /// Whether the term was already counted towards the void limit.
    pub(crate) counted_void: bool,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(subject: &'a Subject<'a>, name: &'a Name, published: &'a Published) -> Self {
        Self {
            subject,
            name,
            published,
            validated: None,
            term: 0,
            found_nothing: false,
            counted_void: false,
        }
    }

    /// Begins with another term.
    pub(crate) fn begin(&mut self, term: usize) {
        self.term = term;
        self.found_nothing = false;
        self.counted_void = false;
    }

    pub(crate) fn values<'v>(&'v self, query: &'v Query) -> Values<'v> {
        Values {
            query,
            domain: self.subject.domain.text(),
            validated: self.validated.as_deref(),
        }
    }

    /// The domain of the term where it is a literal. Inlined, because what is written in two pieces is slow to copy in one.
    #[inline(always)]
    pub(crate) fn literal(&self, spec: &'a DomainSpec) -> Option<Target<'a>> {
        let name = self.published.name(self.term)?;
        Some(Target::Literal { spec, name })
    }

    /// The domain of the term with its macros expanded, which the log keeps.
    pub(crate) fn expanded(
        &self,
        spec: &DomainSpec,
        query: &Query,
        log: &mut Log,
    ) -> Result<Target<'a>, BadTarget> {
        let text = log.target(|| self.values(query).target(spec))?;
        let name = query_name(&text);
        Ok(Target::Expanded(Box::new(Expanded { text, name })))
    }
}

/// The domain that a term names for this client and sender, and the name it is asked for by.
#[derive(Debug)]
pub(crate) enum Target<'a> {
    /// As the record has it.
    Literal {
        spec: &'a DomainSpec,
        name: &'a Result<Name, DomainProblem>,
    },
    /// Boxed, because it is rare and large.
    Expanded(Box<Expanded>),
}

#[derive(Debug)]
pub(crate) struct Expanded {
    text: Text,
    name: Result<Name, DomainProblem>,
}

impl Target<'_> {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Literal { spec, .. } => Values::literal(spec).unwrap_or_default(),
            Self::Expanded(expanded) => &expanded.text,
        }
    }

    pub(crate) fn name(&self) -> Result<&Name, DomainProblem> {
        let name = match self {
            Self::Literal { name, .. } => name,
            Self::Expanded(expanded) => &expanded.name,
        };
        name.as_ref().map_err(|problem| *problem)
    }
}
