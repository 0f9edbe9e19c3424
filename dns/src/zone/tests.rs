use std::error::Error;
use std::time::Duration;

use super::{Fault, Zone, ZoneErrorKind};
use crate::future::block_on_ready;
use crate::name::Name;
use crate::record::{Record, RecordData, RecordType, Txt};
use crate::resolver::{Answer, LookupError, LookupErrorKind, Resolver};

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn zone(text: &str) -> Zone {
    text.parse().unwrap()
}

fn ask(zone: &Zone, owner: &str, record_type: RecordType) -> Result<Answer, LookupError> {
    block_on_ready(zone.lookup(&name(owner), record_type)).expect("a zone never waits")
}

/// An answer or failure in one line: records, aliases in brackets, seconds.
fn told(zone: &Zone, owner: &str, record_type: RecordType) -> String {
    match ask(zone, owner, record_type) {
        Err(error) => error.kind().to_string(),
        Ok(answer) => {
            let mut words: Vec<String> = answer.records().iter().map(ToString::to_string).collect();
            words.extend(answer.aliases().iter().map(|alias| format!("[{alias}]")));
            words.push(format!("{}s", answer.ttl().as_secs()));
            words.join(" ")
        }
    }
}

#[test]
fn ordinary_entries_are_read() {
    let text = r#"
$ORIGIN Example.org.   ; a comment
$TTL 1h30m
@       IN SOA ns hostmaster ( 2026010100 ; serial
                1d 2h 4w   ; refresh, retry, expire
                5m )
        NS ns
ns      60 IN A 192.0.2.53
        IN 61 AAAA 2001:db8::53
        62 TXT unquoted "two words" "" \"x\;
a\.b    MX 10 @
alias   CNAME target.example.net.
1.2     PTR host
type    TYPE65280 \# 3 ab cdEF
srv     SRV \# 7 000000000019 00
old     SPF "v=spf1"
"#;
    let expected = r#"Example.org. 5400 IN NS ns.Example.org.
Example.org. 5400 IN SOA ns.Example.org. hostmaster.Example.org. 2026010100 86400 7200 2419200 300
1.2.Example.org. 5400 IN PTR host.Example.org.
a\.b.Example.org. 5400 IN MX 10 Example.org.
alias.Example.org. 5400 IN CNAME target.example.net.
ns.Example.org. 60 IN A 192.0.2.53
ns.Example.org. 62 IN TXT "unquoted" "two words" "" "\"x;"
ns.Example.org. 61 IN AAAA 2001:db8::53
old.Example.org. 5400 IN SPF \# 7 06763d73706631
srv.Example.org. 5400 IN SRV \# 7 00000000001900
type.Example.org. 5400 IN TYPE65280 \# 3 abcdef
"#;
    let mut lines: Vec<String> = zone(text).to_string().lines().map(String::from).collect();
    let mut wanted: Vec<String> = expected.lines().map(String::from).collect();
    lines.sort();
    wanted.sort();
    assert_eq!(lines, wanted);
}

#[test]
fn a_missing_time_to_live_is_the_default_then_the_last_one_written() {
    for (text, expected) in [
        ("a A 192.0.2.1", 3600),
        ("a 7 A 192.0.2.9\na A 192.0.2.1", 7),
        ("a 7 A 192.0.2.9\n$TTL 8\na A 192.0.2.1", 8),
        ("$TTL 8\na 7 A 192.0.2.9\na A 192.0.2.1", 8),
    ] {
        let zone = zone(text);
        let wanted = RecordData::A([192, 0, 2, 1].into());
        let record = zone.records().find(|record| record.data == wanted).unwrap();
        assert_eq!(record.ttl, expected, "{text}");
    }
}

#[test]
fn octets_outside_ascii_are_kept_in_names_and_strings() {
    let zone = Zone::parse(b"\xff\\000\\046x. TXT \"\x80\\255\\\"\"\r\n").unwrap();
    let record = zone.records().next().unwrap();
    assert_eq!(
        record.name.labels().collect::<Vec<_>>(),
        [b"\xff\0.x".as_slice()]
    );
    let RecordData::Txt(text) = &record.data else {
        panic!("{record}");
    };
    assert_eq!(text.joined(), b"\x80\xff\"");
}

#[test]
fn generic_data_of_a_known_type_becomes_that_type() {
    let zone = zone("a. A \\# 4 c0000201\nb. TXT \\# 3 026869\nc. MX \\# 3 000000");
    let data: Vec<String> = zone.records().map(|r| r.data.to_string()).collect();
    assert_eq!(data, ["192.0.2.1", "\"hi\"", "0 ."]);
}

