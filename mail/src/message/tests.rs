//! Tests of messages.

use proptest::prelude::{ProptestConfig, any, proptest};

use super::{AuthorError, LineEndings, Message, MessageErrorKind as Kind};

fn message(text: &str) -> Message {
    Message::from_bytes(text, LineEndings::Strict).unwrap()
}

const SMALL: &str = "From: A <a@b.org>\r\nSubject: x\r\n y\r\nX-A: 1\r\nx-a : 2\r\n\r\nHi\r\n";

#[test]
fn strict_refuses_what_is_not_canonical_and_says_where() {
    for (text, offset, kind) in [
        ("a\rb\r\n", 1, Kind::BareCarriageReturn),
        ("a\r\r\n", 1, Kind::BareCarriageReturn),
        ("a\r\n\nb\r\n", 3, Kind::BareLineFeed),
        ("\nb\r\n", 0, Kind::BareLineFeed),
        ("a\r\nb", 4, Kind::Unterminated),
        ("a\r", 1, Kind::BareCarriageReturn),
        ("", 0, Kind::Unterminated),
        ("a\0\r\n", 1, Kind::Nul),
    ] {
        let error = Message::from_bytes(text, LineEndings::Strict).unwrap_err();
        assert_eq!((error.offset(), error.kind()), (offset, kind), "{text:?}");
    }
}

#[test]
fn normalise_makes_every_line_end_crlf() {
    for (text, canonical) in [
        ("", "\r\n"),
        ("a", "a\r\n"),
        ("a\nb", "a\r\nb\r\n"),
        ("a\rb\r", "a\r\nb\r\n"),
        ("a\r\r\nb\n\r", "a\r\n\r\nb\r\n\r\n"),
        ("a\r\nb\r\n", "a\r\nb\r\n"),
        ("\n.\n", "\r\n.\r\n"),
    ] {
        let message = Message::from_bytes(text, LineEndings::Normalise).unwrap();
        assert_eq!(message.as_bytes(), canonical.as_bytes(), "{text:?}");
    }
    let error = Message::from_bytes("a\0", LineEndings::Normalise).unwrap_err();
    assert_eq!((error.offset(), error.kind()), (1, Kind::Nul));
}

#[test]
fn header_and_body_are_split_at_the_first_empty_line() {
    for (text, header, body) in [
        ("A: b\r\n\r\nc\r\n\r\nd\r\n", "A: b\r\n", "c\r\n\r\nd\r\n"),
        ("A: b\r\n\r\n", "A: b\r\n", ""),
        ("A: b\r\n", "A: b\r\n", ""),
        ("\r\nc\r\n", "", "c\r\n"),
        ("\r\n", "", ""),
        ("\r\n\r\n", "", "\r\n"),
    ] {
        let message = message(text);
        assert_eq!(message.header_bytes(), header.as_bytes(), "{text:?}");
        assert_eq!(message.body(), body.as_bytes(), "{text:?}");
    }
}

#[test]
fn fields_are_found_by_name_in_any_case() {
    let message = message(SMALL);
    let names: Vec<_> = message.header_fields().map(|field| field.name()).collect();
    assert_eq!(names, ["From", "Subject", "X-A", "x-a"]);
    let subject = message.header("SUBJECT").unwrap();
    assert_eq!(subject.value(), b" x\r\n y");
    assert_eq!(subject.unfolded(), "x y");
    assert_eq!(subject.as_bytes(), b"Subject: x\r\n y\r\n");
    let values: Vec<_> = message
        .headers_named("X-a")
        .map(|field| field.unfolded())
        .collect();
    assert_eq!(values, ["1", "2"]);
    assert!(message.header("X").is_none());
}

#[test]
fn lines_that_are_no_fields_are_passed_over() {
    let message = message(" lead\r\nno colon\r\n more\r\n: x\r\nb c: d\r\nA: b\r\n\r\n");
    let names: Vec<_> = message.header_fields().map(|field| field.name()).collect();
    assert_eq!(names, ["A"]);
}

