//! SPF ([RFC 7208](https://www.rfc-editor.org/rfc/rfc7208)): checking clients with a trace that explains the verdict, and
//! writing policies that say what is meant.
//!
//! For a receiver, and for whoever must find out why mail fails:
//!
//! - [`check_host`] evaluates a domain's policy for a client over any [`Resolver`](letterhead_dns::Resolver);
//!   [`check_host_until`] with a deadline. The [`Verdict`] says which term of which record decided; its [`Trace`],
//!   made when it is asked for, holds every term evaluated, every lookup and the running counts, and prints as a tree.
//! - [`ReceivedSpf`] and [`ResultClause`] record a verdict in the header of a message.
//!
//! For a domain that sends:
//!
//! - [`Record`] reads a record exactly as the grammar has it and prints it back octet for octet; [`Record::builder`] writes
//!   one, and nothing that receivers take for an error.
//! - [`merge()`] adds the terms a provider asks for to the record a domain already has.
//! - [`lint()`] says what is wrong with a record; [`audit()`] follows a whole policy without a sender: its lookups, the
//!   addresses it authorises, and with [`Audit::lint`] what is wrong with what is published.
//! - [`flatten()`] replaces lookups by what they find.
//!
//! Non-goals: the retired Sender ID (`spf2.0`), and anything that needs a clock or a socket: time comes in with the
//! [`Query`], a deadline as a future, answers through the resolver.
//!
//! ```
//! use letterhead_dns::Zone;
//! use letterhead_spf::{Limits, Query, SpfResult, check_host};
//!
//! let zone: Zone = r#"
//! example.org.      300 IN TXT "v=spf1 include:_spf.example.net -all"
//! _spf.example.net. 300 IN TXT "v=spf1 ip4:192.0.2.0/24 ?all"
//! "#.parse()?;
//! let query = Query::mail_from("192.0.2.7".parse()?, "ada@example.org", "mail.example.org");
//! let limits = Limits::default();
//! let check = check_host(&query, &zone, &limits);
//! // An in-memory zone answers at the first poll; with a live resolver this is an `.await`.
//! let verdict = letterhead_dns::block_on_ready(check).expect("ready at once");
//! assert_eq!(verdict.result, SpfResult::Pass);
//! assert_eq!(verdict.decided_by().to_string(), "`include:_spf.example.net` of example.org: matched");
//! println!("{}", verdict.trace());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//!
//! | module | holds |
//! |---|---|
//! | [`mod@record`] | records: terms, networks, macros, the grammar and its errors, selection among TXT records, the builder |
//! | [`mod@check`] | checks: what is asked, the evaluation, verdict, trace and reasons |
//! | [`mod@field`] | verdicts in the header of a message |
//! | [`mod@merge`] | a record with more senders |
//! | [`mod@audit`] | a policy as a tree without a sender, providers by their terms |
//! | [`mod@lint`] | what is wrong, with codes, places and remedies |
//! | [`mod@flatten`] | a policy without lookups |
//! | [`mod@limits`], [`mod@spf_result`], [`mod@address_set`] | what the others share |
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `serde` | no | `Serialize` for [`Verdict`], [`Trace`] and [`Finding`] |
//!
//! # Where the RFC leaves room
//!
//! See [`check_host`]. Unicode domains of senders become A-labels
//! ([RFC 8616](https://www.rfc-editor.org/rfc/rfc8616)) with the feature `idna` of letterhead-dns.
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

pub mod address_set;
pub mod audit;
pub mod check;
pub mod field;
pub mod flatten;
pub mod limits;
pub mod lint;
pub mod merge;
pub mod record;
#[cfg(feature = "serde")]
mod serialize;
pub mod spf_result;
mod text;

pub use address_set::AddressSet;
pub use audit::provider::Provider;
pub use audit::{Audit, audit, audit_for};
pub use check::query::{Identity, Query};
pub use check::trace::Trace;
pub use check::verdict::Verdict;
pub use check::{check_host, check_host_until};
pub use field::received_spf::ReceivedSpf;
pub use field::result_clause::ResultClause;
pub use flatten::{FlattenError, FlattenOptions, Flattened, flatten, flatten_with};
pub use letterhead_dns::{Finding, Severity};
pub use limits::Limits;
pub use lint::code::Code;
pub use lint::lint;
pub use merge::{MergeError, Merged, merge};
pub use record::Record;
pub use record::builder::{BuildError, Ending, RecordBuilder};
pub use record::domain_spec::DomainSpec;
pub use record::parse_error::ParseError;
pub use record::select::{Selection, select};
pub use record::term::{Directive, Mechanism, Modifier, Qualifier, Term, TermKind};
pub use spf_result::SpfResult;

/// The README's example, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
