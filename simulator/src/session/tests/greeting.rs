use letterhead_mail::ReplyCode;
use letterhead_transport::smtp::ServerReply;

use super::{Run, config};
use crate::session::{Extension, Greeting, ServerSession, ServerStep, reply};

fn greeted(greeting: Greeting) -> (String, Run) {
    let mut run = Run::new(config());
    run.session = ServerSession::new(config().greeting(greeting).maximum_errors(4));
    run.drive();
    let first = std::mem::take(&mut run.written);
    (first, run)
}

#[test]
fn a_server_may_hang_up_at_once() {
    for code in [421, 554] {
        let (first, mut run) = greeted(Greeting::HangUp(reply(code, (4, 3, 2), "not now")));
        assert_eq!(first, format!("{code} 4.3.2 not now\r\n"));
        assert!(run.closed);
        assert!(run.say(b"EHLO c.example\r\n").is_empty());
        assert_eq!(run.session.transcript().lines().len(), 1);
    }
}

#[test]
fn a_server_may_refuse_everything_but_quit() {
    let (first, mut run) = greeted(Greeting::Refuse(reply(554, (5, 3, 2), "no SMTP here")));
    assert_eq!(first, "554 5.3.2 no SMTP here\r\n");
    let codes = run.say(b"EHLO c.example\r\nBDAT 6 LAST\r\nQUIT\r\nMAIL FROM:<>\r\nQUIT\r\n");
    assert_eq!(codes, ["503 5.5.1", "503 5.5.1", "503 5.5.1", "221 2.0.0"]);
    assert!(run.closed);
    let (_, mut run) = greeted(Greeting::Refuse(reply(554, (5, 3, 2), "no SMTP here")));
    let codes = run.say(&b"NOOP\r\n".repeat(9));
    assert_eq!(codes.last().unwrap(), "421 4.7.0");
    assert_eq!(codes.len(), 6);
}

#[test]
fn a_banner_is_the_hosts_own_and_may_have_several_lines() {
    let banner = ServerReply::new(
        ReplyCode::SERVICE_READY,
        None,
        "mx.example ESMTP\nno unsolicited mail",
    );
    let (first, mut run) = greeted(Greeting::Banner(banner));
    assert_eq!(first, "220-mx.example ESMTP\r\n220 no unsolicited mail\r\n");
    assert_eq!(run.say(b"NOOP\r\n"), ["250 2.0.0"]);
}

#[test]
fn several_lines_lose_their_codes_where_these_are_hidden() {
    let config = config()
        .hide(Extension::EnhancedStatusCodes)
        .greeting(Greeting::HangUp(reply(554, (5, 7, 1), "one\n\ntwo")));
    let mut session = ServerSession::new(config);
    let ServerStep::Write(octets) = session.step() else {
        panic!("it says nothing")
    };
    assert_eq!(
        String::from_utf8(octets).unwrap(),
        "554-one\r\n554-\r\n554 two\r\n"
    );
}

#[test]
fn a_code_that_only_begins_like_another_stays() {
    let code = ReplyCode::new(421).unwrap();
    let banner = ServerReply::new(code, None, "4.3.2 one\n4.3.20 two");
    let config = config()
        .hide(Extension::EnhancedStatusCodes)
        .greeting(Greeting::HangUp(banner));
    let ServerStep::Write(octets) = ServerSession::new(config).step() else {
        panic!("it says nothing")
    };
    let said = String::from_utf8(octets).unwrap();
    assert_eq!(said, "421-one\r\n421 4.3.20 two\r\n");
}
