use super::{Clues, Diagnosis, diagnose, permanence_of, reason_of};
use crate::event::{Permanence, Reason};

fn diagnosed(stated: &str, words: &str) -> Diagnosis {
    diagnose(&Clues {
        stated: stated.parse().ok(),
        diagnostic: Some(words),
        ..Clues::default()
    })
}

fn status(diagnosis: &Diagnosis) -> String {
    diagnosis
        .status
        .map_or_else(String::new, |status| status.to_string())
}

#[test]
fn only_a_dead_address_is_hard() {
    for (stated, words) in [
        ("5.1.1", ""),
        ("5.1.2", "X-Postfix; no"),
        ("5.1.10", "no"),
        ("5.0.0", "smtp; 550 user unknown"),
        (
            "5.3.0",
            "smtp; 553 5.3.0 <joe@example.org>... No such user here",
        ),
        ("5.5.0", "smtp; 550 User unknown"),
        ("5.7.1", "smtp; 550 5.7.1 No such user"),
        ("5.7.27", "SMTP; 550 Host does not accept mail"),
        (
            "5.4.4",
            "X-Postfix; Host or domain name not found. Name service error for name=example.invalid type=A: Host not found",
        ),
        (
            "5.4.1",
            "550 5.4.1 Recipient address rejected: Access denied",
        ),
        ("", "User not listed in public Name & Address Book"),
    ] {
        let diagnosis = diagnosed(stated, words);
        assert_eq!(
            diagnosis.permanence,
            Permanence::Hard,
            "{stated} {words}: {}",
            diagnosis.reason
        );
    }
    for (stated, words) in [
        ("5.0.0", "smtp; 550 no"),
        (
            "5.7.1",
            "smtp; 550 5.7.1 <joe@example.org>: Recipient address rejected: Access denied",
        ),
        (
            "5.7.26",
            "550 5.7.26 Unauthenticated email from example.com is not accepted",
        ),
        ("5.2.1", "550 5.2.1 mailbox disabled"),
        ("5.2.2", "550 5.2.2 no room"),
        ("5.1.1", "smtp; 550 5.7.1 blocked using zen.spamhaus.org"),
        ("5.1.1", "smtp; 550 5.7.1 no"),
        ("5.7.1", "smtp; 550 5.1.1 no"),
        ("5.1.1", "smtp; 450 4.1.1 user unknown"),
        ("5.1.1", "smtp; 450 user unknown"),
        ("4.4.7", "smtp; 550 5.1.1 user unknown"),
        ("4.0.0", "smtp; DNS Error: responded with code NXDOMAIN"),
        ("", "550 sender address rejected: user unknown"),
        ("5.1.8", "553 5.1.8 domain not found"),
        (
            "",
            "host mx.example.org[192.0.2.1] said: 550 Domain not found (in reply to MAIL FROM command)",
        ),
        ("", "550 this mailbox does not accept mail from outside"),
    ] {
        let diagnosis = diagnosed(stated, words);
        assert_eq!(
            diagnosis.permanence,
            Permanence::Soft,
            "{stated} {words}: {}",
            diagnosis.reason
        );
    }
}

#[test]
fn clear_words_decide_before_codes_and_telling_codes_before_vague_words() {
    for (stated, words, reason) in [
        ("5.7.1", "550 5.7.1 mailbox is full", Reason::MAILBOX_FULL),
        ("5.1.1", "550 5.1.1 mailbox is full", Reason::MAILBOX_FULL),
        (
            "5.2.2",
            "552 5.2.2 mailbox unavailable",
            Reason::MAILBOX_FULL,
        ),
        (
            "5.5.0",
            "550 5.5.0 mailbox unavailable",
            Reason::USER_UNKNOWN,
        ),
        ("5.7.1", "550 5.7.1 no", Reason::POLICY),
        (
            "5.7.23",
            "550 5.7.23 access denied",
            Reason::AUTHENTICATION_FAILURE,
        ),
        (
            "4.4.7",
            "smtp; 450 4.2.2 mailbox full",
            Reason::MAILBOX_FULL,
        ),
        ("4.4.7", "smtp; 451 4.0.0 try again", Reason::EXPIRED),
        (
            "4.4.7",
            "X-Postfix; connect to mx.example.org[192.0.2.1]:25: Connection timed out",
            Reason::EXPIRED,
        ),
        ("5.1.1", "blocked using zen.spamhaus.org", Reason::BLOCKED),
        ("", "550", Reason::UNSPECIFIED),
        ("", "", Reason::UNSPECIFIED),
    ] {
        assert_eq!(diagnosed(stated, words).reason, reason, "{stated} {words}");
    }
}