#[test]
fn generic_data_that_its_type_cannot_hold_is_a_malformed_answer() {
    let zone = zone("a. A \\# 3 c00002");
    let error = ask(&zone, "a.", RecordType::A).unwrap_err();
    assert_eq!(error.kind(), LookupErrorKind::Malformed);
    assert!(error.source().is_some());
}

#[test]
fn an_origin_given_completes_names() {
    let zone = Zone::parse_with_origin(b"@ MX 0 .\nx A 192.0.2.1", &name("example.org")).unwrap();
    let names: Vec<String> = zone.records().map(|r| r.name.to_string()).collect();
    assert_eq!(names, ["example.org.", "x.example.org."]);
}

#[test]
fn bad_text_is_refused_with_line_and_remedy() {
    let long = format!("a TXT {}", "x".repeat(256));
    for (text, line, words) in [
        ("\n  A 192.0.2.1", 2, "owner name"),
        ("a..b A 192.0.2.1", 1, "domain name"),
        ("\"a\" A 192.0.2.1", 1, "without quotes"),
        ("a B 192.0.2.1", 1, "record type, found `B`"),
        ("a TYPE70000 \\# 0", 1, "record type"),
        ("a TYPE+1 \\# 0", 1, "record type"),
        ("a CH A 192.0.2.1", 1, "class IN"),
        ("a CLASS3 A 192.0.2.1", 1, "class IN"),
        ("a 1x A 192.0.2.1", 1, "time"),
        ("a 1h30 A 192.0.2.1", 1, "time"),
        ("a 4294967296 A 192.0.2.1", 1, "time"),
        ("a 8000w A 192.0.2.1", 1, "time"),
        ("a A 192.0.2", 1, "IPv4 address"),
        ("a AAAA 192.0.2.1", 1, "IPv6 address"),
        ("a MX x y", 1, "number from 0 to 65535, found `x`"),
        ("a MX 65536 y", 1, "number"),
        ("a MX +1 y", 1, "number"),
        ("a MX 1", 1, "expected a mail exchanger"),
        ("a MX (\n1\n)", 3, "expected a mail exchanger"),
        ("a", 1, "expected a record type"),
        (
            "a A 192.0.2.1\nb A 192.0.2.1 x",
            2,
            "end of the entry, found `x`",
        ),
        ("a TXT", 1, "expected a string"),
        (&long, 1, "found 256"),
        ("a TXT \\300", 1, "backslash"),
        ("a TXT x\\", 1, "backslash"),
        ("a TXT x\"y\"", 1, "white space before a quote"),
        ("a TXT \"x\ny\"", 1, "closing quote"),
        ("a TXT \"x\\\"", 1, "closing quote"),
        ("\na TXT (x\n\n", 2, "closing parenthesis"),
        ("a TXT x)", 1, "opening parenthesis"),
        ("a A \\# 4 c00002", 1, "exactly as many"),
        ("a A \\# 4 c00002zz", 1, "exactly as many"),
        ("a TLSA 3 1 1 ab", 1, "generic data"),
        ("$INCLUDE other.zone", 1, "$INCLUDE is not supported"),
        ("$GENERATE 1-9 a A 192.0.2.$", 1, "$ORIGIN or $TTL"),
        ("$ORIGIN", 1, "name after $ORIGIN"),
        ("$TTL 1 2", 1, "end of the entry"),
        (
            ";fault a TXT slow",
            1,
            "servfail, timeout or nxdomain, found `slow`",
        ),
        (";fault a", 1, "record type"),
        (";fault", 1, "name after ;fault"),
        (
            "a A 192.0.2.1 (\n;fault a TXT servfail\n) x",
            3,
            "found `x`",
        ),
    ] {
        let error = text.parse::<Zone>().expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.to_string().contains(words), "{text}: {error}");
    }
}

#[test]
fn an_error_gives_its_cause_as_source_only() {
    let error = "a..b A 192.0.2.1".parse::<Zone>().unwrap_err();
    assert!(matches!(error.kind, ZoneErrorKind::Name { .. }));
    let cause = error.source().unwrap().to_string();
    assert!(!error.to_string().contains(&cause), "{error}");
}

#[test]
fn the_same_record_twice_is_one_with_the_later_time_to_live() {
    let zone = zone("a 1 MX 5 B.\nA 2 MX 5 b.\na 3 MX 6 b.");
    assert_eq!(told(&zone, "a.", RecordType::MX), "5 b. 6 b. 2s");
}

