//! Why there is no plan.

use letterhead_dns::DomainName;
use letterhead_dns::domain_name::DomainNameError;
use letterhead_dns::name::NameError;

use crate::new_identity::CreateError;
use crate::profile::ProfileId;
use crate::store::StoreError;
use crate::value::ValueError;
use crate::word::Environment;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry does not have the profile.
    #[error("there is no profile {0} in the registry")]
    NoProfile(ProfileId),
    /// Nothing is registered, or it has no domain.
    #[error("there is no identity with a domain to plan for")]
    NoDomain,
    /// The identities are of different domains; each needs a plan of its own.
    #[error("the identities are of several domains; plan for each by itself")]
    SeveralDomains,
    /// What is planned for could not be registered.
    #[error(transparent)]
    Identity(#[from] CreateError),
    /// A value that is issued for each group of environments was given for several of them at once.
    #[error(
        "{name} is issued for each group of environments; say for which one it is: {}",
        names(groups)
    )]
    WhichGroup {
        /// The value's name.
        name: String,
        /// The groups that are planned for, each by its first name.
        groups: Vec<Environment>,
    },
    /// Values were given for an environment that is not planned for.
    #[error(
        "values were given for {environment}, and the plan is for: {}",
        names(planned)
    )]
    NotPlannedFor {
        /// The environment.
        environment: Environment,
        /// The groups that are planned for, each by its first name.
        planned: Vec<Environment>,
    },
    /// Two environments that share what was issued were given different values.
    #[error("{name} was given twice for environments that share it, with {group}; leave one")]
    TwoValues {
        /// The value's name.
        name: String,
        /// The group, by its first name.
        group: Environment,
    },
    /// Not as many values as there must be.
    #[error("{given} values of {name} were given, and there must be {expected}")]
    WrongCount {
        /// The value's name.
        name: String,
        /// How many there must be.
        expected: usize,
        /// How many there are.
        given: usize,
    },
    /// A value cannot stand in a record.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The return path is not where the provider takes one.
    #[error("{name} is {given}, and it must be {} {domain}", place(given, domain))]
    ReturnPath {
        /// The value's name.
        name: String,
        /// What it is.
        given: DomainName,
        /// The identity's domain.
        domain: DomainName,
    },
    /// Two records of the plan cannot both stand.
    #[error("`{one}` and `{other}` cannot both be published; give each a name of its own")]
    Clash {
        /// The first.
        one: String,
        /// The second.
        other: String,
    },
    /// A template gives a name that the DNS cannot have.
    #[error("{text:?} is not a name")]
    BadName {
        /// What it gives.
        text: String,
        /// Why it is no name.
        source: NameError,
    },
    /// A template or value gives a name that mail cannot use.
    #[error("{text:?} is not a domain name")]
    BadDomain {
        /// What it gives.
        text: String,
        /// Why it is no domain name.
        source: DomainNameError,
    },
    /// A template gives no record.
    #[error("{0:?} is not a record")]
    BadRecord(String),
    /// A template gives no SPF term.
    #[error("{0:?} is not an SPF term")]
    BadTerm(String),
}

fn names(environments: &[Environment]) -> String {
    let names: Vec<&str> = environments.iter().map(Environment::as_str).collect();
    names.join(", ")
}

/// Where a return path has to be. That domain itself is told apart: it is below nothing else's.
fn place(given: &DomainName, domain: &DomainName) -> &'static str {
    if given == domain {
        "a subdomain of its own, below"
    } else {
        "a subdomain of"
    }
}
