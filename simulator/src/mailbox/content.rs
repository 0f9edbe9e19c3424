//! What a mail says and carries.

use letterhead_mail::Message;
use mail_parser::parsers::MessageStream;
use mail_parser::{MessageParser, MimeHeaders as _, PartType};

/// Something attached to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    file_name: Option<String>,
    media_type: String,
    content: Vec<u8>,
}

impl Attachment {
    /// The name it has for the reader, decoded.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// `type/subtype` in lower case; `text/plain` where nothing is said
    /// ([RFC 2045 §5.2](https://www.rfc-editor.org/rfc/rfc2045#section-5.2)).
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The content without its transfer encoding; text is in UTF-8, whatever it came in.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

/// A picture that a mail carries for its own HTML ([RFC 2392](https://www.rfc-editor.org/rfc/rfc2392)).
#[cfg(feature = "web")]
#[derive(Debug)]
pub(crate) struct Picture {
    /// Its Content-ID, without the angle brackets.
    pub(crate) id: String,
    /// `image/png` and the like; never one that can hold scripts.
    pub(crate) media_type: &'static str,
    pub(crate) content: Vec<u8>,
}

/// The pictures of a mail that its HTML may name.
#[cfg(feature = "web")]
pub(super) fn pictures(message: &Message) -> Vec<Picture> {
    let Some(read) = MessageParser::default().parse(message.as_bytes()) else {
        return Vec::new();
    };
    let picture = |part: &mail_parser::MessagePart<'_>| {
        let media_type = part.content_type()?;
        let subtype = media_type.subtype()?;
        if !media_type.ctype().eq_ignore_ascii_case("image") {
            return None;
        }
        let harmless = HARMLESS.into_iter();
        let (_, media_type) = harmless
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(subtype))?;
        Some(Picture {
            id: part.content_id()?.trim_matches(['<', '>']).to_owned(),
            media_type,
            content: part.contents().to_vec(),
        })
    };
    read.parts.iter().filter_map(picture).collect()
}

/// Kinds of pictures that are nothing but pictures.
#[cfg(feature = "web")]
const HARMLESS: [(&str, &str); 5] = [
    ("png", "image/png"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
];

/// A mail, read.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
    pub(super) attachments: Vec<Attachment>,
}

impl Content {
    pub(super) fn read(message: &Message) -> Self {
        let Some(read) = MessageParser::default().parse(message.as_bytes()) else {
            return Self::default();
        };
        // The reader offers HTML as text where there is no text, and the other way around.
        let joined = |ids: &[u32], pick: fn(&PartType<'_>) -> Option<String>| {
            let parts = ids.iter().filter_map(|id| read.part(*id));
            let texts: Vec<String> = parts.filter_map(|part| pick(&part.body)).collect();
            (!texts.is_empty()).then(|| texts.join("\n"))
        };
        Self {
            text: joined(&read.text_body, |body| match body {
                PartType::Text(text) => Some(text.clone().into_owned()),
                _ => None,
            }),
            html: joined(&read.html_body, |body| match body {
                PartType::Html(html) => Some(html.clone().into_owned()),
                _ => None,
            }),
            attachments: read
                .attachments()
                .map(|part| Attachment {
                    file_name: part.attachment_name().map(str::to_owned),
                    media_type: part.content_type().map_or_else(
                        || "text/plain".to_owned(),
                        |media_type| {
                            let subtype = media_type.subtype().unwrap_or_default();
                            format!("{}/{subtype}", media_type.ctype()).to_ascii_lowercase()
                        },
                    ),
                    content: part.contents().to_vec(),
                })
                .collect(),
        }
    }
}

/// The values of all fields of this name, unfolded and with their encoded words decoded
/// ([RFC 2047](https://www.rfc-editor.org/rfc/rfc2047)).
pub(crate) fn values(message: &Message, name: &str) -> Vec<String> {
    message
        .headers_named(name)
        .map(|field| decoded(field.unfolded()))
        .collect()
}

fn decoded(value: String) -> String {
    if !value.contains("=?") {
        return value;
    }
    let line = format!("{value}\n");
    let read = MessageStream::new(line.as_bytes()).parse_unstructured();
    read.into_text().map_or(value, |text| text.into_owned())
}
