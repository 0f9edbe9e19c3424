//! What lettre has built, as a message and an envelope of ours.

use letterhead_mail::address::AddressError;
use letterhead_mail::envelope::EmptyEnvelope;
use letterhead_mail::{
    EmailAddress, Envelope, LineEndings, Message, MessageError, Recipient, ReversePath,
};
use lettre::Address;

/// The message and the envelope of a message that lettre has built.
///
/// The octets are those that lettre would send, with line ends in CRLF throughout and without Bcc, even where lettre was
/// told to keep it. A null sender stays one. lettre writes no Message-ID unless it is asked to
/// (`MessageBuilder::message_id`), so ask it.
///
/// # Errors
///
/// When lettre took an address that is none, or the message holds a NUL octet.
pub fn read_message(message: &lettre::Message) -> Result<(Message, Envelope), LettreMailError> {
    read(message.envelope(), message.formatted())
}

/// The same from the two that lettre hands to its transports: an envelope and octets.
///
/// # Errors
///
/// As [`read_message`].
pub fn read_raw(
    envelope: &lettre::address::Envelope,
    octets: &[u8],
) -> Result<(Message, Envelope), LettreMailError> {
    read(envelope, octets.to_vec())
}

fn read(
    envelope: &lettre::address::Envelope,
    octets: Vec<u8>,
) -> Result<(Message, Envelope), LettreMailError> {
    let sender = match envelope.from() {
        Some(address) => ReversePath::from(read_address(address)?),
        None => ReversePath::Null,
    };
    let recipients = envelope
        .to()
        .iter()
        .map(|address| read_address(address).map(Recipient::from))
        .collect::<Result<Vec<_>, _>>()?;
    let envelope = Envelope::new(sender, recipients)?;
    let message = Message::from_bytes(octets, LineEndings::Normalise)?;
    Ok((message.without_fields("Bcc"), envelope))
}

fn read_address(address: &Address) -> Result<EmailAddress, LettreMailError> {
    let text: &str = address.as_ref();
    text.parse().map_err(|source| LettreMailError::Address {
        address: text.to_owned(),
        source,
    })
}

/// Why what lettre has built cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LettreMailError {
    /// lettre took an address that SMTP cannot carry.
    #[error("{address:?}, an address of lettre's envelope, cannot be sent to; correct it")]
    Address {
        /// The address, as lettre has it.
        address: String,
        /// What is wrong with it.
        source: AddressError,
    },
    /// The envelope has no recipient.
    #[error("lettre's envelope names nobody; add a recipient")]
    NoRecipient(#[from] EmptyEnvelope),
    /// The octets are no message.
    #[error("what lettre has built cannot be sent")]
    Message(#[from] MessageError),
}
