//! The forms that there are, and what they write with.

use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use letterhead_mail::DomainName;
use serde_json::Value;

use super::{
    Occurrence, OciLogs, SendGridSigning, SesOverSns, Submitted, mailgun, mailjet, postmark,
    sendgrid, sparkpost,
};
use crate::entropy::SeededEntropy;
use crate::world::{Outbound, World};

/// How things are told.
#[derive(Debug, Clone)]
pub(super) enum Form {
    Ses(Box<SesOverSns>),
    Oci(Box<OciLogs>),
    SendGrid(SendGridSigning),
    Mailgun { key: SigningKey },
    Postmark,
    SparkPost,
    Mailjet,
}

/// A secret that both sides know; `Debug` does not show it.
#[derive(Clone)]
pub(super) struct SigningKey(pub(super) String);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// A request without its target.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) content_type: &'static str,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Post {
    /// A request with this document.
    pub(super) fn json(value: &Value) -> Self {
        Self {
            content_type: "application/json",
            headers: Vec::new(),
            body: value.to_string().into_bytes(),
        }
    }

    /// One request with all of these; none where there are none.
    pub(super) fn json_of_all(values: Vec<Value>) -> Option<Self> {
        (!values.is_empty()).then(|| Self::json(&Value::Array(values)))
    }
}

/// What is told of, and when.
pub(super) struct Telling<'a> {
    pub(super) world: &'a World,
    pub(super) outbound: &'a Outbound,
    pub(super) submitted: &'a Submitted,
    pub(super) now: SystemTime,
    pub(super) entropy: &'a SeededEntropy,
}

impl Telling<'_> {
    /// The host that tells.
    pub(super) fn host(&self) -> &DomainName {
        &self.outbound.host.name
    }

    /// How long the provider has had the message, in milliseconds.
    pub(super) fn age_in_millis(&self) -> u64 {
        let age = self.now.duration_since(self.outbound.arrived);
        u64::try_from(age.unwrap_or(Duration::ZERO).as_millis()).unwrap_or(u64::MAX)
    }

    /// The address of a server of the simulation.
    pub(super) fn address_of(&self, server: &str) -> Option<IpAddr> {
        let name: DomainName = server.parse().ok()?;
        Some(self.world.hosts.get(&name)?.address())
    }
}

impl Form {
    /// The requests that tell of this; none where the provider does not tell such things.
    pub(super) fn write(
        &self,
        telling: &Telling<'_>,
        occurrence: &Occurrence,
        subscriber: &super::Subscriber,
    ) -> Vec<Post> {
        match self {
            Self::Ses(form) => form.write(telling, occurrence, subscriber.sns()),
            Self::Oci(form) => form.write(telling, occurrence).into_iter().collect(),
            Self::SendGrid(signing) => {
                let post = sendgrid::write(telling, occurrence, *signing);
                post.into_iter().collect()
            }
            Self::Mailgun { key } => mailgun::write(telling, occurrence, &key.0),
            Self::Postmark => postmark::write(telling, occurrence),
            Self::SparkPost => sparkpost::write(telling, occurrence),
            Self::Mailjet => mailjet::write(telling, occurrence).into_iter().collect(),
        }
    }
}

/// Seconds since 1970.
pub(super) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}

/// What recipients are said to read mail with.
pub(super) const USER_AGENT: &str = "Mozilla/5.0 (Letterhead Simulator)";

/// Where recipients are said to read it, an address for examples
/// ([RFC 5737 §3](https://www.rfc-editor.org/rfc/rfc5737#section-3)).
pub(super) const READER_ADDRESS: &str = "198.51.100.1";
