use std::fmt;
use std::io::Write as _;
use std::str::FromStr;
use std::sync::Arc;

use letterhead_mail::{AddressDomain, EmailAddress};

/// An address as suppression compares it: domain and local part both without regard to case, or a keyed hash of that.
///
/// SMTP leaves the case of a local part to the receiving host
/// ([RFC 5321 §2.4](https://www.rfc-editor.org/rfc/rfc5321#section-2.4)), and [`EmailAddress`] compares it exactly. A
/// suppression list errs to the other side on purpose: people type their address in any case, reporters change the case
/// of what they report, and next to no host tells two mailboxes apart by it. A match too many costs one message; a match
/// too few writes to somebody who complained. Labels (`+news`) are kept: what a host makes of them is not known.
///
/// A hash is made by a [`KeyHasher`](crate::KeyHasher) and written `:address:domain`, which no address looks like. Clones
/// share the text.
///
/// ```
/// use letterhead_feedback::SuppressionKey;
/// use letterhead_mail::EmailAddress;
///
/// let typed: EmailAddress = "Joe.Doe@Example.ORG".parse()?;
/// let reported: EmailAddress = "joe.doe@example.org".parse()?;
/// assert_ne!(typed, reported);
/// assert_eq!(SuppressionKey::from(&typed), SuppressionKey::from(&reported));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SuppressionKey(Arc<str>);

impl SuppressionKey {
    /// The longest text of a key, in octets: small letters can take more room than capitals.
    pub const MAX_LENGTH: usize = 3 * EmailAddress::MAX_LENGTH;

    /// The text: what a table of suppressed addresses has its index on. It compares octet for octet.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a keyed hash, from which nobody reads the address.
    #[must_use]
    pub fn is_hashed(&self) -> bool {
        self.0.starts_with(HASH_MARK)
    }

    /// What it has in common with all keys of the same domain: the domain in lower case, or the hash of that.
    #[must_use]
    pub fn domain(&self) -> &str {
        domain_of(&self.0)
    }

    /// The address in lower case; `None` of a hash.
    #[must_use]
    pub fn address(&self) -> Option<EmailAddress> {
        if self.is_hashed() {
            return None;
        }
        self.0.parse().ok()
    }

    pub(crate) fn of_hashes(address: &str, domain: &str) -> Self {
        Self(format!("{HASH_MARK}{address}{HASH_MARK}{domain}").into())
    }

    /// The key of this text, which was one.
    pub(crate) fn stored(text: &str) -> Self {
        Self(text.into())
    }
}

/// The part of a key's text that all keys of one domain share.
pub(crate) fn domain_of(key: &str) -> &str {
    let mark = if key.starts_with(HASH_MARK) {
        HASH_MARK
    } else {
        '@'
    };
    key.rsplit_once(mark).map_or("", |(_, domain)| domain)
}

/// A domain as keys have it.
pub(crate) fn domain_text(domain: &AddressDomain) -> String {
    domain.to_string().to_lowercase()
}

impl From<&EmailAddress> for SuppressionKey {
    fn from(address: &EmailAddress) -> Self {
        // On the stack, since it is made for each look at the list.
        let mut room = [0; EmailAddress::MAX_LENGTH];
        if let Some(text) = written(address, &mut room)
            && text.is_ascii()
        {
            text.make_ascii_lowercase();
            return Self((&*text).into());
        }
        Self(address.to_string().to_lowercase().into())
    }
}

fn written<'a>(address: &EmailAddress, room: &'a mut [u8]) -> Option<&'a mut str> {
    let whole = room.len();
    let mut rest = &mut *room;
    write!(rest, "{address}").ok()?;
    let length = whole - rest.len();
    str::from_utf8_mut(room.get_mut(..length)?).ok()
}

impl fmt::Display for SuppressionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for SuppressionKey {
    type Err = SuppressionKeyError;

    /// An address in any case, or a hash as it is printed.
    fn from_str(text: &str) -> Result<Self, SuppressionKeyError> {
        let Some(hashes) = text.strip_prefix(HASH_MARK) else {
            let address: EmailAddress = text.parse().map_err(|_| SuppressionKeyError)?;
            return Ok(Self::from(&address));
        };
        let base32 = |part: &str, length: usize| {
            part.len() == length
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
        };
        match hashes.split_once(HASH_MARK) {
            Some((address, domain))
                if base32(address, ADDRESS_HASH) && base32(domain, DOMAIN_HASH) =>
            {
                Ok(Self(text.into()))
            }
            _ => Err(SuppressionKeyError),
        }
    }
}

/// Text that is neither an address nor a keyed hash of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is an address, or a hash as a suppression list exports it")]
#[non_exhaustive]
pub struct SuppressionKeyError;

/// No local part begins with it: it would be written in quotes.
const HASH_MARK: char = ':';
/// The digits of an address's hash, five bits each.
pub(crate) const ADDRESS_HASH: usize = 26;
/// The digits of a domain's hash. One of ten million domains has another with the same.
pub(crate) const DOMAIN_HASH: usize = 10;
