use letterhead_mail::{EnhancedCode, ReplyCode};
use proptest::prelude::*;

use super::{LineEnds, ReplyError, ReplyReader, ServerReply};

/// Everything the reader makes of `octets`, fed `step` at a time.
fn read_all(octets: &[u8], step: usize, ends: LineEnds) -> (Vec<ServerReply>, Option<ReplyError>) {
    let mut reader = ReplyReader::new(ends);
    let mut replies = Vec::new();
    for piece in octets.chunks(step) {
        reader.feed(piece);
        loop {
            match reader.next_reply() {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => break,
                Err(error) => return (replies, Some(error)),
            }
        }
    }
    (replies, None)
}

fn codes_and_lines(octets: &[u8]) -> Vec<(u16, Vec<String>)> {
    let (replies, error) = read_all(octets, octets.len().max(1), LineEnds::Strict);
    assert_eq!(error, None, "{octets:?}");
    replies
        .into_iter()
        .map(|reply| (reply.code().get(), reply.lines().to_vec()))
        .collect()
}

#[test]
fn replies_are_read_in_all_the_forms_servers_use() {
    for (octets, code, lines) in [
        ("250\r\n", 250, vec![""]),
        ("250 \r\n", 250, vec![""]),
        ("250 ok\r\n", 250, vec!["ok"]),
        ("571 blocked\r\n", 571, vec!["blocked"]),
        ("299 odd\r\n", 299, vec!["odd"]),
        ("250-a\r\n250-\r\n250\r\n", 250, vec!["a", "", ""]),
        ("250-a\r\n250 b\r\n", 250, vec!["a", "b"]),
        ("550 \x1b[31mred\x00\r\n", 550, vec![" [31mred "]),
    ] {
        let lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
        assert_eq!(
            codes_and_lines(octets.as_bytes()),
            [(code, lines)],
            "{octets:?}"
        );
    }
    assert_eq!(codes_and_lines(b"250 caf\xe9\r\n")[0].1, ["caf\u{fffd}"]);
}

#[test]
fn splitting_the_octets_anywhere_changes_nothing() {
    let octets = b"220-mx\r\n220 ready\r\n250\r\n354 go\r\n550-5.1.1 no\r\n550 5.1.1 body\r\n";
    let whole = read_all(octets, octets.len(), LineEnds::Strict);
    assert_eq!(whole.0.len(), 4);
    for step in 1..octets.len() {
        assert_eq!(read_all(octets, step, LineEnds::Strict), whole, "{step}");
    }
}

#[test]
fn what_is_no_reply_is_an_error_at_once() {
    for (octets, expected) in [
        (
            b"HTTP/1.1 400 Bad Request\r\n".as_slice(),
            ReplyError::Malformed,
        ),
        (b"\r\n", ReplyError::Malformed),
        (b"25\r\n", ReplyError::Malformed),
        (b"250ok\r\n", ReplyError::Malformed),
        (b"250\tok\r\n", ReplyError::Malformed),
        (b"199 x\r\n", ReplyError::Malformed),
        (b"600 x\r\n", ReplyError::Malformed),
        (b"+OK\r\n", ReplyError::Malformed),
        (b"250-a\r\n251 b\r\n", ReplyError::CodesDiffer),
        (b"250 ok\n", ReplyError::BareLineFeed),
    ] {
        for step in [1, octets.len()] {
            assert_eq!(
                read_all(octets, step, LineEnds::Strict),
                (vec![], Some(expected)),
                "{octets:?}"
            );
        }
    }
}

#[test]
fn garbage_without_a_line_end_is_refused_without_waiting() {
    let mut reader = ReplyReader::default();
    reader.feed(b"\x16\x03\x01");
    assert_eq!(reader.next_reply(), Err(ReplyError::Malformed));
}

#[test]
fn lf_alone_ends_a_line_only_where_that_is_asked_for() {
    let (replies, error) = read_all(b"250-a\n250 b\r\n", 3, LineEnds::AcceptLf);
    assert_eq!((replies.len(), error), (1, None));
}

