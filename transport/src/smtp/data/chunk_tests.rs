use proptest::prelude::*;

use super::{ChunkReader, DataFindingKind, DataProgress, DataReader, end_of_data, stuff_dots};

/// What a reader makes of chunks that are fed `step` octets at a time.
fn read(
    chunks: &[&[u8]],
    step: usize,
    limit: Option<u64>,
) -> (Vec<u8>, Vec<(DataFindingKind, u64)>, u64) {
    let mut reader = ChunkReader::new(limit);
    for chunk in chunks {
        reader.begin(chunk.len() as u64);
        let mut progress = reader.feed(b"");
        assert_eq!(progress == DataProgress::More, !chunk.is_empty());
        for piece in chunk.chunks(step.max(1)) {
            progress = reader.feed(piece);
        }
        assert_eq!(progress, DataProgress::Complete { rest: b"" });
    }
    reader.end();
    let findings = reader.findings().iter();
    let findings = findings
        .map(|found| (found.kind(), found.offset()))
        .collect();
    let size = reader.size();
    (reader.into_message(), findings, size)
}

#[test]
fn lines_run_over_the_ends_of_chunks() {
    use DataFindingKind::{BareCarriageReturn, BareLineFeed, Nul, Unterminated};
    let check = |chunks: &[&[u8]], findings: &[(DataFindingKind, u64)]| {
        for step in 1..4 {
            let (message, found, size) = read(chunks, step, None);
            assert_eq!(message, chunks.concat(), "{chunks:?} by {step}");
            assert_eq!(size, message.len() as u64);
            assert_eq!(found, *findings, "{chunks:?} by {step}");
        }
    };
    check(&[b"a\r", b"\nb\r\n"], &[]);
    check(&[b"a\r\n", b"", b".\r\n"], &[]);
    check(&[b""], &[]);
    check(&[b"a\r", b"b\r\n"], &[(BareCarriageReturn, 1)]);
    check(&[b"a", b"\nb\r\n"], &[(BareLineFeed, 1)]);
    check(&[b"a\r\nb"], &[(Unterminated, 4)]);
    check(&[b"a\r"], &[(BareCarriageReturn, 1), (Unterminated, 2)]);
    check(&[b"a\n"], &[(BareLineFeed, 1), (Unterminated, 2)]);
    check(&[b"\0", b"\r\n"], &[(Nul, 0)]);
}

#[test]
fn what_is_behind_a_chunk_is_given_back() {
    let mut reader = ChunkReader::new(None);
    assert_eq!(reader.feed(b"x"), DataProgress::Complete { rest: b"x" });
    reader.begin(2);
    assert_eq!(reader.feed(b"a"), DataProgress::More);
    assert_eq!(
        reader.feed(b"bQUIT"),
        DataProgress::Complete { rest: b"QUIT" }
    );
}

#[test]
fn a_size_is_refused_before_anything_of_it_has_come() {
    for size in [6, u64::MAX] {
        let mut reader = ChunkReader::new(Some(10));
        reader.begin(5);
        reader.feed(b"abc\r\n");
        reader.begin(size);
        let finding = reader.findings()[0];
        assert_eq!(
            (finding.kind(), finding.offset()),
            (DataFindingKind::TooLarge, 10)
        );
        assert_eq!(reader.feed(b"0123"), DataProgress::More);
        assert_eq!(reader.size(), 9);
        assert_eq!(reader.into_message(), b"");
    }
    assert_eq!(read(&[b"12345678", b"\r\n"], 3, Some(10)).1, []);
}

proptest! {
    #[test]
    fn chunks_and_data_find_the_same(
        lines in proptest::collection::vec(
            proptest::collection::vec(prop_oneof![Just(b'.'), Just(b'\r'), Just(b'\n'), Just(0), any::<u8>()], 0..20),
            0..5,
        ),
        cut in 0_usize..60,
        step in 1_usize..7,
    ) {
        let message: Vec<u8> = lines.iter().flat_map(|line| [line.as_slice(), b"\r\n"].concat()).collect();
        let (first, second) = message.split_at(cut.min(message.len()));
        let (read_message, findings, _) = read(&[first, second], step, None);
        prop_assert_eq!(&read_message, &message);

        let mut sent = Vec::new();
        stuff_dots(&message, &mut sent);
        sent.extend_from_slice(end_of_data(&message));
        let mut reader = DataReader::new(None);
        prop_assert_eq!(reader.feed(&sent), DataProgress::Complete { rest: b"" });
        let by_data: Vec<_> = reader.findings().iter().map(|found| (found.kind(), found.offset())).collect();
        prop_assert_eq!(findings, by_data);
        prop_assert_eq!(reader.into_message(), message);
    }
}
