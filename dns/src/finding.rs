//! What is wrong with something that is published in the DNS, and what to do about it.

#[cfg(feature = "serde")]
mod serde;

use std::fmt;
use std::ops::Range;

/// Something that a domain's owner should know about a record; `Code` says what can be found in records of its kind.
///
/// `Display` is one line: severity, code, place, problem and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding<Code> {
    /// What kind of finding it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// The domain whose record it is about; `None` for a record that was given as text.
    pub domain: Option<String>,
    /// The octets of the record it is about; `None` where it is about the whole.
    pub span: Option<Range<usize>>,
    /// These octets as text, or the record, or a part of it; empty where there is none to show.
    pub text: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl<Code: FindingCode> Finding<Code> {
    /// A finding of the code's severity, about a whole record that was given as text.
    pub fn new(
        code: Code,
        text: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity: code.severity(),
            domain: None,
            span: None,
            text: text.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// The same about these octets of the record.
    #[must_use]
    pub fn at(mut self, span: Range<usize>) -> Self {
        self.span = Some(span);
        self
    }

    /// The same about the record of this domain.
    #[must_use]
    pub fn of(mut self, domain: &str) -> Self {
        self.domain = Some(domain.to_owned());
        self
    }
}

impl<Code: fmt::Display> fmt::Display for Finding<Code> {
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
    /// What is meant does not hold: checks fail, no signature verifies, no policy applies, or anyone passes.
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

/// A kind of finding; [`finding_codes`](crate::finding_codes) makes enums of them. `Display` writes a word that tools can
/// rely on.
pub trait FindingCode: Copy + fmt::Display {
    /// How bad it is.
    fn severity(self) -> Severity;
}

/// Makes the enum `Code` of the kinds of findings: each with its documentation, its word and its severity.
#[macro_export]
macro_rules! finding_codes {
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
            pub fn severity(self) -> $crate::Severity {
                match self {
                    $(Self::$name => $crate::Severity::$severity,)*
                }
            }
        }

        impl ::std::fmt::Display for Code {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::FindingCode for Code {
            fn severity(self) -> $crate::Severity {
                self.severity()
            }
        }
    };
}
