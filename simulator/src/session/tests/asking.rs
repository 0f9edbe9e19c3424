//! What a session does with answers at points where it asks only if that is wanted.

use letterhead_mail::ReplyCode;
use letterhead_transport::smtp::ServerReply;

use super::config;
use crate::behaviour::{RawReply, Stage};
use crate::session::{Question, ServerSession, ServerStep, SessionConfig, TlsOffer};

const TO_RCPT: &str = "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n";
const BEHIND_RCPT: [&str; 3] = ["250 STARTTLS", "250 fine", "250 fine"];

fn asking(stage: Stage) -> SessionConfig {
    config().tls(TlsOffer::StartTls).ask_at(stage)
}

fn reply(code: u16) -> ServerReply {
    ServerReply::new(ReplyCode::new(code).unwrap(), None, "stated")
}

/// Says all of it at once; `decide` answers what was wanted to be asked, and everything else is fine.
fn dialogue(
    config: SessionConfig,
    octets: &str,
    mut decide: impl FnMut(&mut ServerSession, Stage),
) -> (Vec<String>, ServerSession) {
    let mut session = ServerSession::new(config);
    let mut written = String::new();
    session.receive(octets.as_bytes());
    loop {
        match session.step() {
            ServerStep::NeedInput | ServerStep::StartTls | ServerStep::Close => break,
            ServerStep::Write(octets) => written.push_str(&String::from_utf8_lossy(&octets)),
            ServerStep::Ask(Question::Proceed { stage, .. }) => decide(&mut session, stage),
            ServerStep::Ask(_) => session.answer(&ServerReply::new(ReplyCode::OK, None, "fine")),
        }
    }
    let last_lines = written
        .lines()
        .filter(|line| line.as_bytes().get(3) != Some(&b'-'));
    (last_lines.map(str::to_owned).collect(), session)
}

/// Everything behind the greeting.
fn said(config: SessionConfig, octets: &str, answer: &ServerReply) -> Vec<String> {
    let (mut lines, _) = dialogue(config, octets, |session, _| session.answer(answer));
    lines.remove(0);
    lines
}

#[test]
fn a_session_that_may_go_on_says_what_it_says_unasked() {
    let all = format!(
        "HELO c.example\r\n{TO_RCPT}BDAT 3\r\nx\r\nRSET\r\nMAIL FROM:<a@b.example>\r\n\
         RCPT TO:<c@d.example>\r\nDATA\r\nx\r\n.\r\nSTARTTLS\r\n"
    );
    let everywhere = Stage::ALL
        .into_iter()
        .fold(asking(Stage::Quit), SessionConfig::ask_at);
    let mut asked = Vec::new();
    let (lines, session) = dialogue(everywhere, &all, |session, stage| {
        asked.push(stage);
        session.proceed();
    });
    let (unasked, other) = dialogue(config().tls(TlsOffer::StartTls), &all, |_, stage| {
        panic!("asked at {stage}");
    });
    assert_eq!(lines, unasked);
    assert_eq!(session.transcript(), other.transcript());
    let expected = [
        Stage::Greeting,
        Stage::Helo,
        Stage::Ehlo,
        Stage::Data,
        Stage::Chunk,
        Stage::Reset,
        Stage::Data,
        Stage::StartTls,
    ];
    assert_eq!(asked, expected, "{lines:#?}");
}

#[test]
fn a_question_says_whom_it_concerns() {
    let mut session = ServerSession::new(asking(Stage::Data));
    session.receive(format!("{TO_RCPT}DATA\r\n").as_bytes());
    let asked = loop {
        match session.step() {
            ServerStep::Ask(asked @ Question::Proceed { .. }) => break asked,
            ServerStep::Ask(_) => session.answer(&reply(250)),
            ServerStep::Write(_) => {}
            other => panic!("{other:?}"),
        }
    };
    let Question::Proceed {
        stage,
        sender,
        recipients,
    } = asked
    else {
        panic!("{asked:?}")
    };
    assert_eq!(stage, Stage::Data);
    assert_eq!(sender.unwrap().to_string(), "a@b.example");
    assert_eq!(recipients.len(), 1);
    assert!(
        matches!(session.step(), ServerStep::Ask(_)),
        "until it is answered"
    );
}

#[test]
fn a_greeting_turns_away_or_lets_in() {
    let noop = "NOOP\r\n";
    let behind = |code| {
        dialogue(asking(Stage::Greeting), noop, |session, _| {
            session.answer(&reply(code));
        })
    };
    assert_eq!(behind(220).0, ["220 stated", "250 2.0.0 fine"]);
    for code in [450, 554] {
        let expected = "503 5.5.1 there is no service here; send QUIT";
        assert_eq!(
            behind(code).0,
            [format!("{code} stated"), expected.to_owned()]
        );
    }
    assert_eq!(behind(421).0, ["421 stated"]);
}

#[test]
fn who_is_refused_at_ehlo_has_not_introduced_itself() {
    let dialogue = "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\n";
    let behind = |code| said(asking(Stage::Ehlo), dialogue, &reply(code));
    assert_eq!(
        behind(502),
        ["502 stated", "503 5.5.1 send EHLO or HELO first"]
    );
    assert_eq!(behind(250), ["250 stated", "250 fine"]);
    let helo = said(
        asking(Stage::Helo),
        "HELO c.example\r\nMAIL FROM:<>\r\n",
        &reply(550),
    );
    assert_eq!(helo, ["550 stated", "503 5.5.1 send EHLO or HELO first"]);
}

