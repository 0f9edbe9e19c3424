use super::{Run, config};
use crate::session::{AuthOffer, MailNeeds, TlsOffer};

/// `\0user\0secret`, `\0user\0wrong`, `user`, `secret`.
const PLAIN: &str = "AHVzZXIAc2VjcmV0";
const WRONG: &str = "AHVzZXIAd3Jvbmc=";
const USER: &str = "dXNlcg==";
const SECRET: &str = "c2VjcmV0";

#[test]
fn authentication_in_all_its_forms() {
    let plain = format!("AUTH PLAIN {PLAIN}");
    let wrong = format!("AUTH PLAIN {WRONG}");
    let acting_for = "AUTH PLAIN b3RoZXIAdXNlcgBzZWNyZXQ=";
    for (lines, expected) in [
        (&[plain.as_str()][..], "235 2.7.0"),
        (&["AUTH PLAIN", PLAIN], "235 2.7.0"),
        (&["AUTH LOGIN", USER, SECRET], "235 2.7.0"),
        (&[&format!("AUTH LOGIN {USER}"), SECRET], "235 2.7.0"),
        (&[&wrong], "535 5.7.8"),
        (&["AUTH LOGIN", USER, USER], "535 5.7.8"),
        (&["AUTH PLAIN", "*"], "501 5.7.0"),
        (&["AUTH PLAIN", "???"], "501 5.5.2"),
        (&["AUTH PLAIN ="], "501 5.5.2"),
        (&[acting_for], "501 5.5.2"),
        (&["AUTH CRAM-MD5"], "504 5.5.4"),
        (&[&plain, &plain], "503 5.5.1"),
        (&[&plain, "MAIL FROM:<>", &plain], "503 5.5.1"),
        (&["MAIL FROM:<>"], "530 5.7.0"),
        (&[&plain, "MAIL FROM:<>"], "250 2.1.0"),
    ] {
        let config = config()
            .auth(AuthOffer::Always)
            .mail_needs(MailNeeds::Authentication);
        let mut run = Run::new(config);
        run.say(b"EHLO c.example\r\n");
        let replies: Vec<String> = lines
            .iter()
            .flat_map(|line| run.say(format!("{line}\r\n").as_bytes()))
            .collect();
        assert_eq!(replies.last().unwrap(), expected, "{lines:?}");
        let transcript = run.session.transcript().to_string();
        for secret in [PLAIN, WRONG, SECRET] {
            assert!(!transcript.contains(secret), "{transcript}");
        }
    }
}

#[test]
fn passwords_wait_for_tls() {
    let config = config()
        .tls(TlsOffer::StartTls)
        .auth(AuthOffer::UnderTls)
        .mail_needs(MailNeeds::Authentication);
    let mut run = Run::new(config);
    run.say(b"EHLO c.example\r\n");
    assert_eq!(
        run.say(format!("AUTH PLAIN {PLAIN}\r\n").as_bytes()),
        ["538 5.7.11"]
    );
    assert_eq!(run.say(b"MAIL FROM:<>\r\n"), ["530 5.7.0"]);
    run.say(b"STARTTLS\r\nEHLO c.example\r\n");
    run.say(b"STARTTLS\r\n");
    run.say(b"EHLO c.example\r\n");
    assert_eq!(
        run.say(format!("AUTH PLAIN {PLAIN}\r\n").as_bytes()),
        ["235 2.7.0"]
    );
}

#[test]
fn who_logged_in_before_tls_is_a_stranger_after_it() {
    let config = config()
        .tls(TlsOffer::StartTls)
        .auth(AuthOffer::Always)
        .mail_needs(MailNeeds::Authentication);
    let mut run = Run::new(config);
    run.say(b"EHLO c.example\r\n");
    assert_eq!(
        run.say(format!("AUTH PLAIN {PLAIN}\r\n").as_bytes()),
        ["235 2.7.0"]
    );
    run.say(b"STARTTLS\r\n");
    run.say(b"EHLO c.example\r\n");
    assert_eq!(run.say(b"MAIL FROM:<>\r\n"), ["530 5.7.0"]);
}

#[test]
fn credentials_that_were_not_asked_for_are_kept_nowhere() {
    for (lines, shown) in [
        (&["AUTH LOGIN", USER, SECRET][..], "AUTH LOGIN"),
        (&["auth login", SECRET, PLAIN], "AUTH LOGIN"),
        (&[&format!("AUTH PLAIN {PLAIN}"), PLAIN], "AUTH PLAIN"),
        (&[&format!("AUTH\tPLAIN\t{PLAIN}")], "(not a command)"),
        (&[&format!("AUTH {PLAIN}")], "AUTH (unknown mechanism)"),
        (&["AUTH c2VjcmV0"], "AUTH (unknown mechanism)"),
        (&[&format!("AUTH PLAIN {PLAIN} {SECRET}")], "AUTH"),
        (&[&format!("Auth: {SECRET}")], "(not a command)"),
        (&[&format!("quit {SECRET}")], "QUIT"),
        (&[SECRET], "(not a command)"),
    ] {
        let config = config().tls(TlsOffer::StartTls).auth(AuthOffer::UnderTls);
        let mut run = Run::new(config);
        run.say(b"EHLO c.example\r\n");
        for line in lines {
            let codes = run.say(format!("{line}\r\n").as_bytes());
            assert!(codes.iter().all(|code| code.starts_with('5')), "{codes:?}");
        }
        let transcript = run.session.transcript().to_string();
        let said: Vec<&str> = transcript
            .lines()
            .filter_map(|line| line.strip_prefix("C: "))
            .skip(1)
            .collect();
        let mut expected = vec![shown];
        expected.resize(lines.len(), "(not a command)");
        assert_eq!(said, expected, "{lines:?}");
        let upper = transcript.to_ascii_uppercase();
        for secret in [PLAIN, USER, SECRET, "c2VjcmV0"] {
            assert!(
                !upper.contains(&secret.to_ascii_uppercase()),
                "{transcript}"
            );
        }
    }
}

#[test]
fn debug_shows_only_the_size_of_what_has_not_been_used() {
    for (before, pending) in [
        ("", SECRET),
        ("AUTH LOGIN\r\ndXNlcg==\r\n", SECRET),
        (
            "MAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n",
            "Subject: c2VjcmV0\r\n\r\nc2VjcmV0\r\n",
        ),
    ] {
        let mut run = Run::new(config().auth(AuthOffer::Always));
        run.say(b"EHLO c.example\r\n");
        run.say(before.as_bytes());
        run.say(pending.as_bytes());
        let shown = format!("{:?}", run.session);
        let octets: Vec<String> = pending.bytes().take(6).map(|b| b.to_string()).collect();
        assert!(!shown.contains(SECRET), "{shown}");
        assert!(!shown.contains(&octets.join(", ")), "{shown}");
        assert!(
            shown.contains(&format!("({} octets)", pending.len())),
            "{shown}"
        );
    }
}
