use letterhead_mail::envelope::{ReturnContent, TlsRequirement};
use letterhead_mail::{EmailAddress, Notify};

use super::{Run, config};
use crate::session::{Finding, TlsOffer};

const DATA: &[u8] = b"DATA\r\nSubject: x\r\n.\r\n";

#[test]
fn what_was_asked_of_reports_is_in_the_envelope() {
    let mut run = Run::new(config());
    run.say(b"EHLO c.example\r\nMAIL FROM:<a@b.example> ret=hdrs ENVID=QQ+2B31+20x\r\n");
    let codes = run.say(
        b"RCPT TO:<c@d.example> NOTIFY=success,DELAY ORCPT=rfc822;team+2Bc@x.example\r\n\
          RCPT TO:<nobody@d.example> NOTIFY=NEVER ORCPT=rfc822;nobody@x.example\r\n\
          RCPT TO:<e@d.example> NOTIFY=NEVER\r\n\
          RCPT TO:<f@d.example>\r\n",
    );
    assert_eq!(codes, ["250 2.1.0", "550 5.1.1", "250 2.1.0", "250 2.1.0"]);
    run.say(DATA);
    let envelope = &run.envelopes[0];
    assert_eq!(envelope.id().unwrap().as_str(), "QQ+31 x");
    assert_eq!(envelope.return_content(), Some(ReturnContent::Headers));
    assert_eq!(envelope.tls(), TlsRequirement::FirstHop);
    let team: EmailAddress = "team+c@x.example".parse().unwrap();
    let asked: Vec<_> = envelope
        .recipients()
        .iter()
        .map(|recipient| {
            let original = recipient.original().map(|original| original.address());
            (
                recipient.address().local_part(),
                recipient.notify(),
                original,
            )
        })
        .collect();
    assert_eq!(
        asked,
        [
            ("c", Some(Notify::SUCCESS.and(Notify::DELAY)), Some(&team)),
            ("e", Some(Notify::NEVER), None),
            ("f", None, None),
        ]
    );
    // The next transaction begins with nothing.
    run.say(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n");
    run.say(DATA);
    assert_eq!(
        (run.envelopes[1].id(), run.envelopes[1].return_content()),
        (None, None)
    );
    assert_eq!(run.envelopes[1].recipients()[0].notify(), None);
}

#[test]
fn a_bad_parameter_is_refused_and_nothing_is_taken() {
    let long_id = format!("MAIL FROM:<> ENVID={}", "x".repeat(101));
    let long_original = format!(
        "RCPT TO:<c@d.example> ORCPT=rfc822;{}@b.example",
        "a".repeat(600)
    );
    for line in [
        "MAIL FROM:<> RET",
        "MAIL FROM:<> RET=ALL",
        "MAIL FROM:<> RET=FULL RET=FULL",
        "MAIL FROM:<> RET=FULL ret=HDRS",
        "MAIL FROM:<> ENVID",
        "MAIL FROM:<> ENVID=a+",
        "MAIL FROM:<> ENVID=a+2b",
        "MAIL FROM:<> ENVID=a+0D+0A",
        "MAIL FROM:<> ENVID=a ENVID=b",
        "MAIL FROM:<> SMTPUTF8=1",
        long_id.as_str(),
        "RCPT TO:<c@d.example> NOTIFY",
        "RCPT TO:<c@d.example> NOTIFY=NEVER,SUCCESS",
        "RCPT TO:<c@d.example> NOTIFY=SUCCESS,NEVER",
        "RCPT TO:<c@d.example> NOTIFY=SUCCESS,",
        "RCPT TO:<c@d.example> NOTIFY=ALWAYS",
        "RCPT TO:<c@d.example> NOTIFY=DELAY NOTIFY=DELAY",
        "RCPT TO:<c@d.example> ORCPT",
        "RCPT TO:<c@d.example> ORCPT=c@d.example",
        "RCPT TO:<c@d.example> ORCPT=rfc822;c+@d.example",
        "RCPT TO:<c@d.example> ORCPT=rfc822;nobody",
        "RCPT TO:<c@d.example> ORCPT=utf-8;\u{e4}@d.example",
        "RCPT TO:<c@d.example> ORCPT=rfc822;a@b.example ORCPT=rfc822;a@b.example",
        long_original.as_str(),
    ] {
        let mut run = Run::new(config());
        run.say(b"EHLO c.example\r\n");
        if line.starts_with("RCPT") {
            run.say(b"MAIL FROM:<>\r\n");
        }
        let codes = run.say(format!("{line}\r\nDATA\r\n").as_bytes());
        assert_eq!(codes, ["501 5.5.4", "503 5.5.1"], "{line}");
    }
}

#[test]
fn parameters_need_ehlo() {
    for line in [
        "MAIL FROM:<> RET=FULL",
        "MAIL FROM:<> ENVID=a",
        "MAIL FROM:<> REQUIRETLS",
    ] {
        let mut run = Run::new(config());
        run.say(b"HELO c.example\r\n");
        assert_eq!(
            run.say(format!("{line}\r\n").as_bytes()),
            ["555 5.5.4"],
            "{line}"
        );
    }
    let mut run = Run::new(config());
    run.say(b"HELO c.example\r\nMAIL FROM:<>\r\n");
    let codes = run.say(b"RCPT TO:<c@d.example> NOTIFY=NEVER\r\n");
    assert_eq!(codes, ["555 5.5.4"]);
}

#[test]
fn an_original_recipient_may_be_outside_ascii_or_outside_mail() {
    let mut run = Run::new(config());
    run.say(b"EHLO c.example\r\nMAIL FROM:<a@b.example> SMTPUTF8\r\n");
    let codes = run.say(
        "RCPT TO:<c@d.example> ORCPT=utf-8;j\u{f6}rg@x.example\r\n\
         RCPT TO:<e@d.example> ORCPT=utf-8;j\\x{F6}rg@x.example\r\n\
         RCPT TO:<f@d.example> ORCPT=x400;/C+3DDE/\r\n"
            .as_bytes(),
    );
    assert_eq!(codes, ["250 2.1.0", "250 2.1.0", "250 2.1.0"]);
    run.say(DATA);
    let recipients = run.envelopes[0].recipients();
    let original = recipients[0].original().unwrap();
    assert_eq!(original.address().local_part(), "j\u{f6}rg");
    assert_eq!(recipients[1].original(), Some(original));
    assert_eq!(recipients[2].original(), None);
    let transcript = run.session.transcript();
    let value = "x400;/C+3DDE/".to_owned();
    let finding = Finding::ForeignOriginalRecipient { value };
    assert_eq!(transcript.findings().collect::<Vec<_>>(), [&finding]);
    assert!(
        transcript
            .to_string()
            .contains("!: no address of mail, so not kept: ORCPT=x400;/C+3DDE/\n")
    );
}

#[test]
fn tls_on_every_hop_can_be_required_under_tls_only() {
    let mut run = Run::new(config().tls(TlsOffer::StartTls));
    run.session.receive(b"EHLO c.example\r\n");
    run.drive();
    assert!(!run.written.contains("REQUIRETLS"), "{}", run.written);
    assert_eq!(
        run.say(b"MAIL FROM:<> REQUIRETLS\r\n").last().unwrap(),
        "555 5.5.4"
    );
    run.say(b"STARTTLS\r\n");
    run.session.receive(b"EHLO c.example\r\n");
    run.drive();
    assert!(
        run.written.ends_with("250 REQUIRETLS\r\n"),
        "{}",
        run.written
    );
    run.written.clear();
    assert_eq!(run.say(b"MAIL FROM:<> REQUIRETLS=1\r\n"), ["501 5.5.4"]);
    assert_eq!(
        run.say(b"MAIL FROM:<> REQUIRETLS REQUIRETLS\r\n"),
        ["501 5.5.4"]
    );
    run.say(b"MAIL FROM:<> REQUIRETLS\r\nRCPT TO:<c@d.example>\r\nBDAT 2 LAST\r\n\r\n");
    assert_eq!(run.envelopes[0].tls(), TlsRequirement::EveryHop);
}