#[test]
fn lines_replies_and_floods_are_bounded() {
    let mut endless = ReplyReader::default();
    endless.feed(b"250 ");
    for _ in 0..5 {
        endless.feed(&[b'x'; 1_000]);
    }
    assert_eq!(endless.next_reply(), Err(ReplyError::LineTooLong));

    let long = [b"250 ".as_slice(), &[b'x'; 5_000], b"\r\n"].concat();
    assert_eq!(
        read_all(&long, long.len(), LineEnds::Strict).1,
        Some(ReplyError::LineTooLong)
    );

    let many = b"250-x\r\n".repeat(10_000);
    assert_eq!(
        read_all(&many, 4_096, LineEnds::Strict).1,
        Some(ReplyError::ReplyTooLong)
    );

    let mut flooded = ReplyReader::default();
    for _ in 0..300 {
        flooded.feed(&b"250 ok\r\n".repeat(512));
    }
    assert_eq!(flooded.next_reply(), Err(ReplyError::Flood));
}

#[test]
fn an_error_stays() {
    let mut reader = ReplyReader::default();
    reader.feed(b"what\r\n");
    assert!(reader.next_reply().is_err());
    reader.feed(b"250 ok\r\n");
    assert_eq!(reader.next_reply(), Err(ReplyError::Malformed));
    assert_eq!(reader.pending(), 0);
}

#[test]
fn octets_behind_a_reply_are_pending() {
    let mut reader = ReplyReader::default();
    reader.feed(b"220 go\r\n250-in");
    assert!(reader.next_reply().unwrap().is_some());
    assert_eq!(reader.pending(), 6);
    reader.feed(b"jected\r\n");
    assert_eq!(reader.next_reply(), Ok(None));
    assert_eq!(
        reader.pending(),
        14,
        "the first line of an unfinished reply counts"
    );
}

#[test]
fn enhanced_codes_are_read_where_their_class_fits() {
    for (line, enhanced, text) in [
        ("550 5.1.1 no such user", Some((5, 1, 1)), "no such user"),
        ("550 5.1.1", Some((5, 1, 1)), ""),
        ("550 4.1.1 odd", None, "4.1.1 odd"),
        ("550 5.1.1no", None, "5.1.1no"),
        ("250 2.0.0 queued as 1", Some((2, 0, 0)), "queued as 1"),
        ("354 2.0.0 go", None, "2.0.0 go"),
    ] {
        let (replies, _) = read_all(format!("{line}\r\n").as_bytes(), 64, LineEnds::Strict);
        let reply = replies[0].to_reply();
        let expected =
            enhanced.and_then(|(class, subject, detail)| EnhancedCode::new(class, subject, detail));
        assert_eq!((reply.enhanced(), reply.text()), (expected, text), "{line}");
    }
}

#[test]
fn lines_are_joined_and_their_enhanced_codes_taken_off() {
    let (replies, _) = read_all(
        b"550-5.7.1 not\r\n550-5.7.10 here\r\n550-\r\n550 5.7.1 please\r\n",
        7,
        LineEnds::Strict,
    );
    assert_eq!(replies[0].to_reply().text(), "not 5.7.10 here please");
}

#[test]
fn a_reply_that_is_written_is_one_reply() {
    let code = ReplyCode::new(550).unwrap();
    let reply = ServerReply::new(
        code,
        EnhancedCode::new(5, 7, 1),
        "no\r\nreally\r250 ok\u{0}",
    );
    assert_eq!(
        reply.to_bytes(),
        b"550-5.7.1 no\r\n550 5.7.1 really 250 ok \r\n"
    );
    assert_eq!(ServerReply::new(code, None, "").to_bytes(), b"550\r\n");
    let long = ServerReply::new(code, None, &"\u{e9}".repeat(600));
    assert!(long.to_bytes().len() <= 512);
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        code in (200_u16..600).prop_map(|code| ReplyCode::new(code).unwrap()),
        enhanced in proptest::option::of((0_u16..999).prop_map(|detail| EnhancedCode::new(4, 2, detail).unwrap())),
        text in "[ -~\u{e9}\r\n\u{0}]{0,60}",
        step in 1_usize..20,
    ) {
        let written = ServerReply::new(code, enhanced, &text);
        let (replies, error) = read_all(&written.to_bytes(), step, LineEnds::Strict);
        prop_assert_eq!(error, None);
        prop_assert_eq!(replies, vec![written]);
    }

    #[test]
    fn any_octets_end_in_replies_or_an_error(octets in proptest::collection::vec(any::<u8>(), 0..200), step in 1_usize..9) {
        for ends in [LineEnds::Strict, LineEnds::AcceptLf] {
            let whole = read_all(&octets, 200, ends);
            let split = read_all(&octets, step, ends);
            prop_assert_eq!(whole.0, split.0);
        }
    }
}
