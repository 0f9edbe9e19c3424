//! Why a policy could not be had.

use std::sync::Arc;

use letterhead_dns::LookupError;
use letterhead_mail::HttpGetError;

use super::policy_error::MtaStsPolicyError;

/// Why the policy of a domain could not be had, or not anew. A clone shares the cause.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum MtaStsFailure {
    /// The DNS did not say whether there is one.
    #[error("whether the domain has an MTA-STS policy cannot be looked up now")]
    Lookup(#[source] LookupError),
    /// The web server could not be spoken to as it should be.
    #[error("the MTA-STS policy cannot be fetched")]
    Fetch(#[source] Arc<HttpGetError>),
    /// No answer came in time.
    #[error("the MTA-STS policy was not fetched in time")]
    TimedOut,
    /// The web server answered with a status other than 200; a redirect is not followed.
    #[error("the web server answered the request for the MTA-STS policy with status {0}")]
    Status(u16),
    /// What came is not of the type `text/plain`.
    #[error("what is at the place of the MTA-STS policy is not of the type text/plain")]
    MediaType,
    /// What came is no policy.
    #[error("what is at the place of the MTA-STS policy is no policy")]
    Invalid(#[source] MtaStsPolicyError),
}
