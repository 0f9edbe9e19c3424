use letterhead_mail::{EmailAddress, Envelope, ReversePath};

use super::{Question, ServerSession, ServerStep, SessionConfig, TlsOffer, reply};

mod asking;
mod authentication;
mod chunking;
mod envelope;
mod extensions;
mod greeting;
mod lines;
mod noise;
mod strictness;

/// A session driven to where it needs input, with a host that takes everything but `nobody@`.
struct Run {
    session: ServerSession,
    written: String,
    stored: Vec<Vec<u8>>,
    envelopes: Vec<Envelope>,
    closed: bool,
}

impl Run {
    fn new(config: SessionConfig) -> Self {
        let mut run = Self {
            session: ServerSession::new(config),
            written: String::new(),
            stored: Vec::new(),
            envelopes: Vec::new(),
            closed: false,
        };
        run.drive();
        run.written.clear();
        run
    }

    /// Says something, and returns the codes of the replies to it.
    fn say(&mut self, octets: &[u8]) -> Vec<String> {
        self.session.receive(octets);
        self.drive();
        let replies = std::mem::take(&mut self.written);
        let last_lines = replies
            .lines()
            .filter(|line| line.as_bytes().get(3) != Some(&b'-'));
        last_lines
            .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
            .collect()
    }

    fn drive(&mut self) {
        loop {
            match self.session.step() {
                ServerStep::NeedInput => return,
                ServerStep::Write(octets) => {
                    self.written.push_str(str::from_utf8(&octets).unwrap())
                }
                ServerStep::StartTls => self.session.tls_established(),
                ServerStep::Ask(question) => {
                    let answer = self.decide(question);
                    self.session.answer(&answer);
                }
                ServerStep::Close => {
                    self.closed = true;
                    return;
                }
            }
        }
    }

    fn decide(&mut self, question: Question) -> letterhead_transport::smtp::ServerReply {
        match question {
            Question::Recipient { recipient, .. } if recipient.local_part() == "nobody" => {
                reply(550, (5, 1, 1), "no such user")
            }
            Question::Authenticate { user, password } => {
                if (user.as_str(), password.expose()) == ("user", "secret") {
                    reply(235, (2, 7, 0), "welcome")
                } else {
                    reply(535, (5, 7, 8), "no")
                }
            }
            Question::Message(received) => {
                self.stored.push(received.message.as_bytes().to_vec());
                self.envelopes.push(received.envelope);
                reply(250, (2, 0, 0), "taken")
            }
            _ => reply(250, (2, 1, 0), "fine"),
        }
    }
}

fn config() -> SessionConfig {
    SessionConfig::new("mx.example".parse().unwrap())
}

const OPEN: &[u8] = b"EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n";

fn open(config: SessionConfig) -> Run {
    let mut run = Run::new(config);
    assert_eq!(
        run.say(OPEN),
        ["250 ENHANCEDSTATUSCODES", "250 2.1.0", "250 2.1.0"]
    );
    run
}

#[test]
fn what_is_out_of_order_or_malformed_is_refused_by_its_code() {
    for (before, line, expected) in [
        ("", "MAIL FROM:<a@b.example>", "503 5.5.1"),
        ("EHLO c.example", "RCPT TO:<c@d.example>", "503 5.5.1"),
        ("EHLO c.example", "DATA", "503 5.5.1"),
        ("EHLO c.example|MAIL FROM:<>", "DATA", "503 5.5.1"),
        (
            "EHLO c.example|MAIL FROM:<>|RCPT TO:<nobody@d.example>",
            "DATA",
            "503 5.5.1",
        ),
        ("EHLO c.example|MAIL FROM:<>", "MAIL FROM:<>", "503 5.5.1"),
        (
            "EHLO c.example|MAIL FROM:<>|EHLO c.example",
            "RCPT TO:<c@d.example>",
            "503 5.5.1",
        ),
        (
            "EHLO c.example|MAIL FROM:<>|RSET",
            "RCPT TO:<c@d.example>",
            "503 5.5.1",
        ),
        ("", "EHLO", "501 5.5.2"),
        ("", "EHLO a b", "501 5.5.2"),
        ("", "WHAT", "500 5.5.1"),
        ("", "", "500 5.5.1"),
        ("EHLO c.example", "DATA x", "501 5.5.2"),
        ("EHLO c.example", "MAIL FROM: <a@b.example>", "501 5.5.2"),
        ("EHLO c.example", "MAIL FROM:a@b.example", "501 5.5.2"),
        (
            "EHLO c.example",
            "MAIL FROM:<a@b.example> FOO=1",
            "555 5.5.4",
        ),
        ("EHLO c.example", "MAIL FROM:<> SIZE=x", "501 5.5.4"),
        ("EHLO c.example", "MAIL FROM:<> SIZE=1 SIZE=1", "501 5.5.4"),
        (
            "EHLO c.example",
            "MAIL FROM:<> SIZE=99999999999999999999",
            "552 5.3.4",
        ),
        (
            "EHLO c.example",
            "MAIL FROM:<> BODY=BINARYMIME",
            "501 5.5.4",
        ),
        ("EHLO c.example", "MAIL FROM:<> AUTH=<>", "555 5.5.4"),
        ("HELO c.example", "MAIL FROM:<> SIZE=1", "555 5.5.4"),
        (
            "EHLO c.example|MAIL FROM:<>",
            "RCPT TO:<c@d.example> FOO=NEVER",
            "555 5.5.4",
        ),
        ("EHLO c.example|MAIL FROM:<>", "RCPT TO:<>", "501 5.5.2"),
        (
            "EHLO c.example|MAIL FROM:<>",
            "RCPT TO:<é@d.example>",
            "553 5.6.7",
        ),
        ("EHLO c.example", "MAIL FROM:<é@d.example>", "553 5.6.7"),
        ("EHLO c.example", "STARTTLS", "502 5.5.1"),
        ("EHLO c.example", "AUTH PLAIN", "502 5.5.1"),
        ("EHLO c.example", "VRFY c", "252 2.5.2"),
        ("EHLO c.example", "NOOP", "250 2.0.0"),
        ("EHLO c.example", "QUIT", "221 2.0.0"),
        (
            "EHLO c.example|MAIL FROM:<>",
            "RCPT TO:<postmaster>",
            "250 2.1.0",
        ),
        (
            "EHLO c.example|MAIL FROM:<é@d.example> SMTPUTF8",
            "RCPT TO:<é@d.example>",
            "250 2.1.0",
        ),
    ] {
        let mut run = Run::new(config());
        for earlier in before.split('|').filter(|line| !line.is_empty()) {
            run.say(format!("{earlier}\r\n").as_bytes());
        }
        assert_eq!(
            run.say(format!("{line}\r\n").as_bytes()),
            [expected],
            "{before} then {line}"
        );
    }
}

