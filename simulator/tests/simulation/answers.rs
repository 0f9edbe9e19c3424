//! Automatic answers and read receipts, read by this family's reader and by an independent MIME parser.

use std::time::Duration;

use letterhead_feedback::{EventKind, ReportKind, read_report};
use letterhead_mail::{EmailAddress, LineEndings, Message, ReversePath};
use letterhead_simulator::SeededEntropy;
use letterhead_simulator::reports::auto_reply::{Reason, declines};
use letterhead_simulator::reports::{AutoReply, DispositionNotification, DispositionType, Manners};
use mail_parser::{MessageParser, MimeHeaders as _};

use crate::common::{address, start};

const OWNER: &str = "joe@receiver.example";
const RETURN_PATH: &str = "bounces@b.example";

fn original(extra: &str) -> Message {
    let text = format!(
        "From: Billing <billing@b.example>\nTo: joe+news@receiver.example\n\
         Subject: =?utf-8?Q?Rechnung_f=C3=BCr_M=C3=A4rz?=\nMessage-ID: <2@b.example>\n\
         References: <0@b.example> <1@b.example>\n{extra}\nPlease pay.\n"
    );
    Message::from_bytes(text, LineEndings::Normalise).unwrap()
}

fn path(text: &str) -> ReversePath {
    match text {
        "" => ReversePath::Null,
        text => ReversePath::Address(address(text)),
    }
}

fn answer(manners: Manners, extra: &str) -> (EmailAddress, Message) {
    let reply = AutoReply::new(address(OWNER), "Ich bin im Büro.\nBis Mai").with_manners(manners);
    let original = original(extra);
    let to = reply.addressee(&original, &path(RETURN_PATH)).unwrap();
    let mail = reply
        .write(&original, &to, start(), &SeededEntropy::new(1))
        .unwrap();
    (to, mail)
}

#[test]
fn a_polite_answer_is_marked_and_threaded() {
    let (to, mail) = answer(Manners::Polite, "");
    assert_eq!(to, address(RETURN_PATH));
    let field = |name: &str| mail.header(name).unwrap().unfolded();
    assert_eq!(field("Auto-Submitted"), "auto-replied");
    assert_eq!(field("In-Reply-To"), "<2@b.example>");
    assert_eq!(
        field("References"),
        "<0@b.example> <1@b.example> <2@b.example>"
    );
    assert!(
        AutoReply::new(address(OWNER), "x")
            .envelope_sender()
            .is_null()
    );
    let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
    assert_eq!(parsed.subject(), Some("Auto: Rechnung für März"));
    assert_eq!(
        parsed.body_text(0).unwrap(),
        "Ich bin im Büro.\r\nBis Mai\r\n"
    );
    assert_eq!(parsed.attachment_count(), 0);
    assert_eq!(mail, answer(Manners::Polite, "").1);
}

#[test]
fn every_answer_is_read_as_one_and_never_as_a_bounce() {
    let french = Manners::Subject("Réponse automatique :".parse().unwrap());
    for manners in [
        Manners::Polite,
        Manners::XAutoreply,
        Manners::XAutorespond,
        Manners::Precedence,
        Manners::LikeBounce,
        french,
    ] {
        let (_, mail) = answer(manners.clone(), "");
        // As a mailbox has it: with the null sender on top, where that is what it came from.
        let mail = match manners {
            Manners::Polite | Manners::LikeBounce => {
                mail.with_field_prepended(b"Return-Path: <>\r\n").unwrap()
            }
            _ => mail,
        };
        let reading = read_report(mail.as_bytes());
        assert_eq!(reading.kind, ReportKind::AutoReply, "{manners:?}");
        assert_eq!(reading.events.len(), 1);
        let event = &reading.events[0];
        assert_eq!(event.kind(), EventKind::AutoReplied);
        assert_eq!(event.recipient(), Some(&address(OWNER)));
        assert_eq!(event.message_id(), Some("<2@b.example>"));
        let is_marked = matches!(manners, Manners::Polite | Manners::LikeBounce);
        assert_eq!(mail.header("Auto-Submitted").is_some(), is_marked);
    }
}

