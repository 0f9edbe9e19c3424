//! Whom a From field names: an independent, lenient parser must find nobody else.

use letterhead_mail::{LineEndings, Message};
use mail_parser::MessageParser;
use proptest::prelude::{ProptestConfig, Strategy, prop_oneof, proptest};

/// Pieces of address lists in any order: mostly nonsense, often nearly right.
fn lists() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ab]{1,2}@[cd]\\.org",
        3 => "<[ab]@[cd]\\.org>",
        2 => "[X-Z]{1,3}",
        2 => "\"[ab@<>,\\\\\" ]{0,6}\"",
        2 => "\\([ab\\\\() ]{0,4}\\)",
        6 => "[,;:<>@\". ]",
        2 => "@?[cd]\\.org>?",
        2 => "(, | |\r\n |\t)",
        1 => "=\\?utf-8\\?Q\\?[a-c_=3E]{0,6}\\?=",
        1 => "[X-Z]: ",
    ];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

fn found_by_others(message: &Message) -> Vec<String> {
    let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
    let from = parsed.from();
    from.iter()
        .flat_map(|list| list.iter())
        .map(|entry| entry.address().unwrap_or_default().to_ascii_lowercase())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whoever_we_find_others_find_too(list in lists()) {
        let raw = format!("From: {list}\r\nTo: x@y.org\r\n\r\nbody\r\n");
        let Ok(message) = Message::from_bytes(raw, LineEndings::Strict) else { return Ok(()) };
        let Ok(authors) = message.authors() else { return Ok(()) };
        let authors: Vec<_> = authors.iter().map(|author| author.address().to_string().to_ascii_lowercase()).collect();
        assert_eq!(found_by_others(&message), authors, "{list:?}");
    }
}

#[test]
fn enough_lists_are_accepted_for_the_property_to_mean_something() {
    for list in [
        "a@c.org",
        "A B <a@c.org>, \"b@d.org\" <b@c.org>",
        "A: a@c.org, <b@d.org>;",
        "\"a, <b@d.org>\" <a@c.org> (b)",
        "=?utf-8?Q?a=3E?= <a@c.org>",
    ] {
        let raw = format!("From: {list}\r\n\r\n");
        let message = Message::from_bytes(raw, LineEndings::Strict).unwrap();
        let authors: Vec<_> = message
            .authors()
            .unwrap()
            .iter()
            .map(|author| author.address().to_string().to_ascii_lowercase())
            .collect();
        assert_eq!(found_by_others(&message), authors, "{list:?}");
    }
}