#[test]
fn starttls_is_refused_or_begins() {
    let dialogue = "EHLO c.example\r\nSTARTTLS\r\n";
    let (lines, session) = self::dialogue(asking(Stage::StartTls), dialogue, |session, _| {
        session.answer(&reply(454));
    });
    assert_eq!(lines.last().unwrap(), "454 stated");
    assert_eq!(session.awaited().input, crate::session::AwaitedInput::Line);
    let (_, mut session) = self::dialogue(asking(Stage::StartTls), dialogue, |session, _| {
        session.answer(&reply(220));
    });
    assert_eq!(
        session.awaited().input,
        crate::session::AwaitedInput::Handshake
    );
    session.tls_failed();
    let text = session.transcript().to_string();
    assert!(
        text.ends_with("S: 220 stated\nS: (there is no TLS: the handshake failed)\n"),
        "{text}"
    );
    assert!(matches!(session.step(), ServerStep::Close));
}

#[test]
fn data_is_refused_and_the_transaction_is_still_open() {
    let behind = |code| {
        let octets = format!("{TO_RCPT}DATA\r\nRCPT TO:<e@d.example>\r\n");
        said(asking(Stage::Data), &octets, &reply(code)).split_off(3)
    };
    assert_eq!(behind(451), ["451 stated", "250 fine"]);
    assert_eq!(
        behind(250),
        ["250 stated", "250 fine"],
        "and with 250 no content comes"
    );
    assert_eq!(behind(354), ["354 stated"], "what follows is content");
    assert_eq!(behind(421), ["421 stated"]);
}

#[test]
fn chunks_behind_a_refused_one_are_refused() {
    let octets = format!("{TO_RCPT}BDAT 3\r\nx\r\nBDAT 3\r\ny\r\nBDAT 0 LAST\r\nRSET\r\n");
    let behind = "503 5.5.1 an earlier chunk of the message was refused";
    for stage in [Stage::Data, Stage::Chunk] {
        let lines = said(asking(stage), &octets, &reply(452));
        let expected = [
            &BEHIND_RCPT[..],
            &["452 stated", behind, behind, "250 2.0.0 reset"],
        ];
        assert_eq!(lines, expected.concat(), "{stage}");
    }
    // A chunk has one reply, and what lets DATA go on is none for it.
    let lines = said(asking(Stage::Data), &octets, &reply(354));
    assert_eq!(lines[3], "250 2.0.0 3 octets so far");
    let octets = format!("{TO_RCPT}BDAT 3\r\nx\r\nBDAT 0 LAST\r\n");
    let lines = said(asking(Stage::Chunk), &octets, &reply(250));
    assert_eq!(
        lines,
        [&BEHIND_RCPT[..], &["250 stated", "250 fine"]].concat()
    );
    let octets = format!("{TO_RCPT}BDAT 3 LAST\r\nx\r\nMAIL FROM:<>\r\n");
    let lines = said(asking(Stage::Data), &octets, &reply(554));
    assert_eq!(
        lines,
        [&BEHIND_RCPT[..], &["554 stated", "250 fine"]].concat()
    );
}

#[test]
fn rset_that_is_refused_resets_nothing() {
    let octets = format!("{TO_RCPT}RSET\r\nMAIL FROM:<>\r\n");
    let behind = |code| said(asking(Stage::Reset), &octets, &reply(code)).split_off(3);
    assert_eq!(
        behind(550),
        ["550 stated", "503 5.5.1 a transaction is open already"]
    );
    assert_eq!(behind(250), ["250 stated", "250 fine"]);
}

#[test]
fn quit_closes_whatever_is_said_to_it() {
    for code in [221, 250, 451, 550] {
        let lines = said(asking(Stage::Quit), "QUIT\r\nNOOP\r\n", &reply(code));
        assert_eq!(lines, [format!("{code} stated")]);
    }
}

#[test]
fn a_raw_reply_is_written_as_it_is_and_meant_as_it_says() {
    let raw = RawReply::new(reply(451), b"ada\0\n");
    let octets = "EHLO c.example\r\nMAIL FROM:<>\r\n";
    let (lines, session) = dialogue(asking(Stage::Ehlo), octets, |session, _| {
        session.answer_raw(&raw);
    });
    assert_eq!(lines[1..], ["ada\0", "503 5.5.1 send EHLO or HELO first"]);
    assert!(session.transcript().to_string().contains("S: ada?\n"));
}

#[test]
fn a_connection_can_be_closed_instead() {
    for stage in [Stage::Ehlo, Stage::Quit, Stage::Reset] {
        let octets = "EHLO c.example\r\nRSET\r\nQUIT\r\n";
        let (_, mut session) = dialogue(asking(stage), octets, |session, _| session.hang_up());
        assert!(matches!(session.step(), ServerStep::Close), "{stage}");
        let text = session.transcript().to_string();
        assert!(
            text.ends_with("S: (the connection is closed without an answer)\n"),
            "{text}"
        );
    }
}

#[test]
fn who_is_asked_for_more_credentials_is_asked_on_and_on() {
    let login = "EHLO c.example\r\nAUTH PLAIN AHUAcA==\r\nAHUAcA==\r\neHg=\r\n*\r\nNOOP\r\n";
    let mut session = ServerSession::new(config().auth(crate::session::AuthOffer::Always));
    let mut written = String::new();
    session.receive(login.as_bytes());
    loop {
        match session.step() {
            ServerStep::Write(octets) => written.push_str(str::from_utf8(&octets).unwrap()),
            ServerStep::Ask(_) => session.answer(&reply(334)),
            _ => break,
        }
    }
    let behind: Vec<&str> = written.lines().rev().take(5).collect();
    let expected = [
        "250 2.0.0 fine",
        "501 5.7.0 authentication cancelled",
        "334 stated",
        "334 stated",
        "334 stated",
    ];
    assert_eq!(behind, expected, "{written}");
}
