//! Body canonicalisation as a stream, from chunks of any size to a sink.

use crate::canonicalization::BodyCanonicalization;

/// The canonical form of a body, written to `sink` in whole runs.
///
/// Only CRLF ends a line; a lone CR or LF is an octet like any other.
#[derive(Debug)]
pub(crate) struct BodyCanonicalizer {
    kind: BodyCanonicalization,
    /// Line ends seen and not written: they count only once something follows.
    line_ends: u64,
    /// White space seen and not written (relaxed).
    space: bool,
    /// The last chunk ended in CR.
    carriage_return: bool,
    /// Whether anything was written.
    written: bool,
}

/// Where canonical octets go.
pub(crate) trait Sink {
    fn write(&mut self, octets: &[u8]);
}

impl BodyCanonicalizer {
    pub(crate) fn new(kind: BodyCanonicalization) -> Self {
        Self {
            kind,
            line_ends: 0,
            space: false,
            carriage_return: false,
            written: false,
        }
    }

    pub(crate) fn update(&mut self, chunk: &[u8], sink: &mut impl Sink) {
        let mut rest = chunk;
        if self.carriage_return && !rest.is_empty() {
            self.carriage_return = false;
            if let Some(after) = rest.strip_prefix(b"\n") {
                self.end_line();
                rest = after;
            } else {
                self.text(b"\r", sink);
            }
        }
        match self.kind {
            BodyCanonicalization::Simple => self.simple(rest, sink),
            BodyCanonicalization::Relaxed => self.relaxed(rest, sink),
        }
    }

    pub(crate) fn finish(mut self, sink: &mut impl Sink) {
        if self.carriage_return {
            self.text(b"\r", sink);
        }
        // The last line always ends in CRLF; an empty body is one CRLF when simple, nothing when relaxed.
        if self.written || self.kind == BodyCanonicalization::Simple {
            sink.write(b"\r\n");
        }
    }

    fn simple(&mut self, chunk: &[u8], sink: &mut impl Sink) {
        let mut head = chunk;
        if let Some(before) = head.strip_suffix(b"\r") {
            self.carriage_return = true;
            head = before;
        }
        let mut trailing = 0;
        while let Some(before) = head.strip_suffix(b"\r\n") {
            trailing += 1;
            head = before;
        }
        if !head.is_empty() {
            self.text(head, sink);
        }
        self.line_ends += trailing;
    }

    fn relaxed(&mut self, chunk: &[u8], sink: &mut impl Sink) {
        let mut rest = chunk;
        loop {
            match rest {
                [] => break,
                [b' ' | b'\t', ..] => {
                    self.space = true;
                    rest = rest
                        .iter()
                        .position(|octet| !matches!(octet, b' ' | b'\t'))
                        .and_then(|end| rest.get(end..))
                        .unwrap_or_default();
                }
                [b'\r', b'\n', after @ ..] => {
                    self.end_line();
                    rest = after;
                }
                [b'\r'] => {
                    self.carriage_return = true;
                    break;
                }
                _ => {
                    let (run, after) = rest
                        .split_at_checked(unchanged(rest))
                        .unwrap_or((rest, &[]));
                    self.text(run, sink);
                    rest = after;
                }
            }
        }
    }

    fn end_line(&mut self) {
        self.space = false;
        self.line_ends += 1;
    }

    /// Writes what was held back, then `run`.
    fn text(&mut self, run: &[u8], sink: &mut impl Sink) {
        while self.line_ends > 1 {
            sink.write(b"\r\n");
            self.line_ends -= 1;
        }
        match (self.line_ends, self.space) {
            (0, false) => {}
            (0, true) => sink.write(b" "),
            (_, false) => sink.write(b"\r\n"),
            (_, true) => sink.write(b"\r\n "),
        }
        self.line_ends = 0;
        self.space = false;
        sink.write(run);
        self.written = true;
    }
}

/// How many octets at the start of `data` the relaxed form leaves as they are, line ends inside included. `data` starts
/// with an octet that is neither white space nor the start of a line end; the answer is at least one.
fn unchanged(data: &[u8]) -> usize {
    let stop = first_change(data);
    let mut run = data.get(..stop).unwrap_or(data);
    // At the end of a chunk a CR may be half of a line end.
    if stop == data.len() {
        run = run.strip_suffix(b"\r").unwrap_or(run);
    }
    while let Some(before) = run.strip_suffix(b"\r\n") {
        run = before;
    }
    run.len().max(1)
}

/// Where the first tab is, or the first space that has white space, a CR or nothing after it.
///
/// Most text has neither for long, so blocks are first tested as a whole, which the compiler turns into vector code.
fn first_change(data: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let next = data.get(1..).unwrap_or_default();
    let clean = data
        .chunks_exact(BLOCK)
        .zip(next.chunks_exact(BLOCK))
        .take_while(|(own, following)| {
            own.iter()
                .zip(following.iter())
                .fold(0, |any, (octet, after)| any | changes(*octet, *after))
                == 0
        })
        .count()
        * BLOCK;
    // The block that is not clean, or the end of the data: eight octets at once.
    let mut position = clean;
    while let (Some(own), Some(following)) = (word(data, position), word(data, position + 1)) {
        let special = equal(following, b' ') | equal(following, b'\t') | equal(following, b'\r');
        let found = equal(own, b'\t') | (equal(own, b' ') & special);
        if found != 0 {
            return position + found.trailing_zeros() as usize / 8;
        }
        position += 8;
    }
    let rest = data.get(position..).unwrap_or_default();
    let following = rest.iter().skip(1).copied().chain([b'\r']);
    rest.iter()
        .zip(following)
        .position(|(octet, after)| changes(*octet, after) != 0)
        .map_or(data.len(), |found| position + found)
}

