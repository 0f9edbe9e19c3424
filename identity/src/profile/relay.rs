//! What the mail servers between the provider and the recipients have to do.

use letterhead_mail::HeaderName;
use serde::Deserialize;

use super::Profile;
use super::region::Need;
use super::section::{all_parsed, parsed};

/// What the customer's own servers have to do, where the provider's mail goes through them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Relay {
    /// Whether the provider signs in to the server (SMTP AUTH).
    pub authentication: Need,
    /// Whether the server has to let the provider's addresses in.
    #[serde(default)]
    pub ip_allow_list: AllowList,
    /// Whether the server may put the provider's mail off.
    #[serde(default)]
    pub greylisting: Greylisting,
    /// What the server does with SPF of mail that comes from the provider; `None` where nobody says.
    pub inner_hop_spf: Option<InnerHopSpf>,
    /// Fields that must leave as they came.
    #[serde(default, deserialize_with = "all_parsed")]
    pub fixed_headers: Vec<HeaderName>,
    /// A remark.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// Whether a server has to let a provider's addresses in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AllowList {
    /// It must.
    Required,
    /// It should.
    Recommended,
    /// Some servers must; ask whoever runs it.
    Maybe,
    /// It need not.
    None,
    /// Nobody says.
    #[default]
    Unknown,
}

/// Whether a server may put mail off by its first contact
/// ([RFC 6647](https://www.rfc-editor.org/rfc/rfc6647)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Greylisting {
    /// It should not.
    Discouraged,
    /// It may.
    Fine,
    /// Nobody says.
    #[default]
    Unknown,
}

/// What a server does with SPF of mail that comes from the provider. The check that counts is at the recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum InnerHopSpf {
    /// It passes over it: the provider is a trusted sender.
    Ignored,
    /// It checks it.
    Checked,
}

/// A field that has to be there when the message leaves the last server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PreservedHeader {
    /// Its name.
    #[serde(deserialize_with = "parsed")]
    pub header: HeaderName,
    /// What it says; `None` for what it said before.
    pub value: Option<String>,
    /// Where this was read.
    pub source: String,
}

/// How mail comes in by forwarding.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Forwarding {
    /// How many times a message may be forwarded on its way in.
    pub maximum_hops: usize,
    /// What becomes of mail that was forwarded more often.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
}

impl Profile {
    /// What the servers on the way have to do; `None` where nothing is known of any.
    #[must_use]
    pub fn relay(&self) -> Option<&Relay> {
        self.sections.relay.as_ref()
    }

    /// The fields that have to get through the servers on the way.
    #[must_use]
    pub fn preserved_headers(&self) -> &[PreservedHeader] {
        self.sections.preserved.as_deref().unwrap_or_default()
    }

    /// How mail comes in by forwarding; `None` where none does, or nothing is known.
    #[must_use]
    pub fn forwarding(&self) -> Option<&Forwarding> {
        self.sections.forwarding.as_ref()
    }
}
