use proptest::prelude::*;

use super::{DataFindingKind, DataProgress, DataReader, DotStuffed, end_of_data, stuff_dots};

/// What a reader makes of `octets` fed `step` at a time: the message, its findings, and what was left behind the end.
fn read(
    octets: &[u8],
    step: usize,
    limit: Option<u64>,
) -> (Vec<u8>, Vec<DataFindingKind>, Option<Vec<u8>>) {
    let mut reader = DataReader::new(limit);
    let mut rest = None;
    for piece in octets.chunks(step.max(1)) {
        if let DataProgress::Complete { rest: behind } = reader.feed(piece) {
            rest.get_or_insert_with(Vec::new).extend_from_slice(behind);
        }
    }
    let kinds = reader
        .findings()
        .iter()
        .map(|finding| finding.kind())
        .collect();
    (reader.into_message(), kinds, rest)
}

#[test]
fn only_crlf_dot_crlf_ends_the_content() {
    use DataFindingKind::{BareCarriageReturn, BareLineFeed, Nul};
    let cases: &[(&[u8], &[u8], &[DataFindingKind])] = &[
        (b"a\n.\nb\r\n.\r\n", b"a\n.\nb\r\n", &[BareLineFeed]),
        (b"a\n.\r\nb\r\n.\r\n", b"a\n.\r\nb\r\n", &[BareLineFeed]),
        (b"a\r\n.\nb\r\n.\r\n", b"a\r\n\nb\r\n", &[BareLineFeed]),
        (b"a\r.\rb\r\n.\r\n", b"a\r.\rb\r\n", &[BareCarriageReturn]),
        (
            b"a\r\n.\rb\r\n.\r\n",
            b"a\r\n\rb\r\n",
            &[BareCarriageReturn],
        ),
        (
            b"a\r.\r\nb\r\n.\r\n",
            b"a\r.\r\nb\r\n",
            &[BareCarriageReturn],
        ),
        (b"a\r\r\n.\r\nrest", b"a\r\r\n", &[BareCarriageReturn]),
        (b"a\0\r\n.\0\r\n.\r\n", b"a\0\r\n\0\r\n", &[Nul]),
        (b"a\r\n.\r\r\n.\r\n", b"a\r\n\r\r\n", &[BareCarriageReturn]),
        (b"a\r\n..\r\n.\r\n", b"a\r\n.\r\n", &[]),
        (b"a\r\n.b\r\n.\r\n", b"a\r\nb\r\n", &[]),
        (b".\r\n", b"", &[]),
        (b"\r\n.\r\n", b"\r\n", &[]),
        (b"..\r\n.\r\n", b".\r\n", &[]),
    ];
    for (octets, message, findings) in cases {
        let octets = &[octets, b"QUIT\r\n".as_slice()].concat();
        for step in 1..=octets.len() {
            let (read_message, kinds, rest) = read(octets, step, None);
            assert_eq!(read_message, *message, "{octets:?} by {step}");
            assert_eq!(kinds, *findings, "{octets:?} by {step}");
            let rest = rest.unwrap_or_else(|| panic!("{octets:?} by {step} did not end"));
            assert!(rest.ends_with(b"QUIT\r\n"), "{octets:?} by {step}");
        }
    }
}

#[test]
fn content_without_its_end_goes_on() {
    for octets in [
        b"a".as_slice(),
        b"a\r\n.",
        b"a\r\n.\r",
        b"a\n.\n",
        b"a\r\n.x\r\n",
        b"",
    ] {
        assert_eq!(read(octets, 1, None).2, None, "{octets:?}");
    }
}

#[test]
fn beyond_the_limit_content_is_read_to_its_end_and_dropped() {
    let octets = b"12345678\r\nmore\r\n.\r\nRSET\r\n";
    for step in [1, 3, octets.len()] {
        let (message, kinds, rest) = read(octets, step, Some(5));
        assert_eq!(message, b"12345");
        assert_eq!(kinds, [DataFindingKind::TooLarge]);
        assert_eq!(rest.as_deref(), Some(b"RSET\r\n".as_slice()));
    }
    assert_eq!(read(b"123\r\n.\r\n", 2, Some(5)).1, []);
    let mut reader = DataReader::new(Some(2));
    reader.feed(octets);
    assert_eq!(reader.size(), 16);
}

#[test]
fn long_lines_are_found_where_they_become_long() {
    let fits = [&[b'x'; 998], b"\r\n.\r\n".as_slice()].concat();
    assert_eq!(read(&fits, 7, None).1, []);
    let long = [b"a\r\n".as_slice(), &[b'x'; 999], b"\r\n.\r\n"].concat();
    for step in [1, 100, long.len()] {
        let mut reader = DataReader::new(None);
        for piece in long.chunks(step) {
            reader.feed(piece);
        }
        assert_eq!(reader.findings()[0].kind(), DataFindingKind::LongLine);
        assert_eq!(reader.findings()[0].offset(), 3 + 998);
    }
}

#[test]
fn findings_stand_in_the_order_of_their_offsets_however_split() {
    let octets = [&[b'x'; 999], b"\r\n.\r\n".as_slice()].concat();
    for step in [1, 7, octets.len()] {
        let kinds = read(&octets, step, Some(4)).1;
        assert_eq!(
            kinds,
            [DataFindingKind::TooLarge, DataFindingKind::LongLine],
            "{step}"
        );
    }
}

#[test]
fn dots_that_begin_lines_are_doubled_without_copying() {
    for (message, stuffed) in [
        (b".".as_slice(), b"..".as_slice()),
        (b"", b""),
        (b"a\r\n", b"a\r\n"),
        (b".a\r\n.\r\n..b\r\n", b"..a\r\n..\r\n...b\r\n"),
        (b"a.b\r\n\r\n.\r\n", b"a.b\r\n\r\n..\r\n"),
        (b"\r\n.\r\n.\r\n", b"\r\n..\r\n..\r\n"),
    ] {
        let mut out = Vec::new();
        stuff_dots(message, &mut out);
        assert_eq!(out, stuffed, "{message:?}");
    }
    assert_eq!(DotStuffed::new(b"many\r\nlines\r\n").count(), 1);
}

#[test]
fn the_end_completes_an_unfinished_line() {
    assert_eq!(end_of_data(b""), b".\r\n");
    assert_eq!(end_of_data(b"a\r\n"), b".\r\n");
    assert_eq!(end_of_data(b"a"), b"\r\n.\r\n");
}

proptest! {
    #[test]
    fn a_message_arrives_as_it_was_sent(
        lines in proptest::collection::vec("[.a-c]{0,4}", 0..8),
        step in 1_usize..30,
    ) {
        let message: Vec<u8> = lines.iter().flat_map(|line| [line.as_bytes(), b"\r\n"].concat()).collect();
        let mut sent = Vec::new();
        stuff_dots(&message, &mut sent);
        sent.extend_from_slice(end_of_data(&message));
        sent.extend_from_slice(b"RSET");
        let (read_message, kinds, rest) = read(&sent, step, None);
        prop_assert_eq!(read_message, message);
        prop_assert_eq!(kinds, vec![]);
        prop_assert_eq!(rest.as_deref(), Some(b"RSET".as_slice()));
    }

    #[test]
    fn any_octets_read_the_same_however_split(
        octets in proptest::collection::vec(prop_oneof![Just(b'.'), Just(b'\r'), Just(b'\n'), Just(0), any::<u8>()], 0..60),
        step in 1_usize..7,
        limit in proptest::option::of(0_u64..40),
    ) {
        prop_assert_eq!(read(&octets, step, limit), read(&octets, octets.len(), limit));
    }
}
