//! What is wrong with a policy, and what to do about it.

use std::fmt;
use std::ops::Range;

/// Something that a domain's owner should know about its policy.
///
/// `Display` is one line: severity, code, place, problem and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of finding it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// The domain whose record it is about; `None` for a record that was given as text.
    pub domain: Option<String>,
    /// The octets of the record it is about; `None` where it is about the whole.
    pub span: Option<Range<usize>>,
    /// These octets as text, or the record.
    pub text: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    pub(crate) fn new(code: Code, text: &str, problem: String, remedy: String) -> Self {
        Self {
            code,
            severity: code.severity(),
            domain: None,
            span: None,
            text: text.to_owned(),
            problem,
            remedy,
        }
    }

    pub(crate) fn at(mut self, span: Range<usize>) -> Self {
        self.span = Some(span);
        self
    }

    pub(crate) fn of(mut self, domain: &str) -> Self {
        self.domain = Some(domain.to_owned());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.severity, self.code)?;
        if let Some(domain) = &self.domain {
            write!(f, " {}", domain.escape_debug())?;
        }
        if let Some(span) = &self.span {
            write!(f, " {}..{}", span.start, span.end)?;
        }
        if !self.text.is_empty() {
            write!(f, " `{}`", self.text.escape_debug())?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}

/// How bad a finding is.
#[expect(
    clippy::exhaustive_enums,
    reason = "callers decide by it, and a fourth level would be a new meaning"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Advice,
    /// Mail may be treated in another way than is meant.
    Warning,
    /// Checks fail, anyone passes, or a wanted sender does not.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $severity:ident;)*) => {
        /// What kind of finding it is; `Display` writes the code that tools can rely on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as text.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// How bad it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)*
                }
            }
        }
    };
}

codes! {
    /// There is no record: every check comes to none.
    NoRecord = "no-record", Error;
    /// Text that was meant to be a record and is none.
    NearMiss = "near-miss", Warning;
    /// More than one record: every check is a permerror.
    SeveralRecords = "several-records", Error;
    /// The record cannot be read: every check is a permerror.
    Syntax = "syntax", Error;
    /// The character-strings of the TXT record join into something that was not meant.
    TxtSplit = "txt-split", Error;
    /// More terms than ten cause lookups: checks that come so far are permerrors.
    TooManyLookups = "too-many-lookups", Error;
    /// For more terms than two nothing is found: checks that come so far are permerrors.
    TooManyVoidLookups = "too-many-void-lookups", Error;
    /// An `mx` whose domain has more than ten exchangers: a permerror.
    TooManyExchangers = "too-many-exchangers", Error;
    /// Everyone passes.
    PlusAll = "plus-all", Error;
    /// Who is not named is neutral, as if there were no record.
    NeutralAll = "neutral-all", Warning;
    /// The record has neither `all` nor `redirect`.
    NoAll = "no-all", Warning;
    /// A term behind `all`, which is never looked at.
    AfterAll = "after-all", Warning;
    /// `redirect` beside `all`, where it means nothing.
    RedirectBesideAll = "redirect-beside-all", Warning;
    /// `ptr` or `%{p}`, which the RFC asks not to publish.
    Ptr = "ptr", Warning;
    /// A term that is there already.
    Duplicate = "duplicate", Warning;
    /// A term that matches nothing which another does not match.
    Covered = "covered", Warning;
    /// A network so large that hardly all of it is the domain's.
    WideNetwork = "wide-network", Warning;
    /// A network from which no mail arrives over the internet.
    PrivateNetwork = "private-network", Warning;
    /// A provider's domain with another mechanism than it asks for.
    WrongMechanism = "wrong-mechanism", Error;
    /// A network whose addresses no client has.
    NeverMatches = "never-matches", Warning;
    /// A domain with characters that no host's name has, such as a web address.
    NotAHost = "not-a-host", Warning;
    /// A modifier without meaning that is spelt nearly as one that has.
    UnknownModifier = "unknown-modifier", Warning;
    /// A mechanism written with `=`, which makes it a modifier that is ignored.
    ModifierForMechanism = "modifier-for-mechanism", Warning;
    /// The version stands in the middle, as when two records were joined.
    SecondVersion = "second-version", Warning;
    /// A term asks for something that is not there.
    VoidLookup = "void-lookup", Warning;
    /// `mx` of a domain without mail exchangers.
    MxWithoutMx = "mx-without-mx", Warning;
    /// `include` or `redirect` of a domain without record: a permerror.
    IncludeWithoutRecord = "include-without-record", Error;
    /// A record that this one leads to is an error in every check.
    IncludeBroken = "include-broken", Error;
    /// Records that lead back to themselves: a permerror.
    Loop = "loop", Error;
    /// A lookup failed, so that nothing can be said about what it would find.
    LookupFailed = "lookup-failed", Warning;
    /// The audit stopped before the end.
    NotFollowed = "not-followed", Warning;
    /// Hosts that take and, it seems, send the domain's mail have IPv6 addresses that do not pass.
    Ip6Missing = "ip6-missing", Warning;
    /// The TXT records of the name together are longer than fits into a UDP answer with certainty.
    LongRecord = "long-record", Advice;
    /// A wanted sender is not authorised.
    NotAuthorised = "not-authorised", Error;
    /// A term in front of a wanted one covers it and does not pass it.
    Contradicted = "contradicted", Error;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