#[test]
fn a_rude_answer_goes_to_the_author_and_can_be_answered() {
    assert_eq!(
        answer(Manners::XAutoreply, "").0,
        address("billing@b.example")
    );
    let (to, mail) = answer(Manners::XAutorespond, "Reply-To: desk@b.example\n");
    assert_eq!(to, address("desk@b.example"));
    let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
    // "Rechnung für März" in an encoded word.
    let respond = mail.header("X-Autorespond").unwrap().unfolded();
    assert_eq!(respond, "=?utf-8?B?UmVjaG51bmcgZsO8ciBNw6Ryeg==?=");
    assert_eq!(parsed.subject(), Some("Re: Rechnung für März"));
    let reply = AutoReply::new(address(OWNER), "x").with_manners(Manners::Precedence);
    assert_eq!(reply.envelope_sender(), path(OWNER));
}

#[test]
fn nothing_in_the_original_becomes_a_field_of_the_answer() {
    let text = "From: a@b.example\nSubject: =?utf-8?Q?x=0D=0ABcc:_v@w.example?=\n\
                Message-ID: <x@b.example>\nReferences: <a\u{e9}@b> junk <ok@b.example>\n\nx\n";
    let original = Message::from_bytes(text, LineEndings::Normalise).unwrap();
    for manners in [Manners::Polite, Manners::XAutorespond] {
        let mail = AutoReply::new(address(OWNER), "a\r\r\n.\nb\0")
            .with_manners(manners)
            .write(
                &original,
                &address(RETURN_PATH),
                start(),
                &SeededEntropy::new(1),
            )
            .unwrap();
        assert!(mail.header("Bcc").is_none());
        assert_eq!(
            mail.header("References").unwrap().unfolded(),
            "<ok@b.example> <x@b.example>"
        );
    }
    let bare = Message::from_bytes("X: y\n\nx\n", LineEndings::Normalise).unwrap();
    let reply = AutoReply::new(address(OWNER), "x");
    let mail = reply
        .write(
            &bare,
            &address(RETURN_PATH),
            start(),
            &SeededEntropy::new(1),
        )
        .unwrap();
    assert_eq!(mail.header("Subject").unwrap().unfolded(), "Auto:");
    assert!(mail.header("In-Reply-To").is_none());
    assert_eq!(reply.addressee(&bare, &ReversePath::Null), None);
}

#[test]
fn machines_decline_what_the_rules_say() {
    let own = [address(OWNER)];
    let day = Duration::from_secs(86_400);
    for (extra, sender, since, expected) in [
        ("", RETURN_PATH, None, None),
        ("", RETURN_PATH, Some(7 * day), None),
        (
            "",
            RETURN_PATH,
            Some(6 * day),
            Some(Reason::AnsweredRecently),
        ),
        ("", "", None, Some(Reason::NullSender)),
        (
            "",
            "MAILER-DAEMON@b.example",
            None,
            Some(Reason::MachineSender),
        ),
        (
            "",
            "owner-list@b.example",
            None,
            Some(Reason::MachineSender),
        ),
        (
            "",
            "list-request@b.example",
            None,
            Some(Reason::MachineSender),
        ),
        ("Auto-Submitted: no (by hand)\n", RETURN_PATH, None, None),
        (
            "Auto-Submitted: Auto-Generated; x=y\n",
            RETURN_PATH,
            None,
            Some(Reason::AutoSubmitted),
        ),
        (
            "Auto-Submitted: auto-replied\n",
            RETURN_PATH,
            None,
            Some(Reason::AutoSubmitted),
        ),
        (
            "List-Id: <l.b.example>\n",
            RETURN_PATH,
            None,
            Some(Reason::List),
        ),
        (
            "list-unsubscribe: <https://b.example>\n",
            RETURN_PATH,
            None,
            Some(Reason::List),
        ),
        ("Precedence: Bulk\n", RETURN_PATH, None, Some(Reason::Bulk)),
        ("Precedence: first-class\n", RETURN_PATH, None, None),
    ] {
        let declined = declines(&original(extra), &path(sender), &own, since);
        assert_eq!(declined, expected, "{extra:?} {sender} {since:?}");
    }
    let other = [address("ann@receiver.example")];
    let declined = declines(&original(""), &path(RETURN_PATH), &other, None);
    assert_eq!(declined, Some(Reason::NotAddressed));
    let copied = original("Cc: Ann <ann@receiver.example>\n");
    assert_eq!(declines(&copied, &path(RETURN_PATH), &other, None), None);
    assert_eq!(Reason::Bulk.to_string(), "it was sent in bulk");
}

