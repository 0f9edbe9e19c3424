//! Tests of mailboxes and their lists.

use proptest::prelude::{ProptestConfig, any, proptest};

use super::{Mailbox, MailboxListErrorKind as Kind, parse_mailbox_list};

fn list(text: &str) -> Vec<(String, String)> {
    parse_mailbox_list(text.as_bytes())
        .unwrap_or_else(|error| panic!("{text:?}: {error}"))
        .iter()
        .map(|mailbox| {
            let name = mailbox.name().map(ToString::to_string).unwrap_or_default();
            (name, mailbox.address().to_string())
        })
        .collect()
}

#[test]
fn lists_are_read_as_the_grammar_says() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("a@b.org", &[("", "a@b.org")]),
        (" <a@b.org>\r\n", &[("", "a@b.org")]),
        ("< a@b.org\t>", &[("", "a@b.org")]),
        ("A B <a@b.org>", &[("A B", "a@b.org")]),
        ("A  B<a@b.org>", &[("A B", "a@b.org")]),
        ("John Q. Public <a@b.org>", &[("John Q. Public", "a@b.org")]),
        ("\"Public, John\" <a@b.org>", &[("Public, John", "a@b.org")]),
        ("\"a \\\"b\\\\\" <a@b.org>", &[("a \"b\\", "a@b.org")]),
        ("\"a@c.org\" <a@b.org>", &[("a@c.org", "a@b.org")]),
        ("\"a\r\n b\" <a@b.org>", &[("a b", "a@b.org")]),
        (
            "a@b.org,\r\n\tB <c@d.org>",
            &[("", "a@b.org"), ("B", "c@d.org")],
        ),
        ("(x (y\\)) z) a@b.org (A)", &[("", "a@b.org")]),
        (
            "A (x) B <a@b.org> (y), c@d.org",
            &[("A B", "a@b.org"), ("", "c@d.org")],
        ),
        (
            "Team: a@b.org, B <c@d.org>; , e@f.org",
            &[("", "a@b.org"), ("B", "c@d.org"), ("", "e@f.org")],
        ),
        ("undisclosed-recipients:;", &[]),
        ("\"x y\"@b.org", &[("", "\"x y\"@b.org")]),
        ("A <\"x,y\"@[192.0.2.1]>", &[("A", "\"x,y\"@[192.0.2.1]")]),
        (
            "=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?= x <a@b.org>",
            &[("Grüße x", "a@b.org")],
        ),
        (
            "\"=?utf-8?Q?a?=\" <a@b.org>",
            &[("=?utf-8?Q?a?=", "a@b.org")],
        ),
        ("=?koi8-r?Q?a?= <a@b.org>", &[("=?koi8-r?Q?a?=", "a@b.org")]),
        ("Grüße <a@b.org>", &[("Grüße", "a@b.org")]),
    ];
    for (text, expected) in cases {
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, address)| ((*name).to_owned(), (*address).to_owned()))
            .collect();
        assert_eq!(list(text), expected, "{text:?}");
    }
}

#[test]
fn what_readers_could_take_differently_is_refused() {
    for (text, offset, kind) in [
        ("", 0, Kind::UnexpectedEnd),
        ("a@b.org,", 8, Kind::UnexpectedEnd),
        ("a@b.org,,c@d.org", 8, Kind::Character(',')),
        (", a@b.org", 0, Kind::Character(',')),
        ("A", 1, Kind::UnexpectedEnd),
        ("a@b.org <c@d.org>", 8, Kind::Character('<')),
        ("<a@b.org> <c@d.org>", 10, Kind::Character('<')),
        ("<a@b.org> x", 10, Kind::Character('x')),
        ("a@b.org c@d.org", 8, Kind::Character('c')),
        ("a @b.org", 2, Kind::Character('@')),
        ("x a@b.org", 3, Kind::Character('@')),
        ("A@B <a@b.org>", 4, Kind::Character('<')),
        ("\"A\"B <a@b.org>", 3, Kind::Character('B')),
        ("<@r.org:a@b.org>", 1, Kind::Route),
        ("<@r.org,@s.org:a@b.org>", 1, Kind::Route),
        ("<a@b.org", 0, Kind::Unclosed('<')),
        ("<a@b.org,c@d.org>", 8, Kind::Character(',')),
        ("<a@b.org>>", 9, Kind::Character('>')),
        ("\"a <a@b.org>", 0, Kind::Unclosed('"')),
        ("(a <a@b.org>", 3, Kind::Comment('<')),
        ("(a b.org", 0, Kind::Unclosed('(')),
        ("A (c\\@d) <a@b.org>", 5, Kind::Comment('@')),
        ("a@b.org) ", 7, Kind::Character(')')),
        ("G: a@b.org", 10, Kind::Unclosed(':')),
        ("G: H: a@b.org;;", 5, Kind::NestedGroup),
        ("G: a@b.org; c@d.org", 12, Kind::Character('c')),
        ("a@b.org; c@d.org", 7, Kind::Character(';')),
        (":;", 0, Kind::Character(':')),
        ("a@b.org\0", 7, Kind::Control),
        ("a@b.org\nc", 7, Kind::Control),
        ("=?utf-8?Q?a=0D=0Ab?= <a@b.org>", 21, Kind::Control),
    ] {
        let error = parse_mailbox_list(text.as_bytes()).expect_err(text);
        assert_eq!((error.offset(), error.kind()), (offset, kind), "{text:?}");
    }
    for text in [
        "<>",
        "<a>",
        "a@",
        "<a(x)@b.org>",
        "<a@(x)b.org>",
        "\"a\tb\"@c.org",
        "a@b.org.",
        "@b.org",
    ] {
        assert!(parse_mailbox_list(text.as_bytes()).is_err(), "{text:?}");
    }
    assert_eq!(
        parse_mailbox_list(b"a\xff@b.org").unwrap_err().kind(),
        Kind::NotUtf8
    );
}

