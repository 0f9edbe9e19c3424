//! The policy record.

use std::fmt;
use std::str::FromStr;

use crate::alignment_mode::AlignmentMode;
use crate::failure_options::FailureOptions;
use crate::policy::Policy;
use crate::report_uri::ReportUri;

mod builder;
mod note;
pub(crate) mod parser;
#[cfg(test)]
mod tests;

pub use builder::RecordBuilder;
pub use note::{Note, NoteKind};
pub use parser::RecordError;

/// A DMARC policy record ([RFC 9989 §4.7](https://www.rfc-editor.org/rfc/rfc9989#section-4.7)).
///
/// Reading distinguishes three things that look alike:
///
/// - bytes that are **not a DMARC record** (no `v=DMARC1` in front) are a [`RecordError`];
/// - a record with a broken policy that **does not apply** or **acts as `p=none`** is a `Record` whose
///   [`applicability`](Self::applicability) says so;
/// - everything else that is wrong falls back to its default and is listed in [`notes`](Self::notes).
///
/// Tag names and values are compared without regard to ASCII case, `DMARC1` apart. Where a tag is repeated the first
/// one counts. `Display` prints the canonical form, which reads back to the same record.
///
/// ```
/// use letterhead_dmarc::{AlignmentMode, Policy, Record};
///
/// let record = Record::builder(Policy::Reject)
///     .subdomain_policy(Policy::Quarantine)
///     .dkim_alignment(AlignmentMode::Strict)
///     .aggregate_reports_to("mailto:dmarc@example.org".parse()?)
///     .build();
/// assert_eq!(
///     record.to_string(),
///     "v=DMARC1; p=reject; sp=quarantine; adkim=s; rua=mailto:dmarc@example.org"
/// );
/// assert_eq!(record.to_string().parse(), Ok(record));
/// # Ok::<(), letterhead_dmarc::ReportUriError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    policy: Published<Policy>,
    subdomain_policy: Published<Policy>,
    nonexistent_subdomain_policy: Published<Policy>,
    public_suffix: Option<PublicSuffix>,
    test_mode: Option<TestMode>,
    dkim_alignment: Option<AlignmentMode>,
    spf_alignment: Option<AlignmentMode>,
    aggregate_reports: Vec<ReportUri>,
    failure_reports: Vec<ReportUri>,
    failure_options: Option<FailureOptions>,
    unknown_tags: Vec<UnknownTag>,
    notes: Vec<Note>,
}

/// A tag whose invalid values matter, as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Published<T> {
    Absent,
    Valid(T),
    /// The value, with `?` for what cannot be printed.
    Invalid(Box<str>),
}

impl<T: Copy> Published<T> {
    fn valid(&self) -> Option<T> {
        match self {
            Self::Valid(value) => Some(*value),
            Self::Absent | Self::Invalid(_) => None,
        }
    }

    fn is_invalid(&self) -> bool {
        matches!(self, Self::Invalid(_))
    }
}

impl Record {
    /// Starts a record with this policy for the domain itself.
    pub fn builder(policy: Policy) -> RecordBuilder {
        RecordBuilder::new(policy)
    }

    /// Whether the record has an effect at all
    /// ([RFC 9989 §4.10.1](https://www.rfc-editor.org/rfc/rfc9989#section-4.10.1)).
    #[must_use]
    pub fn applicability(&self) -> Applicability {
        let invalid = [
            (PolicyTag::Domain, &self.policy),
            (PolicyTag::Subdomain, &self.subdomain_policy),
            (
                PolicyTag::NonexistentSubdomain,
                &self.nonexistent_subdomain_policy,
            ),
        ]
        .into_iter()
        .find(|(_, published)| published.is_invalid());
        match invalid {
            None => Applicability::Applies,
            Some((tag, _)) if self.aggregate_reports.is_empty() => Applicability::DoesNotApply(tag),
            Some((tag, _)) => Applicability::ActsAsNone(tag),
        }
    }