#[test]
fn a_pipelined_session_and_one_octet_at_a_time_are_the_same() {
    let dialogue = [
        OPEN,
        b"RCPT TO:<nobody@d.example>\r\nDATA\r\n..a\r\n.b\r\n\r\n..\r\n.\r\nQUIT\r\n",
    ]
    .concat();
    let mut at_once = Run::new(config());
    let codes = at_once.say(&dialogue);
    assert_eq!(
        codes,
        [
            "250 ENHANCEDSTATUSCODES",
            "250 2.1.0",
            "250 2.1.0",
            "550 5.1.1",
            "354 end",
            "250 2.0.0",
            "221 2.0.0"
        ]
    );
    let mut slowly = Run::new(config());
    let slow_codes: Vec<String> = dialogue
        .iter()
        .flat_map(|octet| slowly.say(&[*octet]))
        .collect();
    assert_eq!(slow_codes, codes);
    assert_eq!(at_once.stored, [b".a\r\nb\r\n\r\n.\r\n".to_vec()]);
    assert_eq!(slowly.stored, at_once.stored);
    assert!(at_once.closed && slowly.closed);
}

/// What some servers take for the end of the data, and none must.
const SMUGGLING: [&str; 10] = [
    "\n.\n",
    "\n.\r\n",
    "\r\n.\n",
    "\r.\r",
    "\r\n.\r",
    "\r.\r\n",
    "\n\n.\r\n",
    "\r\n\0.\r\n",
    "\r\n.\0\r\n",
    "\r\r\n.\r\r\n",
];

#[test]
fn an_ending_that_is_not_crlf_dot_crlf_smuggles_nothing() {
    for ending in SMUGGLING {
        let mut run = open(config());
        run.say(b"DATA\r\n");
        run.say(format!("Subject: one\r\n\r\nx{ending}").as_bytes());
        run.say(b"MAIL FROM:<evil@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: two\r\n\r\nx\r\n.\r\n");
        let codes = run.say(b"NOOP\r\n");
        assert_eq!(codes, ["250 2.0.0"], "after {ending:?}");
        assert!(run.stored.is_empty(), "{ending:?} stored {:?}", run.stored);
    }
}

#[test]
fn content_is_refused_at_its_true_end_and_the_session_goes_on() {
    let long = format!("{}\r\n.\r\n", "x".repeat(999));
    let large = format!("{}.\r\n", "0123456789\r\n".repeat(10));
    for (content, expected) in [
        (&b"a\nb\r\n.\r\n"[..], "554 5.6.0"),
        (b"a\rb\r\n.\r\n", "554 5.6.0"),
        (b"a\0b\r\n.\r\n", "554 5.6.0"),
        (long.as_bytes(), "552 5.3.4"),
        (large.as_bytes(), "552 5.3.4"),
        (b"Subject: x\r\n\r\n\xc3\xa9\r\n.\r\n", "554 5.6.3"),
        (b"Subject: \xc3\xa9\r\n\r\nx\r\n.\r\n", "554 5.6.9"),
        (b".\r\n", "250 2.0.0"),
    ] {
        let mut run = open(config().maximum_octets(100));
        run.say(b"DATA\r\n");
        assert_eq!(
            run.say(content),
            [expected],
            "{:?}",
            String::from_utf8_lossy(content)
        );
        let retry =
            b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nSubject: x\r\n.\r\n";
        assert_eq!(run.say(retry).last().unwrap(), "250 2.0.0");
    }
}