#[test]
fn the_status_is_the_one_that_says_more() {
    for (stated, words, expected) in [
        ("5.0.0", "550 5.1.1 no", "5.1.1"),
        ("5.0.0", "450 4.2.2 full", "5.0.0"),
        ("5.1.1", "550 5.7.1 blocked", "5.7.1"),
        ("5.1.1", "550 5.5.0 no", "5.1.1"),
        ("5.1.1", "550 5.0.0 no", "5.1.1"),
        ("4.4.7", "450 4.7.1 no", "4.4.7"),
        ("4.4.7", "451 4.7.0 later", "4.4.7"),
        ("5.1.1", "no", "5.1.1"),
        ("", "550 5.1.1 no", "5.1.1"),
        ("", "550 no (#5.1.1)", "5.1.1"),
        ("", "Sorry, no mailbox (#5.1.1)", "5.1.1"),
        ("", "5.3.0 - no", "5.3.0"),
        ("", "x-unix; 5.1.1 no", ""),
        ("", "550 no such version 4.5.1", ""),
    ] {
        assert_eq!(
            status(&diagnosed(stated, words)),
            expected,
            "{stated} {words}"
        );
    }
}

#[test]
fn a_reply_is_found_wherever_it_is_quoted() {
    for (words, expected) in [
        (
            "smtp; 550 5.1.1 no such user",
            Some("550 5.1.1 no such user"),
        ),
        ("smtp;550 no", Some("550 no")),
        ("250 2.1.5 Ok", Some("250 2.1.5 Ok")),
        ("550: 5.2.2 full", Some("550 5.2.2 full")),
        ("451-4.7.1 wait", Some("451 4.7.1 wait")),
        (
            "550-5.7.1 one 550-5.7.1 two\r\n 550 5.7.1 three",
            Some("550 5.7.1 one two three"),
        ),
        ("550-one\r\n550 two", Some("550 one two")),
        (
            "host mx.example.org[192.0.2.1] said: 550 5.1.1 no (in reply to RCPT TO command)",
            Some("550 5.1.1 no"),
        ),
        (
            "X-Postfix; host mx.example.org[192.0.2.1] said: 550 no",
            Some("550 no"),
        ),
        (
            "192.0.2.1 does not like recipient. Remote host said: 552 full Giving up on 192.0.2.1.",
            Some("552 full"),
        ),
        (
            "SMTP error from remote mail server after RCPT TO:<joe@example.org>: host mx.example.org [192.0.2.1]: 550 no",
            Some("550 no"),
        ),
        ("<<< 553 no", Some("553 no")),
        (
            "Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; no'",
            Some("550 5.1.10 RESOLVER.ADR.RecipientNotFound; no'"),
        ),
        (
            "#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##",
            Some("550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##"),
        ),
        ("The response was: 550 no", Some("550 no")),
        (
            "It responded as follows: [550 5.1.1 User unknown]",
            Some("550 5.1.1 User unknown]"),
        ),
        (
            "5.3.0 - Other 550-'Unknown user x' (attempts: 0)",
            Some("550 'Unknown user x' (attempts: 0)"),
        ),
        ("ERROR_CODE :550, no", Some("550 , no")),
        ("x-unix; 550 no", None),
        ("unable to deliver in 540 minutes", None),
        ("answered in 550 ms", None),
        ("[192.0.2.250]:587: Connection refused", None),
        ("connect to mx.example.org:465: no", None),
        ("message of 552 octets", None),
        ("smtp; 5500 no", None),
        ("smtp; 999 no", None),
        ("on 2021-11-23 at 5500", None),
        ("\u{e9}50 550\u{e9}", None),
        ("", None),
    ] {
        let reply = diagnosed("", words).reply;
        assert_eq!(
            reply.map(|reply| reply.to_string()).as_deref(),
            expected,
            "{words}"
        );
    }
}

#[test]
fn a_reply_at_first_hand_is_judged_alike() {
    for (words, reason, permanence) in [
        ("550 5.1.1 no", Reason::USER_UNKNOWN, Permanence::Hard),
        (
            "450 4.1.1 user unknown",
            Reason::USER_UNKNOWN,
            Permanence::Soft,
        ),
        (
            "554 5.7.1 relay access denied",
            Reason::RELAYING_DENIED,
            Permanence::Soft,
        ),
        ("250 2.0.0 queued", Reason::DELIVERED, Permanence::Soft),
        ("556 no", Reason::NOT_ACCEPTED, Permanence::Hard),
    ] {
        let reply = diagnosed("", words).reply.unwrap();
        assert_eq!(
            (reason_of(&reply), permanence_of(&reply)),
            (reason, permanence),
            "{words}"
        );
    }
}

#[test]
fn words_without_end_are_cut() {
    let words = format!("550 {} mailbox is full", "x ".repeat(5_000));
    assert_eq!(diagnosed("", &words).reason, Reason::UNSPECIFIED);
    assert_eq!(
        diagnosed("", &"550 ".repeat(5_000)).reason,
        Reason::UNSPECIFIED
    );
    assert_eq!(
        diagnosed("", &"@".repeat(5_000)).reason,
        Reason::UNSPECIFIED
    );
}