    /// What is asked for a failing message of such an author domain: `p`, `sp` or `np` with their fallbacks, one step
    /// weaker in test mode; `None` where the record does not apply, and where it is not known whether `sp` or `np` counts.
    #[must_use]
    pub fn requested_policy(&self, subject: Subject) -> Option<Policy> {
        match self.applicability() {
            Applicability::Applies => {}
            Applicability::ActsAsNone(_) => return Some(Policy::None),
            Applicability::DoesNotApply(_) => return None,
        }
        let domain = self.policy.valid().unwrap_or(Policy::None);
        let subdomain = self.subdomain_policy.valid().unwrap_or(domain);
        let nonexistent = self
            .nonexistent_subdomain_policy
            .valid()
            .unwrap_or(subdomain);
        let policy = match subject {
            Subject::PolicyDomain => domain,
            Subject::Subdomain | Subject::ExistingSubdomain => subdomain,
            Subject::NonexistentSubdomain => nonexistent,
            Subject::UndeterminedSubdomain if subdomain == nonexistent => subdomain,
            Subject::UndeterminedSubdomain => return None,
        };
        Some(match self.test_mode() {
            TestMode::Off => policy,
            TestMode::On => policy.one_step_weaker(),
        })
    }

    /// The policy for the domain itself (`p`), if a valid one is published; without the tag it is
    /// [`Policy::None`] that applies.
    #[must_use]
    pub fn policy(&self) -> Option<Policy> {
        self.policy.valid()
    }

    /// The policy for subdomains (`sp`), if a valid one is published.
    #[must_use]
    pub fn subdomain_policy(&self) -> Option<Policy> {
        self.subdomain_policy.valid()
    }

    /// The policy for subdomains that do not exist (`np`), if a valid one is published.
    #[must_use]
    pub fn nonexistent_subdomain_policy(&self) -> Option<Policy> {
        self.nonexistent_subdomain_policy.valid()
    }

    /// Whether the domain is a public suffix (`psd`).
    #[must_use]
    pub fn public_suffix(&self) -> PublicSuffix {
        self.public_suffix.unwrap_or(PublicSuffix::Unspecified)
    }

    /// Whether the policy is only being tested (`t`).
    #[must_use]
    pub fn test_mode(&self) -> TestMode {
        self.test_mode.unwrap_or(TestMode::Off)
    }

    /// How closely a DKIM signing domain must match (`adkim`).
    #[must_use]
    pub fn dkim_alignment(&self) -> AlignmentMode {
        self.dkim_alignment.unwrap_or(AlignmentMode::Relaxed)
    }

    /// How closely the SPF domain must match (`aspf`).
    #[must_use]
    pub fn spf_alignment(&self) -> AlignmentMode {
        self.spf_alignment.unwrap_or(AlignmentMode::Relaxed)
    }

    /// Where aggregate reports go (`rua`); invalid addresses are left out and noted.
    #[must_use]
    pub fn aggregate_reports(&self) -> &[ReportUri] {
        &self.aggregate_reports
    }

    /// Where failure reports go (`ruf`); invalid addresses are left out and noted.
    #[must_use]
    pub fn failure_reports(&self) -> &[ReportUri] {
        &self.failure_reports
    }

    /// When failure reports are wanted (`fo`); `None` where there is nowhere to send them, because the tag counts only
    /// together with `ruf`.
    #[must_use]
    pub fn failure_options(&self) -> Option<FailureOptions> {
        if self.failure_reports.is_empty() {
            return None;
        }
        Some(self.failure_options.clone().unwrap_or_default())
    }

    /// Tags that this version of DMARC does not know, in order. They are kept and have no effect.
    #[must_use]
    pub fn unknown_tags(&self) -> &[UnknownTag] {
        &self.unknown_tags
    }

    /// What the reader passed over, in order. Empty for a record that was built.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl TryFrom<&[u8]> for Record {
    type Error = RecordError;

    fn try_from(text: &[u8]) -> Result<Self, RecordError> {
        parser::parse(text)
    }
}

impl FromStr for Record {
    type Err = RecordError;

    fn from_str(text: &str) -> Result<Self, RecordError> {
        parser::parse(text.as_bytes())
    }
}

