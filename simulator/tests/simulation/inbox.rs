//! Assertions over mailboxes: what passes, and what is said when one fails.

use std::time::Duration;

use letterhead_mail::{LineEndings, Message, Method};
use letterhead_simulator::{SimEventKind, Simulator};

use crate::common::{
    FRONT, RECEIVER, address, builder, provider, publish, publish_tokens, send, start, submission,
    submission_of,
};

const JOE: &str = "joe@receiver.example";
const SENDER: &str = "bounces@yourcompany.example";

fn world() -> Simulator {
    builder(1).build().unwrap()
}

fn deliver(simulator: &Simulator, text: &str) {
    let message = Message::from_bytes(text, LineEndings::Normalise).unwrap();
    let report = send(simulator, RECEIVER, &submission_of(message, SENDER, &[JOE]));
    assert!(report.all_accepted(), "{report:?}");
}

const RICH: &str = "From: =?utf-8?Q?Z=C3=BCrich?= <billing@yourcompany.example>\n\
To: Joe <joe@receiver.example>, ann@receiver.example\n\
Subject: =?utf-8?Q?Rechnung_f=C3=BCr?= =?utf-8?Q?_M=C3=A4rz?=\n\
X-Campaign: spring\n sale\n\
MIME-Version: 1.0\n\
Content-Type: multipart/mixed; boundary=m\n\n\
--m\n\
Content-Type: multipart/alternative; boundary=a\n\n\
--a\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nBitte z=\nahlen: 3 =E2=82=AC\n\
--a\nContent-Type: text/html; charset=utf-8\n\n<p>Bitte <b>zahlen</b></p>\n\
--a--\n\
--m\nContent-Type: application/pdf; name=\"invoice.pdf\"\nContent-Disposition: attachment; filename=\"invoice.pdf\"\n\
Content-Transfer-Encoding: base64\n\nJVBERg==\n\
--m--\n";

#[test]
fn a_mail_is_found_by_everything_it_says() {
    let simulator = world();
    deliver(&simulator, RICH);
    deliver(&simulator, "From: else@x.example\nSubject: other\n\nhi\n");
    let mail = simulator
        .mailbox(JOE)
        .from("billing@yourcompany.example")
        .from("Zürich <billing@yourcompany.example>")
        .to("ann@RECEIVER.example")
        .subject("Rechnung für März")
        .subject_contains("März")
        .header("x-campaign", "spring sale")
        .text_contains("Bitte zahlen: 3 €")
        .html_contains("<b>zahlen</b>")
        .attachment("invoice.pdf")
        .verdict(Method::SPF, "none")
        .in_inbox()
        .since(start())
        .expect_one();
    assert_eq!(mail.text().as_deref(), Some("Bitte zahlen: 3 €"));
    assert_eq!(mail.html().as_deref(), Some("<p>Bitte <b>zahlen</b></p>"));
    let attachments = mail.attachments();
    assert_eq!(attachments.len(), 1);
    assert_eq!(attachments[0].file_name(), Some("invoice.pdf"));
    assert_eq!(attachments[0].media_type(), "application/pdf");
    assert_eq!(attachments[0].content(), b"%PDF");
    assert!(
        mail.source()
            .starts_with("Return-Path: <bounces@yourcompany.example>")
    );
    simulator.mailbox(address(JOE)).expect_count(2);
    simulator
        .mailbox(JOE.to_owned())
        .in_quarantine()
        .expect_none();
}

#[test]
fn html_alone_is_no_text_and_text_alone_no_html() {
    let simulator = world();
    deliver(
        &simulator,
        "From: a@x.example\nContent-Type: text/html\n\n<p>x</p>\n",
    );
    deliver(&simulator, "From: a@x.example\n\ny\n");
    let mails = simulator.mailbox(JOE).mails().unwrap();
    assert_eq!((mails[0].text(), mails[1].html()), (None, None));
    assert_eq!(mails[0].html().as_deref(), Some("<p>x</p>\r\n"));
    assert_eq!(mails[1].text().as_deref(), Some("y\r\n"));
}