#[test]
fn a_prepended_field_is_on_top_and_changes_nothing_else() {
    let message = message(SMALL);
    let longer = message
        .with_field_prepended(b"X-Top: 1;\r\n\t2\r\nX-B: 3\r\n")
        .unwrap();
    assert!(longer.as_bytes().ends_with(SMALL.as_bytes()));
    assert_eq!(longer.body(), message.body());
    let names: Vec<_> = longer
        .header_fields()
        .take(3)
        .map(|field| field.name())
        .collect();
    assert_eq!(names, ["X-Top", "X-B", "From"]);
}

#[test]
fn what_is_no_field_cannot_be_prepended() {
    let message = message(SMALL);
    for (fields, offset, kind) in [
        ("", 0, Kind::Unterminated),
        ("A: b", 4, Kind::Unterminated),
        ("A: b\nB: c\r\n", 4, Kind::BareLineFeed),
        ("\r\n", 0, Kind::NotAField),
        ("A: b\r\n\r\n", 6, Kind::NotAField),
        ("A: b\r\nno colon\r\n", 6, Kind::NotAField),
        (" A: b\r\n", 0, Kind::NotAField),
    ] {
        let error = message.with_field_prepended(fields.as_bytes()).unwrap_err();
        assert_eq!((error.offset(), error.kind()), (offset, kind), "{fields:?}");
    }
    let continued = self::message(" x\r\n\r\n").with_field_prepended(b"A: b\r\n");
    assert_eq!(continued.unwrap_err().kind(), Kind::LeadingSpace);
}

#[test]
fn removed_fields_go_with_their_folds() {
    let message = message(SMALL);
    let without = message.without_fields("x-A").without_fields("subject");
    assert_eq!(without.as_bytes(), b"From: A <a@b.org>\r\n\r\nHi\r\n");
    assert_eq!(message.without_fields("absent"), message);
    assert_eq!(
        self::message("A: b\r\n").without_fields("a").as_bytes(),
        b"\r\n"
    );
    assert_eq!(
        self::message("A: b\r\n\r\nc\r\n")
            .without_fields("a")
            .body(),
        b"c\r\n"
    );
}

#[test]
fn a_message_id_is_returned_only_in_its_proper_form() {
    for (value, expected) in [
        ("<a@b>", Some("<a@b>")),
        ("\r\n <a@b>", Some("<a@b>")),
        ("a@b", None),
        ("<a b>", None),
        ("<a> <b>", None),
        ("<>", None),
    ] {
        let message = message(&format!("Message-Id: {value}\r\n\r\n"));
        assert_eq!(message.message_id().as_deref(), expected, "{value:?}");
    }
    assert_eq!(message(SMALL).message_id(), None);
}

#[test]
fn authors_are_read_from_the_one_from_field() {
    let authors = message("from:\r\n A <a@b.org>,\r\n c@d.org\r\n\r\n")
        .authors()
        .unwrap();
    let addresses: Vec<_> = authors
        .iter()
        .map(|author| author.address().to_string())
        .collect();
    assert_eq!(addresses, ["a@b.org", "c@d.org"]);
}

#[test]
fn a_from_that_receivers_could_read_differently_has_no_author() {
    for (header, expected) in [
        ("To: a@b.org\r\n", AuthorError::Missing),
        ("From: a@b.org\r\nFROM: c@d.org\r\n", AuthorError::Repeated),
        ("From: a@b.org\r\nFrom : a@b.org\r\n", AuthorError::Repeated),
        ("From : a@b.org\r\n", AuthorError::Obsolete),
        ("From: a@b.org\r\n \r\n", AuthorError::Obsolete),
        (
            "From: a@b.org,\r\n\t\r\n c@d.org\r\n",
            AuthorError::Obsolete,
        ),
        ("From: nobody:;\r\n", AuthorError::Nobody),
        (
            "From: a@b.org\r\nno colon\r\n",
            AuthorError::NotAField { offset: 15 },
        ),
        (
            " From: x@y.org\r\nFrom: a@b.org\r\n",
            AuthorError::NotAField { offset: 0 },
        ),
        (
            "From: \"a@c.org\"@b.org\r\n",
            AuthorError::AmbiguousLocalPart,
        ),
        ("From: \"a b\"@b.org\r\n", AuthorError::AmbiguousLocalPart),
        (
            "From: =?utf-8?Q?a?=@b.org\r\n",
            AuthorError::AmbiguousLocalPart,
        ),
    ] {
        assert_eq!(
            message(&format!("{header}\r\n")).authors(),
            Err(expected),
            "{header:?}"
        );
    }
    let unreadable = message("From: <a@b.org> <c@d.org>\r\n\r\n").authors();
    assert!(matches!(unreadable, Err(AuthorError::List(_))));
    // What stands in the body is no From field.
    assert_eq!(
        message("\r\nFrom: a@b.org\r\n").authors(),
        Err(AuthorError::Missing)
    );
}

