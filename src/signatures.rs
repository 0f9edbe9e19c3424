//! The signatures that a message leaves with: whose keys make them, and those that it came with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use letterhead_dkim::{
    BodyCanonicalization, ExpiredSignature, HeaderName, PreparedBody, SignError, Signer,
    expired_signatures,
};
use letterhead_identity::profile::MadeBy;
use letterhead_identity::{Authorization, Profile};
use letterhead_mail::Message;
use tokio::runtime::Handle;

use crate::route::Route;
use crate::send_error::SendError;

/// The route's signers for the domains that the sender signs for, without the fields that the provider rewrites.
pub(crate) fn signers(
    route: &Route,
    profile: &Profile,
    authorization: &Authorization,
) -> Result<Vec<Signer>, SendError> {
    let rewritten: Vec<HeaderName> = profile
        .headers()
        .iter()
        .flat_map(|headers| &headers.overwritten)
        .filter_map(|name| name.as_str().parse().ok())
        .collect();
    let signers = route.signers()?;
    let mut chosen = Vec::new();
    for expected in authorization.signatures() {
        if expected.made_by != MadeBy::Sender {
            continue;
        }
        let before = chosen.len();
        for signer in &signers {
            if *signer.template().domain() == expected.domain {
                chosen.push(signer.clone().leaving_out(rewritten.iter().cloned())?);
            }
        }
        if chosen.len() == before {
            return Err(SendError::NoSigner {
                route: route.name.clone(),
                domain: expected.domain.clone(),
            });
        }
    }
    Ok(chosen)
}

/// The message with a signature of each of these in front. In a tokio runtime the keys work on a thread for that: an RSA
/// signature takes as long as a thousand other things that a reactor could do.
pub(crate) async fn sign(
    bodies: Arc<PreparedBodies>,
    message: Message,
    signers: &[Signer],
    now: SystemTime,
) -> Result<Message, SendError> {
    if signers.is_empty() {
        return Ok(message);
    }
    let signers = signers.to_vec();
    let sign = move || sign_now(&bodies, &message, &signers, now);
    match Handle::try_current() {
        Ok(runtime) => match runtime.spawn_blocking(sign).await {
            Ok(signed) => signed,
            Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
            Err(_) => Err(SendError::Ending),
        },
        Err(_) => sign(),
    }
}

fn sign_now(
    bodies: &PreparedBodies,
    message: &Message,
    signers: &[Signer],
    now: SystemTime,
) -> Result<Message, SendError> {
    let body = bodies.prepare(message, signers).map_err(SendError::Sign)?;
    let octets = message.as_bytes();
    let header = octets.len() - message.body().len();
    let header = octets.get(..header).unwrap_or(octets);
    let fields = match &body {
        Some(body) => letterhead_dkim::sign_with_body(header, body, signers, now),
        None => letterhead_dkim::sign(octets, signers, now),
    };
    let mut block = Vec::new();
    for field in &fields.map_err(SendError::Sign)? {
        block.extend_from_slice(field.as_ref());
    }
    message
        .with_field_prepended(&block)
        .map_err(SendError::Signed)
}

/// The last long body that was hashed, for the next message that has the same one.
#[derive(Debug, Default)]
pub(crate) struct PreparedBodies {
    last: Mutex<Option<(Message, PreparedBody)>>,
}

impl PreparedBodies {
    /// The message's body, hashed; `None` where that is not worth keeping.
    fn prepare(
        &self,
        message: &Message,
        signers: &[Signer],
    ) -> Result<Option<PreparedBody>, SignError> {
        if message.body().len() < WORTH_KEEPING {
            return Ok(None);
        }
        let kinds: Vec<BodyCanonicalization> = signers
            .iter()
            .map(|signer| signer.template().chosen_canonicalization().body())
            .collect();
        let is_usable = |(known, body): &&(Message, PreparedBody)| {
            known.body() == message.body() && kinds.iter().all(|kind| body.hash(*kind).is_some())
        };
        let known = self
            .lock()
            .as_ref()
            .filter(is_usable)
            .map(|(_, body)| body.clone());
        if known.is_some() {
            return Ok(known);
        }
        let body = PreparedBody::new(message.body(), &kinds)?;
        *self.lock() = Some((message.clone(), body.clone()));
        Ok(Some(body))
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Message, PreparedBody)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body of fewer octets is hashed faster than compared and kept.
const WORTH_KEEPING: usize = 4_096;

/// A signature that the application has made for the domain of an author must not have expired: receivers would take
/// the mail for unsigned. Those of others, which a forwarded message carries, are nobody's business here.
pub(crate) fn check_expiry(message: &Message, now: SystemTime) -> Result<(), SendError> {
    let expired = expired_signatures(message.as_bytes(), now);
    if expired.is_empty() {
        return Ok(());
    }
    let authors = message.authors()?;
    let own = |signature: &ExpiredSignature| {
        let domains = authors
            .iter()
            .filter_map(|author| author.address().domain_name());
        let signed = signature.domain();
        domains
            .into_iter()
            .any(|domain| domain.is_at_or_below(signed) || signed.is_at_or_below(domain))
    };
    match expired.into_iter().find(own) {
        Some(signature) => Err(SendError::ExpiredSignature(signature)),
        None => Ok(()),
    }
}
