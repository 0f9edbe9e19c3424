//! The recipient as the sender first named it.

use serde::{Deserialize, Serialize};

use super::NotificationError;
use super::xtext::{decoded, xtext};
use crate::address::{EmailAddress, is_atom_character};

/// The recipient as the sender first named it, which reports show
/// ([RFC 3461 §4.2](https://www.rfc-editor.org/rfc/rfc3461#section-4.2)).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OriginalRecipient {
    address: EmailAddress,
}

impl OriginalRecipient {
    /// The longest value of ORCPT that is read, in octets
    /// ([RFC 3461 §4.2](https://www.rfc-editor.org/rfc/rfc3461#section-4.2)).
    pub const MAX_LENGTH: usize = 500;

    /// The address.
    #[must_use]
    pub fn address(&self) -> &EmailAddress {
        &self.address
    }

    /// The address out of the parameter ORCPT: of the type rfc822 in xtext, or of the type utf-8 in the encoding of
    /// [RFC 6533 §3](https://www.rfc-editor.org/rfc/rfc6533#section-3).
    ///
    /// # Errors
    ///
    /// [`NotificationError::AddressType`] when the value is well formed and of another type, whose addresses are not kept;
    /// otherwise when it is longer than [`MAX_LENGTH`](Self::MAX_LENGTH), not encoded as its type is, or no address.
    pub fn from_parameter(value: &str) -> Result<Self, NotificationError> {
        const ERROR: NotificationError = NotificationError::OriginalRecipient;
        let (kind, encoded) = value.split_once(';').ok_or(ERROR)?;
        if value.len() > Self::MAX_LENGTH || !is_address_type(kind) {
            return Err(ERROR);
        }
        let address = match kind.to_ascii_lowercase().as_str() {
            "utf-8" => unquoted(encoded).ok_or(ERROR)?,
            "rfc822" => decoded(encoded)?,
            _ => return decoded(encoded).and(Err(NotificationError::AddressType)),
        };
        let address = address.parse().map_err(|_| ERROR)?;
        Ok(Self { address })
    }

    /// As the parameter ORCPT has it: `rfc822;` and xtext, or `utf-8;` and the encoding of
    /// [RFC 6533 §3](https://www.rfc-editor.org/rfc/rfc6533#section-3) that every server can carry.
    #[must_use]
    pub fn to_parameter(&self) -> String {
        let address = self.address.to_string();
        if address.is_ascii() {
            return format!("rfc822;{}", xtext(&address));
        }
        let mut encoded = String::from("utf-8;");
        for c in address.chars() {
            // RFC 6533 leaves out what xtext would write with a plus, and what this encoding itself uses.
            if matches!(c, '!'..='~') && !matches!(c, '+' | '=' | '\\') {
                encoded.push(c);
            } else {
                encoded.push_str(&format!("\\x{{{:X}}}", u32::from(c)));
            }
        }
        encoded
    }
}

impl From<EmailAddress> for OriginalRecipient {
    fn from(address: EmailAddress) -> Self {
        Self { address }
    }
}

/// An atom of [RFC 5322 §3.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3).
fn is_address_type(text: &str) -> bool {
    !text.is_empty() && text.is_ascii() && text.chars().all(is_atom_character)
}

/// What the encoding of RFC 6533 stands for: `\x{…}` is a character by its number, and all else is itself.
fn unquoted(encoded: &str) -> Option<String> {
    let mut text = String::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some(c) = rest.chars().next() {
        let behind = match c {
            '\\' => {
                let (number, behind) = rest.strip_prefix("\\x{")?.split_once('}')?;
                let is_hexadecimal = number.bytes().all(|byte| byte.is_ascii_hexdigit());
                if !is_hexadecimal || number.len() > 6 {
                    return None;
                }
                text.push(char::from_u32(u32::from_str_radix(number, 16).ok()?)?);
                behind
            }
            '+' | '=' | ' ' => return None,
            c if c.is_control() => return None,
            c => {
                text.push(c);
                rest.strip_prefix(c)?
            }
        };
        rest = behind;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{NotificationError, OriginalRecipient};
    use crate::address::EmailAddress;

    #[test]
    fn an_original_recipient_has_its_type_and_encoding() {
        for (address, parameter) in [
            ("bob@example.com", "rfc822;bob@example.com"),
            ("bob+x@example.com", "rfc822;bob+2Bx@example.com"),
            ("\"a b\"@example.com", "rfc822;\"a+20b\"@example.com"),
            (
                "j\u{f6}rg+x@example.com",
                "utf-8;j\\x{F6}rg\\x{2B}x@example.com",
            ),
        ] {
            let address: EmailAddress = address.parse().unwrap();
            let original = OriginalRecipient::from(address);
            assert_eq!(original.to_parameter(), parameter);
            assert_eq!(OriginalRecipient::from_parameter(parameter), Ok(original));
        }
    }

    #[test]
    fn values_of_orcpt_are_read_or_refused() {
        for value in [
            "RFC822;a@b.example",
            "UTF-8;a@b.example",
            "utf-8;\u{f6}\\x{e4}@b.example",
        ] {
            assert!(OriginalRecipient::from_parameter(value).is_ok(), "{value}");
        }
        for value in ["x400;/C=US/", "x-own;+00", "unknown;"] {
            let read = OriginalRecipient::from_parameter(value.replace("C=US", "C+3DUS").as_str());
            assert_eq!(read, Err(NotificationError::AddressType), "{value}");
        }
        let long = format!("rfc822;{}@b.example", "a".repeat(500));
        for value in [
            "",
            ";",
            "rfc822",
            "rfc822;",
            ";a@b.example",
            "rfc 822;a@b.example",
            "rfc822;nobody",
            "rfc822;a+2b@b.example",
            "rfc822;a+@b.example",
            "rfc822;a=b@b.example",
            "rfc822;a@b.example+0D+0A",
            "rfc822;\u{f6}@b.example",
            "x400;a+",
            "utf-8;a+2B@b.example",
            "utf-8;\\x{@b.example",
            "utf-8;\\x{}@b.example",
            "utf-8;\\y@b.example",
            "utf-8;\\x{D800}@b.example",
            "utf-8;\\x{+041}@b.example",
            "utf-8;\\x{0000041}@b.example",
            "utf-8;a\\x{A}@b.example",
            long.as_str(),
        ] {
            let read = OriginalRecipient::from_parameter(value);
            assert!(
                !matches!(read, Ok(_) | Err(NotificationError::AddressType)),
                "{value:?}: {read:?}"
            );
        }
    }
}
