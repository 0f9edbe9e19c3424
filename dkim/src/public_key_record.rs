//! Key records, the TXT records at `<selector>._domainkey.<domain>`.

use std::fmt;

use base64::Engine as _;
use letterhead_dns::domain_name::DomainNameError;
use letterhead_dns::{DomainName, Record, RecordData, Txt};

use crate::algorithm::Algorithm;
use crate::base64_text;
use crate::key::SigningKey;
use crate::public_key::PublicKey;
use crate::quoted_printable;
use crate::selector::Selector;
use crate::tag_list::{self, TagListError};

/// A key record ([RFC 6376 §3.6.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1),
/// [RFC 8463 §4](https://www.rfc-editor.org/rfc/rfc8463#section-4)).
///
/// `Display` writes the record's text; [`to_txt`](Self::to_txt) cuts it into character-strings for publishing.
/// Unknown tags, flags and service types are not kept, nor are notes that are not quoted-printable.
///
/// ```
/// use letterhead_dkim::PublicKeyRecord;
///
/// let record = PublicKeyRecord::parse(b"v=DKIM1; k=ed25519; t=y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")?;
/// assert!(record.is_testing());
/// assert_eq!(record.key().map(|key| key.bits()), Some(256));
/// # Ok::<(), letterhead_dkim::KeyRecordError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeyRecord {
    /// `None` is revoked.
    key: Option<PublicKey>,
    key_type: Algorithm,
    hash: Scope,
    service: Scope,
    notes: Option<Box<[u8]>>,
    testing: Flag,
    strict: Flag,
}

/// Whether a list in the record includes what DKIM for mail needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The tag is absent: everything is allowed.
    Absent,
    /// The list names it: SHA-256, or mail.
    Included,
    /// The list does not name it.
    Excluded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flag {
    Clear,
    Set,
}

impl PublicKeyRecord {
    /// A record of this key without restrictions.
    #[must_use]
    pub fn new(key: PublicKey) -> Self {
        Self {
            key_type: key.algorithm(),
            key: Some(key),
            hash: Scope::Absent,
            service: Scope::Absent,
            notes: None,
            testing: Flag::Clear,
            strict: Flag::Clear,
        }
    }

    /// The record to publish for a signing key.
    #[must_use]
    pub fn for_key(key: &dyn SigningKey) -> Self {
        Self::new(key.public_key())
    }

    /// A record that says that the key of this selector is withdrawn: an empty `p=`.
    #[must_use]
    pub fn revoked(key_type: Algorithm) -> Self {
        Self {
            key: None,
            key_type,
            hash: Scope::Absent,
            service: Scope::Absent,
            notes: None,
            testing: Flag::Clear,
            strict: Flag::Clear,
        }
    }

    /// With `t=y`: the domain is testing DKIM, and receivers treat its signed mail as unsigned. Default: not set.
    #[must_use]
    pub fn testing(mut self) -> Self {
        self.testing = Flag::Set;
        self
    }

