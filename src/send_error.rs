//! Why nothing was sent.

use std::fmt;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{ExpiredSignature, SignError};
use letterhead_dns::DomainName;
use letterhead_feedback::{ReputationPaused, StoreError, Suppression, UnsubscribeFieldsError};
use letterhead_identity::quota::ReserveError;
use letterhead_identity::{NotAuthorized, OverLimit, OverQuota};
use letterhead_mail::{
    AuthorError, IdempotencyKey, IdempotencyStoreError, MessageError, RecipientReport,
};

use crate::receipt::Receipt;
use crate::route_error::RouteError;

/// Why nothing was sent: it was refused here, before a byte was written, or every recipient is proven not accepted.
///
/// A recipient in doubt is never here: sending again could duplicate. See [`Receipt`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The tenant may not send as the From address.
    #[error(transparent)]
    NotAuthorized(#[from] NotAuthorized),
    /// The tenant may not have reports sent to the envelope's sender, and the route does not allow its domain.
    #[error("the return path is neither the tenant's nor one that the route allows")]
    ReturnPath(#[source] NotAuthorized),
    /// A header field is missing, repeated or not readable. Servers mend that on the way, and break the signature.
    #[error("the field {name} is {problem}; a message leaves with exactly one that can be read")]
    Field {
        /// The field.
        name: &'static str,
        /// What is wrong with it.
        problem: FieldProblem,
    },
    /// The message cannot take the fields by which a complaint says whom it is from, or a recipient unsubscribes.
    #[error("the message cannot be marked")]
    Token(#[source] MessageError),
    /// The link to unsubscribe does not fit into a message.
    #[error("the message cannot offer to unsubscribe")]
    Unsubscribe(#[source] UnsubscribeFieldsError),
    /// Too much of what this identity sent has bounced or was complained about.
    #[error(transparent)]
    Paused(Box<ReputationPaused>),
    /// A line is longer than mail carries. Servers fold it on the way, and break the signature.
    #[error(
        "a line has {octets} octets, and mail carries at most 998; encode the part as quoted-printable or base64"
    )]
    LineTooLong {
        /// How long it is, without CRLF.
        octets: usize,
    },
    /// There is no route of this name.
    #[error("there is no route {name:?}; known are: {}", known.join(", "))]
    NoRoute {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The message does not say who it is from.
    #[error(transparent)]
    Author(#[from] AuthorError),
    /// The provider would refuse a message like this.
    #[error(transparent)]
    OverLimit(#[from] OverLimit),
    /// So much has been sent already that the provider would refuse this now; [`retry_after`](Self::retry_after) says when it
    /// may fit.
    #[error(transparent)]
    OverQuota(Box<OverQuota>),
    /// The quota store could not be asked, so nothing may be sent.
    #[error("what may be sent is not known")]
    Quota(#[source] ReserveError),
    /// Every recipient is on the suppression list.
    #[error("every recipient is suppressed: {}", reasons(.0))]
    AllSuppressed(Vec<Suppression>),
    /// The profile says that the sender signs for this domain, and the route has no key for it.
    #[error(
        "mail on the route {route:?} is to be signed for {domain}, and there is no signer for it"
    )]
    NoSigner {
        /// The route.
        route: String,
        /// The domain.
        domain: DomainName,
    },
    /// The route cannot be used as it is set.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The message came with a signature of its author's domain that has expired.
    #[error("the message came with a signature that receivers would refuse: {0}")]
    ExpiredSignature(ExpiredSignature),
    /// A name or id of this message cannot be one.
    #[error("the submission cannot be named")]
    Id(#[source] letterhead_mail::submission::TokenError),
    /// The profile says that the provider rewrites From, so no signature of the sender's can last.
    #[error("the profile's rewritten header fields leave nothing to sign")]
    HeaderPolicy(#[from] letterhead_dkim::HeaderPolicyError),
    /// The runtime is shutting down.
    #[error("the runtime ends; the message was not signed")]
    Ending,
    /// Signing failed.
    #[error("the message cannot be signed")]
    Sign(#[source] SignError),
    /// The signed message would not be a message; the signer is at fault.
    #[error("the signed message is malformed")]
    Signed(#[source] MessageError),
    /// The suppression list could not be asked, so nothing may be sent.
    #[error("the suppression list failed")]
    Suppression(#[source] StoreError),
    /// None of the routes would have it.
    #[error("no route would have it: {}", each(.0))]
    EveryRoute(Vec<RouteRefusal>),
    /// Nothing says by which route it is to leave.
    #[error("the message names no route, and there is no channel for its tenant and author")]
    NoChannel,
    /// The key stands for another message.
    #[error("the idempotency key {key} stands for another message; take a new key for each")]
    KeyOfOtherMessage {
        /// The key.
        key: IdempotencyKey,
    },
    /// The key was claimed, and nobody has said what came of it: somebody is sending now, or has ended on the way, and then
    /// it may have been sent.
    #[error("the message of the idempotency key {key} is being sent, or may have been")]
    Unsettled {
        /// The key.
        key: IdempotencyKey,
        /// Since when, as the store knows it.
        since: SystemTime,
    },
    /// The store of idempotency keys could not be asked, so nothing may be sent.
    #[error("whether this was sent before is not known")]
    Idempotency(#[source] IdempotencyStoreError),
    /// Every recipient is proven not accepted; the receipt says why.
    #[error("no recipient was accepted: {0}")]
    NothingAccepted(Box<Receipt>),
}

/// A route that would not have a message, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct RouteRefusal {
    /// The route.
    pub route: String,
    /// Why.
    pub error: SendError,
}

/// What is wrong with a header field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldProblem {
    /// It is not there.
    Missing,
    /// There is more than one.
    Repeated,
    /// It does not hold what it should.
    Unreadable,
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Repeated => "repeated",
            Self::Unreadable => "not readable",
        })
    }
}

impl SendError {
    /// The rows of those whom nobody accepted, where something was tried.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        match self {
            Self::NothingAccepted(receipt) => Some(receipt),
            _ => None,
        }
    }

    /// How long to wait before there may be room under a limit that is used up.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::OverQuota(over) => over.retry_after,
            _ => None,
        }
    }

    /// Whether another route may have what this one refuses.
    pub(crate) fn is_of_route(&self) -> bool {
        matches!(
            self,
            Self::NotAuthorized(_)
                | Self::ReturnPath(_)
                | Self::OverLimit(_)
                | Self::OverQuota(_)
                | Self::Paused(_)
                | Self::NoSigner { .. }
                | Self::Route(_)
                | Self::HeaderPolicy(_)
        )
    }

    /// Whether the same may succeed later without anything being put right: a recipient was deferred, a limit is used up
    /// for now, or a store could not be asked.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NothingAccepted(receipt) => {
                receipt.rows().iter().any(RecipientReport::is_safe_to_retry)
            }
            Self::OverQuota(over) => over.retry_after.is_some(),
            Self::EveryRoute(refusals) => refusals.iter().any(|one| one.error.is_temporary()),
            Self::Ending
            | Self::Unsettled { .. }
            | Self::Idempotency(_)
            | Self::Suppression(_)
            | Self::Quota(_)
            | Self::NotAuthorized(NotAuthorized::Store(_))
            | Self::ReturnPath(NotAuthorized::Store(_)) => true,
            Self::NotAuthorized(_)
            | Self::ReturnPath(_)
            | Self::Field { .. }
            | Self::Token(_)
            | Self::Unsubscribe(_)
            | Self::Paused(_)
            | Self::LineTooLong { .. }
            | Self::NoRoute { .. }
            | Self::NoChannel
            | Self::KeyOfOtherMessage { .. }
            | Self::Author(_)
            | Self::OverLimit(_)
            | Self::AllSuppressed(_)
            | Self::NoSigner { .. }
            | Self::Route(_)
            | Self::ExpiredSignature(_)
            | Self::Id(_)
            | Self::HeaderPolicy(_)
            | Self::Sign(_)
            | Self::Signed(_) => false,
        }
    }
}

fn each(refusals: &[RouteRefusal]) -> String {
    let each = refusals.iter();
    let each = each.map(|refusal| format!("{}: {}", refusal.route, refusal.error));
    each.collect::<Vec<_>>().join("; ")
}

fn reasons(suppressed: &[Suppression]) -> String {
    let rows: Vec<String> = suppressed
        .iter()
        .filter_map(|suppression| {
            let address = suppression.address()?;
            Some(format!("{address} ({})", suppression.reason()))
        })
        .collect();
    rows.join(", ")
}
