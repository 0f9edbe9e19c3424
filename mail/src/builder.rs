//! Building messages.

use std::time::SystemTime;

use letterhead_dns::DomainName;

use crate::address::EmailAddress;
use crate::entropy::Entropy;
use crate::header_text::{HeaderName, HeaderText};
use crate::mailbox::Mailbox;
use crate::message::{LineEndings, Message, MessageError};

mod content_id;
mod draft;
pub(crate) mod header;
mod media_type;
mod message_id;
mod structure;

pub use content_id::{ContentId, ContentIdError};
pub use draft::{Draft, DraftError};
pub use media_type::{MediaType, MediaTypeError};
pub use message_id::{MessageId, MessageIdError};

/// Builds a [`Message`] and says who is to get it.
///
/// Date and Message-ID come from the time and the entropy given to [`build`](Self::build), boundaries from the entropy:
/// the same inputs make the same octets. Text is written as UTF-8 in the plainest transfer encoding that keeps lines
/// short, everything else in base64. What there is decides the structure, and no level is made without need:
/// `mixed( related( alternative( text, html ), inline… ), attachment… )`.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use letterhead_mail::{Entropy, Message};
///
/// #[derive(Debug)]
/// struct Fixed;
/// impl Entropy for Fixed {
///     fn fill(&self, buffer: &mut [u8]) {
///         buffer.fill(7);
///     }
/// }
///
/// let draft = Message::builder("Billing <billing@example.org>".parse()?)
///     .to("ann@example.com".parse()?)
///     .bcc("archive@example.org".parse()?)
///     .subject("Your invoice".parse()?)
///     .text("It is attached.")
///     .attachment("invoice.pdf".parse()?, "application/pdf".parse()?, *b"%PDF-")
///     .build(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000), &Fixed)?;
/// assert_eq!(draft.recipients().len(), 2);
/// assert!(draft.message().header("Bcc").is_none());
/// let date = draft.message().header("Date").map(|date| date.unfolded());
/// assert_eq!(date.as_deref(), Some("Tue, 14 Nov 2023 22:13:20 +0000"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct MessageBuilder {
    from: Mailbox,
    sender: Option<Mailbox>,
    to: Vec<Mailbox>,
    cc: Vec<Mailbox>,
    bcc: Vec<EmailAddress>,
    reply_to: Vec<Mailbox>,
    subject: Option<HeaderText>,
    in_reply_to: Vec<MessageId>,
    references: Vec<MessageId>,
    headers: Vec<(HeaderName, HeaderText)>,
    message_id_domain: Option<DomainName>,
    text: Option<String>,
    html: Option<String>,
    inline: Vec<Inline>,
    attachments: Vec<Attachment>,
}

#[derive(Debug, Clone)]
struct Inline {
    content_id: ContentId,
    media_type: MediaType,
    octets: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Attachment {
    file_name: HeaderText,
    media_type: MediaType,
    octets: Vec<u8>,
}

impl Message {
    /// Begins a message by `from`.
    pub fn builder(from: Mailbox) -> MessageBuilder {
        MessageBuilder::new(from)
    }
}

impl MessageBuilder {
    pub(crate) fn new(from: Mailbox) -> Self {
        Self {
            from,
            sender: None,
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            reply_to: Vec::new(),
            subject: None,
            in_reply_to: Vec::new(),
            references: Vec::new(),
            headers: Vec::new(),
            message_id_domain: None,
            text: None,
            html: None,
            inline: Vec::new(),
            attachments: Vec::new(),
        }
    }

    /// Adds a mailbox to To.
    pub fn to(mut self, mailbox: Mailbox) -> Self {
        self.to.push(mailbox);
        self
    }

    /// Adds a mailbox to Cc.
    pub fn cc(mut self, mailbox: Mailbox) -> Self {
        self.cc.push(mailbox);
        self
    }

    /// Adds a recipient that the message does not show: it is in [`Draft::recipients`] only.
    pub fn bcc(mut self, address: EmailAddress) -> Self {
        self.bcc.push(address);
        self
    }