#[test]
fn a_removed_record_takes_its_name_with_it() {
    let mut zone = zone("a 1 A 192.0.2.1\na 1 A 192.0.2.2\nb 1 A 192.0.2.3");
    let removed = zone.remove(&name("A"), RecordType::A);
    assert_eq!(removed.len(), 2);
    assert_eq!(zone.remove(&name("a"), RecordType::A), []);
    assert_eq!(told(&zone, "a.", RecordType::A), "no such name");
    assert_eq!(zone.records().count(), 1);
}

#[test]
fn an_extension_adds_records_and_faults() {
    let mut own = zone("a 1 A 192.0.2.1");
    own.extend(zone("a 1 A 192.0.2.2\n;fault b TXT timeout"));
    assert_eq!(told(&own, "a.", RecordType::A), "192.0.2.1 192.0.2.2 1s");
    assert_eq!(own.faults().count(), 1);
}

#[test]
fn names_exist_with_what_is_below_them_and_wildcards_fill_in() {
    let zone = zone(
        r"
$ORIGIN example.
@            10 SOA ns mail 1 1 1 1 7
@            20 A 192.0.2.1
*            30 A 192.0.2.2
host         40 A 192.0.2.3
_x._y.deep   50 TXT text
*.wild       60 CNAME host
only.*.ent   70 A 192.0.2.4
",
    );
    for (owner, record_type, expected) in [
        ("example.", RecordType::A, "192.0.2.1 20s"),
        ("example.", RecordType::MX, "7s"),
        (
            "EXAMPLE.",
            RecordType::SOA,
            "ns.example. mail.example. 1 1 1 1 7 10s",
        ),
        // The asterisk stands for any number of labels, but not for a name that exists or is below one that does.
        ("new.example.", RecordType::A, "192.0.2.2 30s"),
        ("very.new.example.", RecordType::A, "192.0.2.2 30s"),
        ("new.example.", RecordType::TXT, "7s"),
        ("*.example.", RecordType::A, "192.0.2.2 30s"),
        ("host.example.", RecordType::TXT, "7s"),
        ("below.host.example.", RecordType::A, "no such name"),
        // Empty non-terminals.
        ("_y.deep.example.", RecordType::A, "7s"),
        ("deep.example.", RecordType::A, "7s"),
        ("other.deep.example.", RecordType::A, "no such name"),
        ("wild.example.", RecordType::A, "7s"),
        (
            "any.wild.example.",
            RecordType::A,
            "192.0.2.3 [host.example.] 40s",
        ),
        ("any.wild.example.", RecordType::CNAME, "host.example. 60s"),
        // The asterisk exists here only by what is below it.
        ("any.ent.example.", RecordType::A, "7s"),
        ("example.net.", RecordType::A, "no such name"),
        (".", RecordType::A, "0s"),
    ] {
        assert_eq!(
            told(&zone, owner, record_type),
            expected,
            "{owner} {record_type}"
        );
    }
    assert_eq!(told(&Zone::new(), ".", RecordType::A), "no such name");
}

#[test]
fn a_name_too_long_for_an_asterisk_is_unknown() {
    let label = "a".repeat(63);
    let base = format!("{label}.{label}.{label}.{}", "a".repeat(59));
    let zone = zone(&format!("{base}. A 192.0.2.1"));
    assert_eq!(
        told(&zone, &format!("b.{base}"), RecordType::A),
        "no such name"
    );
}

#[test]
fn aliases_are_followed_in_order() {
    let zone = zone(
        r"
a 30 CNAME b
b 20 CNAME c
c 40 A 192.0.2.1
gone 5 CNAME nowhere
loop 5 CNAME loop
;fault c MX servfail
",
    );
    for (owner, record_type, expected) in [
        ("a.", RecordType::A, "192.0.2.1 [b.] [c.] 20s"),
        ("a.", RecordType::TXT, "[b.] [c.] 0s"),
        ("a.", RecordType::CNAME, "b. 30s"),
        ("a.", RecordType::MX, "temporary failure"),
        ("gone.", RecordType::A, "no such name"),
        ("gone.", RecordType::CNAME, "nowhere. 5s"),
        ("loop.", RecordType::A, "temporary failure"),
    ] {
        assert_eq!(
            told(&zone, owner, record_type),
            expected,
            "{owner} {record_type}"
        );
    }
    let gone = ask(&zone, "gone.", RecordType::A).unwrap_err();
    assert_eq!(gone.name(), &name("gone"));
    assert!(gone.source().unwrap().to_string().contains("nowhere."));
}

