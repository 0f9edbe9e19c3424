//! Who a message may be from.

use letterhead_identity::Authorization;
use letterhead_mail::{
    AuthorError, EmailAddress, Message, ReversePath, Submission, parse_mailbox_list,
};

use crate::default_sender::{self, UnusableSender};
use crate::mailer_builder::Parts;
use crate::route::Route;
use crate::send_error::{FieldProblem, SendError};

/// Who a message may be from, and the message from them.
pub(crate) struct Authorized {
    pub(crate) authorization: Authorization,
    pub(crate) message: Message,
    pub(crate) return_path: ReversePath,
}

/// Everyone the message names as its author or sender must be the tenant's, and so must the address that reports go
/// to, unless the route allows its domain. The first author's identity is the submission's.
///
/// A single author can be stood in for by the default sender, and then so can the address that reports go to.
pub(crate) async fn authorize(
    parts: &Parts,
    submission: &Submission,
    route: &Route,
) -> Result<Authorized, SendError> {
    let authors = submission.message.authors()?;
    let unusable = match authors.as_slice() {
        [_] => route.unusable_sender,
        _ => UnusableSender::Refuse,
    };
    let mut first = None;
    for author in &authors {
        let authorization =
            authorize_address(parts, submission, route, author.address(), unusable).await?;
        first.get_or_insert(authorization);
    }
    let authorization: Authorization = first.ok_or(SendError::Author(AuthorError::Missing))?;
    let message = match authorization.substitution() {
        Some(substitution) => {
            default_sender::substituted(&submission.message, &authorization, substitution)?
        }
        None => submission.message.clone(),
    };
    for name in ["Sender", "Resent-From", "Resent-Sender"] {
        for field in submission.message.headers_named(name) {
            let named = parse_mailbox_list(field.value()).map_err(|_| SendError::Field {
                name,
                problem: FieldProblem::Unreadable,
            })?;
            for sender in named {
                let sender = sender.address();
                authorize_address(parts, submission, route, sender, UnusableSender::Refuse).await?;
            }
        }
    }
    let mut reports_to = submission.envelope.sender().clone();
    if let Some(address) = submission.envelope.sender().address()
        && !route.allows_return_path(address)
    {
        let unusable = match authorization.substitution() {
            Some(_) => UnusableSender::SendFromDefault,
            None => UnusableSender::Refuse,
        };
        let authorized = authorize_address(parts, submission, route, address, unusable).await;
        let authorized = authorized.map_err(|error| match error {
            SendError::NotAuthorized(source) => SendError::ReturnPath {
                address: address.clone(),
                route: route.name.clone(),
                allowed: route.return_path_domains().to_vec(),
                source,
            },
            other => other,
        })?;
        if authorized.substitution().is_some() {
            reports_to = authorized.from().clone().into();
        }
    }
    Ok(Authorized {
        authorization,
        message,
        return_path: reports_to,
    })
}

/// The address; or, where it is unusable, what is to become of it.
async fn authorize_address(
    parts: &Parts,
    submission: &Submission,
    route: &Route,
    address: &EmailAddress,
    unusable: UnusableSender,
) -> Result<Authorization, SendError> {
    let request = route.send_as(&submission.tenant, address);
    let now = parts.clock.now();
    let registry = &parts.registry;
    Ok(match unusable {
        UnusableSender::Refuse => registry.authorize(&request, now).await,
        UnusableSender::SendFromDefault => registry.authorize_or_default(&request, now).await,
    }?)
}
