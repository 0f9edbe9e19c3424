//! How a token is made unreadable and unchangeable, out of HMAC-SHA-256 alone.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;

use crate::token::TokenError;

/// Two keys of one purpose: one authenticates what a token says, the other hides it.
///
/// The tag is an HMAC of the plain content; the content is hidden under a stream of HMACs of that tag. This is the
/// synthetic-IV construction (as in [RFC 5297 §2](https://www.rfc-editor.org/rfc/rfc5297#section-2)) with HMAC in both
/// places, and it is deterministic: no nonce to store or to repeat, the same content makes the same token, and that two
/// tokens are equal is all that anyone without the keys can tell of them. A ready-made AEAD would do the same with a tag
/// of 16 octets, of which a return path has no room for.
pub(crate) struct Seal {
    authenticate: hmac::Key,
    hide: hmac::Key,
}

impl Seal {
    /// The keys that a secret gives for a purpose.
    pub(crate) fn derived(secret: &hmac::Key, purpose: &str) -> Self {
        let derive = |part: &str| {
            let label = format!("letterhead token 1 {purpose} {part}");
            let key = hmac::sign(secret, label.as_bytes());
            hmac::Key::new(hmac::HMAC_SHA256, key.as_ref())
        };
        Self {
            authenticate: derive("authenticate"),
            hide: derive("hide"),
        }
    }

    /// The first `N` octets of the HMAC of a sequence of texts, which do not run into one another.
    pub(crate) fn tag<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        let mut context = hmac::Context::with_key(&self.authenticate);
        for part in parts {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            context.update(&length.to_be_bytes());
            context.update(part);
        }
        let whole = context.sign();
        let mut tag = [0; N];
        for (octet, signed) in tag.iter_mut().zip(whole.as_ref()) {
            *octet = *signed;
        }
        tag
    }

    /// Whether the tag is that of these texts, in a time that does not tell how much of it is right.
    pub(crate) fn check<const N: usize>(
        &self,
        parts: &[&[u8]],
        tag: &[u8; N],
    ) -> Result<(), TokenError> {
        verify_slices_are_equal(&self.tag::<N>(parts), tag).map_err(|_| TokenError::Forged)
    }

    /// Hides the octets under this tag; once more brings them back.
    pub(crate) fn mask(&self, tag: &[u8], octets: &mut [u8]) {
        for (block, chunk) in (0_u32..).zip(octets.chunks_mut(BLOCK)) {
            let mut context = hmac::Context::with_key(&self.hide);
            context.update(&block.to_be_bytes());
            context.update(tag);
            for (octet, mask) in chunk.iter_mut().zip(context.sign().as_ref()) {
                *octet ^= mask;
            }
        }
    }
}

/// Octets of one HMAC-SHA-256.
const BLOCK: usize = 32;

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;

    use super::Seal;

    fn test_seal() -> Seal {
        Seal::derived(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), "test")
    }

    #[test]
    fn parts_do_not_run_into_one_another() {
        let tag = |parts: &[&[u8]]| test_seal().tag::<16>(parts);
        assert_ne!(tag(&[b"ab", b"c"]), tag(&[b"a", b"bc"]));
        assert_ne!(tag(&[b"ab"]), tag(&[b"ab", b""]));
    }

    #[test]
    fn masking_twice_brings_back_and_no_two_blocks_are_masked_alike() {
        let mut octets = [0; 96];
        test_seal().mask(b"tag", &mut octets);
        assert_ne!(octets[..32], octets[32..64]);
        assert_ne!(octets[32..64], octets[64..]);
        test_seal().mask(b"tag", &mut octets);
        assert_eq!(octets, [0; 96]);
    }
}
