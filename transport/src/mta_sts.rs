//! MTA-STS: a domain's word that its hosts have TLS with certificates that hold
//! ([RFC 8461](https://www.rfc-editor.org/rfc/rfc8461)).
//!
//! - [`MtaStsPolicy`]: the text that a domain keeps on the web, and [`MxPattern`], which hosts it names.
//! - [`MtaStsRecord`]: the TXT record that says that there is such a text, and whether it has changed.
//! - [`MtaStsPolicies`]: finds the policy of a domain and keeps it as long as it says, over a
//!   [`Resolver`](letterhead_dns::Resolver) and an [`HttpGet`](letterhead_mail::HttpGet).
//!
//! Non-goals: an HTTP client, which is the application's behind an [`HttpGet`](letterhead_mail::HttpGet); a store that outlives the process, so that the first message to a domain after a start is not
//! protected by what was known before.

mod failure;
mod pattern;
mod policies;
mod policy;
mod policy_error;
mod record;

pub use failure::MtaStsFailure;
pub use pattern::{MxPattern, MxPatternError};
pub use policies::{MtaStsFinding, MtaStsPolicies};
pub use policy::{MtaStsMode, MtaStsPolicy};
pub use policy_error::MtaStsPolicyError;
pub use record::{MtaStsRecord, PolicyId};