#[test]
fn a_machine_declines_every_answer_and_report_of_these_writers() {
    let (_, polite) = answer(Manners::Polite, "");
    let own = [address(RETURN_PATH)];
    assert_eq!(
        declines(&polite, &path(OWNER), &own, None),
        Some(Reason::AutoSubmitted)
    );
    let receipt = receipt(DispositionType::Displayed);
    assert_eq!(
        declines(&receipt, &path(OWNER), &own, None),
        Some(Reason::AutoSubmitted)
    );
}

fn receipt(disposition: DispositionType) -> Message {
    DispositionNotification::new(address(OWNER), address(RETURN_PATH), disposition)
        .with_original_recipient(address("joe+news@receiver.example").into())
        .with_reporting_program("desk.example; Mail 1\r\nX-Injected: 1")
        .write(&original(""), start(), &SeededEntropy::new(1))
        .unwrap()
}

#[test]
fn a_receipt_tells_what_was_done_and_is_no_bounce() {
    for (disposition, kind, word) in [
        (DispositionType::Displayed, EventKind::Opened, "displayed"),
        (DispositionType::Deleted, EventKind::Unknown, "deleted"),
    ] {
        let mail = receipt(disposition);
        let reading = read_report(mail.as_bytes());
        assert_eq!(reading.kind, ReportKind::DispositionNotification);
        let [event] = reading.events.as_slice() else {
            panic!("{reading:?}")
        };
        assert_eq!((event.kind(), event.native_kind()), (kind, Some(word)));
        assert_eq!(event.recipient(), Some(&address(OWNER)));
        assert_eq!(
            event.original_recipient(),
            Some(&address("joe+news@receiver.example"))
        );
        assert_eq!(event.message_id(), Some("<2@b.example>"));
        let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
        let media_type = parsed.content_type().unwrap();
        assert_eq!(media_type.subtype(), Some("report"));
        assert_eq!(
            media_type.attribute("report-type"),
            Some("disposition-notification")
        );
        let subtypes: Vec<_> = parsed
            .parts
            .iter()
            .skip(1)
            .map(|part| part.content_type().unwrap().subtype().unwrap().to_owned())
            .collect();
        assert_eq!(
            subtypes,
            ["plain", "disposition-notification", "rfc822-headers"]
        );
        assert!(!mail.source_contains("\nX-Injected"));
    }
}

#[test]
fn a_receipt_is_owed_only_to_the_return_path_that_asks() {
    let asked = |extra: &str, sender: &str| {
        DispositionNotification::asked_by(&original(extra), &path(sender))
    };
    let field = "Disposition-Notification-To: Billing <bounces@B.example>\n";
    assert_eq!(asked(field, RETURN_PATH), Some(address(RETURN_PATH)));
    assert_eq!(asked(field, "other@b.example"), None);
    assert_eq!(asked(field, ""), None);
    assert_eq!(asked("", RETURN_PATH), None);
    assert_eq!(asked(&field.repeat(2), RETURN_PATH), None);
    let two = "Disposition-Notification-To: bounces@b.example, x@b.example\n";
    assert_eq!(asked(two, RETURN_PATH), None);
    assert_eq!(
        asked("Disposition-Notification-To: ;;\n", RETURN_PATH),
        None
    );
}

#[test]
fn a_receipt_for_an_address_outside_ascii_is_international() {
    let owner = address("jörg@receiver.example");
    let mail = DispositionNotification::new(
        owner.clone(),
        address(RETURN_PATH),
        DispositionType::Displayed,
    )
    .write(&original(""), start(), &SeededEntropy::new(1))
    .unwrap();
    assert!(mail.source_contains("message/global-disposition-notification"));
    let reading = read_report(mail.as_bytes());
    assert_eq!(reading.kind, ReportKind::DispositionNotification);
    assert_eq!(reading.events[0].recipient(), Some(&owner));
}

trait SourceContains {
    fn source_contains(&self, part: &str) -> bool;
}

impl SourceContains for Message {
    fn source_contains(&self, part: &str) -> bool {
        String::from_utf8_lossy(self.as_bytes()).contains(part)
    }
}
