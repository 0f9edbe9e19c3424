//! What the builder makes, read back by an independent parser.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use letterhead_mail::builder::{BuildError, ContentId, MessageId};
use letterhead_mail::{Draft, EmailAddress, Entropy, HeaderText, Mailbox, Message, MessageBuilder};
use mail_parser::{
    Address, Encoding, HeaderForm, MessageParser, MessagePart, MimeHeaders, PartType,
};

mod drafts;
#[cfg(feature = "mail-builder")]
mod mail_builder;
mod properties;

/// Counts, so that every draw differs and every test run is the same.
#[derive(Debug, Default)]
struct Counter(Mutex<u8>);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        let mut next = self.0.lock().unwrap();
        for octet in buffer {
            *next = next.wrapping_add(1);
            *octet = *next;
        }
    }
}

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_049_600)
}

fn mailbox(text: &str) -> Mailbox {
    text.parse().unwrap()
}

fn text(text: &str) -> HeaderText {
    text.parse().unwrap()
}

fn builder() -> MessageBuilder {
    Message::builder(mailbox("Billing <billing@yourcompany.example>"))
}

fn build(builder: MessageBuilder) -> Draft {
    builder.build(noon(), &Counter::default()).unwrap()
}

fn parse(draft: &Draft) -> mail_parser::Message<'_> {
    MessageParser::default()
        .parse(draft.message().as_bytes())
        .unwrap()
}

fn pairs(address: Option<&Address<'_>>) -> Vec<(String, String)> {
    address
        .unwrap()
        .iter()
        .map(|entry| {
            let name = entry.name().unwrap_or_default().to_owned();
            (name, entry.address().unwrap_or_default().to_owned())
        })
        .collect()
}

/// The structure as `type(children)`, read with the parser.
fn structure(message: &mail_parser::Message<'_>, part: &MessagePart<'_>) -> String {
    let content_type = part.content_type().unwrap();
    let name = format!(
        "{}/{}",
        content_type.ctype(),
        content_type.subtype().unwrap()
    );
    match &part.body {
        PartType::Multipart(children) => {
            let children: Vec<_> = children
                .iter()
                .map(|&child| structure(message, message.part(child).unwrap()))
                .collect();
            format!("{name}({})", children.join(", "))
        }
        _ => name,
    }
}

fn structure_of(builder: MessageBuilder) -> String {
    let draft = build(builder);
    let message = parse(&draft);
    structure(&message, message.root_part())
}

#[test]
fn the_octets_are_these() {
    let draft = build(
        builder()
            .to(mailbox("Ann <ann@example.com>"))
            .cc(mailbox("bob@example.com"))
            .subject(text("Hello"))
            .text("One\nTwo"),
    );
    assert_eq!(
        str::from_utf8(draft.message().as_bytes()).unwrap(),
        "Date: Wed, 15 Nov 2023 12:00:00 +0000\r\n\
         From: Billing <billing@yourcompany.example>\r\n\
         To: Ann <ann@example.com>\r\n\
         Cc: bob@example.com\r\n\
         Subject: Hello\r\n\
         Message-ID: <6554b2c0.0102030405060708090a0b0c0d0e0f10@yourcompany.example>\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=\"utf-8\"\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n\
         One\r\nTwo\r\n"
    );
}

