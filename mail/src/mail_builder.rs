//! Messages of mail-builder's own builder.

use std::borrow::Cow;
use std::time::SystemTime;

use ::mail_builder::MessageBuilder;
use ::mail_builder::headers::content_type::ContentType;
use ::mail_builder::headers::raw::Raw;
use ::mail_builder::headers::{Header as _, HeaderType};
use ::mail_builder::mime::{BodyPart, MimePart};

use crate::builder::{Draft, DraftError, header};
use crate::entropy::Entropy;
use crate::header_field::HeaderField;
use crate::message::{AuthorError, LineEndings, Message, MessageError};

type Field<'x> = (Cow<'x, str>, HeaderType<'x>);

/// A message put together with mail-builder's own builder, to everyone it names in To, Cc and Bcc; the Bcc fields
/// are taken out.
///
/// It is the message that mail-builder writes, with line ends in CRLF throughout. But what the builder was not told
/// comes from `now` and from `entropy`, of which 32 octets are drawn, and not from the system's clock and host name:
/// Date, Message-ID (at the domain of the first author) and the boundaries of multiparts. And a field that would be
/// more than one field, or none, is refused.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use letterhead_mail::{Entropy, mail_builder};
/// use ::mail_builder::MessageBuilder;
///
/// #[derive(Debug)]
/// struct Fixed;
/// impl Entropy for Fixed {
///     fn fill(&self, buffer: &mut [u8]) {
///         buffer.fill(7);
///     }
/// }
///
/// let builder = MessageBuilder::new()
///     .from(("Billing", "billing@example.org"))
///     .to("ann@example.com")
///     .bcc("archive@example.org")
///     .text_body("It is attached.");
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// let draft = mail_builder::draft(builder, now, &Fixed)?;
/// assert_eq!(draft.recipients().len(), 2);
/// assert!(draft.message().header("Bcc").is_none());
/// let date = draft.message().header("Date").map(|date| date.unfolded());
/// assert_eq!(date.as_deref(), Some("Tue, 14 Nov 2023 22:13:20 +0000"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// See [`MailBuilderError`].
pub fn draft(
    builder: MessageBuilder<'_>,
    now: SystemTime,
    entropy: &dyn Entropy,
) -> Result<Draft, MailBuilderError> {
    let mut id = [0; 16];
    let mut boundary = [0; 16];
    entropy.fill(&mut id);
    entropy.fill(&mut boundary);
    let mut octets = Vec::new();
    for field in &builder.headers {
        write_field(field, &mut octets)?;
    }
    let has = |wanted: &str| {
        let mut names = builder.headers.iter().map(|(name, _)| name);
        names.any(|name| name.eq_ignore_ascii_case(wanted))
    };
    let mut missing = String::new();
    if !has("Message-ID") {
        // All that stands so far are fields, so this can change nothing but the empty header.
        let written = Message::from_bytes(octets.clone(), LineEndings::Normalise)?;
        let authors = written.authors().map_err(MailBuilderError::Author)?;
        let author = authors.first().map(|author| author.address().domain());
        let domain = author.ok_or(MailBuilderError::Author(AuthorError::Nobody))?;
        let id = header::message_id(domain, now, &id).ok_or(MailBuilderError::Date)?;
        missing.push_str(&format!("Message-ID: {id}\r\n"));
    }
    if !has("Date") {
        let date = header::date(now).ok_or(MailBuilderError::Date)?;
        missing.push_str(&format!("Date: {date}\r\n"));
    }
    if !has("MIME-Version") {
        missing.push_str("MIME-Version: 1.0\r\n");
    }
    octets.extend_from_slice(missing.as_bytes());
    let mut part = structure(builder);
    complete(&mut part, u128::from_be_bytes(boundary))?;
    part.write_part(&mut octets);
    let message = Message::from_bytes(octets, LineEndings::Normalise)?;
    Ok(Draft::from_message(&message)?)
}

