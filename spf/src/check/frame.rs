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
    pub(crate) domain: &'a str,
    pub(crate) name: Result<&'a Name, DomainProblem>,
    pub(crate) role: Role,
    /// How many records led to it.
    pub(crate) depth: usize,
}

impl<'a> Subject<'a> {
    /// The domain that is checked.
    pub(crate) fn first(query: &'a Query) -> Self {
        Self {
            domain: query.domain_text(),
            name: query.domain_name(),
            role: Role::Sender,
            depth: 0,
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
            domain: self.subject.domain,
            validated: self.validated.as_deref(),
        }
    }

    /// The domain of the term with its macros expanded, which the log keeps.
    pub(crate) fn target(
        &self,
        spec: &'a DomainSpec,
        query: &Query,
        log: &mut Log,
    ) -> Result<Target<'a>, BadTarget> {
        if let Some(text) = Values::literal(spec)
            && let Some(name) = self.published.name(self.term)
        {
            return Ok(Target::Literal { text, name });
        }
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
        text: &'a str,
        name: Result<&'a Name, DomainProblem>,
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
            Self::Literal { text, .. } => text,
            Self::Expanded(expanded) => &expanded.text,
        }
    }

    pub(crate) fn name(&self) -> Result<&Name, DomainProblem> {
        match self {
            Self::Literal { name, .. } => *name,
            Self::Expanded(expanded) => expanded.name.as_ref().map_err(|problem| *problem),
        }
    }
}