#[test]
fn a_signature_is_what_the_receiver_verified() {
    let simulator = provider(7);
    publish_tokens(&simulator, "yourcompany.example");
    let submission = submission(SENDER, "billing@yourcompany.example", &[JOE]);
    assert!(send(&simulator, FRONT, &submission).all_accepted());
    simulator.advance(Duration::from_secs(60));
    let inbox = simulator.mailbox(JOE);
    inbox.clone().signed_by("amazonses.com").expect_one();
    inbox.clone().signed_by("ses.example").expect_none();
    inbox.verdict(Method::DKIM, "pass").expect_one();
}

#[test]
fn the_nearest_miss_is_the_mail_that_fails_the_fewest_filters() {
    let simulator = world();
    deliver(&simulator, RICH);
    simulator.advance(Duration::from_secs(5));
    deliver(&simulator, "From: else@x.example\nSubject: other\n\nhi\n");
    let inbox = simulator
        .mailbox(JOE)
        .from("billing@yourcompany.example")
        .subject("Rechnung für April")
        .header("X-Campaign", "autumn")
        .attachment("invoice.xml")
        .text_contains("Danke")
        .signed_by("yourcompany.example")
        .verdict(Method::DMARC, "pass")
        .in_quarantine();
    assert_eq!(
        inbox.one().unwrap_err().to_string(),
        "expected 1 mail in joe@receiver.example, but none of the 2 mails there matches
nearest miss: \"Rechnung für März\" from <bounces@yourcompany.example> at 1800000000s
  Subject     wanted \"Rechnung für April\"
              was    \"Rechnung für März\"
  X-Campaign  wanted \"autumn\"
              was    \"spring sale\"
  attachment  wanted \"invoice.xml\"
              was    \"invoice.pdf\"
  text        wanted … \"Danke\" …
              was    \"Bitte zahlen: 3 €\"
  signature   wanted dkim=pass header.d=yourcompany.example
              was    dkim=none
  dmarc       wanted dmarc=pass
              was    dmarc=none
  put into    wanted quarantine
              was    inbox
  the other 1 of 8 filters match"
    );
}

#[test]
fn of_equal_misses_the_newest_is_shown() {
    let simulator = world();
    deliver(&simulator, "From: a@x.example\nSubject: first\n\nx\n");
    simulator.advance(Duration::from_secs(5));
    deliver(&simulator, "From: a@x.example\n\nx\n");
    let later = start() + Duration::from_secs(6);
    assert_eq!(
        simulator
            .mailbox(JOE)
            .since(later)
            .html_contains("x")
            .one()
            .unwrap_err()
            .to_string(),
        "expected 1 mail in joe@receiver.example, but none of the 2 mails there matches
nearest miss: mail without subject from <bounces@yourcompany.example> at 1800000005s
  received  wanted at or after 1800000006s
            was    1800000005s
  HTML      wanted … \"x\" …
            was    none"
    );
}

#[test]
fn too_many_and_too_few_are_listed() {
    let simulator = world();
    for subject in ["a", "b"] {
        let text = format!("From: a@x.example\nSubject: {subject}\n\nx\n");
        deliver(&simulator, &text);
    }
    let inbox = simulator.mailbox(JOE);
    let listed = "\n  \"a\" from <bounces@yourcompany.example> at 1800000000s\
                  \n  \"b\" from <bounces@yourcompany.example> at 1800000000s";
    assert_eq!(
        inbox.exactly(0).unwrap_err().to_string(),
        format!("expected no mail in joe@receiver.example, but 2 mails are there{listed}")
    );
    assert_eq!(
        inbox
            .clone()
            .from("a@x.example")
            .one()
            .unwrap_err()
            .to_string(),
        format!("expected 1 mail in joe@receiver.example, but 2 of 2 mails there match{listed}")
    );
    assert_eq!(
        inbox.subject("a").exactly(2).unwrap_err().to_string(),
        "expected 2 mails in joe@receiver.example, but 1 of 2 mails there match
  \"a\" from <bounces@yourcompany.example> at 1800000000s
nearest miss: \"b\" from <bounces@yourcompany.example> at 1800000000s
  Subject  wanted \"a\"
           was    \"b\""
    );
}