/// The body in the structure that mail-builder gives it.
fn structure(builder: MessageBuilder<'_>) -> MimePart<'_> {
    if let Some(body) = builder.body {
        return body;
    }
    let text = match (builder.text_body, builder.html_body) {
        (Some(text), Some(html)) => Some(MimePart::new("multipart/alternative", vec![text, html])),
        (text, html) => text.or(html),
    };
    match (text, builder.attachments) {
        (Some(text), None) => text,
        (None, None) => MimePart::new("text/plain", "\n"),
        (text, Some(attachments)) => {
            let parts: Vec<_> = text.into_iter().chain(attachments).collect();
            MimePart::new("multipart/mixed", parts)
        }
    }
}

/// Checks the fields of every part, and gives a boundary to every multipart that has none: mail-builder's own would come
/// from the clock.
fn complete(root: &mut MimePart<'_>, boundary: u128) -> Result<(), MailBuilderError> {
    let mut parts = vec![root];
    let mut level = 0_usize;
    while let Some(part) = parts.pop() {
        if let BodyPart::Multipart(children) = &mut part.contents {
            // "=_" occurs neither in quoted-printable nor in base64; the number keeps boundaries apart.
            set_boundary(&mut part.headers, &format!("=_{level}_{boundary:032x}"))?;
            level += 1;
            parts.extend(children);
        }
        for field in &part.headers {
            write_field(field, &mut Vec::new())?;
        }
    }
    Ok(())
}

fn set_boundary(headers: &mut Vec<Field<'_>>, boundary: &str) -> Result<(), MailBuilderError> {
    let content_type = headers
        .iter_mut()
        .find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
    let Some((name, value)) = content_type else {
        let value = ContentType::new("multipart/mixed").attribute("boundary", boundary.to_owned());
        headers.push(("Content-Type".into(), value.into()));
        return Ok(());
    };
    // A boundary in text is one where mail-builder finds it.
    let with_boundary = |text: &str| {
        (!text.contains("boundary=\"")).then(|| format!("{text}; boundary=\"{boundary}\""))
    };
    let completed = match value {
        HeaderType::ContentType(content_type) => {
            let attributes = &mut content_type.attributes;
            if !attributes
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("boundary"))
            {
                attributes.push(("boundary".into(), boundary.to_owned().into()));
            }
            None
        }
        HeaderType::Raw(raw) => with_boundary(&raw.raw),
        HeaderType::Text(text) => with_boundary(&text.text),
        HeaderType::Address(_)
        | HeaderType::Date(_)
        | HeaderType::MessageId(_)
        | HeaderType::URL(_) => return Err(MailBuilderError::field(name)),
    };
    if let Some(completed) = completed {
        *value = Raw::new(completed).into();
    }
    Ok(())
}

/// Writes a field as mail-builder does, and reads it again: names and some values are written as they are.
fn write_field((name, value): &Field<'_>, octets: &mut Vec<u8>) -> Result<(), MailBuilderError> {
    let mut field = format!("{name}: ").into_bytes();
    value.write_header(&mut field, name.len() + 2);
    let length = field.len();
    let read = Message::from_bytes(field, LineEndings::Strict)
        .map_err(|_| MailBuilderError::field(name))?;
    let is_this_one =
        |first: HeaderField<'_>| first.name() == name && first.as_bytes().len() == length;
    if !read.header_fields().next().is_some_and(is_this_one) {
        return Err(MailBuilderError::field(name));
    }
    octets.extend_from_slice(read.as_bytes());
    Ok(())
}

/// Why what mail-builder's builder holds cannot be made a draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailBuilderError {
    /// The name or the value of a field holds what would end it or begin another, or a Content-Type is of another kind.
    #[error(
        "the header field {name:?} would not be that one field; take line ends out of its name and value"
    )]
    Field {
        /// The name, as it was given.
        name: String,
    },
    /// There is no Message-ID, and no author at whose domain one could be made.
    #[error("there is no Message-ID, and no From to make one for; set either")]
    Author(#[source] AuthorError),
    /// The time is not one that a Date field can hold.
    #[error("a message cannot be dated before 1900 or after 9999")]
    Date,
    /// What was built is no message.
    #[error("what was built is not a message")]
    Message(#[from] MessageError),
    /// It cannot be told to whom the message goes.
    #[error("the recipients cannot be read")]
    Recipients(#[from] DraftError),
}

impl MailBuilderError {
    fn field(name: &str) -> Self {
        Self::Field {
            name: name.to_owned(),
        }
    }
}