#[test]
fn a_single_mailbox_is_not_a_list() {
    let error = "a@b.org, c@d.org".parse::<Mailbox>().unwrap_err();
    assert_eq!(error.kind(), Kind::NotSingle);
    assert_eq!(
        "G: a@b.org;".parse::<Mailbox>().unwrap_err().kind(),
        Kind::NotSingle
    );
    assert!("a@b.org\r\n".parse::<Mailbox>().is_err());
}

#[test]
fn names_are_written_in_the_plainest_form_that_reads_back() {
    for (name, written) in [
        ("", "a@b.org"),
        ("Billing", "Billing <a@b.org>"),
        ("A B", "A B <a@b.org>"),
        ("A  B", "\"A  B\" <a@b.org>"),
        ("Public, \"John\"", "\"Public, \\\"John\\\"\" <a@b.org>"),
        ("Jörg Groß", "=?utf-8?B?SsO2cmcgR3Jvw58=?= <a@b.org>"),
        (
            "=?utf-8?Q?a?=",
            "=?utf-8?B?PT91dGYtOD9RP2E/PQ==?= <a@b.org>",
        ),
    ] {
        let mailbox = Mailbox::with_name(name.parse().unwrap(), "a@b.org".parse().unwrap());
        assert_eq!(mailbox.to_string(), written);
        assert_eq!(written.parse::<Mailbox>().unwrap(), mailbox);
    }
}

#[test]
fn stored_mailboxes_are_checked_when_they_are_read_back() {
    let mailbox: Mailbox = "A <a@b.org>".parse().unwrap();
    let stored = serde_json::to_string(&mailbox).unwrap();
    assert_eq!(stored, r#"{"name":"A","address":"a@b.org"}"#);
    assert_eq!(serde_json::from_str::<Mailbox>(&stored).unwrap(), mailbox);
    assert!(serde_json::from_str::<Mailbox>(&stored.replace('A', "A\\n")).is_err());
}

#[test]
fn a_stored_empty_name_is_no_name() {
    let nameless = Mailbox::new("a@b.org".parse().unwrap());
    for stored in [
        r#"{"name":"","address":"a@b.org"}"#,
        r#"{"name":null,"address":"a@b.org"}"#,
        r#"{"address":"a@b.org"}"#,
    ] {
        let read: Mailbox = serde_json::from_str(stored).unwrap();
        assert_eq!(read, nameless, "{stored}");
        assert_eq!(read.to_string(), "a@b.org");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_written_reads_back_the_same(name in "\\PC{0,80}", local_part in "\\PC{1,12}") {
        let Ok(name) = name.parse() else { return Ok(()) };
        let Ok(address) = crate::EmailAddress::new(&local_part, "b.org".parse::<crate::DomainName>().unwrap()) else {
            return Ok(());
        };
        let mailbox = Mailbox::with_name(name, address);
        let written = mailbox.to_string();
        assert_eq!(written.parse::<Mailbox>().unwrap(), mailbox, "{written}");
        let list = format!("{written}, {written}");
        assert_eq!(parse_mailbox_list(list.as_bytes()).unwrap(), [mailbox.clone(), mailbox]);
    }

    #[test]
    fn reading_never_panics(octets in any::<Vec<u8>>(), text in "[aä@<>\"\\\\(),:;. \r\n\\[\\]]{0,24}") {
        let _ = parse_mailbox_list(&octets);
        let _ = parse_mailbox_list(text.as_bytes());
        let _ = text.parse::<Mailbox>();
    }
}
