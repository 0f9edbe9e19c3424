//! As much DER as telling key formats apart needs.

/// One element: its tag, its content, and what follows it.
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) rest: &'a [u8],
}

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;

/// `rsaEncryption`, 1.2.840.113549.1.1.1.
pub(crate) const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// `id-Ed25519`, 1.3.101.112.
pub(crate) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// `id-ecPublicKey`, 1.2.840.10045.2.1.
pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// The algorithm identifier of an RSA `SubjectPublicKeyInfo`: the OID and NULL.
const RSA_ALGORITHM: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// Reads one element of definite length.
pub(crate) fn read(input: &[u8]) -> Option<Element<'_>> {
    let (tag, input) = input.split_first()?;
    let (first, mut input) = input.split_first()?;
    let mut length = usize::from(*first);
    if length >= 0x80 {
        let (octets, rest) = input.split_at_checked(length - 0x80)?;
        if octets.is_empty() || octets.len() > 4 {
            return None;
        }
        length = octets
            .iter()
            .fold(0, |value, octet| value << 8 | usize::from(*octet));
        input = rest;
    }
    let (content, rest) = input.split_at_checked(length)?;
    Some(Element {
        tag: *tag,
        content,
        rest,
    })
}

/// Reads one element that must have this tag; gives content and rest.
pub(crate) fn expect(tag: u8, input: &[u8]) -> Option<(&[u8], &[u8])> {
    read(input)
        .filter(|element| element.tag == tag)
        .map(|element| (element.content, element.rest))
}

/// The bit length of the modulus of a PKCS#1 `RSAPublicKey`, and of nothing else.
pub(crate) fn rsa_public_key_bits(input: &[u8]) -> Option<usize> {
    let (key, rest) = expect(SEQUENCE, input)?;
    let (modulus, exponent) = expect(INTEGER, key)?;
    let (_, after) = expect(INTEGER, exponent)?;
    (rest.is_empty() && after.is_empty()).then(|| integer_bits(modulus))
}

/// The bit length of the modulus of a PKCS#1 `RSAPrivateKey`.
pub(crate) fn rsa_private_key_bits(input: &[u8]) -> Option<usize> {
    let (key, _) = expect(SEQUENCE, input)?;
    let (_version, key) = expect(INTEGER, key)?;
    let (modulus, _) = expect(INTEGER, key)?;
    Some(integer_bits(modulus))
}

/// The PKCS#1 key inside an RSA `SubjectPublicKeyInfo`.
pub(crate) fn rsa_key_of_spki(input: &[u8]) -> Option<&[u8]> {
    let (info, rest) = expect(SEQUENCE, input)?;
    let (algorithm, bits) = expect(SEQUENCE, info)?;
    let (oid, _) = expect(OBJECT_IDENTIFIER, algorithm)?;
    let (key, after) = expect(BIT_STRING, bits)?;
    let (unused_bits, key) = key.split_first()?;
    (rest.is_empty() && after.is_empty() && oid == RSA_ENCRYPTION && *unused_bits == 0)
        .then_some(key)
}

/// The 32 octets inside an Ed25519 `SubjectPublicKeyInfo`.
pub(crate) fn ed25519_key_of_spki(input: &[u8]) -> Option<&[u8; 32]> {
    let (info, _) = expect(SEQUENCE, input)?;
    let (algorithm, bits) = expect(SEQUENCE, info)?;
    let (oid, _) = expect(OBJECT_IDENTIFIER, algorithm)?;
    let (key, _) = expect(BIT_STRING, bits)?;
    let (_unused_bits, key) = key.split_first()?;
    key.try_into().ok().filter(|_| oid == ED25519)
}

/// How many octets the first element says it has, with tag and length, whether or not they are there.
pub(crate) fn announced_octets(input: &[u8]) -> Option<usize> {
    let (_tag, after) = input.split_first()?;
    let (first, after) = after.split_first()?;
    match usize::from(*first) {
        short @ 0..=0x7f => Some(2 + short),
        // Lengths of two octets reach far beyond every key.
        0x81 => Some(3 + usize::from(*after.first()?)),
        0x82 => {
            let (high, low) = (*after.first()?, *after.get(1)?);
            Some(4 + usize::from(u16::from_be_bytes([high, low])))
        }
        _ => None,
    }
}

/// Wraps a PKCS#1 public key into a `SubjectPublicKeyInfo`.
pub(crate) fn spki_of_rsa_key(key: &[u8]) -> Vec<u8> {
    let mut bits = Vec::with_capacity(key.len() + 1);
    bits.push(0);
    bits.extend_from_slice(key);
    let mut info = RSA_ALGORITHM.to_vec();
    push(BIT_STRING, &bits, &mut info);
    let mut out = Vec::with_capacity(info.len() + 5);
    push(SEQUENCE, &info, &mut out);
    out
}

/// The number of significant bits of an integer's content.
pub(crate) fn integer_bits(content: &[u8]) -> usize {
    let significant = content
        .iter()
        .position(|octet| *octet != 0)
        .and_then(|start| content.get(start..))
        .unwrap_or_default();
    significant.first().map_or(0, |first| {
        significant.len() * 8 - first.leading_zeros() as usize
    })
}

fn push(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    let length = content.len().to_be_bytes();
    let start = length
        .iter()
        .position(|octet| *octet != 0)
        .unwrap_or(length.len());
    let significant = length.get(start..).unwrap_or_default();
    match significant {
        [] => out.push(0),
        [short @ 0..0x80] => out.push(*short),
        long => {
            out.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::*;

    proptest! {
        #[test]
        fn what_is_pushed_is_read_back(content in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut out = Vec::new();
            push(OCTET_STRING, &content, &mut out);
            prop_assert_eq!(expect(OCTET_STRING, &out), Some((&content[..], &[][..])));
            prop_assert_eq!(announced_octets(&out), Some(out.len()));
        }

        #[test]
        fn arbitrary_octets_never_panic(input in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = rsa_public_key_bits(&input);
            let _ = rsa_key_of_spki(&input);
            let _ = ed25519_key_of_spki(&input);
            let _ = announced_octets(&input);
        }
    }

    #[test]
    fn bits_are_those_of_the_number() {
        for (content, bits) in [
            (&[][..], 0),
            (&[0], 0),
            (&[1], 1),
            (&[0, 0x80], 8),
            (&[1, 0], 9),
        ] {
            assert_eq!(integer_bits(content), bits);
        }
    }
}
