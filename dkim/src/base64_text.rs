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
    let mut octets = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let is_compact = !scan::any::<WhiteSpace>(text, 0);
    let decoded = if is_compact {
        ENGINE.decode_vec(text, &mut octets)
    } else if text.len() > FEW {
        ENGINE.decode_vec(compact(text, &mut vec![0; text.len()])?, &mut octets)
    } else {
        ENGINE.decode_vec(compact(text, &mut [0; FEW])?, &mut octets)
    };
    decoded.ok().map(|()| octets)
}

/// Copies the text without white space into `room`, which is no shorter.
fn compact<'r>(text: &[u8], room: &'r mut [u8]) -> Option<&'r [u8]> {
    let mut used = 0;
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        // A control character stops the search at once, and is left for the decoder to refuse.
        let end = scan::first::<WhiteSpace>(rest, 0).map_or(rest.len(), |end| end.max(1));
        let (run, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        room.get_mut(used..used + run.len())?.copy_from_slice(run);
        used += run.len();
        rest = after.trim_ascii_start();
    }
    room.get(..used)
}

/// Text of so many characters costs no memory but that of its octets: the signature of a key of 2048 bits.
const FEW: usize = 512;

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