#[test]
fn announced_octets_outside_ascii_are_taken() {
    let mut run = Run::new(config());
    run.say(b"EHLO c.example\r\nMAIL FROM:<a@b.example> BODY=8BITMIME\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
    assert_eq!(
        run.say(b"Subject: x\r\n\r\n\xc3\xa9\r\n.\r\n"),
        ["250 2.0.0"]
    );
    run.say(b"MAIL FROM:<a@b.example> SMTPUTF8\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
    assert_eq!(
        run.say(b"Subject: \xc3\xa9\r\n\r\nx\r\n.\r\n"),
        ["250 2.0.0"]
    );
}

#[test]
fn what_stands_behind_starttls_is_refused_and_thrown_away() {
    let mut run = Run::new(config().tls(TlsOffer::StartTls));
    run.say(b"EHLO c.example\r\n");
    let codes = run.say(b"STARTTLS\r\nMAIL FROM:<evil@b.example>\r\n");
    assert_eq!(codes, ["501 5.5.2"]);
    assert_eq!(run.say(b"RCPT TO:<c@d.example>\r\n"), ["503 5.5.1"]);
}

#[test]
fn octets_between_the_go_ahead_and_the_handshake_are_thrown_away() {
    let mut session = ServerSession::new(config().tls(TlsOffer::StartTls));
    session.receive(b"EHLO c.example\r\nSTARTTLS\r\n");
    assert!(matches!(session.step(), ServerStep::Write(_)));
    assert!(matches!(session.step(), ServerStep::StartTls));
    session.receive(b"EHLO evil.example\r\nMAIL FROM:<evil@b.example>\r\n");
    session.tls_established();
    assert!(matches!(session.step(), ServerStep::NeedInput));
}

#[test]
fn tls_resets_everything_that_was_said() {
    let mut run = Run::new(config().tls(TlsOffer::StartTls));
    run.say(b"EHLO c.example\r\nMAIL FROM:<a@b.example>\r\n");
    assert_eq!(run.say(b"STARTTLS\r\n"), ["220 2.0.0"]);
    assert_eq!(run.say(b"RCPT TO:<c@d.example>\r\n"), ["503 5.5.1"]);
    assert_eq!(run.say(b"MAIL FROM:<>\r\n"), ["503 5.5.1"]);
    assert_eq!(run.say(b"STARTTLS\r\n"), ["503 5.5.1"]);
}

#[test]
fn limits_on_recipients_lines_and_errors() {
    let mut run = open(config().maximum_recipients(2).maximum_errors(3));
    assert_eq!(
        run.say(b"RCPT TO:<d@d.example>\r\nRCPT TO:<e@d.example>\r\n"),
        ["250 2.1.0", "452 4.5.3"]
    );
    assert_eq!(
        run.say(&[&[b'x'; 50_000][..], b"\r\n"].concat()),
        ["500 5.5.6"]
    );
    assert_eq!(run.say(b"NOOP\n"), ["500 5.5.2"]);
    assert_eq!(run.say(b"BAD\r\n"), ["500 5.5.1"]);
    assert_eq!(run.say(b"BAD\r\nNOOP\r\n"), ["500 5.5.1", "421 4.7.0"]);
    assert!(run.closed);
}

#[test]
fn the_envelope_is_what_was_taken() {
    let mut session = ServerSession::new(config());
    session.receive(
        b"EHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\nSubject: x\r\n.\r\n",
    );
    let received = loop {
        match session.step() {
            ServerStep::Ask(Question::Message(received)) => break received,
            ServerStep::Ask(_) => session.answer(&reply(250, (2, 1, 0), "fine")),
            ServerStep::Write(_) => {}
            step => panic!("{step:?}"),
        }
    };
    let postmaster: EmailAddress = "postmaster@mx.example".parse().unwrap();
    assert_eq!(received.envelope.sender(), &ReversePath::Null);
    assert_eq!(
        received.envelope.addresses().collect::<Vec<_>>(),
        [&postmaster]
    );
    assert_eq!(
        (received.client_name.as_str(), received.protocol),
        ("c.example", "ESMTP")
    );
}

#[test]
fn pausing_the_question_changes_nothing() {
    let mut session = ServerSession::new(config());
    session.receive(b"EHLO c.example\r\nMAIL FROM:<>\r\n");
    for _ in 0..3 {
        assert!(matches!(
            session.step(),
            ServerStep::Ask(Question::Sender { .. })
        ));
    }
    session.answer(&reply(451, (4, 3, 0), "later"));
    session.answer(&reply(250, (2, 0, 0), "nobody asked"));
    session.receive(b"RCPT TO:<c@d.example>\r\n");
    let ServerStep::Write(octets) = session.step() else {
        panic!()
    };
    let text = String::from_utf8(octets).unwrap();
    assert!(
        text.ends_with("451 4.3.0 later\r\n503 5.5.1 send MAIL first\r\n"),
        "{text}"
    );
}
