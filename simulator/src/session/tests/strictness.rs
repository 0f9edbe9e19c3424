use super::{OPEN, Run, config, open};
use crate::session::{Awaited, AwaitedInput, ServerSession, ServerStep, reply};

#[test]
fn commands_too_long_or_with_nul_are_refused_and_forgotten() {
    for length in [600, 5_000, 3_000_000] {
        let mut run = Run::new(config());
        let line = [b"NOOP ".as_slice(), &vec![b'x'; length], b"\r\n"].concat();
        let codes: Vec<String> = line
            .chunks(16_384)
            .flat_map(|piece| run.say(piece))
            .collect();
        assert_eq!(codes, ["500 5.5.6"], "{length}");
        assert!(run.session.transcript().to_string().len() < 1_000);
        assert_eq!(run.say(b"NOOP\r\n"), ["250 2.0.0"]);
    }
    let mut run = Run::new(config());
    assert_eq!(run.say(b"EHLO \0\r\n"), ["501 5.5.2"]);
    assert_eq!(run.say(b"\0\r\n"), ["500 5.5.1"]);
}

#[test]
fn a_size_that_was_a_lie_is_found_out() {
    let mut run = Run::new(config().maximum_octets(20));
    run.say(b"EHLO c.example\r\nMAIL FROM:<> SIZE=5\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
    let codes = run.say(&[&b"x\r\n".repeat(9)[..], b".\r\n"].concat());
    assert_eq!(codes, ["552 5.3.4"]);
    assert!(run.stored.is_empty());
}

#[test]
fn a_thousand_and_one_recipients() {
    let mut run = Run::new(config().maximum_recipients(1_000));
    run.say(b"EHLO c.example\r\nMAIL FROM:<a@b.example>\r\n");
    let all: String = (0..1_001)
        .map(|number| format!("RCPT TO:<r{number}@d.example>\r\n"))
        .collect();
    let codes = run.say(all.as_bytes());
    assert!(codes[..1_000].iter().all(|code| code == "250 2.1.0"));
    assert_eq!(codes[1_000..], ["452 4.5.3"]);
    run.say(b"BDAT 2 LAST\r\n\r\n");
    assert_eq!(run.envelopes[0].recipients().len(), 1_000);
}

#[test]
fn binary_content_in_chunks_is_refused_though_it_was_asked_for() {
    let mut run = Run::new(config());
    run.say(b"EHLO c.example\r\n");
    let codes = run.say(b"MAIL FROM:<> BODY=BINARYMIME\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nBDAT 5 LAST\r\n\0\n\r\nx");
    assert_eq!(codes, ["501 5.5.4", "250 2.1.0", "250 2.1.0", "554 5.6.0"]);
}

/// What the session waits for, by itself.
fn awaited(run: &Run) -> AwaitedInput {
    run.session.awaited().input
}

#[test]
fn a_line_is_awaited_until_its_end_has_come() {
    let mut run = Run::new(config());
    let mut before: Awaited = run.session.awaited();
    assert_eq!(before.input, AwaitedInput::Line);
    for octet in b"EHLO c.example\r" {
        run.say(&[*octet]);
        assert_eq!(run.session.awaited(), before, "a part of a line is no line");
    }
    for line in [
        &b"\n"[..],
        b"NOOP\r\n",
        b"what\n",
        b"MAIL FROM:<>\r\n",
        b"RCPT TO:<c@d.example>\r\n",
    ] {
        run.say(line);
        assert_ne!(run.session.awaited(), before, "{line:?}");
        before = run.session.awaited();
    }
    for octets in [&b"BDAT 3\r\n"[..], b"DATA\r\n"] {
        run.say(octets);
        let content = run.session.awaited();
        assert_eq!(content.input, AwaitedInput::Content);
        run.say(b"x\r");
        assert_eq!(
            run.session.awaited(),
            content,
            "the lines of content do not count"
        );
        run.say(b"\n");
        run.say(b"RSET\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\n");
    }
    assert_eq!(
        awaited(&run),
        AwaitedInput::Content,
        "RSET was content behind DATA"
    );
}

#[test]
fn a_session_out_of_time_says_so_and_ends() {
    for so_far in [
        &b""[..],
        b"EHL",
        OPEN,
        b"EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nhalf",
    ] {
        let mut run = Run::new(config());
        run.say(so_far);
        run.session.out_of_time();
        assert_eq!(run.say(b"more\r\n.\r\n"), ["421 4.4.2"]);
        assert!(run.closed && run.stored.is_empty());
        run.session.out_of_time();
        assert!(run.say(b"").is_empty(), "once is enough");
    }
}

#[test]
fn a_handshake_out_of_time_ends_without_a_word() {
    let mut session = ServerSession::new(config().tls(crate::session::TlsOffer::StartTls));
    session.receive(b"EHLO c.example\r\nSTARTTLS\r\n");
    assert!(matches!(session.step(), ServerStep::Write(_)));
    assert!(matches!(session.step(), ServerStep::StartTls));
    assert_eq!(session.awaited().input, AwaitedInput::Handshake);
    session.out_of_time();
    assert!(matches!(session.step(), ServerStep::Close));
}

#[test]
fn between_chunks_a_line_is_awaited() {
    let mut run = open(config());
    run.say(b"BDAT 3\r\nx\r\n");
    let before = run.session.awaited();
    run.say(b"BDAT 1 LA");
    assert_eq!(run.session.awaited(), before);
    run.session.out_of_time();
    assert_eq!(run.say(b"ST\r\n"), ["421 4.4.2"]);
}

#[test]
fn an_answer_that_nobody_asked_for_ends_no_content() {
    let yes = reply(250, (2, 0, 0), "yes");
    for (begin, end) in [
        ("DATA\r\nNOOP\r\n", ".\r\n"),
        ("BDAT 12 LAST\r\nNOOP\r\n", "QUIT\r\n"),
    ] {
        let mut run = open(config());
        run.say(begin.as_bytes());
        run.session.answer(&yes);
        assert_eq!(run.say(end.as_bytes()), ["250 2.0.0"], "{begin:?}");
        assert!(run.stored[0].starts_with(b"NOOP\r\n"));
    }
    let mut run = open(config());
    run.session.out_of_time();
    run.session.answer(&yes);
    assert_eq!(run.say(b"NOOP\r\n"), ["421 4.4.2"]);
}
