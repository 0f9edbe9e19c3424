//! A message in serde formats: base64 where people read, octets elsewhere.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{LineEndings, Message};

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&STANDARD.encode(self.as_bytes()))
        } else {
            serializer.serialize_bytes(self.as_bytes())
        }
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let octets = if deserializer.is_human_readable() {
            deserializer.deserialize_str(Base64Visitor)?
        } else {
            deserializer.deserialize_byte_buf(OctetsVisitor)?
        };
        Self::from_bytes(octets, LineEndings::Strict).map_err(Error::custom)
    }
}

struct Base64Visitor;

impl Visitor<'_> for Base64Visitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message in base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u8>, E> {
        STANDARD.decode(text).map_err(E::custom)
    }
}

struct OctetsVisitor;

impl<'de> Visitor<'de> for OctetsVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the octets of a message")
    }

    fn visit_bytes<E: Error>(self, octets: &[u8]) -> Result<Vec<u8>, E> {
        Ok(octets.to_vec())
    }

    fn visit_byte_buf<E: Error>(self, octets: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(octets)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut octets: A) -> Result<Vec<u8>, A::Error> {
        let mut read = Vec::new();
        while let Some(octet) = octets.next_element()? {
            read.push(octet);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserializer as _;
    use serde::de::value::{BytesDeserializer, Error, SeqDeserializer};

    use super::OctetsVisitor;

    #[test]
    fn octets_are_read_as_one_value_or_as_a_list() {
        let bytes = BytesDeserializer::<Error>::new(b"A: b\r\n");
        assert_eq!(
            bytes.deserialize_byte_buf(OctetsVisitor).unwrap(),
            b"A: b\r\n"
        );
        let list = SeqDeserializer::<_, Error>::new(b"A: b\r\n".iter().copied());
        assert_eq!(
            list.deserialize_byte_buf(OctetsVisitor).unwrap(),
            b"A: b\r\n"
        );
    }
}
