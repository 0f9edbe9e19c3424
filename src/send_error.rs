//! Why nothing was sent.

use std::fmt;
use std::time::{Duration, SystemTime};

use letterhead_dkim::{ExpiredSignature, SignError};
use letterhead_dns::DomainName;
use letterhead_feedback::{ReputationPaused, StoreError, Suppression, UnsubscribeFieldsError};
use letterhead_identity::quota::ReserveError;
use letterhead_identity::{NotAuthorized, OverLimit, OverQuota};
use letterhead_mail::{
    AuthorError, EmailAddress, IdempotencyKey, IdempotencyStoreError, MessageError, OutcomeClass,
    RecipientReport,
};

use crate::receipt::{self, Receipt};
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
    #[error(
        "reports cannot go to {address}: the tenant may not send as it, and the return path domains of the route {route} do \
         not cover it; {}",
        allowed_there(allowed)
    )]
    ReturnPath {
        /// The envelope's sender.
        address: EmailAddress,
        /// The route.
        route: String,
        /// The domains that it has.
        allowed: Vec<DomainName>,
        /// Why the tenant may not send as the address.
        #[source]
        source: NotAuthorized,
    },
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
    #[error("no recipient was accepted: {}", .0.lines().join("; "))]
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

    /// What it means for another try, as an [outcome](letterhead_mail::Outcome::class) does: not yet where it
    /// [is temporary](Self::is_temporary), unknown where somebody may be sending it now, refused otherwise.
    ///
    /// ```
    /// # use letterhead::{Mailer, Outgoing, SendError};
    /// # use letterhead::mail::{OutcomeClass, RecipientReport};
    /// # async fn run(mailer: Mailer, outgoing: Outgoing) {
    /// # fn keep(_: Option<std::time::Duration>) {}
    /// # fn give_up(_: &SendError) {}
    /// match mailer.send(outgoing).await {
    ///     Ok(receipt) => println!("{receipt}"), // a row each; some may have to be tried again
    ///     Err(error) => match error.class() {
    ///         OutcomeClass::NotYet => keep(error.retry_after()),
    ///         OutcomeClass::Refused => give_up(&error), // `error.rows()` say which address is dead
    ///         OutcomeClass::Unknown | OutcomeClass::Done => {} // somebody else has it in hand
    ///     },
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn class(&self) -> OutcomeClass {
        match self {
            Self::Unsettled { .. } => OutcomeClass::Unknown,
            error if error.is_temporary() => OutcomeClass::NotYet,
            _ => OutcomeClass::Refused,
        }
    }

    /// What became of each recipient, where it was for their sake that nothing was sent: nobody was accepted, or all are
    /// suppressed. Without rows the message was refused as a whole, before anybody was asked.
    #[must_use]
    pub fn rows(&self) -> Vec<RecipientReport> {
        match self {
            Self::NothingAccepted(receipt) => receipt.rows().to_vec(),
            Self::AllSuppressed(all) => all.iter().filter_map(receipt::suppressed_row).collect(),
            Self::EveryRoute(refusals) => {
                let rows = refusals.iter().map(|refusal| refusal.error.rows());
                rows.rev().find(|rows| !rows.is_empty()).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// How long to wait before another try, where that is known: until there may be room under a limit that is used up, or as
    /// long as servers asked for, the longest of several; of several routes the one that is open first counts.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::OverQuota(over) => over.retry_after,
            Self::NothingAccepted(receipt) => {
                let open = receipt.rows().iter().filter_map(|row| receipt.put_off(row));
                open.filter_map(RecipientReport::retry_after).max()
            }
            Self::EveryRoute(refusals) => {
                let open = refusals.iter().map(|refusal| &refusal.error);
                let open = open.filter(|error| error.is_temporary());
                open.filter_map(Self::retry_after).min()
            }
            _ => None,
        }
    }

    /// Whether another route may have what this one refuses.
    pub(crate) fn is_of_route(&self) -> bool {
        matches!(
            self,
            Self::NotAuthorized(_)
                | Self::ReturnPath { .. }
                | Self::OverLimit(_)
                | Self::OverQuota(_)
                | Self::Paused(_)
                | Self::NoSigner { .. }
                | Self::Route(_)
                | Self::HeaderPolicy(_)
        )
    }

    /// Whether the same may succeed later without anything being changed in it: a recipient was deferred, by an earlier route
    /// even where the connection to a later one was refused for good, a limit is used up
    /// for now, a store could not be asked, or the sender's proof is [still awaited](NotAuthorized::is_temporary).
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NothingAccepted(receipt) => {
                let mut rows = receipt.rows().iter();
                rows.any(|row| receipt.put_off(row).is_some())
            }
            Self::OverQuota(over) => over.retry_after.is_some(),
            Self::EveryRoute(refusals) => refusals.iter().any(|one| one.error.is_temporary()),
            Self::NotAuthorized(refusal)
            | Self::ReturnPath {
                source: refusal, ..
            } => refusal.is_temporary(),
            Self::Ending
            | Self::Unsettled { .. }
            | Self::Idempotency(_)
            | Self::Suppression(_)
            | Self::Quota(_) => true,
            Self::Field { .. }
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

/// Routes with the same reason together: `own, ses: …; spare: …`.
fn each(refusals: &[RouteRefusal]) -> String {
    let mut reasons: Vec<(Vec<&str>, String)> = Vec::new();
    for RouteRefusal { route, error } in refusals {
        let text = error.to_string();
        match reasons.iter_mut().find(|(_, known)| *known == text) {
            Some((routes, _)) => routes.push(route),
            None => reasons.push((vec![route], text)),
        }
    }
    let each = reasons.into_iter();
    let each = each.map(|(routes, text)| format!("{}: {text}", routes.join(", ")));
    each.collect::<Vec<_>>().join("; ")
}

fn allowed_there(domains: &[DomainName]) -> String {
    if domains.is_empty() {
        return "there are none".to_owned();
    }
    let names: Vec<String> = domains.iter().map(DomainName::to_string).collect();
    format!("they are {}", names.join(", "))
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use letterhead_mail::{Outcome, OutcomeClass, Phase, RecipientReport, Report};

    use super::{RouteRefusal, SendError};
    use crate::receipt::{FromBefore, Receipt};

    fn refusal(route: &str, error: SendError) -> RouteRefusal {
        let route = route.to_owned();
        RouteRefusal { route, error }
    }

    /// Deferred for so many seconds, or for good.
    fn nothing_accepted(waits: &[Option<u64>]) -> SendError {
        let row = |(place, wait): (usize, &Option<u64>)| {
            let address = format!("r{place}@receiver.example").parse().unwrap();
            match wait {
                Some(seconds) => RecipientReport::new(address, Outcome::Deferred, Phase::Rcpt)
                    .with_retry_after(Duration::from_secs(*seconds))
                    .with_server("mx.receiver.example"),
                None => RecipientReport::new(address, Outcome::Rejected, Phase::Rcpt),
            }
        };
        SendError::NothingAccepted(Box::new(Receipt {
            submission: "1".parse().unwrap(),
            route: "own".to_owned(),
            identity: "yourcompany.example".parse().unwrap(),
            substitution: None,
            passed: Vec::new(),
            report: Report::new(waits.iter().enumerate().map(row).collect()),
            unrecorded: None,
            earlier: Vec::new(),
            passed_over: [].into(),
            from_before: FromBefore::No,
        }))
    }

    #[test]
    fn routes_with_one_reason_stand_together() {
        let error = SendError::EveryRoute(vec![
            refusal("own", SendError::NoChannel),
            refusal("ses", SendError::Ending),
            refusal("spare", SendError::NoChannel),
        ]);
        assert_eq!(
            error.to_string(),
            format!(
                "no route would have it: own, spare: {}; ses: {}",
                SendError::NoChannel,
                SendError::Ending
            )
        );
    }

    #[test]
    fn the_longest_wait_of_a_route_and_the_first_route_count() {
        let wait = |seconds| Some(Duration::from_secs(seconds));
        let one = nothing_accepted(&[Some(60), Some(300), None]);
        assert_eq!(
            (one.retry_after(), one.class()),
            (wait(300), OutcomeClass::NotYet)
        );
        assert_eq!(
            one.to_string(),
            "no recipient was accepted: r0@receiver.example deferred at rcpt (mx.receiver.example); \
             r1@receiver.example deferred at rcpt (mx.receiver.example); r2@receiver.example rejected at rcpt"
        );
        let never = nothing_accepted(&[None]);
        assert_eq!(
            (never.retry_after(), never.class()),
            (None, OutcomeClass::Refused)
        );
        let routes = SendError::EveryRoute(vec![
            refusal("own", one),
            refusal("ses", nothing_accepted(&[Some(120)])),
            refusal("spare", never),
        ]);
        assert_eq!(routes.retry_after(), wait(120));
        assert_eq!(routes.class(), OutcomeClass::NotYet);
        assert_eq!(routes.rows().len(), 1, "those of the last");
    }
}
