//! Messages of mail-builder's own builder.

use ::mail_builder::MessageBuilder;
use ::mail_builder::headers::address::Address;
use ::mail_builder::headers::message_id::MessageId;
use ::mail_builder::headers::raw::Raw;
use ::mail_builder::headers::text::Text;
use ::mail_builder::mime::MimePart;
use letterhead_mail::mail_builder::{MailBuilderError, draft};
use letterhead_mail::{AuthorError, Draft};

use crate::{Counter, noon, parse, structure};

fn read(builder: MessageBuilder<'_>) -> Result<Draft, MailBuilderError> {
    draft(builder, noon(), &Counter::default())
}

fn builder() -> MessageBuilder<'static> {
    MessageBuilder::new()
        .from(("Jörg", "joerg@example.org"))
        .to(("Ann", "ann@example.com"))
}

fn recipients(draft: &Draft) -> Vec<String> {
    draft.recipients().iter().map(ToString::to_string).collect()
}

#[test]
fn what_the_builder_says_is_written_as_mail_builder_writes_it() {
    let whole = || {
        builder()
            .message_id("1@example.org")
            .date(1_700_000_000_i64)
            .subject("Grüße an alle, die das hier lesen wollen, und an die anderen auch")
            .header("List-ID", Raw::new("<news.example.org>"))
    };
    for complete in [
        whole(),
        whole().text_body("Hello\nWörld\n"),
        whole().html_body("<p>Hello</p>"),
        whole().body(MimePart::raw("X-Own: 1\r\n\r\nHello\r\n")),
        whole().body(
            MimePart::raw(vec![
                MimePart::new("text/plain", "a"),
                MimePart::new("text/html", "b"),
            ])
            .header(
                "Content-Type",
                Raw::new("multipart/alternative; boundary=\"own\""),
            ),
        ),
    ] {
        let expected = complete.clone().write_to_string().unwrap();
        let draft = read(complete).unwrap();
        let written = str::from_utf8(draft.message().as_bytes()).unwrap();
        // Only the line end at the end is ours.
        assert_eq!(written.trim_end(), expected.trim_end());
    }
}

#[test]
fn the_structure_is_that_of_mail_builder() {
    let with_text = || builder().text_body("text");
    let with_both = || with_text().html_body("html");
    let attach = |builder: MessageBuilder<'static>| {
        builder.attachment("image/png", "a.png", b"1".as_slice())
    };
    for (builder, expected) in [
        (with_both(), "multipart/alternative(text/plain, text/html)"),
        (
            attach(with_text()),
            "multipart/mixed(text/plain, image/png)",
        ),
        (
            attach(builder().html_body("h")),
            "multipart/mixed(text/html, image/png)",
        ),
        (attach(builder()), "multipart/mixed(image/png)"),
        (builder(), "text/plain"),
        (
            attach(with_both()),
            "multipart/mixed(multipart/alternative(text/plain, text/html), image/png)",
        ),
    ] {
        let draft = read(builder.clone()).unwrap();
        let ours = parse(&draft);
        assert_eq!(structure(&ours, ours.root_part()), expected);
        let octets = builder.write_to_vec().unwrap();
        let theirs = mail_parser::MessageParser::default()
            .parse(&octets)
            .unwrap();
        assert_eq!(structure(&theirs, theirs.root_part()), expected);
    }
}

#[test]
fn what_the_builder_does_not_say_comes_from_the_arguments() {
    let build = || read(builder().text_body("a").html_body("b")).unwrap();
    let draft = build();
    assert_eq!(draft, build());
    let message = draft.message();
    let value = |name: &str| message.header(name).unwrap().unfolded();
    assert_eq!(value("Date"), "Wed, 15 Nov 2023 12:00:00 +0000");
    assert_eq!(
        value("Message-ID"),
        "<6554b2c0.0102030405060708090a0b0c0d0e0f10@example.org>"
    );
    assert!(value("Content-Type").contains("\"=_0_1112131415161718191a1b1c1d1e1f20\""));
    for name in ["Date", "Message-ID", "MIME-Version"] {
        assert_eq!(message.headers_named(name).count(), 1, "{name}");
    }
}

#[test]
fn fields_that_are_set_in_another_case_are_not_written_twice() {
    let builder = builder()
        .header("date", Raw::new("Tue, 14 Nov 2023 22:13:20 +0000"))
        .header("MESSAGE-ID", Raw::new("<1@example.org>"))
        .header("Mime-version", Raw::new("1.0"));
    let draft = read(builder).unwrap();
    for name in ["Date", "Message-ID", "MIME-Version"] {
        assert_eq!(draft.message().headers_named(name).count(), 1, "{name}");
    }
}

#[test]
fn every_multipart_has_a_boundary_of_its_own() {
    let pair = || {
        vec![
            MimePart::new("text/plain", "a"),
            MimePart::new("text/plain", "b"),
        ]
    };
    let body = MimePart::new(
        "multipart/mixed",
        vec![
            MimePart::new("multipart/digest", pair()),
            MimePart::raw(pair()).header("Content-Type", Text::new("multipart/parallel")),
            MimePart::raw(pair()),
        ],
    );
    let draft = read(builder().body(body)).unwrap();
    let parsed = parse(&draft);
    assert_eq!(
        structure(&parsed, parsed.root_part()),
        "multipart/mixed(multipart/digest(text/plain, text/plain), \
         multipart/parallel(text/plain, text/plain), multipart/mixed(text/plain, text/plain))"
    );
}

#[test]
fn groups_and_bcc_are_recipients() {
    let builder = builder()
        .cc(("Team", vec!["b@example.com", "c@example.com"]))
        .bcc(Address::new_list(vec![
            "d@example.com".into(),
            "ann@example.com".into(),
        ]));
    let draft = read(builder).unwrap();
    assert_eq!(
        recipients(&draft),
        [
            "ann@example.com",
            "b@example.com",
            "c@example.com",
            "d@example.com"
        ]
    );
    assert!(
        !draft
            .message()
            .as_bytes()
            .windows(3)
            .any(|octets| octets == b"Bcc")
    );
}

#[test]
fn a_field_that_would_begin_another_is_refused() {
    let injected = "x\r\nBcc: victim@example.org";
    let part = |value| MimePart::new("text/plain", "a").cid(value);
    for builder in [
        builder().header(injected, Text::new("a")),
        builder().header("X Y", Text::new("a")),
        builder().header("", Text::new("a")),
        builder().message_id(injected),
        builder().header("References", MessageId::new("x\rBcc: y@example.org")),
        builder().body(part(injected)),
        builder().body(MimePart::new("multipart/mixed", vec![part(injected)])),
        builder().body(
            MimePart::raw(vec![part("a")])
                .header("Content-Type", MessageId::new("multipart/mixed")),
        ),
    ] {
        let text = builder.clone().write_to_string().unwrap();
        let result = read(builder);
        assert!(
            matches!(result, Err(MailBuilderError::Field { .. })),
            "{result:?}: {text}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    assert_eq!(
        read(MessageBuilder::new().to("ann@example.com")),
        Err(MailBuilderError::Author(AuthorError::Missing))
    );
    let Err(MailBuilderError::Recipients(error)) = read(builder().cc("no address")) else {
        panic!("an address list without addresses was read");
    };
    assert_eq!(error.field(), "Cc");
    let long_ago = std::time::SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1 << 40);
    assert_eq!(
        draft(builder(), long_ago, &Counter::default()),
        Err(MailBuilderError::Date)
    );
}