    /// With `t=s`: the domain of `i=` must be the signing domain itself, not one below it. Default: not set.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = Flag::Set;
        self
    }

    /// With `s=email`: the key is for mail only. Default: not set.
    #[must_use]
    pub fn email_only(mut self) -> Self {
        self.service = Scope::Included;
        self
    }

    /// With `n=`: notes for people. Default: none; they cost space in the DNS.
    #[must_use]
    pub fn notes(mut self, text: &str) -> Self {
        self.notes = Some(text.as_bytes().into());
        self
    }

    /// Reads the joined character-strings of a TXT record.
    ///
    /// # Errors
    ///
    /// Text that is no key record; the error names the tag.
    pub fn parse(text: &[u8]) -> Result<Self, KeyRecordError> {
        let tags = tag_list::parse(text)?;
        let value = |name: &str| {
            tags.iter()
                .find(|tag| tag.name == name.as_bytes())
                .map(|tag| tag.value)
        };
        if let Some(version) = value("v") {
            let first = tags.first().is_some_and(|tag| tag.name == b"v");
            if version != b"DKIM1" || !first {
                return Err(KeyRecordError::Version);
            }
        }
        let key_type = match value("k") {
            None => Algorithm::RsaSha256,
            Some(kind) if kind.eq_ignore_ascii_case(b"rsa") => Algorithm::RsaSha256,
            Some(kind) if kind.eq_ignore_ascii_case(b"ed25519") => Algorithm::Ed25519Sha256,
            Some(_) => return Err(KeyRecordError::KeyType),
        };
        let encoded = value("p").ok_or(KeyRecordError::NoKey)?;
        let key = if encoded.is_empty() {
            None
        } else {
            let octets = base64_text::decode(encoded).ok_or(KeyRecordError::KeyEncoding)?;
            Some(read_key(key_type, &octets).ok_or(KeyRecordError::Key(key_type))?)
        };
        let flags = value("t");
        Ok(Self {
            key,
            key_type,
            hash: scope(value("h"), &["sha256"]),
            service: scope(value("s"), &["email", "*"]),
            // They are for people, so a fault in them is none of the key's.
            notes: value("n")
                .and_then(quoted_printable::decode)
                .map(Into::into),
            testing: flag(flags, "y"),
            strict: flag(flags, "s"),
        })
    }

    /// The key; `None` if it is revoked.
    #[must_use]
    pub fn key(&self) -> Option<&PublicKey> {
        self.key.as_ref()
    }

    /// Whether the key is withdrawn (`p=` is empty).
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.key.is_none()
    }

    /// The algorithm of `k=`, which a revoked record has too.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.key_type
    }

    /// Whether `h=` allows SHA-256.
    #[must_use]
    pub fn allows_sha256(&self) -> bool {
        self.hash != Scope::Excluded
    }

    /// Whether `s=` allows mail.
    #[must_use]
    pub fn allows_email(&self) -> bool {
        self.service != Scope::Excluded
    }

    /// Whether the domain is testing DKIM (`t=y`).
    #[must_use]
    pub fn is_testing(&self) -> bool {
        self.testing == Flag::Set
    }

    /// Whether `i=` must be at the signing domain itself (`t=s`).
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.strict == Flag::Set
    }

    /// The value to publish, cut into character-strings of at most 255 octets.
    #[must_use]
    pub fn to_txt(&self) -> Txt {
        Txt::split(self.to_string().as_bytes())
    }

    /// The TXT record that publishes it for a selector of this domain; `ttl` in seconds. Its `Display` is the line for
    /// a zone file.
    ///
    /// ```
    /// use letterhead_dkim::{Algorithm, PublicKeyRecord};
    ///
    /// let record = PublicKeyRecord::revoked(Algorithm::RsaSha256);
    /// assert_eq!(
    ///     record.at(&"2026a".parse()?, &"example.org".parse()?, 3600)?.to_string(),
    ///     "2026a._domainkey.example.org. 3600 IN TXT \"v=DKIM1; k=rsa; p=\""
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When selector and domain together are too long for a name.
    pub fn at(
        &self,
        selector: &Selector,
        domain: &DomainName,
        ttl: u32,
    ) -> Result<Record, DomainNameError> {
        let name = selector.record_name(domain)?;
        Ok(Record::new(
            name.into(),
            ttl,
            RecordData::Txt(self.to_txt()),
        ))
    }
}

impl fmt::Display for PublicKeyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=DKIM1; k={}", self.key_type.key_type())?;
        match self.hash {
            Scope::Absent => {}
            Scope::Included => f.write_str("; h=sha256")?,
            // An empty list cannot be written; a name nobody implements allows as little.
            Scope::Excluded => f.write_str("; h=none")?,
        }
        match self.service {
            Scope::Absent => {}
            Scope::Included => f.write_str("; s=email")?,
            Scope::Excluded => f.write_str("; s=none")?,
        }
        match (self.testing, self.strict) {
            (Flag::Clear, Flag::Clear) => {}
            (Flag::Set, Flag::Clear) => f.write_str("; t=y")?,
            (Flag::Clear, Flag::Set) => f.write_str("; t=s")?,
            (Flag::Set, Flag::Set) => f.write_str("; t=y:s")?,
        }
        if let Some(notes) = &self.notes {
            write!(f, "; n={}", quoted_printable::encode(notes))?;
        }
        let key = self.key.as_ref().map(PublicKey::as_bytes);
        write!(
            f,
            "; p={}",
            base64_text::ENGINE.encode(key.unwrap_or_default())
        )
    }
}

fn read_key(key_type: Algorithm, octets: &[u8]) -> Option<PublicKey> {
    match key_type {
        Algorithm::RsaSha256 => PublicKey::rsa_from_der(octets),
        Algorithm::Ed25519Sha256 => octets.try_into().ok().map(PublicKey::ed25519),
    }
}

/// The items of a list with colons, without white space around them.
pub(crate) fn items(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|octet| *octet == b':').map(<[u8]>::trim_ascii)
}

fn scope(list: Option<&[u8]>, wanted: &[&str]) -> Scope {
    let Some(list) = list else {
        return Scope::Absent;
    };
    let included = items(list).any(|item| {
        wanted
            .iter()
            .any(|wanted| item.eq_ignore_ascii_case(wanted.as_bytes()))
    });
    if included {
        Scope::Included
    } else {
        Scope::Excluded
    }
}

