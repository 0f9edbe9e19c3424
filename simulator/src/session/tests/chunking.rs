use super::{OPEN, Run, config, open};
use crate::session::{Extension, SessionConfig};

const MAIL: &[u8] = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n";

/// A session in which a message can begin; says these, and tells the replies.
fn said(config: SessionConfig, octets: &[u8]) -> (Vec<String>, Run) {
    let mut run = open(config);
    let codes = run.say(octets);
    (codes, run)
}

#[test]
fn chunks_are_put_together_however_they_arrive() {
    let chunks =
        b"BDAT 9\r\nSubject: BDAT 4\r\nx\r\n\rBDAT 0\r\nBDAT 8 last\r\n\n..\r\n.\r\nQUIT\r\n";
    let dialogue = [OPEN, chunks.as_slice()].concat();
    for step in [1, 2, 7, dialogue.len()] {
        let mut run = Run::new(config());
        let codes: Vec<String> = dialogue
            .chunks(step)
            .flat_map(|piece| run.say(piece))
            .collect();
        let expected = [
            "250 ENHANCEDSTATUSCODES",
            "250 2.1.0",
            "250 2.1.0",
            "250 2.0.0",
            "250 2.0.0",
            "250 2.0.0",
            "250 2.0.0",
            "221 2.0.0",
        ];
        assert_eq!(codes, expected, "by {step}");
        assert_eq!(run.stored, [b"Subject: x\r\n\r\n..\r\n.\r\n".to_vec()]);
        assert!(run.closed);
    }
}

#[test]
fn an_empty_message_is_a_line_end_as_behind_data() {
    for chunks in ["BDAT 0 LAST\r\n", "BDAT 2\r\n\r\nBDAT 0 LAST\r\n"] {
        let (codes, run) = said(config(), chunks.as_bytes());
        assert_eq!(codes.last().unwrap(), "250 2.0.0", "{chunks:?}");
        assert_eq!(run.stored, [b"\r\n".to_vec()], "{chunks:?}");
    }
}

#[test]
fn a_chunk_out_of_order_is_read_to_its_end_and_refused() {
    let evil = "MAIL FROM:<evil@b.example>\r\n";
    for (before, expected) in [
        ("", "503 5.5.1"),
        ("HELO c.example\r\n", "503 5.5.1"),
        ("EHLO c.example\r\n", "503 5.5.1"),
        ("EHLO c.example\r\nMAIL FROM:<>\r\n", "503 5.5.1"),
        (
            "EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@d.example>\r\n",
            "503 5.5.1",
        ),
    ] {
        let mut run = Run::new(config());
        run.say(before.as_bytes());
        let chunk = format!(
            "BDAT {}\r\n{evil}BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
            evil.len()
        );
        let codes = run.say(chunk.as_bytes());
        assert_eq!(codes, [expected, "503 5.5.1", "250 2.0.0"], "{before:?}");
        assert!(run.stored.is_empty() && !run.closed);
    }
}

#[test]
fn data_and_chunks_do_not_mix() {
    let (codes, mut run) = said(
        config(),
        b"BDAT 3\r\nx\r\nDATA\r\nMAIL FROM:<>\r\nRCPT TO:<e@d.example>\r\nNOOP\r\n",
    );
    assert_eq!(
        codes,
        [
            "250 2.0.0",
            "503 5.5.1",
            "503 5.5.1",
            "503 5.5.1",
            "250 2.0.0"
        ]
    );
    assert_eq!(run.say(b"BDAT 2 LAST\r\n\r\n"), ["250 2.0.0"]);
    assert_eq!(run.stored, [b"x\r\n\r\n".to_vec()]);
    run.say(MAIL);
    let codes = run.say(b"DATA\r\nBDAT 2 LAST\r\n.\r\nBDAT 2 LAST\r\n\r\n");
    assert_eq!(codes, ["354 end", "250 2.0.0", "503 5.5.1"]);
    assert_eq!(run.stored[1], b"BDAT 2 LAST\r\n");
}

#[test]
fn a_message_too_large_is_refused_behind_its_chunk() {
    let large = [b"BDAT 12 LAST\r\n".as_slice(), &[b'x'; 12], b"NOOP\r\n"].concat();
    let (codes, mut run) = said(config().maximum_octets(11), &large);
    assert_eq!(codes, ["552 5.3.4", "250 2.0.0"]);
    run.say(MAIL);
    let codes = run.say(
        b"BDAT 3\r\nx\r\nBDAT 10\r\n0123456789BDAT 4\r\nQUITBDAT 4 LAST\r\nQUITMAIL FROM:<>\r\n",
    );
    let expected = [
        "250 2.0.0",
        "552 5.3.4",
        "503 5.5.1",
        "503 5.5.1",
        "250 2.1.0",
    ];
    assert_eq!(codes, expected);
    assert!(run.stored.is_empty());
}