#[test]
fn what_a_server_must_offer_can_be_asked() {
    let message = message("A: b\r\n\r\n12345\r\nä\r\n");
    assert!(!message.is_seven_bit() && !message.has_utf8_headers());
    assert_eq!(message.longest_line(), 5);
    assert_eq!(message.len(), message.as_bytes().len());
    let utf8 = self::message("A: ä\r\n\r\n");
    assert!(!utf8.is_seven_bit() && utf8.has_utf8_headers());
    assert!(self::message(SMALL).is_seven_bit());
    for (text, dot) in [
        (".A: b\r\n", true),
        ("A: b\r\n\r\n.\r\n", true),
        ("A: b\r\n\r\na.\r\n", false),
        (SMALL, false),
    ] {
        assert_eq!(self::message(text).has_leading_dot(), dot, "{text:?}");
    }
}

#[test]
fn debug_output_shows_no_content() {
    assert_eq!(
        format!("{:?}", message("A: b\r\n\r\nsecret\r\n")),
        "Message { octets: 16, header_octets: 6 }"
    );
}

#[test]
fn stored_messages_are_base64_and_checked_when_they_are_read_back() {
    let message = message("A: b\r\n");
    let stored = serde_json::to_string(&message).unwrap();
    assert_eq!(stored, "\"QTogYg0K\"");
    assert_eq!(serde_json::from_str::<Message>(&stored).unwrap(), message);
    // "A: b\n"
    assert!(serde_json::from_str::<Message>("\"QTogYgo=\"").is_err());
    assert!(serde_json::from_str::<Message>("\"?\"").is_err());
}

fn assert_canonical(message: &Message) {
    let octets = message.as_bytes();
    assert!(octets.ends_with(b"\r\n") && !octets.contains(&0));
    let without_pairs = String::from_utf8_lossy(octets).replace("\r\n", "");
    assert!(!without_pairs.contains(['\r', '\n']));
    let separator: &[u8] = if octets.len() > message.header_bytes().len() {
        b"\r\n"
    } else {
        b""
    };
    assert_eq!(
        [message.header_bytes(), separator, message.body()].concat(),
        octets
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_goes_in_a_message_is_canonical(octets in any::<Vec<u8>>(), text in "[aF: \t\r\n@]{0,30}") {
        for raw in [octets.as_slice(), text.as_bytes()] {
            if let Ok(message) = Message::from_bytes(raw, LineEndings::Normalise) {
                assert_canonical(&message);
                // Canonical octets pass both ways unchanged.
                assert_eq!(Message::from_bytes(message.as_bytes(), LineEndings::Strict).unwrap(), message);
                let _ = message.authors();
                let _ = message.message_id();
                let without = message.without_fields("a");
                assert_canonical(&without);
                assert!(without.header("A").is_none());
                assert_eq!(without.body(), message.body());
                if let Ok(longer) = message.with_field_prepended(b"X: y\r\n z\r\n") {
                    assert_canonical(&longer);
                    assert_eq!(longer.header("x").unwrap().unfolded(), "y z");
                    assert_eq!(longer.body(), message.body());
                }
            }
            if let Ok(message) = Message::from_bytes(raw, LineEndings::Strict) {
                assert_eq!(message.as_bytes(), raw);
            }
        }
    }

    #[test]
    fn only_a_field_can_be_prepended(field in "[aB: \t\r\n]{0,20}") {
        let message = message(SMALL);
        if let Ok(longer) = message.with_field_prepended(field.as_bytes()) {
            assert_canonical(&longer);
            assert_eq!(longer.body(), message.body());
            assert_eq!(longer.authors(), message.authors());
        }
    }
}
