//! The values of a signature that are not short.

use std::fmt;
use std::sync::OnceLock;

use crate::base64_text;
use crate::header_name::HeaderName;
use crate::signed_names::{Spellings, are_names};

/// The values of `h=`, `bh=` and `b=`, one behind the other in one piece of memory: for each mail that is verified they are
/// made once and read once.
#[derive(Clone)]
pub(crate) struct LongValues {
    octets: Vec<u8>,
    /// Where `bh=` starts.
    body_hash: usize,
    /// Where `b=` starts.
    signature: usize,
    /// The names of `h=`, once somebody asked for them.
    names: OnceLock<Box<[HeaderName]>>,
}

impl LongValues {
    /// Reads the values as they stand in the tags; an error is the name of the tag that is invalid.
    pub(crate) fn read(
        names: &[u8],
        body_hash: &[u8],
        signature: &[u8],
    ) -> Result<Self, &'static str> {
        if !are_names(names) {
            return Err("h");
        }
        let room = [body_hash, signature].map(|text| base64_text::most_octets(text.len()));
        let mut octets = Vec::with_capacity(names.len() + room.iter().sum::<usize>());
        octets.extend_from_slice(names);
        let mut decode = |text: &[u8], tag| {
            let start = octets.len();
            base64_text::decode_into(text, &mut octets)
                .filter(|()| octets.len() > start)
                .map(|()| start)
                .ok_or(tag)
        };
        let body_hash = decode(body_hash, "bh")?;
        let signature = decode(signature, "b")?;
        Ok(Self {
            octets,
            body_hash,
            signature,
            names: OnceLock::new(),
        })
    }

    /// The names of `h=` as they are spelt, in order.
    pub(crate) fn spellings(&self) -> Spellings<'_> {
        Spellings::of(self.octets.get(..self.body_hash).unwrap_or_default())
    }

    /// The names of `h=`, in order.
    pub(crate) fn names(&self) -> &[HeaderName] {
        self.names.get_or_init(|| {
            let texts = self.spellings().map(str::from_utf8);
            let names = texts.filter_map(|text| text.ok()?.parse().ok());
            names.collect()
        })
    }

    pub(crate) fn body_hash(&self) -> &[u8] {
        let place = self.body_hash..self.signature;
        self.octets.get(place).unwrap_or_default()
    }

    pub(crate) fn signature(&self) -> &[u8] {
        self.octets.get(self.signature..).unwrap_or_default()
    }
}

impl PartialEq for LongValues {
    fn eq(&self, other: &Self) -> bool {
        self.names() == other.names()
            && self.body_hash() == other.body_hash()
            && self.signature() == other.signature()
    }
}

impl Eq for LongValues {}

impl fmt::Debug for LongValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LongValues")
            .field("names", &self.names())
            .field("body_hash", &self.body_hash())
            .field("signature", &self.signature())
            .finish()
    }
}