#[test]
fn an_empty_mailbox_tells_where_mail_is_and_what_was_refused() {
    let simulator = world();
    let empty = simulator.mailbox("ghost@receiver.example");
    assert_eq!(
        empty.one().unwrap_err().to_string(),
        "expected 1 mail in ghost@receiver.example, which is empty\nno mailbox has mail"
    );
    deliver(&simulator, "From: a@x.example\n\nx\n");
    for to in ["ghost@receiver.example", "other@receiver.example"] {
        let refused = send(
            &simulator,
            RECEIVER,
            &submission(SENDER, "a@x.example", &[to]),
        );
        assert!(!refused.all_accepted());
    }
    empty.expect_none();
    assert_eq!(
        simulator.mailbox("ghost@receiver.example").one().unwrap_err().to_string(),
        "expected 1 mail in ghost@receiver.example, which is empty
mailboxes with mail:
  joe@receiver.example  1 mail
last refusals of this recipient or of whole messages:
  1800000000s mx.receiver.example rejected ghost@receiver.example, mail from <bounces@yourcompany.example>: \
550 5.1.1 no such user here"
    );
}

#[test]
fn an_empty_mailbox_shows_whole_messages_that_were_refused() {
    let simulator = world();
    publish(
        &simulator,
        "_dmarc.yourcompany.example. 300 IN TXT \"v=DMARC1; p=reject\"",
    );
    let forged = submission(SENDER, "billing@yourcompany.example", &[JOE]);
    assert!(!send(&simulator, RECEIVER, &forged).all_accepted());
    let said = simulator.mailbox(JOE).one().unwrap_err().to_string();
    let refusal = format!(
        "\n  1800000000s mx.receiver.example rejected {JOE}, mail from \
         <bounces@yourcompany.example>: 550 5.7.26 "
    );
    assert!(said.contains(&refusal), "{said}");
    let events = simulator.events();
    let verdicts = events.iter().find_map(|event| match &event.kind {
        SimEventKind::Rejected { authentication, .. } => authentication.as_ref(),
        _ => None,
    });
    let verdicts = verdicts.expect("what was found out").to_string();
    assert!(verdicts.contains("dmarc=fail"), "{verdicts}");
}

#[test]
fn long_values_are_cut_and_controls_are_shown() {
    let simulator = world();
    let text = format!("From: a@x.example\n\n\u{1b}[31m{}\n", "x".repeat(500));
    deliver(&simulator, &text);
    let said = simulator
        .mailbox(JOE)
        .text_contains("y")
        .one()
        .unwrap_err()
        .to_string();
    assert!(
        said.contains(&format!("was    \"\\u{{1b}}[31m{}…\"", "x".repeat(67))),
        "{said}"
    );
}

#[test]
fn an_address_that_cannot_be_read_fails_every_assertion() {
    let inbox = world().mailbox("joe receiver.example");
    let said = inbox.one().unwrap_err().to_string();
    assert!(
        said.starts_with("the mailbox's address cannot be read ("),
        "{said}"
    );
    assert_eq!(inbox.mails().unwrap_err().to_string(), said);
    assert!(inbox.exactly(0).is_err());
}

#[test]
#[should_panic(expected = "expected 1 mail in joe@receiver.example, which is empty")]
fn an_assertion_that_fails_panics_with_those_words() {
    world().mailbox(JOE).expect_one();
}

#[test]
fn what_was_said_is_one_text() {
    let simulator = world();
    assert_eq!(simulator.transcript(), "");
    deliver(&simulator, "From: a@b.example\n\nHello\n");
    deliver(&simulator, "From: a@b.example\n\nHello\n");
    let text = simulator.transcript();
    assert_eq!(
        text.matches("mx.receiver.example, to 127.0.0.1\nS: 220 ")
            .count(),
        2,
        "{text}"
    );
    assert_eq!(
        text.matches("C: RCPT TO:<joe@receiver.example>").count(),
        2,
        "{text}"
    );
}
