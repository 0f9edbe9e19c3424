//! Message content behind DATA: read in pieces of any size it is the same as in one, and what is stuffed reads back.
//!
//! The first octet is the limit, the next three are the sizes of the pieces in turn.
#![no_main]

use letterhead_transport::smtp::{DataFinding, DataProgress, DataReader, end_of_data, stuff_dots};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Some((&[limit, sizes @ ..], octets)) = octets.split_first_chunk::<4>() else {
        return;
    };
    let limit = (limit < 128).then_some(u64::from(limit) * 4);
    let whole = read(std::iter::once(octets), limit);
    let cut = read(
        Pieces {
            octets,
            sizes: sizes.iter().cycle(),
        },
        limit,
    );
    assert_eq!(cut, whole);
    if let Some(limit) = limit {
        assert!(whole.message.len() as u64 <= limit);
    } else {
        assert_eq!(whole.message.len() as u64, whole.size);
    }

    let mut sent = Vec::new();
    stuff_dots(octets, &mut sent);
    sent.extend_from_slice(end_of_data(octets));
    let back = read(std::iter::once(sent.as_slice()), None);
    let line_end: &[u8] = if octets.is_empty() || octets.ends_with(b"\r\n") {
        b""
    } else {
        b"\r\n"
    };
    assert_eq!(back.message, [octets, line_end].concat());
    assert_eq!(back.rest.as_deref(), Some(&b""[..]));
});

#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    message: Vec<u8>,
    size: u64,
    findings: Vec<DataFinding>,
    /// What stood behind the end, where it was reached.
    rest: Option<Vec<u8>>,
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>, limit: Option<u64>) -> Outcome {
    let mut reader = DataReader::new(limit);
    let mut rest: Option<Vec<u8>> = None;
    for piece in pieces {
        if let DataProgress::Complete { rest: behind } = reader.feed(piece) {
            rest.get_or_insert_default().extend_from_slice(behind);
        }
    }
    let (size, findings) = (reader.size(), reader.findings().to_vec());
    Outcome {
        message: reader.into_message(),
        size,
        findings,
        rest,
    }
}

struct Pieces<'a, S> {
    octets: &'a [u8],
    sizes: S,
}

impl<'a, 's, S: Iterator<Item = &'s u8>> Iterator for Pieces<'a, S> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let size = usize::from(*self.sizes.next()?) % 64 + 1;
        let (piece, rest) = self.octets.split_at(size.min(self.octets.len()));
        self.octets = rest;
        (!piece.is_empty()).then_some(piece)
    }
}