#[test]
fn only_the_levels_that_are_needed_are_made() {
    let logo: ContentId = "logo".parse().unwrap();
    let inline = |builder: MessageBuilder| {
        builder.inline(logo.clone(), "image/png".parse().unwrap(), *b"png")
    };
    let attach = |builder: MessageBuilder| {
        builder.attachment(text("a.pdf"), "application/pdf".parse().unwrap(), *b"pdf")
    };
    let both = || builder().text("t").html("<p>h</p>");
    for (builder, expected) in [
        (builder(), "text/plain"),
        (builder().text("t"), "text/plain"),
        (builder().html("h"), "text/html"),
        (both(), "multipart/alternative(text/plain, text/html)"),
        (
            inline(builder().html("h")),
            "multipart/related(text/html, image/png)",
        ),
        (
            inline(both()),
            "multipart/related(multipart/alternative(text/plain, text/html), image/png)",
        ),
        (
            attach(builder().text("t")),
            "multipart/mixed(text/plain, application/pdf)",
        ),
        (
            attach(inline(both())),
            "multipart/mixed(multipart/related(multipart/alternative(text/plain, text/html), image/png), application/pdf)",
        ),
    ] {
        assert_eq!(structure_of(builder), expected);
    }
}

#[test]
fn everything_put_in_is_read_back() {
    let picture: Vec<u8> = (0..=255).cycle().take(1_000).collect();
    let plain = "Grüße,\r\n\r\n.\r\nFrom here on  \r\n".to_owned() + &"lang ".repeat(400) + "\r\n";
    let html = "<p>Grüße 👋 <img src=\"cid:logo@yourcompany.example\"></p>\r\n".repeat(20);
    let draft = build(
        builder()
            .to(mailbox("\"Müller, Jörg\" <joerg@example.com>"))
            .to(mailbox("\"a, \\\"b\\\" <c@d>\" <d@example.com>"))
            .reply_to(mailbox("Support <support@yourcompany.example>"))
            .sender(mailbox("esp@sender.example"))
            .subject(text("Ihre Rechnung für März: 10 € — ✔ und noch viel mehr, was in keine einzelne Zeile passt"))
            .text(plain.clone())
            .html(html.clone())
            .inline("logo@yourcompany.example".parse().unwrap(), "image/png".parse().unwrap(), picture.clone())
            .attachment(text("Rechnung März 2024.pdf"), "application/pdf".parse().unwrap(), picture.clone())
            .attachment(text("data.csv"), "text/csv; charset=utf-8; header=present".parse().unwrap(), *b"a,b\n1,\r2\0")
            .header("X-Campaign".parse().unwrap(), text("frühling")),
    );
    let message = parse(&draft);
    assert_eq!(
        pairs(message.to()),
        [
            ("Müller, Jörg".to_owned(), "joerg@example.com".to_owned()),
            ("a, \"b\" <c@d>".to_owned(), "d@example.com".to_owned())
        ]
    );
    assert_eq!(pairs(message.from())[0].0, "Billing");
    assert_eq!(
        pairs(message.reply_to())[0].1,
        "support@yourcompany.example"
    );
    assert_eq!(pairs(message.sender())[0].1, "esp@sender.example");
    assert_eq!(
        message.subject(),
        Some(
            "Ihre Rechnung für März: 10 € — ✔ und noch viel mehr, was in keine einzelne Zeile passt"
        )
    );
    assert_eq!(message.date().unwrap().to_timestamp(), 1_700_049_600);
    assert_eq!(message.body_text(0).unwrap(), plain);
    assert_eq!(message.body_html(0).unwrap(), html);
    let parts: Vec<_> = message.attachments().collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(parts[0].content_id(), Some("logo@yourcompany.example"));
    assert_eq!(parts[0].contents(), picture);
    assert_eq!(parts[1].attachment_name(), Some("Rechnung März 2024.pdf"));
    assert_eq!(parts[1].contents(), picture);
    assert_eq!(
        parts[2].content_type().unwrap().attribute("header"),
        Some("present")
    );
    assert_eq!(parts[2].encoding, Encoding::Base64);
    assert_eq!(parts[2].contents(), b"a,b\n1,\r2\0");
    assert_eq!(
        message.header_as("X-Campaign", HeaderForm::Text)[0].as_text(),
        Some("frühling")
    );
    assert!(draft.message().is_seven_bit());
    for line in String::from_utf8_lossy(draft.message().as_bytes()).lines() {
        let limit = if line.contains("=?") { 76 } else { 78 };
        assert!(line.len() <= limit, "{line}");
    }
}