/// The canonical form: `v=DMARC1`, the published tags in the order of the methods, then unknown ones.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v=DMARC1")?;
        for (name, published) in [
            ("p", &self.policy),
            ("sp", &self.subdomain_policy),
            ("np", &self.nonexistent_subdomain_policy),
        ] {
            match published {
                Published::Absent => {}
                Published::Valid(policy) => write!(f, "; {name}={policy}")?,
                Published::Invalid(value) => write!(f, "; {name}={value}")?,
            }
        }
        if let Some(public_suffix) = self.public_suffix {
            write!(f, "; psd={}", public_suffix.letter())?;
        }
        if let Some(test_mode) = self.test_mode {
            write!(f, "; t={}", test_mode.letter())?;
        }
        for (name, mode) in [("adkim", self.dkim_alignment), ("aspf", self.spf_alignment)] {
            if let Some(mode) = mode {
                write!(f, "; {name}={}", mode.letter())?;
            }
        }
        for (name, uris) in [
            ("rua", &self.aggregate_reports),
            ("ruf", &self.failure_reports),
        ] {
            for (index, uri) in uris.iter().enumerate() {
                match index {
                    0 => write!(f, "; {name}={uri}")?,
                    _ => write!(f, ",{uri}")?,
                }
            }
        }
        if let Some(options) = &self.failure_options {
            write!(f, "; fo={options}")?;
        }
        for tag in &self.unknown_tags {
            write!(f, "; {}={}", tag.name, tag.value)?;
        }
        Ok(())
    }
}

/// Whether a record has an effect.
#[expect(
    clippy::exhaustive_enums,
    reason = "callers decide differently for each and must not miss one"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Applicability {
    /// It is applied as published.
    Applies,
    /// This tag's value is no policy, but reports are wanted: it is applied as if it said `p=none` and nothing for
    /// subdomains.
    ActsAsNone(PolicyTag),
    /// This tag's value is no policy and no valid address for aggregate reports is given: DMARC does not apply.
    DoesNotApply(PolicyTag),
}

/// A tag that holds a policy.
#[expect(
    clippy::exhaustive_enums,
    reason = "the three tags are fixed by the version of the record"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyTag {
    /// `p`
    Domain,
    /// `sp`
    Subdomain,
    /// `np`
    NonexistentSubdomain,
}

impl fmt::Display for PolicyTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Domain => "p",
            Self::Subdomain => "sp",
            Self::NonexistentSubdomain => "np",
        })
    }
}

/// What an author domain is to the domain that publishes the record, which decides between `p`, `sp` and `np`.
#[expect(
    clippy::exhaustive_enums,
    reason = "the choice between the three tags has no further cases"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The domain that publishes it: `p`.
    PolicyDomain,
    /// A name below it that exists: `sp`.
    ExistingSubdomain,
    /// A name below it that does not exist: `np`.
    NonexistentSubdomain,
    /// A name below it; nobody asked whether it exists, because `sp` and `np` come to the same.
    Subdomain,
    /// A name below it; the lookup that would tell whether it exists failed, and `sp` and `np` differ.
    UndeterminedSubdomain,
}

/// Whether a domain is a public suffix, below which others register (tag `psd`).
#[expect(
    clippy::exhaustive_enums,
    reason = "the three values are fixed by the version of the record"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicSuffix {
    /// It is (`y`): the organizational domain is one label below.
    Yes,
    /// It is not (`n`), and it is the organizational domain for itself and what is below.
    No,
    /// Not said (`u`, the default).
    Unspecified,
}

impl PublicSuffix {
    const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Unspecified];

    fn letter(self) -> &'static str {
        match self {
            Self::Yes => "y",
            Self::No => "n",
            Self::Unspecified => "u",
        }
    }
}

/// Whether a policy is only being tested (tag `t`). Reports are not affected.
#[expect(
    clippy::exhaustive_enums,
    reason = "the two values are fixed by the version of the record"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TestMode {
    /// The policy one step weaker is asked for (`y`).
    On,
    /// The policy is asked for as published (`n`, the default).
    Off,
}

impl TestMode {
    const ALL: [Self; 2] = [Self::On, Self::Off];

    fn letter(self) -> &'static str {
        match self {
            Self::On => "y",
            Self::Off => "n",
        }
    }
}

/// A tag that this version of DMARC does not know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnknownTag {
    name: Box<str>,
    value: Box<str>,
}

impl UnknownTag {
    /// The tag's name: letters, as published.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tag's value: printable ASCII without semicolon.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}
