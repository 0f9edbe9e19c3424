use super::{OPEN, Run, config, open};
use crate::session::{AuthOffer, Extension, Finding, SessionConfig, TlsOffer};

/// A server that offers everything it can before TLS.
fn rich() -> SessionConfig {
    config().tls(TlsOffer::StartTls).auth(AuthOffer::Always)
}

/// The words of the answer to EHLO.
fn offered(run: &mut Run) -> Vec<String> {
    run.session.receive(b"EHLO c.example\r\n");
    run.drive();
    let reply = std::mem::take(&mut run.written);
    let words = reply.lines().skip(1).map(|line| {
        let word = line.get(4..).unwrap().split(' ').next().unwrap();
        word.to_owned()
    });
    words.collect()
}

fn keywords(extensions: impl Iterator<Item = Extension>) -> Vec<String> {
    extensions.map(|extension| extension.to_string()).collect()
}

#[test]
fn every_extension_can_be_hidden() {
    for hidden in Extension::ALL {
        let mut run = Run::new(rich().hide(hidden));
        let expected = Extension::ALL
            .into_iter()
            .filter(|extension| ![hidden, Extension::RequireTls].contains(extension));
        assert_eq!(offered(&mut run), keywords(expected), "without {hidden}");
    }
    let nothing = Extension::ALL.into_iter().fold(rich(), SessionConfig::hide);
    let mut run = Run::new(nothing.clone());
    assert!(offered(&mut run).is_empty());
    let mut protected = Run::new(config().tls(TlsOffer::StartTls));
    protected.say(b"EHLO c.example\r\nSTARTTLS\r\n");
    protected.say(b"STARTTLS\r\n");
    assert!(offered(&mut protected).contains(&"REQUIRETLS".to_owned()));
    let mut protected = Run::new(config().tls(TlsOffer::StartTls).hide(Extension::RequireTls));
    protected.say(b"EHLO c.example\r\n");
    protected.say(b"STARTTLS\r\n");
    assert!(!offered(&mut protected).contains(&"REQUIRETLS".to_owned()));
    assert_eq!(protected.say(b"MAIL FROM:<> REQUIRETLS\r\n"), ["555 5.5.4"]);
}

#[test]
fn what_belongs_to_a_hidden_extension_is_not_known() {
    for (hidden, line, expected) in [
        (Extension::Size, "MAIL FROM:<> SIZE=1", "555 5.5.4"),
        (
            Extension::EightBitMime,
            "MAIL FROM:<> BODY=8BITMIME",
            "555 5.5.4",
        ),
        (
            Extension::EightBitMime,
            "MAIL FROM:<> BODY=7BIT",
            "555 5.5.4",
        ),
        (Extension::SmtpUtf8, "MAIL FROM:<> SMTPUTF8", "555 5.5.4"),
        (
            Extension::SmtpUtf8,
            "MAIL FROM:<\u{e4}@b.example>",
            "553 5.6.7",
        ),
        (Extension::Dsn, "MAIL FROM:<> RET=FULL", "555 5.5.4"),
        (Extension::Dsn, "MAIL FROM:<> ENVID=a", "555 5.5.4"),
        (Extension::Auth, "MAIL FROM:<> AUTH=<>", "555 5.5.4"),
        (Extension::Auth, "AUTH PLAIN", "500 5.5.1"),
        (Extension::StartTls, "STARTTLS", "500 5.5.1"),
        (Extension::Chunking, "BDAT 0 LAST", "500 5.5.1"),
        (Extension::EnhancedStatusCodes, "MAIL FROM:<>", "250 fine"),
        (
            Extension::EnhancedStatusCodes,
            "MAIL FROM:<> X=1",
            "555 unknown",
        ),
    ] {
        let mut run = Run::new(rich().hide(hidden));
        run.say(b"EHLO c.example\r\n");
        let codes = run.say(format!("{line}\r\n").as_bytes());
        assert_eq!(codes, [expected], "{line}");
    }
    let mut run = Run::new(config().hide(Extension::Dsn));
    run.say(b"EHLO c.example\r\nMAIL FROM:<>\r\n");
    for parameter in ["NOTIFY=NEVER", "ORCPT=rfc822;a@b.example"] {
        let line = format!("RCPT TO:<c@d.example> {parameter}\r\n");
        assert_eq!(run.say(line.as_bytes()), ["555 5.5.4"]);
    }
}

#[test]
fn without_their_extension_octets_outside_ascii_are_refused() {
    for (hidden, content) in [
        (Extension::EightBitMime, "\r\n\u{e4}\r\n.\r\n"),
        (Extension::SmtpUtf8, "Subject: \u{e4}\r\n\r\n.\r\n"),
    ] {
        let config = config().hide(hidden);
        let mut run = Run::new(config);
        run.say(OPEN);
        run.say(b"DATA\r\n");
        let codes = run.say(content.as_bytes());
        assert!(codes[0].starts_with("554 5.6"), "{codes:?}");
        assert!(run.stored.is_empty());
    }
}

#[test]
fn a_hidden_size_still_limits() {
    let mut run = Run::new(config().hide(Extension::Size).maximum_octets(10));
    run.say(OPEN);
    assert_eq!(run.say(b"BDAT 11 LAST\r\n012345678\r\n"), ["552 5.3.4"]);
}

#[test]
fn pipelining_that_was_not_offered_is_told() {
    let mut run = Run::new(config().hide(Extension::Pipelining));
    run.say(b"EHLO c.example\r\n");
    run.say(b"MAIL FROM:<a@b.example>\r\n");
    run.say(b"RCPT TO:<c@d.example>\r\n");
    run.say(b"BDAT 2 LAST\r\n\r\n");
    assert_eq!(run.session.transcript().findings().count(), 0);
    let codes = run.say(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
    assert_eq!(codes, ["250 2.1.0", "250 2.1.0", "354 end"]);
    let found: Vec<&Finding> = run.session.transcript().findings().collect();
    assert_eq!(found, [&Finding::UnofferedPipelining; 2]);
    let mut usual = open(config());
    usual.say(b"NOOP\r\nNOOP\r\n");
    assert_eq!(usual.session.transcript().findings().count(), 0);
}