#[test]
fn the_same_inputs_make_the_same_octets() {
    let full = || {
        builder()
            .text("t")
            .html("h")
            .inline("i".parse().unwrap(), "image/png".parse().unwrap(), *b"i")
            .attachment(text("a"), "application/pdf".parse().unwrap(), *b"a")
    };
    assert_eq!(build(full()), build(full()));
    let entropy = Counter::default();
    let first = full().build(noon(), &entropy).unwrap();
    let second = full().build(noon(), &entropy).unwrap();
    assert_ne!(first.message().message_id(), second.message().message_id());
}

#[test]
fn nested_boundaries_differ_even_when_the_entropy_is_poor() {
    #[derive(Debug)]
    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0);
        }
    }
    let draft = builder()
        .text("t")
        .html("h")
        .attachment(text("a"), "application/pdf".parse().unwrap(), *b"a")
        .build(noon(), &Zero)
        .unwrap();
    let message = parse(&draft);
    assert_eq!(
        structure(&message, message.root_part()),
        "multipart/mixed(multipart/alternative(text/plain, text/html), application/pdf)"
    );
}

#[test]
fn bcc_is_for_the_envelope_only() {
    let address = |text: &str| text.parse::<EmailAddress>().unwrap();
    let draft = build(
        builder()
            .to(mailbox("A <a@example.com>"))
            .cc(mailbox("b@example.com"))
            .cc(mailbox("\"a\"@EXAMPLE.com"))
            .bcc(address("hidden@example.com"))
            .bcc(address("b@example.com"))
            .text("t"),
    );
    assert_eq!(
        draft.recipients(),
        [
            address("a@example.com"),
            address("b@example.com"),
            address("hidden@example.com")
        ]
    );
    assert!(!String::from_utf8_lossy(draft.message().as_bytes()).contains("hidden"));
    let (message, recipients) = draft.into_parts();
    assert!(message.header("Bcc").is_none());
    assert_eq!(recipients.len(), 3);
}

#[test]
fn fields_the_builder_writes_cannot_be_added() {
    for name in [
        "bcc",
        "Date",
        "MESSAGE-ID",
        "From",
        "To",
        "Content-Type",
        "Resent-Bcc",
        "MIME-Version",
        "Return-Path",
    ] {
        let result = builder()
            .header(name.parse().unwrap(), text("x"))
            .build(noon(), &Counter::default());
        assert_eq!(
            result,
            Err(BuildError::ReservedHeader(name.parse().unwrap())),
            "{name}"
        );
    }
}

#[test]
fn structured_values_are_kept_as_they_are() {
    let url = format!(
        "<https://example.org/{}?=_=?utf-8?Q?x?=>, <mailto:a@example.org>",
        "u".repeat(300)
    );
    let draft = build(
        builder()
            .header("List-Unsubscribe".parse().unwrap(), text(&url))
            .text("t"),
    );
    assert_eq!(
        draft
            .message()
            .header("list-unsubscribe")
            .unwrap()
            .unfolded(),
        url
    );
}

#[test]
fn a_line_that_cannot_be_folded_is_refused() {
    let result = builder()
        .header("X-Long".parse().unwrap(), text(&"x".repeat(1_000)))
        .build(noon(), &Counter::default());
    assert_eq!(result, Err(BuildError::HeaderTooLong));
}

#[test]
fn nul_is_refused_and_control_characters_survive() {
    let result = builder().html("a\0").build(noon(), &Counter::default());
    assert_eq!(
        result,
        Err(BuildError::Nul {
            part: "HTML",
            offset: 1
        })
    );
    let draft = build(builder().text("a\rb\u{c}\u{1b}\u{7f}\u{85}c"));
    assert_eq!(
        parse(&draft).body_text(0).unwrap().trim_end(),
        "a\r\nb\u{c}\u{1b}\u{7f}\u{85}c"
    );
}

