//! The MIME structure of a built message.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_builder::headers::content_type::ContentType;
use mail_builder::mime::{BodyPart, MimePart};

use super::{Attachment, BuildError, Inline, MediaType, MessageBuilder};

type Part = MimePart<'static>;

/// `mixed( related( alternative( text, html ), inline… ), attachment… )`, only the levels that are needed.
pub(super) fn body(builder: &MessageBuilder, boundary: &[u8; 16]) -> Result<Part, BuildError> {
    let boundary = u128::from_be_bytes(*boundary);
    let multipart = |level: &str, mut content_type: ContentType<'static>, parts: Vec<Part>| {
        // "=_" occurs neither in quoted-printable nor in base64; the level keeps nested boundaries apart.
        content_type = content_type.attribute("boundary", format!("=_{level}_{boundary:032x}"));
        MimePart::new(content_type, parts)
    };
    let text = builder
        .text
        .as_deref()
        .map(|text| text_part("text", "text/plain", text))
        .transpose()?;
    let html = builder
        .html
        .as_deref()
        .map(|html| text_part("HTML", "text/html", html))
        .transpose()?;
    let (mut part, root) = match (text, html) {
        (Some(text), Some(html)) => {
            let parts = vec![text, html];
            let root = "multipart/alternative";
            (multipart("a", ContentType::new(root), parts), root)
        }
        (None, Some(html)) => (html, "text/html"),
        (Some(text), None) => (text, "text/plain"),
        (None, None) => (text_part("text", "text/plain", "")?, "text/plain"),
    };
    if !builder.inline.is_empty() {
        check_content_ids(&builder.inline)?;
        let mut parts = vec![part];
        parts.extend(builder.inline.iter().map(inline_part));
        // RFC 2387 §3.1 asks for the type of the root part.
        let content_type = ContentType::new("multipart/related").attribute("type", root);
        part = multipart("r", content_type, parts);
    }
    if !builder.attachments.is_empty() {
        let mut parts = vec![part];
        parts.extend(builder.attachments.iter().map(attachment_part));
        part = multipart("m", ContentType::new("multipart/mixed"), parts);
    }
    Ok(part)
}

fn text_part(part: &'static str, media_type: &'static str, text: &str) -> Result<Part, BuildError> {
    if let Some(offset) = text.find('\0') {
        return Err(BuildError::Nul { part, offset });
    }
    let content_type = ContentType::new(media_type).attribute("charset", "utf-8");
    let text = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\n', "\r\n");
    Ok(MimePart::new(content_type, BodyPart::Text(text.into())))
}

fn check_content_ids(inline: &[Inline]) -> Result<(), BuildError> {
    let mut seen = HashSet::new();
    match inline.iter().find(|part| !seen.insert(&part.content_id)) {
        Some(part) => Err(BuildError::RepeatedContentId(part.content_id.clone())),
        None => Ok(()),
    }
}

fn inline_part(part: &Inline) -> Part {
    binary_part(&part.media_type, &part.octets)
        .inline()
        .cid(part.content_id.to_string())
}

fn attachment_part(part: &Attachment) -> Part {
    let file = binary_part(&part.media_type, &part.octets);
    match part.file_name.as_str() {
        "" => file.header("Content-Disposition", ContentType::new("attachment")),
        name => file.attachment(name.to_owned()),
    }
}

/// Always base64, text files too: their octets arrive as they are, whatever their line ends.
fn binary_part(media_type: &MediaType, octets: &[u8]) -> Part {
    let mut content_type = ContentType::new(media_type.essence().to_owned());
    for (name, value) in media_type.parameters() {
        content_type = content_type.attribute(name.to_owned(), value.to_owned());
    }
    let mut lines = Vec::with_capacity(octets.len() / 57 * 78 + 78);
    for chunk in octets.chunks(OCTETS_A_LINE) {
        if !lines.is_empty() {
            lines.extend_from_slice(b"\r\n");
        }
        lines.extend_from_slice(STANDARD.encode(chunk).as_bytes());
    }
    MimePart::new(content_type, BodyPart::Binary(lines.into())).transfer_encoding("base64")
}

/// 57 octets are a base64 line of 76 characters, the most that RFC 2045 §6.8 allows.
const OCTETS_A_LINE: usize = 57;
