//! SPF ([RFC 7208](https://www.rfc-editor.org/rfc/rfc7208)): reading, merging and evaluating records, with a trace that
//! explains the verdict.
//!
//! - [`check_host`] evaluates a domain's policy for a client over any [`Resolver`](letterhead_dns::Resolver). The
//!   [`Verdict`] says which term of which record decided; its [`Trace`] holds every term evaluated, every
//!   lookup and the running counts, and prints as a tree.
//! - [`Record`] reads a record exactly as the grammar has it and prints it back octet for octet.
//! - [`Record::builder`] writes one from its terms, and nothing that receivers take for an error.
//! - [`merge()`] adds the terms a provider asks for to the record a domain already has.
//! - [`ReceivedSpf`] and [`ResultClause`] record a verdict in the header of a message.
//!
//! Non-goals: the retired Sender ID (`spf2.0`), and anything that needs a clock or a socket: time comes in with the
//! [`Query`], answers through the resolver.
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
//! assert_eq!(verdict.decided_by.to_string(), "`include:_spf.example.net` of example.org: matched");
//! println!("{}", verdict.trace);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//!
//! [`record`], [`term`], [`network`], [`domain_spec`], [`macro_string`] and [`parse_error`] are the record and its
//! grammar; [`select`](mod@select) picks it from TXT records; [`query`] and [`limits`] go into [`check_host`];
//! [`verdict`] and [`trace`] come out of it, made of [`spf_result`], [`reason`] and [`bad_target`];
//! [`received_spf`] and [`result_clause`] write it down; [`builder`] and [`merge`](mod@merge) make records. The crate has
//! no features.
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
pub mod bad_target;
pub mod builder;
pub mod deadline;
pub mod domain_spec;
mod evaluate;
mod expand;
mod explain;
mod field_text;
pub mod finding;
pub mod flatten;
pub mod limits;
pub mod lint;
pub mod macro_string;
mod mechanism;
pub mod merge;
pub mod network;
pub mod parse_error;
mod parser;
pub mod provider;
pub mod query;
pub mod reason;
pub mod received_spf;
pub mod record;
pub mod result_clause;
pub mod select;
#[cfg(feature = "serde")]
mod serialize;
pub mod spf_result;
pub mod term;
pub mod trace;
pub mod verdict;

pub use address_set::AddressSet;
pub use audit::{Audit, audit};
pub use builder::{BuildError, Ending, RecordBuilder};
pub use domain_spec::DomainSpec;
pub use evaluate::{check_host, check_host_until};
pub use finding::{Code, Finding, Severity};
pub use flatten::{FlattenError, Flattened, flatten};
pub use limits::Limits;
pub use lint::lint;
pub use merge::{MergeError, Merged, merge};
pub use parse_error::ParseError;
pub use provider::Provider;
pub use query::{Identity, Query};
pub use received_spf::ReceivedSpf;
pub use record::Record;
pub use result_clause::ResultClause;
pub use select::{Selection, select};
pub use spf_result::SpfResult;
pub use term::{Directive, Mechanism, Modifier, Qualifier, Term, TermKind};
pub use trace::Trace;
pub use verdict::Verdict;

/// The README's example, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