#[test]
fn content_ids_are_used_once() {
    let id: ContentId = "a".parse().unwrap();
    let result = builder()
        .inline(id.clone(), "image/png".parse().unwrap(), *b"1")
        .inline(id.clone(), "image/png".parse().unwrap(), *b"2")
        .build(noon(), &Counter::default());
    assert_eq!(result, Err(BuildError::RepeatedContentId(id)));
    for text in ["", "<a>", "a b", "a@b@c", "@", "ä", "a\r\n"] {
        assert!(text.parse::<ContentId>().is_err(), "{text:?}");
    }
}

#[test]
fn dates_are_those_a_date_field_can_hold() {
    let at = |time: SystemTime| builder().build(time, &Counter::default());
    let year = Duration::from_secs(366 * 86_400);
    for (time, date) in [
        (
            SystemTime::UNIX_EPOCH - Duration::from_millis(1),
            "Wed, 31 Dec 1969 23:59:59 +0000",
        ),
        (
            SystemTime::UNIX_EPOCH - Duration::from_secs(2_208_988_800),
            "Mon, 1 Jan 1900 00:00:00 +0000",
        ),
        (
            SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799),
            "Fri, 31 Dec 9999 23:59:59 +0000",
        ),
    ] {
        let draft = at(time).unwrap();
        assert_eq!(draft.message().header("Date").unwrap().unfolded(), date);
    }
    assert_eq!(
        at(SystemTime::UNIX_EPOCH - year * 100),
        Err(BuildError::Date)
    );
    assert_eq!(
        at(SystemTime::UNIX_EPOCH + year * 9_000),
        Err(BuildError::Date)
    );
}

#[test]
fn the_message_id_has_the_domain_of_the_sender_or_the_one_given() {
    let id = |builder: MessageBuilder| build(builder).message().message_id().unwrap();
    assert!(id(builder()).ends_with("@yourcompany.example>"));
    assert!(
        id(builder().message_id_domain("mail.example.org".parse().unwrap()))
            .ends_with("@mail.example.org>")
    );
    assert!(id(Message::builder(mailbox("a@[192.0.2.1]"))).ends_with("@[192.0.2.1]>"));
}

#[test]
fn answers_name_what_they_answer() {
    let id = |text: &str| text.parse::<MessageId>().unwrap();
    let draft = build(builder().in_reply_to(id("<b@example.org>")));
    let message = draft.message();
    assert_eq!(
        message.header("In-Reply-To").unwrap().unfolded(),
        "<b@example.org>"
    );
    assert_eq!(
        message.header("References").unwrap().unfolded(),
        "<b@example.org>"
    );
    let thread: Vec<_> = (0..20).map(|n| id(&format!("<{n}@example.org>"))).collect();
    let draft = build(
        builder()
            .in_reply_to(id("19@example.org"))
            .references(thread),
    );
    assert_eq!(parse(&draft).references().as_text_list().unwrap().len(), 20);
    for text in ["", "<>", "<a b>", "<a>b>", "<ä@b>", "<a\r\n>"] {
        assert!(text.parse::<MessageId>().is_err(), "{text:?}");
    }
}

#[test]
fn unicode_local_parts_are_written_as_utf8() {
    let draft = build(builder().to(mailbox("Ü <ü@example.com>")));
    assert!(draft.message().has_utf8_headers());
    assert_eq!(
        pairs(parse(&draft).to()),
        [("Ü".to_owned(), "ü@example.com".to_owned())]
    );
}

#[test]
fn our_own_reader_agrees_on_the_authors() {
    let from = mailbox("\"Jörg \\\"J\\\" <x@y>\" <a@example.org>");
    let draft = build(Message::builder(from.clone()).text("t"));
    assert_eq!(draft.message().authors().unwrap(), [from]);
}