#[test]
fn eight_aliases_are_followed_and_nine_are_not() {
    let chain: String = (0..9)
        .map(|i| format!("c{i} 1 CNAME c{}\n", i + 1))
        .collect();
    let zone = zone(&format!("{chain}c9 1 A 192.0.2.1"));
    assert_eq!(ask(&zone, "c1.", RecordType::A).unwrap().aliases().len(), 8);
    let error = ask(&zone, "c0.", RecordType::A).unwrap_err();
    assert!(error.is_temporary());
}

#[test]
fn a_fault_can_hide_a_name_that_is_there() {
    let mut zone = zone("a 1 TXT x\na 1 A 192.0.2.1\n;fault a TXT NXDOMAIN\n");
    let error = ask(&zone, "a", RecordType::TXT).unwrap_err();
    assert!(error.is_no_such_name());
    let source = error.source().unwrap().downcast_ref::<Fault>();
    assert_eq!(source, Some(&Fault::NoSuchName));
    assert_eq!(told(&zone, "a", RecordType::A), "192.0.2.1 1s");
    assert!(zone.to_string().contains(";fault a. TXT nxdomain\n"));
    assert_eq!(
        zone.clear_fault(&name("a"), RecordType::TXT),
        Some(Fault::NoSuchName)
    );
    assert_eq!(told(&zone, "a", RecordType::TXT), "\"x\" 1s");
}

#[test]
fn a_fault_is_temporary_and_names_itself_as_source() {
    let mut zone = zone("a 1 TXT x\na 1 A 192.0.2.1\n;fault A txt Timeout ; slow\n");
    zone.set_fault(name("new"), RecordType::MX, Fault::ServFail);
    for (owner, record_type, fault) in [
        ("a", RecordType::TXT, Fault::Timeout),
        ("new", RecordType::MX, Fault::ServFail),
    ] {
        let error = ask(&zone, owner, record_type).unwrap_err();
        assert_eq!(error.kind(), LookupErrorKind::Temporary);
        let source = error.source().unwrap().downcast_ref::<Fault>();
        assert_eq!(source, Some(&fault));
    }
    assert_eq!(told(&zone, "a", RecordType::A), "192.0.2.1 1s");
    assert_eq!(told(&zone, "new", RecordType::A), "no such name");
    let cleared = zone.clear_fault(&name("a"), RecordType::TXT);
    assert_eq!(cleared, Some(Fault::Timeout));
    assert_eq!(zone.clear_fault(&name("a"), RecordType::TXT), None);
    assert_eq!(told(&zone, "a", RecordType::TXT), "\"x\" 1s");
}

#[test]
fn a_comment_that_only_begins_like_a_fault_is_a_comment() {
    let zone =
        zone(";faulty wiring\n; fault a TXT servfail\na 1 A 192.0.2.1 ;fault a A servfail\n");
    assert_eq!(zone.faults().count(), 0);
    assert_eq!(told(&zone, "a", RecordType::A), "192.0.2.1 1s");
}

#[test]
fn a_text_record_keeps_its_time_to_live() {
    let mut zone = Zone::new();
    let text = Txt::split(&[b'x'; 300]);
    zone.insert(Record::new(name("a"), 9, RecordData::Txt(text.clone())));
    let answer = ask(&zone, "a", RecordType::TXT).unwrap();
    assert_eq!(answer.records(), [RecordData::Txt(text)]);
    assert_eq!(answer.ttl(), Duration::from_secs(9));
}

#[test]
fn a_fault_of_any_type_is_one_of_every_type() {
    let zone = zone("a A 192.0.2.1\n;fault a ANY timeout\n;fault a TXT servfail");
    let name: Name = "a".parse().unwrap();
    for (record_type, fault) in [
        (RecordType::A, Fault::Timeout),
        (RecordType::MX, Fault::Timeout),
        (RecordType::TXT, Fault::ServFail),
    ] {
        let answer = block_on_ready(zone.lookup(&name, record_type)).unwrap();
        let error = answer.unwrap_err();
        let source = Error::source(&error).unwrap();
        assert_eq!(source.downcast_ref(), Some(&fault), "{record_type}");
        assert!(zone.has(&name, record_type));
    }
    let text = zone.to_string();
    assert!(text.contains(";fault a. ANY timeout\n"), "{text}");
    assert_eq!(text.parse(), Ok(zone));
}
