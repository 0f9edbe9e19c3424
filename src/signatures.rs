//! The signatures that a message leaves with: whose keys make them, and those that it came with.

use std::time::SystemTime;

use letterhead_dkim::{ExpiredSignature, HeaderName, Signer, expired_signatures};
use letterhead_identity::profile::MadeBy;
use letterhead_identity::{Authorization, Profile};
use letterhead_mail::Message;

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

/// The message with a signature of each of these in front.
pub(crate) fn sign(
    message: &Message,
    signers: &[Signer],
    now: SystemTime,
) -> Result<Message, SendError> {
    if signers.is_empty() {
        return Ok(message.clone());
    }
    let fields =
        letterhead_dkim::sign(message.as_bytes(), signers, now).map_err(SendError::Sign)?;
    let mut block = Vec::new();
    for field in &fields {
        block.extend_from_slice(field.as_ref());
    }
    message
        .with_field_prepended(&block)
        .map_err(SendError::Signed)
}

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
