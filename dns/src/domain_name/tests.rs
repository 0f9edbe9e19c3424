use std::collections::HashSet;

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};

use super::{DomainName, DomainNameError, read_any, read_ascii};
use crate::name::Name;

fn domain(text: &str) -> DomainName {
    text.parse().unwrap()
}

#[test]
fn case_and_a_final_dot_make_no_difference() {
    let spellings: HashSet<DomainName> = ["example.org", "Example.ORG", "EXAMPLE.org."]
        .map(domain)
        .into();
    assert_eq!(spellings.len(), 1);
    assert_eq!(domain("EXAMPLE.org.").to_string(), "example.org");
}

#[test]
fn bad_text_is_refused() {
    let label = "a".repeat(64);
    let name = "a.".repeat(126) + "aa";
    for (text, error) in [
        ("", DomainNameError::Empty),
        (".", DomainNameError::Empty),
        ("..", DomainNameError::EmptyLabel),
        (".a", DomainNameError::EmptyLabel),
        ("a..b", DomainNameError::EmptyLabel),
        ("a..", DomainNameError::EmptyLabel),
        ("-a", DomainNameError::Hyphen),
        ("a-.b", DomainNameError::Hyphen),
        ("a b", DomainNameError::Character(' ')),
        ("a\r\nb", DomainNameError::Character('\r')),
        ("a@b", DomainNameError::Character('@')),
        ("[192.0.2.1]", DomainNameError::Character('[')),
        (&label, DomainNameError::LabelTooLong),
        (&name, DomainNameError::TooLong),
    ] {
        assert_eq!(text.parse::<DomainName>(), Err(error), "{text}");
    }
}

#[test]
fn the_longest_label_and_name_fit() {
    assert_eq!(domain(&"a".repeat(63)).as_str().len(), 63);
    let longest = "a.".repeat(126) + "a";
    assert_eq!(domain(&longest).as_str().len(), DomainName::MAX_LENGTH);
    assert_eq!(domain(&longest).as_name().label_count(), 127);
}

#[test]
fn relations_go_by_labels() {
    let (parent, child) = (domain("example.org"), domain("a.b.example.org"));
    assert!(child.is_subdomain_of(&parent));
    assert!(child.is_at_or_below(&child));
    assert!(!child.is_subdomain_of(&child));
    assert!(!parent.is_subdomain_of(&child));
    assert!(!domain("badexample.org").is_at_or_below(&parent));
    assert_eq!(child.parent(), Some(domain("b.example.org")));
    assert_eq!(domain("org").parent(), None);
    assert_eq!(parent.prepend("_dmarc"), Ok(domain("_dmarc.example.org")));
    assert_eq!(parent.prepend(""), Err(DomainNameError::EmptyLabel));
    assert_eq!(child.labels().next_back(), Some("org"));
}

#[test]
fn a_name_of_the_dns_is_a_domain_name_only_if_its_octets_are() {
    let plain: Name = "Example.org.".parse().unwrap();
    assert_eq!(DomainName::try_from(&plain), Ok(domain("example.org")));
    for (labels, error) in [
        (&[b"a.b".as_slice()][..], DomainNameError::Character('.')),
        (&[b"\xc3\xa4"], DomainNameError::Character('\u{c3}')),
        (&[b"a", b"\x80"], DomainNameError::Character('\u{80}')),
        (&[], DomainNameError::Empty),
    ] {
        let name = Name::from_labels(labels).unwrap();
        assert_eq!(DomainName::try_from(&name), Err(error), "{name}");
    }
}

#[test]
fn ascii_labels_are_not_decoded() {
    for text in ["xn--a.example", "xn--bcher-kva.example", "ab--c.example"] {
        assert_eq!(domain(text).as_str(), text);
    }
}

#[cfg(feature = "idna")]
#[test]
fn unicode_becomes_a_labels() {
    for (text, ascii) in [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example", "xn--bcher-kva.example"),
        ("bu\u{308}cher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("bücher。example．", "xn--bcher-kva.example"),
        ("ｅｘａｍｐｌｅ.org", "example.org"),
        ("_dmarc.bücher.example", "_dmarc.xn--bcher-kva.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        // A joiner where the script asks for one, and a soft hyphen, which maps to nothing.
        ("क्\u{200d}ष.example", "xn--11b2ezcw70k.example"),
        ("ex\u{ad}ample.org", "example.org"),
    ] {
        assert_eq!(domain(text).as_str(), ascii, "{text}");
    }
}

#[cfg(feature = "idna")]
#[test]
fn unicode_that_maps_to_no_a_label_is_refused() {
    for (text, error) in [
        ("a\u{200d}b.example", DomainNameError::Idna),
        ("\u{e000}.example", DomainNameError::Idna),
        ("xn--a.bücher", DomainNameError::Idna),
        ("bücher b.example", DomainNameError::Character(' ')),
        ("a\u{2100}b.example", DomainNameError::Character('/')),
        ("bücher..example", DomainNameError::EmptyLabel),
        ("\u{3002}", DomainNameError::Empty),
        ("\u{ad}", DomainNameError::Empty),
    ] {
        assert_eq!(text.parse::<DomainName>(), Err(error), "{text}");
    }
}

#[cfg(not(feature = "idna"))]
#[test]
fn unicode_is_refused_without_idna() {
    let error = "bücher.example".parse::<DomainName>().unwrap_err();
    assert_eq!(error, DomainNameError::Character('ü'));
}

#[cfg(feature = "serde")]
#[test]
fn invariants_survive_serde() {
    let read: DomainName = serde_json::from_str("\"Example.ORG.\"").unwrap();
    assert_eq!(read, domain("example.org"));
    assert_eq!(serde_json::to_string(&read).unwrap(), "\"example.org\"");
    let error = serde_json::from_str::<DomainName>("\"a..b\"").unwrap_err();
    assert!(error.to_string().contains("empty label"), "{error}");
    assert!(serde_json::from_str::<DomainName>("7").is_err());
}

fn domain_names() -> impl Strategy<Value = String> {
    proptest::collection::vec("[A-Za-z0-9_]([A-Za-z0-9_-]{0,20}[A-Za-z0-9_])?", 1..8)
        .prop_map(|labels| labels.join("."))
}

proptest! {
    #[test]
    fn ascii_is_read_as_by_the_rules(short in "[a-cA-C0_.-]{0,12}", length in 60..66usize, count in 1..6usize) {
        let long = vec!["x".repeat(length); count].join(".");
        for text in [short.clone(), long.clone(), format!("{short}.{long}"), format!("{long}.{short}")] {
            let (quick, any) = (read_ascii(&text), read_any(&text).ok());
            prop_assert_eq!(&quick, &any);
            prop_assert_eq!(quick.as_ref().map(DomainName::as_name), any.as_ref().map(DomainName::as_name));
        }
    }

    #[test]
    fn a_domain_name_printed_reads_back_the_same(text in domain_names()) {
        let parsed = domain(&text);
        prop_assert_eq!(parsed.as_str(), text.to_ascii_lowercase());
        prop_assert_eq!(&domain(&format!("{parsed}")), &parsed);
        prop_assert_eq!(DomainName::try_from(parsed.as_name()), Ok(parsed));
    }

    #[test]
    fn arbitrary_text_that_parses_prints_as_itself(text in any::<String>()) {
        if let Ok(parsed) = text.parse::<DomainName>() {
            prop_assert!(parsed.as_str().is_ascii());
            prop_assert_eq!(parsed.as_str().parse(), Ok(parsed.clone()));
        }
    }
}
