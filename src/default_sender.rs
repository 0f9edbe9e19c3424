//! Mail that leaves from the default sender, because its own may not be used.

use letterhead_identity::{Authorization, Substitution};
use letterhead_mail::{Mailbox, Message};

use crate::send_error::SendError;

/// What becomes of mail from an address that an identity covers, where that identity is not verified or was disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum UnusableSender {
    /// It is refused.
    #[default]
    Refuse,
    /// It is sent from the profile's default sender, if there is one: From has its address and the name that was there,
    /// and replies go to the author as before. The receipt says so.
    SendFromDefault,
}

/// The message from the address that was authorised in place of its author's.
///
/// # Errors
///
/// When the fields cannot be written, or From cannot be read.
pub(crate) fn substituted(
    message: &Message,
    authorization: &Authorization,
    substitution: &Substitution,
) -> Result<Message, SendError> {
    let author = message.authors()?.into_iter().next();
    let from = match author.as_ref().and_then(Mailbox::name) {
        Some(name) => Mailbox::with_name(name.clone(), authorization.from().clone()),
        None => Mailbox::new(authorization.from().clone()),
    };
    let mut fields = format!("From: {from}\r\n");
    if message.header("Reply-To").is_none() {
        fields += &format!("Reply-To: {}\r\n", substitution.requested);
    }
    message
        .without_fields("From")
        .with_field_prepended(fields.as_bytes())
        .map_err(SendError::Signed)
}
