//! Variable envelope return paths: a bounce address that names the recipient.

use crate::address::{AddressDomain, AddressError, EmailAddress};

/// Gives every recipient a return path of its own, so that a bounce says whom it is about whatever it quotes:
/// `bounces+ada=example.org@mail.example.com` for `ada@example.org`.
///
/// The recipient stands behind the `+` with its `@` as `=`; what a local part cannot hold without quotes, and `+`, `=` and `%` themselves,
/// are `%` and two hexadecimal digits. Nothing in it is proven: anyone can write such an address.
///
/// ```
/// use letterhead_mail::EmailAddress;
/// use letterhead_mail::envelope::VerpSender;
///
/// let verp = VerpSender::new("bounces@mail.example.com".parse()?)?;
/// let sender = verp.for_recipient(&"ada@example.org".parse()?)?;
/// assert_eq!(sender.to_string(), "bounces+ada=example.org@mail.example.com");
/// assert_eq!(verp.recipient(&sender), Some("ada@example.org".parse::<EmailAddress>()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerpSender {
    base: EmailAddress,
}

impl VerpSender {
    /// Return paths below this address. Its host must deliver what has a label behind `+` to it.
    ///
    /// # Errors
    ///
    /// When the address already has a label.
    pub fn new(base: EmailAddress) -> Result<Self, VerpError> {
        if base.local_part().contains('+') {
            return Err(VerpError::Labelled);
        }
        Ok(Self { base })
    }

    /// The return path for mail to this recipient.
    ///
    /// # Errors
    ///
    /// When the address would be too long: a local part has at most 64 octets
    /// ([RFC 5321 §4.5.3.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1)).
    pub fn for_recipient(&self, recipient: &EmailAddress) -> Result<EmailAddress, VerpError> {
        let mut local_part = format!("{}+", self.base.local_part());
        encode(recipient.local_part(), &mut local_part);
        local_part.push('=');
        encode(&recipient.domain().to_string(), &mut local_part);
        EmailAddress::new(&local_part, self.base.domain().clone()).map_err(VerpError::Address)
    }

    /// The recipient that a return path names, if it is one of these.
    #[must_use]
    pub fn recipient(&self, sender: &EmailAddress) -> Option<EmailAddress> {
        if sender.domain() != self.base.domain() {
            return None;
        }
        // Some hosts change the case of what they return.
        let (base, label) = sender.local_part().split_once('+')?;
        if !base.eq_ignore_ascii_case(self.base.local_part()) {
            return None;
        }
        let (local_part, domain) = label.split_once('=')?;
        let (local_part, domain) = (decode(local_part)?, decode(domain)?);
        let domain: AddressDomain = domain.parse().ok()?;
        EmailAddress::new(&local_part, domain).ok()
    }
}

fn encode(text: &str, out: &mut String) {
    for (place, byte) in text.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'/' | b'\'' | b'!' | b'#' | b'$' | b'&' | b'*' | b'?' | b'^' | b'`' | b'{' | b'|' | b'}' | b'~')
            // A dot is plain between two other characters.
            || (byte == b'.'
                && place > 0
                && place + 1 < text.len()
                && text.as_bytes().get(place + 1) != Some(&b'.'));
        if plain {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

fn decode(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let (high, low) = (bytes.next()?, bytes.next()?);
            let digit = |byte: u8| char::from(byte).to_digit(16);
            octets.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
        } else {
            octets.push(byte);
        }
    }
    String::from_utf8(octets).ok()
}

/// Why there is no such return path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerpError {
    /// The base has a label of its own.
    #[error("the bounce address has a '+' already: name it without")]
    Labelled,
    /// The address cannot be written.
    #[error("a return path that names this recipient is no address")]
    Address(#[source] AddressError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, proptest};

    use super::{VerpError, VerpSender};
    use crate::address::EmailAddress;

    fn verp() -> VerpSender {
        VerpSender::new("b@m.example".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_recipient_is_read_back() {
        for (recipient, local_part) in [
            ("a@x.example", "b+a=x.example"),
            ("a+b=c%d@x.example", "b+a%2Bb%3Dc%25d=x.example"),
            ("\"a b..c\"@x.example", "b+a%20b%2E.c=x.example"),
            ("j\u{f6}@x.example", "b+j%C3%B6=x.example"),
            ("a@[192.0.2.1]", "b+a=%5B192.0.2.1%5D"),
        ] {
            let recipient: EmailAddress = recipient.parse().unwrap();
            let sender = verp().for_recipient(&recipient).unwrap();
            assert_eq!(sender.local_part(), local_part);
            assert_eq!(verp().recipient(&sender), Some(recipient));
        }
    }

    #[test]
    fn what_is_not_such_a_path_names_nobody() {
        for sender in [
            "b@m.example",
            "b+a@m.example",
            "c+a=x.example@m.example",
            "b+a=x.example@other.example",
            "b+a%=x.example@m.example",
            "b+a%FF=x.example@m.example",
            "b+=x.example@m.example",
            "b+a=@m.example",
        ] {
            assert_eq!(verp().recipient(&sender.parse().unwrap()), None, "{sender}");
        }
        let labelled = VerpSender::new("b+c@m.example".parse().unwrap());
        assert_eq!(labelled, Err(VerpError::Labelled));
        let long = format!("{}@{}.example", "a".repeat(40), "x".repeat(30));
        assert!(matches!(
            verp().for_recipient(&long.parse().unwrap()),
            Err(VerpError::Address(_))
        ));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn every_recipient_that_fits_is_read_back(local_part in "[ -~\u{e4}]{1,12}", domain in "[a-z]{1,8}\\.example") {
            if let Ok(recipient) = EmailAddress::new(&local_part, domain.parse::<letterhead_dns::DomainName>().unwrap())
                && let Ok(sender) = verp().for_recipient(&recipient)
            {
                assert_eq!(verp().recipient(&sender), Some(recipient));
            }
        }
    }
}
