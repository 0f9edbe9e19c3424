use std::cmp::Ordering;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::{Name, NameError};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

#[test]
fn the_final_dot_is_optional_and_always_printed() {
    assert_eq!(name("a.b"), name("a.b."));
    assert_eq!(name("a.b").to_string(), "a.b.");
    assert_eq!(name("."), Name::ROOT);
    assert_eq!(Name::ROOT.to_string(), ".");
}

#[test]
fn escapes_make_octets_of_a_label() {
    let labels = |text| -> Vec<Vec<u8>> { name(text).labels().map(<[u8]>::to_vec).collect() };
    assert_eq!(labels(r"a\.b.c"), [b"a.b".to_vec(), b"c".to_vec()]);
    assert_eq!(labels(r"\000\255\\\046"), [b"\x00\xff\\.".to_vec()]);
    assert_eq!(labels(r"a\."), [b"a.".to_vec()]);
}

#[test]
fn bad_text_is_refused() {
    let label = "a".repeat(64);
    let long = "a.".repeat(128);
    for (text, error) in [
        ("", NameError::Empty),
        ("..", NameError::EmptyLabel),
        (".a", NameError::EmptyLabel),
        ("a..b", NameError::EmptyLabel),
        ("a\\", NameError::BadEscape),
        ("a\\25", NameError::BadEscape),
        ("a\\25x", NameError::BadEscape),
        ("a\\256", NameError::BadEscape),
        (&label, NameError::LabelTooLong),
        (&long, NameError::TooLong),
    ] {
        assert_eq!(text.parse::<Name>(), Err(error), "{text}");
    }
}

#[test]
fn a_relative_name_is_completed_unless_too_long() {
    let origin = name("example.org");
    let complete = |text: &str| Name::parse_relative(text.as_bytes(), Some(&origin));
    assert_eq!(complete("a"), Ok(name("a.example.org")));
    assert_eq!(complete("a."), Ok(name("a")));
    assert_eq!(complete("."), Ok(Name::ROOT));
    assert_eq!(complete(r"a\."), Ok(name(r"a\..example.org")));
    assert_eq!(complete(&"a.".repeat(121)), Ok(name(&"a.".repeat(121))));
    let relative = "a.".repeat(121) + "a";
    assert_eq!(complete(&relative), Err(NameError::TooLong));
}

#[test]
fn the_longest_name_has_255_octets() {
    let longest = name(&"a.".repeat(127));
    assert_eq!(longest.label_count(), 127);
    assert_eq!(longest.prepend("a"), Err(NameError::TooLong));
    let labels = [[b'a'; 63].as_slice(), &[b'a'; 63], &[b'a'; 63], &[b'a'; 61]];
    assert_eq!(Name::from_labels(labels).unwrap().label_count(), 4);
    let labels = [[b'a'; 63].as_slice(), &[b'a'; 63], &[b'a'; 63], &[b'a'; 62]];
    assert_eq!(Name::from_labels(labels), Err(NameError::TooLong));
}

#[test]
fn relations_go_by_labels_without_case() {
    assert!(name("a.Example.org").is_at_or_below(&name("example.ORG")));
    assert!(!name("badexample.org").is_at_or_below(&name("example.org")));
    assert!(!name(r"a\.example.org").is_at_or_below(&name("example.org")));
    assert!(name("a").is_at_or_below(&Name::ROOT));
    assert_eq!(name("a.b").parent(), Some(name("b")));
    assert_eq!(Name::ROOT.parent(), None);
}

#[test]
fn order_is_canonical() {
    // The example of RFC 4034 §6.1.
    let ordered = [
        "example.",
        "a.example.",
        "yljkjljk.a.example.",
        "Z.a.example.",
        "zABC.a.EXAMPLE.",
        "z.example.",
        r"\001.z.example.",
        "*.z.example.",
        r"\200.z.example.",
    ]
    .map(name);
    assert!(ordered.is_sorted());
    assert!(ordered.iter().all(|name| *name > Name::ROOT));
}

fn labels() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(any::<u8>(), 1..=12), 0..=12)
}

/// Few different octets, so that names often share labels or differ in case only.
fn close_names() -> impl Strategy<Value = Name> {
    vec("[aAbB.]{1,2}", 0..=3).prop_map(|labels| Name::from_labels(labels).unwrap())
}

fn hash(name: &Name) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

fn reversed(name: &Name) -> Vec<Vec<u8>> {
    let mut labels: Vec<_> = name.labels().map(<[u8]>::to_ascii_lowercase).collect();
    labels.reverse();
    labels
}

proptest! {
    #[test]
    fn a_name_printed_reads_back_the_same(labels in labels()) {
        let name = Name::from_labels(&labels).unwrap();
        let read: Name = name.to_string().parse().unwrap();
        prop_assert_eq!(read.labels().collect::<Vec<_>>(), labels);
    }

    #[test]
    fn arbitrary_octets_never_panic(text in vec(any::<u8>(), 0..300), origin in close_names()) {
        for origin in [None, Some(&origin)] {
            if let Ok(name) = Name::parse_relative(&text, origin) {
                prop_assert!(name.labels().map(|label| label.len() + 1).sum::<usize>() < 255);
                prop_assert_eq!(name.to_string().parse(), Ok(name));
            }
        }
    }

    #[test]
    fn order_hash_and_equality_agree(a in close_names(), b in close_names()) {
        prop_assert_eq!(a.cmp(&b), reversed(&a).cmp(&reversed(&b)));
        prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
        prop_assert_eq!(a == b, hash(&a) == hash(&b));
        prop_assert_eq!(a.is_at_or_below(&b), reversed(&a).starts_with(&reversed(&b)));
    }
}
