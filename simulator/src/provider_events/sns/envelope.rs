//! The envelope, and what of it is signed
//! ([Amazon's description](https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html)).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_dkim::{Digest, SigningKey};
use serde_json::{Map, Value};

/// An envelope that is still open: its fields by their names.
#[derive(Debug)]
pub(super) struct Envelope {
    fields: Map<String, Value>,
}

impl Envelope {
    pub(super) fn new(kind: &str) -> Self {
        let envelope = Self { fields: Map::new() };
        envelope.with("Type", kind).with("SignatureVersion", "2")
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = Value::String(value.into());
        self.fields.insert(name.to_owned(), value);
        self
    }

    /// Its octets, signed. Should the key not sign, they have no signature, and nobody believes them.
    pub(super) fn seal(self, key: &dyn SigningKey) -> Vec<u8> {
        let signature = key.sign_digest(&Digest::of(self.signed_text().as_bytes()));
        let sealed = match signature {
            Ok(signature) => self.with("Signature", STANDARD.encode(signature)),
            Err(_) => self,
        };
        Value::Object(sealed.fields).to_string().into_bytes()
    }

    /// Names and values of what is signed, each in a line, in the order of the names.
    fn signed_text(&self) -> String {
        let line = |name: &&str| {
            let value = self.fields.get(*name)?.as_str()?;
            Some(format!("{name}\n{value}\n"))
        };
        SIGNED.iter().filter_map(line).collect()
    }
}

/// What is signed, as far as it is there. Only a notification has a subject, and only a request for a subscription a token
/// and a URL.
const SIGNED: [&str; 8] = [
    "Message",
    "MessageId",
    "Subject",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
];
