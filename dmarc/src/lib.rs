//! DMARC, as [RFC 9989](https://www.rfc-editor.org/rfc/rfc9989) has it: records, discovery by tree walk, alignment, and
//! a verdict with its evidence; and what is wrong with a policy.
//!
//! - [`Record`]: read from bytes, built, printed. What an older DMARC had (`pct`, `rf`, `ri`, size limits) is read,
//!   noted and without effect.
//! - [`lint()`] says what is wrong with a record and what to do about it, [`lint_published`] also with what the DNS says.
//! - [`discover`] and [`organizational_domain`]: the walk up the tree, in at most eight lookups, with a trace of them.
//! - [`evaluate`]: author domain and evidence in, [`Verdict`] out. A verdict is not an error: that a lookup failed is
//!   one of its results.
//! - [`check_destinations`]: whether those whom a record names for reports take them, which a receiver must ask before it
//!   sends any ([RFC 9990 §4](https://www.rfc-editor.org/rfc/rfc9990#section-4)).
//!
//! Evidence is made by `assertion` constructors that say who claims it ([`Origin`]), and the verdict shows that. Nothing
//! here reads a clock; the DNS is the [`Resolver`](letterhead_dns::Resolver) that is passed in.
//!
//! Non-goals: finding the author domain in a message, checking SPF and DKIM, writing or reading reports
//! ([RFC 9990](https://www.rfc-editor.org/rfc/rfc9990), [RFC 9991](https://www.rfc-editor.org/rfc/rfc9991)), public
//! suffix lists, and what a receiver does in the end, which is its own policy.
//!
//! ```
//! use letterhead_dmarc::{DkimEvidence, DmarcResult, EvidenceResult, Origin, Policy, evaluate};
//! use letterhead_dns::{DomainName, Zone, block_on_ready};
//!
//! let zone: Zone = "_dmarc.example.org. 300 IN TXT \"v=DMARC1; p=reject; sp=quarantine\"".parse()?;
//! let author: DomainName = "news.example.org".parse()?;
//! let other: DomainName = "relay.example.net".parse()?;
//! let own: DomainName = "example.org".parse()?;
//!
//! let signed = |domain| {
//!     // Made by hand, so it is the caller's word. Origin::Verifier is for what a verifier has found in the message.
//!     [DkimEvidence::assertion(domain, "s1", EvidenceResult::Pass, Origin::Caller)]
//! };
//! let verdict = block_on_ready(evaluate(&author, None, &signed(other), &zone)).expect("ready at once");
//! assert_eq!(verdict.result(), DmarcResult::Fail);
//! assert_eq!(verdict.disposition(), Policy::Quarantine);
//!
//! let verdict = block_on_ready(evaluate(&author, None, &signed(own), &zone)).expect("ready at once");
//! assert_eq!(verdict.result(), DmarcResult::Pass);
//! assert_eq!(verdict.evidence_origin(), Some(Origin::Caller));
//! println!("{verdict}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//!
//! | module | holds |
//! |---|---|
//! | [`record`] | the policy record, its builder, what its reader notes |
//! | [`policy`], [`alignment_mode`], [`failure_options`], [`report_uri`] | values of tags |
//! | [`discovery`] | the tree walk |
//! | [`alignment`] | the comparison of two domains and its outcomes |
//! | [`evidence`] | what SPF and DKIM found |
//! | [`verdict`] | the verdict |
//! | [`destination`] | who takes reports |
//! | [`lint`](mod@lint) | findings about a record and about a published policy |
//!
//! # Features
//!
//! None. Unicode names in report addresses are understood where `letterhead-dns` has its feature `idna`.
#![warn(
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unimplemented,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit
)]

pub mod alignment;
pub mod alignment_mode;
pub mod destination;
pub mod discovery;
pub mod evidence;
pub mod failure_options;
pub mod lint;
pub mod policy;
pub mod record;
pub mod report_uri;
pub mod verdict;

pub use alignment::Alignment;
pub use alignment_mode::AlignmentMode;
pub use destination::{Destination, DestinationVerdict, Refusal, ReportKind, check_destinations};
pub use discovery::{
    Discovery, DiscoveryOutcome, OrganizationalDomain, PolicyRecord, PolicySource, Query,
    QueryOutcome, discover, organizational_domain,
};
pub use evidence::{DkimEvidence, EvidenceResult, Origin, SpfEvidence, UnknownResult};
pub use failure_options::{FailureOption, FailureOptions, FailureOptionsError};
pub use letterhead_dns::{Finding, Severity};
pub use lint::code::Code;
pub use lint::{lint, lint_published};
pub use policy::{Policy, UnknownPolicy};
pub use record::{
    Applicability, Note, NoteKind, PolicyTag, PublicSuffix, Record, RecordBuilder, RecordError,
    Subject, TestMode, UnknownTag,
};
pub use report_uri::{ReportUri, ReportUriError};
pub use verdict::{DmarcResult, Identifier, Mechanism, Verdict, evaluate};

/// The README's example, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
