//! Base64 as DKIM tags hold it.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::scan::{self, Stop};

/// Writes padding; reads with or without it, as verifiers in the field do.
pub(crate) const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes text that may be folded anywhere ([RFC 6376 §2.10](https://www.rfc-editor.org/rfc/rfc6376#section-2.10)).
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if scan::first::<WhiteSpace>(text, 0).is_none() {
        return ENGINE.decode(text).ok();
    }
    let mut compact = Vec::with_capacity(text.len());
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        // A control character stops the search at once, and is left for the decoder to refuse.
        let end = scan::first::<WhiteSpace>(rest, 0).map_or(rest.len(), |end| end.max(1));
        let (run, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        compact.extend_from_slice(run);
        rest = after.trim_ascii_start();
    }
    ENGINE.decode(compact).ok()
}

/// White space, or a control character, which is none but has no place in Base64 either.
struct WhiteSpace;

impl Stop for WhiteSpace {
    #[inline]
    fn at(octet: u8, _: u8) -> bool {
        octet <= b' '
    }

    #[inline]
    fn among(word: u64, _: u64) -> u64 {
        scan::at_most_space(word)
    }
}