#[test]
fn many_chunks_on_their_way_behind_a_refused_one_are_no_errors() {
    let mut octets = b"BDAT 20\r\n01234567890123456789".to_vec();
    for _ in 0..100 {
        octets.extend_from_slice(b"BDAT 4\r\nQUIT");
    }
    octets.extend_from_slice(b"RSET\r\n");
    octets.extend_from_slice(MAIL);
    octets.extend_from_slice(b"BDAT 2 LAST\r\n\r\n");
    let (codes, run) = said(config().maximum_octets(10).maximum_errors(3), &octets);
    assert_eq!(codes[0], "552 5.3.4");
    assert!(codes[1..101].iter().all(|code| code == "503 5.5.1"));
    assert_eq!(
        codes[101..],
        ["250 2.0.0", "250 2.1.0", "250 2.1.0", "250 2.0.0"]
    );
    assert_eq!(run.stored.len(), 1);
}

#[test]
fn behind_a_refused_chunk_only_reset_helps() {
    let (codes, mut run) = said(
        config(),
        b"BDAT 3\r\na\nbMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nRSET\r\nMAIL FROM:<>\r\n",
    );
    assert_eq!(
        codes,
        [
            "554 5.6.0",
            "503 5.5.1",
            "503 5.5.1",
            "503 5.5.1",
            "250 2.0.0",
            "250 2.1.0"
        ]
    );
    assert!(run.say(b"BDAT 0 LAST\r\n") == ["503 5.5.1"] && run.stored.is_empty());
}

#[test]
fn reset_and_a_new_introduction_drop_what_has_come() {
    for interruption in ["RSET\r\n", "EHLO c.example\r\n"] {
        let (_, mut run) = said(config(), b"BDAT 5\r\nold\r\n");
        run.say(interruption.as_bytes());
        assert_eq!(run.say(b"BDAT 0 LAST\r\n"), ["503 5.5.1"]);
        run.say(MAIL);
        assert_eq!(run.say(b"BDAT 5 LAST\r\nnew\r\n"), ["250 2.0.0"]);
        assert_eq!(run.stored, [b"new\r\n".to_vec()], "{interruption:?}");
    }
}

#[test]
fn chunks_obey_the_rules_of_lines() {
    let long = format!("BDAT 1001 LAST\r\n{}\r\n", "x".repeat(999));
    for (chunks, expected) in [
        ("BDAT 3 LAST\r\na\nb", "554 5.6.0"),
        ("BDAT 1 LAST\r\na", "554 5.6.0"),
        ("BDAT 2\r\na\rBDAT 2 LAST\r\n\r\n", "554 5.6.0"),
        ("BDAT 4 LAST\r\na\0\r\n", "554 5.6.0"),
        (long.as_str(), "554 5.6.0"),
        ("BDAT 4 LAST\r\n\u{e4}\r\n", "554 5.6.9"),
        ("BDAT 6 LAST\r\n\r\n\u{e4}\r\n", "554 5.6.3"),
        ("BDAT 2\r\na\rBDAT 1 LAST\r\n\n", "250 2.0.0"),
    ] {
        let (codes, mut run) = said(config(), chunks.as_bytes());
        assert_eq!(codes.last().unwrap(), expected, "{chunks:?}");
        assert_eq!(run.stored.len(), usize::from(expected.starts_with('2')));
        assert_eq!(run.say(b"NOOP\r\n"), ["250 2.0.0"]);
    }
}

#[test]
fn a_chunk_of_unknown_size_ends_the_session() {
    let spaces = " ".repeat(20_000);
    let long = format!("bdat 3{spaces}\r\n");
    for line in [
        "BDAT\r\n",
        "BDAT x\r\n",
        "BDAT -1\r\n",
        "BDAT 20 last x\r\n",
        "bdat\t20\r\n",
        "BDAT 99999999999999999999999\r\n",
        "BDAT 20 LAST\n",
        long.as_str(),
    ] {
        let (codes, run) = said(
            config(),
            format!("{line}MAIL FROM:<x@y.example>\r\n").as_bytes(),
        );
        assert!(
            codes.len() == 1 && codes[0].starts_with("50"),
            "{line:?}: {codes:?}"
        );
        assert!(run.closed, "{line:?}");
    }
    let config = config().hide(Extension::Chunking);
    let (codes, run) = said(config, b"BDAT 20 LAST\r\nMAIL FROM:<x@y.example>\r\n");
    assert!(codes == ["500 5.5.1"] && run.closed);
}

#[test]
fn the_transcript_tells_sizes_only() {
    let (_, run) = said(config(), b"BDAT 8\r\nsecret\r\nBDAT 0 LAST\r\n");
    let transcript = run.session.transcript().to_string();
    assert!(
        transcript.contains("C: BDAT 8\nC: (8 octets, a chunk)\nS: 250 2.0.0 8 octets so far\n")
    );
    assert!(
        transcript.contains("C: (0 octets, the last chunk)\n") && !transcript.contains("secret")
    );
}