/// Eight octets, the first one lowest.
fn word(data: &[u8], position: usize) -> Option<u64> {
    data.get(position..)?
        .first_chunk()
        .map(|octets| u64::from_le_bytes(*octets))
}

/// The high bit of every octet of `word` that is `octet`, and of no other.
fn equal(word: u64, octet: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let difference = word ^ u64::from_ne_bytes([octet; 8]);
    !(((difference & LOW) + LOW) | difference | LOW)
}

/// Non-zero where the relaxed form differs at `octet`; without branches.
fn changes(octet: u8, after: u8) -> u8 {
    let special = u8::from(after == b' ') | u8::from(after == b'\t') | u8::from(after == b'\r');
    u8::from(octet == b'\t') | (u8::from(octet == b' ') & special)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop, prop_assert_eq, proptest};

    use super::*;

    impl Sink for Vec<u8> {
        fn write(&mut self, octets: &[u8]) {
            self.extend_from_slice(octets);
        }
    }

    fn canonical(kind: BodyCanonicalization, chunks: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut canonicalizer = BodyCanonicalizer::new(kind);
        for chunk in chunks {
            canonicalizer.update(chunk, &mut out);
        }
        canonicalizer.finish(&mut out);
        out
    }

    /// The rule written line by line, without any thought of speed.
    fn by_the_book(kind: BodyCanonicalization, body: &[u8]) -> Vec<u8> {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let mut rest = body;
        while !rest.is_empty() {
            let end = memchr::memmem::find(rest, b"\r\n");
            let line = &rest[..end.unwrap_or(rest.len())];
            rest = end.map_or(&[], |end| &rest[end + 2..]);
            let mut kept = Vec::new();
            for octet in line {
                match (kind, octet) {
                    (BodyCanonicalization::Relaxed, b' ' | b'\t') => {
                        if kept.last() != Some(&b' ') {
                            kept.push(b' ');
                        }
                    }
                    _ => kept.push(*octet),
                }
            }
            if kind == BodyCanonicalization::Relaxed && kept.last() == Some(&b' ') {
                kept.pop();
            }
            lines.push(kept);
        }
        while lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        if lines.is_empty() && kind == BodyCanonicalization::Simple {
            lines.push(Vec::new());
        }
        lines
            .into_iter()
            .flat_map(|line| [line, b"\r\n".to_vec()].concat())
            .collect()
    }

    #[test]
    fn the_cases_of_rfc_6376() {
        let simple = |body: &[u8]| canonical(BodyCanonicalization::Simple, &[body]);
        let relaxed = |body: &[u8]| canonical(BodyCanonicalization::Relaxed, &[body]);
        // §3.4.5: the example.
        assert_eq!(relaxed(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        assert_eq!(simple(b" C \r\nD \t E\r\n\r\n\r\n"), b" C \r\nD \t E\r\n");
        // §3.4.3 and §3.4.4: empty bodies, and a body without final CRLF.
        for empty in [&b""[..], b"\r\n", b"\r\n\r\n"] {
            assert_eq!(simple(empty), b"\r\n");
            assert_eq!(relaxed(empty), b"");
        }
        assert_eq!(simple(b"a"), b"a\r\n");
        assert_eq!(relaxed(b"a"), b"a\r\n");
        // §3.4.4: lines of white space only at the end are empty lines.
        assert_eq!(relaxed(b" \t\r\n \r\n"), b"");
        assert_eq!(relaxed(b"hello \r\n \r\n\t"), b"hello\r\n");
        assert_eq!(simple(b"hello \r\n \r\n\r\n"), b"hello \r\n \r\n");
        assert_eq!(relaxed(b"a\r\n \r\nb"), b"a\r\n\r\nb\r\n");
    }

    #[test]
    fn lone_cr_and_lf_are_text() {
        for body in [
            &b"a\rb\n\r"[..],
            b"\r",
            b"\n",
            b"\r\r\n",
            b" \r ",
            b"a\r\t\r\r\n\n",
        ] {
            for kind in [BodyCanonicalization::Simple, BodyCanonicalization::Relaxed] {
                assert_eq!(
                    canonical(kind, &[body]),
                    by_the_book(kind, body),
                    "{body:?}"
                );
            }
        }
    }

    const PIECES: &[&[u8]] = &[
        b"word",
        b" next",
        b"a line that is long",
        b"  ",
        b"\t",
        b" \r\n",
        b"\r\n",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn any_chunking_gives_what_the_rule_says(
            dense in prop::collection::vec(prop::sample::select(&b"ab \t\r\n\xff"[..]), 0..120),
            // Long enough for whole blocks without white space, and for a change at any place in a block.
            sparse in prop::collection::vec(
                prop::sample::select(PIECES),
                0..60,
            ),
            cut in 1..90usize,
        ) {
            for body in [dense, sparse.concat()] {
                for kind in [BodyCanonicalization::Simple, BodyCanonicalization::Relaxed] {
                    let expected = by_the_book(kind, &body);
                    prop_assert_eq!(&canonical(kind, &[&body]), &expected);
                    let chunks: Vec<&[u8]> = body.chunks(cut).collect();
                    prop_assert_eq!(&canonical(kind, &chunks), &expected);
                }
            }
        }
    }
}