fn flag(list: Option<&[u8]>, wanted: &str) -> Flag {
    if scope(list, &[wanted]) == Scope::Included {
        Flag::Set
    } else {
        Flag::Clear
    }
}

/// Why text is no key record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRecordError {
    /// It is not a tag list.
    #[error("the key record is not a list of tags")]
    TagList(#[from] TagListError),
    /// `v=` is not DKIM1, or not the first tag.
    #[error("v= must be DKIM1 and the first tag of the key record")]
    Version,
    /// `k=` names a key type that nothing here verifies.
    #[error("k= must be rsa or ed25519")]
    KeyType,
    /// `p=` is missing.
    #[error("the key record has no p=")]
    NoKey,
    /// `p=` is not Base64.
    #[error("p= is not valid Base64; look for quotes or backslashes left in by copying")]
    KeyEncoding,
    /// `p=` holds no key of the type `k=` says.
    #[error("p= holds no {} key", .0.key_type())]
    Key(Algorithm),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy as _, any, prop, prop_assert_eq, prop_oneof, proptest};

    use super::*;

    const ED25519: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    fn parse(text: &str) -> Result<PublicKeyRecord, KeyRecordError> {
        PublicKeyRecord::parse(text.as_bytes())
    }

    #[test]
    fn restrictions_are_read() {
        let key = format!("k=ed25519; p={ED25519}");
        let plain = parse(&key).unwrap();
        assert!(plain.allows_email() && plain.allows_sha256());
        assert!(!plain.is_testing() && !plain.is_strict() && !plain.is_revoked());
        let record = parse(&format!(
            "v=DKIM1; h=sha1 : SHA256; s=other:*; t=s : y:x; {key}"
        ))
        .unwrap();
        assert!(record.allows_email() && record.allows_sha256());
        assert!(record.is_testing() && record.is_strict());
        let record = parse(&format!("h=sha1; s=other; {key}")).unwrap();
        assert!(!record.allows_email() && !record.allows_sha256());
        assert!(parse("v=DKIM1; p=").unwrap().is_revoked());
    }

    #[test]
    fn white_space_inside_the_key_is_ignored() {
        let (front, back) = ED25519.split_at(10);
        assert_eq!(
            parse(&format!("k=ed25519; p={front} \r\n\t{back}")),
            parse(&format!("k=ed25519; p={ED25519}"))
        );
    }

    #[test]
    fn faults_are_named() {
        for (text, error) in [
            (
                format!("k=ed25519; p={ED25519}; v=DKIM1"),
                KeyRecordError::Version,
            ),
            ("v=spf1 -all".to_owned(), KeyRecordError::Version),
            ("v=DKIM1; k=dsa; p=AA==".to_owned(), KeyRecordError::KeyType),
            ("v=DKIM1".to_owned(), KeyRecordError::NoKey),
            ("p=\\\"AAAA".to_owned(), KeyRecordError::KeyEncoding),
            (
                format!("p={ED25519}"),
                KeyRecordError::Key(Algorithm::RsaSha256),
            ),
            (
                "k=ed25519; p=AAAA".to_owned(),
                KeyRecordError::Key(Algorithm::Ed25519Sha256),
            ),
        ] {
            assert_eq!(parse(&text), Err(error), "{text}");
        }
        assert!(matches!(parse("p=; p="), Err(KeyRecordError::TagList(_))));
    }

    fn record() -> impl proptest::strategy::Strategy<Value = PublicKeyRecord> {
        let key = prop_oneof![
            any::<[u8; 32]>().prop_map(|raw| PublicKeyRecord::new(PublicKey::ed25519(raw))),
            Just(PublicKeyRecord::revoked(Algorithm::RsaSha256)),
        ];
        let scope = || {
            prop_oneof![
                Just(Scope::Absent),
                Just(Scope::Included),
                Just(Scope::Excluded)
            ]
        };
        let flag = || prop_oneof![Just(Flag::Clear), Just(Flag::Set)];
        (
            key,
            scope(),
            scope(),
            flag(),
            flag(),
            prop::option::of(any::<Vec<u8>>()),
        )
            .prop_map(
                |(record, hash, service, testing, strict, notes)| PublicKeyRecord {
                    hash,
                    service,
                    testing,
                    strict,
                    notes: notes.map(Into::into),
                    ..record
                },
            )
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(record in record()) {
            prop_assert_eq!(parse(&record.to_string()), Ok(record));
        }

        #[test]
        fn arbitrary_octets_never_panic(text in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = PublicKeyRecord::parse(&text);
            let _ = PublicKeyRecord::parse(&[b"p=", &text[..]].concat());
        }
    }
}
