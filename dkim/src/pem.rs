//! PEM ([RFC 7468](https://www.rfc-editor.org/rfc/rfc7468)), as far as one private key goes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize as _, Zeroizing};

use crate::key_error::{KeyError, KeyFormat};

/// Finds the first block whose label ends in `KEY` and decodes it; text and other blocks before it are skipped.
pub(crate) fn decode_key(pem: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut rest = pem;
    let mut other = None;
    loop {
        let Some((_, after)) = rest.split_once("-----BEGIN ") else {
            return Err(other.unwrap_or(KeyError::NotPem));
        };
        let (label, after) = after.split_once("-----").ok_or(KeyError::NotPem)?;
        let end = format!("-----END {label}-----");
        let (content, after) = after.split_once(end.as_str()).ok_or(KeyError::NotPem)?;
        match label {
            "PRIVATE KEY" | "RSA PRIVATE KEY" => return decode(content),
            "ENCRYPTED PRIVATE KEY" => return Err(unsupported(KeyFormat::Encrypted)),
            "EC PRIVATE KEY" => return Err(unsupported(KeyFormat::EllipticCurve)),
            "OPENSSH PRIVATE KEY" => return Err(unsupported(KeyFormat::OpenSsh)),
            "PUBLIC KEY" | "RSA PUBLIC KEY" => other = Some(unsupported(KeyFormat::PublicKey)),
            "CERTIFICATE" => other = Some(unsupported(KeyFormat::Certificate)),
            _ => {}
        }
        rest = after;
    }
}

/// Writes a `PRIVATE KEY` block with lines of 64 characters.
pub(crate) fn encode_private_key(der: &[u8]) -> Zeroizing<String> {
    let text = Zeroizing::new(STANDARD.encode(der));
    // Reserved at once, so that no half-written copy is left behind in memory.
    let mut pem = Zeroizing::new(String::with_capacity(text.len() + text.len() / 64 + 64));
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}

fn decode(content: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    // The traditional format announces encryption in headers before the data.
    if content.contains("ENCRYPTED") {
        return Err(unsupported(KeyFormat::Encrypted));
    }
    let mut compact = Zeroizing::new(Vec::with_capacity(content.len()));
    compact.extend(content.bytes().filter(|octet| !octet.is_ascii_whitespace()));
    let mut out = Zeroizing::new(vec![0; compact.len() / 4 * 3 + 3]);
    match STANDARD.decode_slice(compact.as_slice(), out.as_mut_slice()) {
        Ok(length) => {
            out.truncate(length);
            Ok(out)
        }
        Err(_) => {
            out.zeroize();
            Err(KeyError::PemEncoding)
        }
    }
}

fn unsupported(seen: KeyFormat) -> KeyError {
    KeyError::Unsupported { seen }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for length in [0, 1, 47, 48, 49, 200] {
            let der = vec![7; length];
            let pem = encode_private_key(&der);
            assert!(pem.lines().all(|line| line.len() <= 64));
            assert_eq!(*decode_key(&pem).unwrap(), der);
        }
    }

    #[test]
    fn other_blocks_are_named_or_skipped() {
        let block = |label: &str, content: &str| {
            format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")
        };
        let seen = |pem: &str| match decode_key(pem) {
            Err(KeyError::Unsupported { seen }) => seen,
            other => panic!("{other:?}"),
        };
        assert_eq!(seen(&block("PUBLIC KEY", "AAAA")), KeyFormat::PublicKey);
        assert_eq!(seen(&block("CERTIFICATE", "AAAA")), KeyFormat::Certificate);
        assert_eq!(
            seen(&block("OPENSSH PRIVATE KEY", "AAAA")),
            KeyFormat::OpenSsh
        );
        assert_eq!(
            seen(&block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nAAAA")),
            KeyFormat::Encrypted
        );
        let both = [block("CERTIFICATE", "AAAA"), block("PRIVATE KEY", "AQID")].concat();
        assert_eq!(*decode_key(&both).unwrap(), [1, 2, 3]);
        assert!(matches!(decode_key(""), Err(KeyError::NotPem)));
        assert!(matches!(
            decode_key("-----BEGIN PRIVATE KEY-----\nAA"),
            Err(KeyError::NotPem)
        ));
        assert!(matches!(
            decode_key(&block("PRIVATE KEY", "?")),
            Err(KeyError::PemEncoding)
        ));
    }
}