    /// Adds a mailbox to Reply-To. Default: none, so that answers go to From.
    pub fn reply_to(mut self, mailbox: Mailbox) -> Self {
        self.reply_to.push(mailbox);
        self
    }

    /// Sets Sender, for mail that somebody else sends in the name of From. It does not change the envelope.
    pub fn sender(mut self, mailbox: Mailbox) -> Self {
        self.sender = Some(mailbox);
        self
    }

    /// Sets the subject. Default: none.
    pub fn subject(mut self, subject: HeaderText) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Sets the plain text. Line ends become CRLF.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Sets the HTML. Line ends become CRLF.
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }

    /// Adds a part that the HTML shows where it says `cid:` and the content id.
    pub fn inline(
        mut self,
        content_id: ContentId,
        media_type: MediaType,
        octets: impl Into<Vec<u8>>,
    ) -> Self {
        self.inline.push(Inline {
            content_id,
            media_type,
            octets: octets.into(),
        });
        self
    }

    /// Adds a file. An empty file name is left out.
    pub fn attachment(
        mut self,
        file_name: HeaderText,
        media_type: MediaType,
        octets: impl Into<Vec<u8>>,
    ) -> Self {
        self.attachments.push(Attachment {
            file_name,
            media_type,
            octets: octets.into(),
        });
        self
    }

    /// Adds a header field. ASCII is written as it is (so `List-Unsubscribe` and its like work), folded at spaces;
    /// anything else as encoded words. Fields that the builder writes itself are refused by [`build`](Self::build).
    pub fn header(mut self, name: HeaderName, value: HeaderText) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds the message that this one answers to In-Reply-To.
    pub fn in_reply_to(mut self, id: MessageId) -> Self {
        self.in_reply_to.push(id);
        self
    }

    /// Sets References: the thread, oldest first
    /// ([RFC 5322 §3.6.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4)). Default: what In-Reply-To holds.
    pub fn references(mut self, ids: impl IntoIterator<Item = MessageId>) -> Self {
        self.references = ids.into_iter().collect();
        self
    }

    /// Sets what stands after the `@` of the Message-ID. Default: the domain of the From address.
    pub fn message_id_domain(mut self, domain: DomainName) -> Self {
        self.message_id_domain = Some(domain);
        self
    }

    /// Builds the message as of `now`; draws 32 octets of entropy.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    pub fn build(self, now: SystemTime, entropy: &dyn Entropy) -> Result<Draft, BuildError> {
        let mut id = [0; 16];
        let mut boundary = [0; 16];
        entropy.fill(&mut id);
        entropy.fill(&mut boundary);
        let mut octets = header::write(&self, now, &id)?.into_bytes();
        structure::body(&self, &boundary)?.write_part(&mut octets);
        if !octets.ends_with(b"\r\n") {
            octets.extend_from_slice(b"\r\n");
        }
        let message = Message::from_bytes(octets, LineEndings::Strict)?;
        header::check_lines(&message)?;
        let shown = self.to.into_iter().chain(self.cc);
        let named = shown.map(|mailbox| mailbox.address().clone());
        Ok(Draft::new(message, named.chain(self.bcc)))
    }
}

/// Why a message cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A field was added that the builder writes itself, or that must not be sent.
    #[error(
        "the header field {0} cannot be added; the builder has its own way to set it, or it must not be sent"
    )]
    ReservedHeader(HeaderName),
    /// A part of a header field without spaces is longer than a line may be.
    #[error(
        "a line of the header is longer than 998 octets and has no space to fold it at; shorten it"
    )]
    HeaderTooLong,
    /// The text or the HTML holds a NUL character.
    #[error("the {part} holds a NUL character at octet {offset}; remove it")]
    Nul {
        /// `text` or `HTML`.
        part: &'static str,
        /// Octets from the start of the text.
        offset: usize,
    },
    /// Two inline parts have the same content id.
    #[error("two inline parts have the content id {0}; give each its own")]
    RepeatedContentId(ContentId),
    /// The time is not one that a Date field can hold.
    #[error("a message cannot be dated before 1900 or after 9999")]
    Date,
    /// What was built is no message.
    #[error("what was built is not a message")]
    Message(#[from] MessageError),
}
