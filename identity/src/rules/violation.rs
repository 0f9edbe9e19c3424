//! The rules that an identity can break.

use letterhead_dns::DomainName;

use crate::placement::Compartment;
use crate::profile::{Counted, Per, RegionError, UnknownEnvironment};
use crate::subject::Subject;
use crate::word::{Environment, IdentityKind, ModeName};

/// A rule of the profile that an identity breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleViolation {
    /// The profile has no such kind of identity.
    #[error("there is no identity of kind {kind} here; known are: {}", join(known))]
    UnknownKind {
        /// What was asked for.
        kind: IdentityKind,
        /// What there is.
        known: Vec<IdentityKind>,
    },
    /// A domain where an address is needed, or the other way round.
    #[error("{subject} cannot be an identity of kind {kind}")]
    WrongSubject {
        /// The kind.
        kind: IdentityKind,
        /// What was given.
        subject: Subject,
    },
    /// It is registered already.
    #[error("{subject} is registered already")]
    Duplicate {
        /// The identity.
        subject: Subject,
        /// The status with which the provider's API says so, if it is known.
        http_status: Option<u16>,
    },
    /// The provider owns it: every tenant may send as it, and nobody may register it.
    #[error("{subject} is the provider's own")]
    ProviderOwned {
        /// What was to be registered.
        subject: Subject,
    },
    /// Nobody may send as addresses there.
    #[error("{subject} cannot be registered: nobody may send as addresses of {domain} here")]
    Denied {
        /// What was to be registered.
        subject: Subject,
        /// The domain that is denied.
        domain: DomainName,
    },
    /// It is registered in an environment that may not share it with this one.
    #[error(
        "{subject} is registered in {environment}, which must not share it; delete it there first"
    )]
    OtherEnvironment {
        /// The identity.
        subject: Subject,
        /// Where it is.
        environment: Environment,
    },
    /// Identities are kept in compartments here, and none was named.
    #[error("say in which compartment the identity is to be kept")]
    NoCompartment,
    /// Identities are not kept in compartments here, and one was named.
    #[error("there are no compartments here; leave {compartment} out")]
    NoCompartments {
        /// What was named.
        compartment: Compartment,
    },
    /// What was named is no compartment.
    #[error("{compartment} is no compartment; its id begins with {prefix}")]
    BadCompartment {
        /// What was named.
        compartment: Compartment,
        /// What the id of one begins with.
        prefix: String,
    },
    /// An identity cannot be connected like that.
    #[error("there is no mode {mode}; known are: {}", join_modes(known))]
    UnknownMode {
        /// What was asked for.
        mode: ModeName,
        /// What there is.
        known: Vec<ModeName>,
    },
    /// The servers that carry the mail do not take the mode.
    #[error("the servers do not take the mode {mode}{}", remark(note.as_deref()))]
    RefusedMode {
        /// What was asked for.
        mode: ModeName,
        /// Why, and what to do instead.
        note: Option<String>,
    },
    /// One mode cannot be changed into the other.
    #[error("an identity cannot be changed from {from} to {to}; delete it and add it again")]
    NoConversion {
        /// The mode it has.
        from: ModeName,
        /// The mode it should have.
        to: ModeName,
    },
    /// Another kind of identity has the same domain.
    #[error(
        "{new} cannot be registered beside the {existing_kind} identity {existing}: they have the same domain"
    )]
    Exclusive {
        /// What was to be registered.
        new: Subject,
        /// What stands in the way.
        existing: Subject,
        /// Its kind.
        existing_kind: IdentityKind,
    },
    /// There are as many as there may be.
    #[error("{new} would be one too many: at most {count} {} a {per}", what(kind, *counts))]
    Maximum {
        /// The kind.
        kind: IdentityKind,
        /// What is counted of them.
        counts: Counted,
        /// Within what.
        per: Per,
        /// How many there may be.
        count: u64,
        /// What was to be registered.
        new: Subject,
    },
    /// The profile does not have the environment.
    #[error(transparent)]
    Environment(#[from] UnknownEnvironment),
    /// The profile distinguishes environments and none was named.
    #[error("say in which environment the identity is used")]
    NoEnvironment,
    /// The profile does not have the region, or needs one.
    #[error(transparent)]
    Region(#[from] RegionError),
}

fn join(kinds: &[IdentityKind]) -> String {
    let names: Vec<&str> = kinds.iter().map(IdentityKind::as_str).collect();
    names.join(", ")
}

fn join_modes(modes: &[ModeName]) -> String {
    let names: Vec<&str> = modes.iter().map(ModeName::as_str).collect();
    names.join(", ")
}

fn remark(note: Option<&str>) -> String {
    note.map_or_else(String::new, |note| format!(": {note}"))
}

fn what(kind: &IdentityKind, counts: Counted) -> String {
    match counts {
        Counted::Identities => format!("of kind {kind}"),
        Counted::Domains => format!("domains of kind {kind}"),
    }
}
