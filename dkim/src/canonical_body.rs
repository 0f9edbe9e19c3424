//! Body canonicalisation as a stream, from chunks of any size to a sink.

use crate::canonicalization::BodyCanonicalization;
use crate::hash_input::Sink;
use crate::scan::{self, Stop};
use crate::space_runs::collapse;

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
                    rest = rest.get(white_space(rest)..).unwrap_or_default();
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
                    self.write_held_back(sink);
                    let left = relaxed_text(rest, sink);
                    rest = rest.get(rest.len() - left..).unwrap_or_default();
                }
            }
        }
    }

    fn end_line(&mut self) {
        self.space = false;
        self.line_ends += 1;
    }

    fn text(&mut self, run: &[u8], sink: &mut impl Sink) {
        self.write_held_back(sink);
        sink.write(run);
    }

    /// Writes what was held back; text follows.
    fn write_held_back(&mut self, sink: &mut impl Sink) {
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
        self.written = true;
    }
}

/// The canonical form of a whole body where that is the front of the body itself, as it is where nobody left white space
/// at the ends of lines or more of it than one space. `None` where it is not.
pub(crate) fn canonical_front(kind: BodyCanonicalization, body: &[u8]) -> Option<&[u8]> {
    let mut text = body;
    while let Some(before) = text.strip_suffix(b"\r\n") {
        text = before;
    }
    // The last line keeps its end; without text, or without that end, the canonical form is another one.
    let front = body.get(..text.len() + 2).filter(|_| !text.is_empty())?;
    let is_canonical = match kind {
        BodyCanonicalization::Simple => true,
        BodyCanonicalization::Relaxed => !scan::any::<Change>(front, b' '),
    };
    is_canonical.then_some(front)
}

/// Writes the relaxed form of text, up to line ends or white space after which there may be no more text. `data` starts
/// with an octet that is neither white space nor the start of a line end. Gives how many octets are left.
fn relaxed_text(data: &[u8], sink: &mut impl Sink) -> usize {
    let end = scan::first::<Change>(data, b' ').unwrap_or(data.len());
    if end < LONG {
        let taken = collapse::<Change>(data, data.len(), sink);
        if taken > 0 {
            return data.len() - taken;
        }
    }
    let mut kept = data.get(..end).unwrap_or(data);
    if end == data.len() {
        // At the end of a chunk a CR may be half of a line end.
        kept = kept.strip_suffix(b"\r").unwrap_or(kept);
    }
    while let Some(before) = kept.strip_suffix(b"\r\n") {
        kept = before;
    }
    sink.write_front(data, kept.len());
    data.len() - kept.len()
}

/// How many spaces and tabs there are at the start.
fn white_space(data: &[u8]) -> usize {
    data.iter()
        .position(|octet| !matches!(octet, b' ' | b'\t'))
        .unwrap_or(data.len())
}

/// A tab, or a space that may have more white space or a line end after it: where the relaxed form may differ.
struct Change;

impl Stop for Change {
    #[inline]
    fn at(octet: u8, next: u8) -> bool {
        (octet == b'\t') | ((octet == b' ') & (next <= b' '))
    }

    #[inline]
    fn among(word: u64, next: u64) -> u64 {
        scan::equal(word, b'\t') | (scan::equal(word, b' ') & scan::at_most_space(next))
    }
}

/// Text of at least this many octets without a change is written as a whole.
const LONG: usize = 512;

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop, prop_assert_eq, proptest};

    use super::*;

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
        b"\r\n            <td>indented",
        b"\r\n\t\t<td>with tabs",
        b" \r ",
        b" \n",
    ];

    /// Runs of text and of white space that are longer than any block, in any order.
    const LONG_PIECES: &[&[u8]] = &[
        &[b'x'; 700],
        &[b' '; 150],
        &[b'\t'; 70],
        b"\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n",
        b"\r\n          a",
        b"b  c",
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
            long in prop::collection::vec(prop::sample::select(LONG_PIECES), 0..30),
            cut in 1..90usize,
        ) {
            for body in [dense, sparse.concat(), long.concat()] {
                for kind in [BodyCanonicalization::Simple, BodyCanonicalization::Relaxed] {
                    let expected = by_the_book(kind, &body);
                    if let Some(front) = canonical_front(kind, &body) {
                        prop_assert_eq!(front, &expected);
                    }
                    prop_assert_eq!(&canonical(kind, &[&body]), &expected);
                    let chunks: Vec<&[u8]> = body.chunks(cut).collect();
                    prop_assert_eq!(&canonical(kind, &chunks), &expected);
                }
            }
        }
    }
}
