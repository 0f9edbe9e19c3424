//! What becomes of header fields on the way.

use letterhead_mail::HeaderName;
use serde::Deserialize;

use super::section::all_parsed;

/// What happens to header fields on the way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Headers {
    /// Fields that the provider replaces; a signature of the sender's must not cover them.
    #[serde(default, deserialize_with = "all_parsed")]
    pub overwritten: Vec<HeaderName>,
    /// The Message-IDs it may write, the commonest first; none where the sender's own stays.
    ///
    /// `{reply-id}` is the last word of its reply to the message, `{region}` the provider's region that took it.
    #[serde(default)]
    pub message_ids: Vec<String>,
    /// Where this was read.
    pub source: String,
}

impl Headers {
    /// The Message-IDs that recipients may see, in the order of the templates, worked out from the text of the reply
    /// that accepted the message and the region it was sent through; none where the sender's own stays.
    ///
    /// A template with `{region}` is left out where no region is given, or one that is not a word of ASCII letters,
    /// digits and hyphens. A reply without a word gives none.
    #[must_use]
    pub fn message_ids_from_reply(&self, reply_text: &str, region: Option<&str>) -> Vec<String> {
        let Some(id) = reply_text.split_ascii_whitespace().next_back() else {
            return Vec::new();
        };
        let region = region.filter(|region| is_region(region));
        self.message_ids
            .iter()
            .filter_map(|template| {
                let template = if template.contains(REGION) {
                    template.replace(REGION, region?)
                } else {
                    template.clone()
                };
                // Last, so that braces in what the server wrote are just braces.
                Some(template.replace(REPLY_ID, id))
            })
            .collect()
    }
}

fn is_region(text: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
    !text.is_empty() && text.bytes().all(allowed)
}

const REGION: &str = "{region}";

const REPLY_ID: &str = "{reply-id}";
