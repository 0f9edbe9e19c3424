//! Names, records and lookups, as far as mail needs them.
//!
//! Everything that decides whether mail is believed asks the DNS. This crate holds the words for that and one seam:
//!
//! - [`Name`]: what the DNS carries, labels of any octets; [`DomainName`]: the subset that mail addresses and
//!   policies use, lower case, A-labels.
//! - [`RecordData`] and [`RecordType`]: the records mail looks at; anything else is kept as bytes.
//! - [`Resolver`]: the seam. "No data" is an empty [`Answer`]; "no such name", a temporary failure and a malformed
//!   reply are three different [`LookupError`]s, because SPF, DKIM and DMARC treat them differently.
//! - [`Zone`]: master-file text (RFC 1035 §5.1) as a resolver, with faults on demand, for tests and simulations.
//! - `HickoryResolver` (feature `hickory`): the real DNS.
//!
//! Non-goals: serving DNS, validating DNSSEC (an answer only carries what the resolver found), a cache of our own.
//!
//! ```
//! use letterhead_dns::{DomainName, RecordType, Resolver, Zone};
//!
//! let zone: Zone = "example.org. 300 IN TXT \"v=spf1 -all\"".parse()?;
//! let domain: DomainName = "Example.ORG".parse()?;
//! let lookup = zone.lookup(domain.as_name(), RecordType::TXT);
//! // An in-memory zone answers at the first poll; no runtime is needed.
//! let answer = letterhead_dns::block_on_ready(lookup).expect("ready at once")?;
//! assert_eq!(answer.records().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//!
//! | module | holds |
//! |---|---|
//! | [`name`], [`domain_name`] | names and why text is none |
//! | [`record`] | records, their types and values |
//! | [`resolver`] | the seam, answers and failures |
//! | [`zone`] | the in-memory zone, its text form, faults |
//! | [`finding`] | what is wrong with a record that is published, for the crates that look into records |
//! | `hickory` | the real DNS and its options |
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `idna` | yes | Unicode domain names become A-labels ([RFC 5890](https://www.rfc-editor.org/rfc/rfc5890)) |
//! | `hickory` | no | `HickoryResolver`, and with it tokio |
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

pub mod domain_name;
pub mod finding;
mod future;
#[cfg(feature = "hickory")]
pub mod hickory;
pub mod name;
mod overlay;
pub mod record;
pub mod resolver;
mod wire;
pub mod zone;

pub use domain_name::DomainName;
pub use finding::{Finding, FindingCode, Severity};
pub use future::{BoxFuture, block_on_ready};
#[cfg(feature = "hickory")]
pub use hickory::HickoryResolver;
pub use name::Name;
pub use overlay::Overlay;
pub use record::{Record, RecordData, RecordType, Txt};
pub use resolver::{Answer, LookupError, LookupErrorKind, Resolver, Security};
pub use zone::Zone;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
