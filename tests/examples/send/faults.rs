//! Servers that go away, refuse, or say what nobody can understand.

use super::peer::{Peer, STEPS, serve};
use super::{MAIL, assert_accepted, failure, send, send_mail, send_with, sign_in};
use crate::text;

/// The options for a server that is to be brought to this step.
fn options_for(step: &str) -> Vec<String> {
    if step == "tls" {
        vec!["--tls".to_owned(), "required".to_owned()]
    } else {
        sign_in(&format!("faults-{step}")).to_vec()
    }
}

/// The row when the server does `deed` in place of its answer at `step`.
fn at_step(
    step: &'static str,
    deed: impl FnOnce(&mut Peer) + Send + 'static,
) -> (String, String, Option<u64>, String) {
    let server = serve(move |mut peer: Peer| {
        peer.reach(step);
        deed(&mut peer);
    });
    let options = options_for(step);
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let row = failure(&send(server.address, &options));
    server.end();
    row
}

/// More than the buffers of any loopback connection hold, so that the end of it has not left while the server does not read.
fn large_mail() -> Vec<u8> {
    let mut mail = MAIL.to_vec();
    mail.extend(
        b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n".repeat(600_000),
    );
    mail
}

#[test]
fn a_connection_lost_before_the_final_dot_defers_at_every_step() {
    for step in STEPS.into_iter().filter(|step| *step != "final") {
        let (outcome, phase, code, words) = at_step(step, |_| {});
        assert_eq!(
            (outcome.as_str(), phase.as_str(), code),
            ("deferred", step, None)
        );
        assert_eq!(words, "the server closed the connection", "{step}");
    }
}

#[test]
fn a_connection_lost_within_the_content_defers() {
    let server = serve(|mut peer: Peer| {
        peer.reach("data");
        peer.say("354 go\r\n");
        peer.take(100_000);
    });
    let sign_in = sign_in("within");
    let options = sign_in.each_ref().map(String::as_str);
    let (outcome, phase, code, _) = failure(&send_mail(server.address, &options, &large_mail()));
    assert_eq!(
        (outcome.as_str(), phase.as_str(), code),
        ("deferred", "body", None)
    );
    server.end();
}

#[test]
fn a_connection_lost_after_the_final_dot_leaves_it_in_doubt() {
    let (outcome, phase, code, words) = at_step("final", |_| {});
    assert_eq!(
        (outcome.as_str(), phase.as_str(), code),
        ("in_doubt", "final", None)
    );
    assert_eq!(words, "the server closed the connection");
}

#[test]
fn half_an_answer_after_the_final_dot_is_none() {
    let (outcome, phase, code, _) = at_step("final", |peer| {
        peer.say("250 2.0.0 queu");
    });
    assert_eq!(
        (outcome.as_str(), phase.as_str(), code),
        ("in_doubt", "final", None)
    );
}

/// 354 asks for more and takes nothing; 221 says that the server closes; 334 belongs to AUTH. Each came after all of the
/// message, so that nothing proves that it was not kept.
#[test]
fn an_answer_without_a_meaning_after_the_final_dot_leaves_it_in_doubt() {
    for answer in ["354 go on", "221 bye", "334 "] {
        let (outcome, phase, _, words) = at_step("final", move |peer| {
            peer.say(format!("{answer}\r\n"));
            peer.until_closed();
        });
        assert_eq!(
            (outcome.as_str(), phase.as_str()),
            ("in_doubt", "final"),
            "{answer}"
        );
        assert!(words.contains(&answer[..3]), "{words}");
    }
}

#[test]
fn refusals_say_at_which_step_and_with_which_code() {
    for step in STEPS {
        for (code, kind) in [(451, "deferred"), (554, "rejected")] {
            let (outcome, phase, given, words) = at_step(step, move |peer| {
                peer.say(format!("{code} {}.3.0 not here\r\n", code / 100));
                peer.see_off();
            });
            // A refusal of STARTTLS may come from anyone on the way, and 5xx to EHLO makes the client try HELO.
            let expected = if step == "tls" { "deferred" } else { kind };
            assert_eq!(
                (outcome.as_str(), phase.as_str()),
                (expected, step),
                "{code}"
            );
            assert_eq!((given, words.as_str()), (Some(code), "not here"), "{step}");
        }
    }
}

#[test]
fn a_421_defers_at_every_step() {
    for step in STEPS {
        let (outcome, phase, code, words) = at_step(step, |peer| {
            peer.say("421 4.3.2 closing\r\n");
        });
        assert_eq!((outcome.as_str(), phase.as_str()), ("deferred", step));
        assert_eq!((code, words.as_str()), (Some(421), "closing"), "{step}");
    }
}

