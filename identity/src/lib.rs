//! Who may send as whom, what the DNS must say for it, and what receivers will find.
//!
//! - [`Profile`]: one provider's rules as data: what can be an identity and what it covers, limits, records, signatures
//!   and who makes them. Built-in ones are TOML files; an application can load its own.
//! - [`Registry`] over an [`IdentityStore`]: create, verify, list and delete identities under those rules, safely from
//!   many places at once; [`Registry::authorize`] returns an [`Authorization`] or says precisely why not.
//! - [`plan_capacity`]: whether a bulk run fits into a provider's limits; a [`QuotaStore`] keeps count of what is sent, so that
//!   they hold.
//! - [`DnsPlan`]: the records an identity needs, merged with what the domain already has, compared with what is
//!   published, printed as zone-file text.
//! - [`authenticate()`]: SPF, DKIM and DMARC of one received message together, as a receiver judges it.
//! - [`preflight()`]: what receivers will find in a message, before it is sent, over the rules of a [`ReceiverPolicy`].
//!
//! Non-goals: sending, asking the live DNS (a [`Resolver`](letterhead_dns::Resolver) is passed in), durable storage.
//!
//! ```
//! use letterhead_identity::{Profile, ProfileId};
//!
//! let profile = Profile::built_in("zuora-advanced")?;
//! assert_eq!(profile.upstream().map(ProfileId::as_str), Some("amazon-ses"));
//! // Unknown is a value of its own and never means unlimited.
//! assert!(profile.check_message(50, 10_000).is_ok());
//! assert!(profile.check_message(51, 10_000).is_err());
//! # Ok::<(), letterhead_identity::profile::ProfileError>(())
//! ```
//!
//! # Modules
//!
//! [`profile`] and [`rules`] are what a provider allows; [`identity`], [`verification`] and [`registry`] what a tenant has,
//! kept behind [`store`] and, for tests, in [`memory`]; [`value`] what its records are made of; [`authorization`] the
//! proof that one may send; [`capacity`], [`quota`] and [`recipients`] how much; [`dns_plan`] the records; [`relay`] the
//! servers on the way; [`credentials`] and [`tls`] what connections to them need; [`procedure`], [`operation`] and
//! [`policy`] what is to be done at the provider, in which order, and by whom; [`mod@authenticate`] the receiver's side,
//! [`mod@preflight`] what it will be, [`receiver_policy`] what receivers ask for. The crate has no features.
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

pub mod authenticate;
pub mod authorization;
mod awaited_link;
pub mod capacity;
pub mod credentials;
pub mod dns_plan;
mod guide;
pub mod identity;
mod lookup;
pub mod mail_link;
pub mod memory;
pub mod new_identity;
mod one_line;
pub mod operation;
mod organization;
pub mod placement;
pub mod policy;
pub mod preflight;
pub mod procedure;
pub mod profile;
pub mod quota;
pub mod receiver_policy;
pub mod recipients;
pub mod registry;
pub mod relay;
pub mod rules;
pub mod store;
pub mod subject;
mod template;
pub mod tls;
pub mod value;
pub mod verification;
pub mod word;

pub use authenticate::{Authenticated, authenticate};
pub use authorization::{Authorization, NotAuthorized, Substitution};
pub use awaited_link::AwaitedLink;
pub use capacity::{CapacityPlan, Run, plan_capacity};
pub use credentials::{Credential, Secret};
pub use dns_plan::DnsPlan;
pub use identity::{Identity, IdentityKey};
pub use mail_link::{LinkKey, LinkToken};
pub use memory::InMemoryIdentityStore;
pub use new_identity::{CreateError, NewIdentity};
pub use placement::{Brand, Compartment, CredentialId};
pub use preflight::{Preflight, PreflightRequest, preflight};
pub use procedure::{Progress, StepError};
pub use profile::{Limits, OverLimit, Profile, ProfileId};
pub use quota::{InMemoryQuotaStore, OverQuota, QuotaStore};
pub use receiver_policy::ReceiverPolicy;
pub use registry::{ChangeError, Registry, SendAs, VerifyError};
pub use relay::{RelayCheck, RelayServer, relay_advice, relay_check};
pub use rules::RuleViolation;
pub use store::IdentityStore;
pub use subject::Subject;
pub use tls::TlsOffer;
pub use value::Values;
pub use verification::{Verification, VerificationState};
pub use word::{Environment, Feature, IdentityKind, Region, Tier};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
