//! Why a route cannot be used as it is set.

use letterhead_dkim::SignError;
use letterhead_identity::ProfileId;
use letterhead_identity::profile::{FeatureNotOffered, UnknownTier};

/// Why a route cannot be used as it is set, whatever the message: found when a mailer is built, and for signers that change
/// while it runs before anything is sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// The registry has no such profile.
    #[error("the route {route:?} is under the profile {profile}, which the registry does not have")]
    NoProfile {
        /// The route.
        route: String,
        /// The profile.
        profile: ProfileId,
    },
    /// The profile is not for the part of the application that the route is for.
    #[error("the route {route:?} cannot be used")]
    Feature {
        /// The route.
        route: String,
        /// Why.
        #[source]
        source: FeatureNotOffered,
    },
    /// Its profile has no limits of its tier.
    #[error("the tier of the route {route:?} is not known")]
    Tier {
        /// The route.
        route: String,
        /// What there is.
        #[source]
        source: UnknownTier,
    },
    /// Its signers cannot sign together: Ed25519 without RSA, a life too short, or an `i=` elsewhere.
    #[error("the signers of the route {route:?} cannot sign as they are set")]
    Signers {
        /// The route.
        route: String,
        /// What is wrong with them.
        #[source]
        source: SignError,
    },
}
