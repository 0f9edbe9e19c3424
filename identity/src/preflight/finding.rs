//! What is wrong, whose rule says so, and what to do.

use std::fmt;

use letterhead_dns::{FindingCode, LookupError, Severity};
use serde::Serialize;

use super::code::Code;
use super::text::as_text;
use crate::one_line::OneLine;
use crate::profile::{Profile, Source};
use crate::receiver_policy::ReceiverPolicy;

/// Something to know before a message is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    #[serde(serialize_with = "as_text")]
    pub severity: Severity,
    /// What kind of finding it is.
    #[serde(serialize_with = "as_text")]
    pub code: Code,
    /// The finer word for it, for codes that have one.
    pub detail: Option<String>,
    /// The domain, header field or address it is about.
    pub about: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
    /// Whose rules say so, at least one.
    pub sources: Vec<RuleSource>,
}

impl Finding {
    pub(super) fn new(
        code: Code,
        source: RuleSource,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            severity: code.severity(),
            code,
            detail: None,
            about: None,
            problem: problem.into(),
            remedy: remedy.into(),
            sources: vec![source],
        }
    }

    /// What another crate found in a record.
    pub(super) fn of_record<Inner: FindingCode>(
        code: Code,
        source: RuleSource,
        found: letterhead_dns::Finding<Inner>,
    ) -> Self {
        let problem = match found.text.as_str() {
            "" => found.problem,
            text => format!("`{text}`: {}", found.problem),
        };
        Self {
            severity: found.severity,
            detail: Some(found.code.to_string()).filter(|detail| detail != code.as_str()),
            about: found.domain,
            ..Self::new(code, source, problem, found.remedy)
        }
    }

    pub(super) fn lookup_failed(error: &LookupError) -> Self {
        Self::new(
            Code::LookupFailed,
            RuleSource::rfc(5321, "5.1"),
            format!("{error}, so that nothing is known about it"),
            "try again when the DNS answers",
        )
        .about(error.name())
    }

    pub(super) fn about(mut self, what: impl fmt::Display) -> Self {
        let what = what.to_string();
        // The dot at the end of a name is for zone files.
        self.about = Some(what.strip_suffix('.').unwrap_or(&what).to_owned());
        self
    }

    pub(super) fn detail(mut self, word: impl fmt::Display) -> Self {
        self.detail = Some(word.to_string());
        self
    }

    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Whether both say the same, on whoever's behalf.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.code == other.code
            && self.detail == other.detail
            && self.about == other.about
            && self.problem == other.problem
    }
}

/// One line: severity, code, what it is about, problem, remedy and sources.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.severity, self.code)?;
        if let Some(detail) = &self.detail {
            write!(f, " ({detail})")?;
        }
        if let Some(about) = &self.about {
            write!(f, " {}", OneLine(about))?;
        }
        write!(f, ": {}; {}", OneLine(&self.problem), OneLine(&self.remedy))?;
        let mut separator = " [";
        for source in &self.sources {
            write!(f, "{separator}{source}")?;
            separator = "; ";
        }
        f.write_str("]")
    }
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct RuleSource {
    /// The standard with its section, or the profile or receiver with its source's name.
    pub name: String,
    /// The page.
    pub url: String,
    /// The day a profile's or receiver's page was read or published, `YYYY-MM-DD`; `None` for standards.
    pub as_of: Option<String>,
}

impl RuleSource {
    pub(super) fn rfc(number: u16, section: &str) -> Self {
        Self {
            name: format!("RFC {number} §{section}"),
            url: format!("https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"),
            as_of: None,
        }
    }

    /// The source of this name in a profile, where every value has one.
    pub(super) fn profile(profile: &Profile, name: &str) -> Self {
        Self::page(profile.id().as_str(), name, profile.source(name))
    }

    /// The source of this name in a receiver's policy.
    pub(super) fn receiver(receiver: &ReceiverPolicy, name: &str) -> Self {
        Self::page(receiver.id().as_str(), name, receiver.source(name))
    }

    fn page(owner: &str, name: &str, source: Option<&Source>) -> Self {
        Self {
            name: format!("{owner}: {name}"),
            url: source.map(|source| source.url.clone()).unwrap_or_default(),
            as_of: source.map(|source| source.as_of.to_string()),
        }
    }
}

impl fmt::Display for RuleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.as_of {
            Some(as_of) => write!(f, "{}, {as_of}", self.name),
            None => f.write_str(&self.name),
        }
    }
}