/// A server that has had enough says so and takes the rest without keeping it.
#[test]
fn a_refusal_within_the_content_is_believed() {
    for (reply, code, kind) in [
        ("421 4.3.2 closing", 421, "deferred"),
        ("552 5.3.4 too large", 552, "rejected"),
    ] {
        let server = serve(move |mut peer: Peer| {
            peer.reach("data");
            peer.say("354 go\r\n");
            peer.take(100_000);
            peer.say(format!("{reply}\r\n"));
            if peer.content_unless_closed().is_some() {
                peer.see_off();
            }
        });
        let sign_in = sign_in(&format!("refused-within-{kind}"));
        let options = sign_in.each_ref().map(String::as_str);
        let output = send_mail(server.address, &options, &large_mail());
        let (outcome, phase, given, _) = failure(&output);
        assert_eq!((outcome.as_str(), given), (kind, Some(code)), "{reply}");
        // Whether it is heard before or behind the last octet is a matter of luck.
        assert!(["body", "final"].contains(&phase.as_str()), "{phase}");
        server.end();
    }
}

#[test]
fn replies_that_come_octet_by_octet_are_read() {
    let server = serve(|mut peer: Peer| {
        let drop_by_drop = |peer: &mut Peer, reply: &str| {
            for octet in reply.bytes() {
                peer.say([octet]);
            }
        };
        drop_by_drop(&mut peer, "220-mx\r\n220 ready\r\n");
        for (command, reply) in [
            ("EHLO ", "250-mx\r\n250-SIZE 1000\r\n250 HELP\r\n"),
            ("MAIL FROM:<s@x.example> SIZE=", "250 ok\r\n"),
            ("RCPT TO:", "250-2.1.5 go\r\n250 2.1.5 on\r\n"),
            ("DATA", "354 go\r\n"),
        ] {
            peer.expect(command);
            drop_by_drop(&mut peer, reply);
        }
        peer.content();
        drop_by_drop(&mut peer, "250 2.0.0 queued\r\n");
        peer.exchange("QUIT", "221 bye\r\n");
    });
    assert_accepted(&send(server.address, &[]));
    server.end();
}

#[test]
fn a_line_or_a_reply_without_end_is_not_read_to_its_end() {
    for (step, outcome) in [
        ("greeting", "deferred"),
        ("mail", "deferred"),
        ("final", "in_doubt"),
    ] {
        for (begin, more, words) in [
            ("250 ", "x", "longer than 4096 octets"),
            ("", "250-more\r\n", "longer than 65536 octets"),
        ] {
            let (given, phase, code, sentence) = at_step(step, move |peer| {
                peer.say(begin);
                let more = more.repeat(1_000);
                while peer.say(&more) {}
            });
            assert_eq!(
                (given.as_str(), phase.as_str(), code),
                (outcome, step, None)
            );
            assert!(sentence.contains(words), "{sentence}");
        }
    }
}

#[test]
fn what_is_no_reply_ends_the_dialogue() {
    for line in [
        "hello\r\n",
        "99 no\r\n",
        "250_ok\r\n",
        "250 ok\n",
        "250-a\r\n251 b\r\n",
        "\0\r\n",
    ] {
        let (outcome, phase, code, words) = at_step("rcpt", move |peer| {
            peer.say(line);
            peer.until_closed();
        });
        assert_eq!(
            (outcome.as_str(), phase.as_str(), code),
            ("deferred", "rcpt", None),
            "{line:?}"
        );
        assert!(words.contains("server's"), "{words}");
    }
}

/// What a server says stays on one line and has no control characters.
#[test]
fn a_row_stays_one_line_whatever_the_server_says() {
    let (outcome, _, code, words) = at_step("rcpt", |peer| {
        peer.say("550-5.1.1 no \u{1b}[2J\"user\"\r\n550 5.1.1 {\"recipient\":1}\r\n");
        peer.see_off();
    });
    assert_eq!((outcome.as_str(), code), ("rejected", Some(550)));
    assert!(!words.chars().any(char::is_control), "{words:?}");
    assert!(words.contains("\"user\""));
}

#[test]
fn a_port_where_nobody_listens_defers_all() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let two = ["--rcpt", "a@x.example", "--rcpt", "b@x.example", "--json"];
    let output = send_with(address, &two, MAIL);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    let expected = |recipient| {
        format!(
            r#"{{"recipient":"{recipient}","outcome":"deferred","phase":"connect","code":null,"enhanced":null,"text":"#
        )
    };
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with(&expected("a@x.example")),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with(&expected("b@x.example")),
        "{}",
        lines[1]
    );
}
