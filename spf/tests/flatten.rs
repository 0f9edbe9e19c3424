//! Flattened policies say of every client what the policy says.

use std::net::IpAddr;

use letterhead_dns::{DomainName, Overlay, Record, RecordData, Txt, Zone, block_on_ready};
use letterhead_spf::{
    FlattenError, FlattenOptions, Flattened, Limits, Query, SpfResult, check_host, flatten,
    flatten_with,
};
use proptest::prelude::{Strategy, prop_assert_eq, prop_oneof, proptest};
use proptest::{collection, sample};

fn run(zone: &Zone) -> Result<Flattened, FlattenError> {
    let domain: DomainName = "example.com".parse().expect("a domain");
    block_on_ready(flatten(&domain, zone)).expect("a zone never waits")
}

fn zone(text: &str) -> Zone {
    text.parse().expect("a zone")
}

fn published(flat: &Flattened) -> Zone {
    let mut zone = Zone::new();
    for record in flat.records() {
        let text = RecordData::Txt(Txt::split(record.text.as_bytes()));
        zone.insert(Record::new(record.name.as_name().clone(), 60, text));
    }
    zone
}

#[test]
fn lookups_become_the_fewest_networks() {
    let flat = run(&zone(
        r#"
example.com 3600 IN TXT "v=spf1 mx a:web.example.com/31 include:p.example.net ?ip4:198.51.100.7 exp=why.%{d} -all x-note=kept"
example.com 3600 IN MX 10 mx.example.com
mx.example.com 600 IN A 192.0.2.2
mx.example.com 600 IN AAAA 2001:db8::2
web.example.com 600 IN A 192.0.2.0
p.example.net 900 IN TXT "v=spf1 ip4:198.51.100.0/25 ip4:198.51.100.128/25 ip4:192.0.2.3 ip6:2001:db8::3 ~all"
"#,
    ))
    .expect("nothing is broken");
    assert_eq!(
        flat.record.text,
        "v=spf1 ip4:192.0.2.0/30 ip4:198.51.100.0/24 ip6:2001:db8::2/127 -all exp=why.%{d} x-note=kept"
    );
    assert_eq!(flat.parts, []);
    assert_eq!((flat.lookups_before, flat.lookups), (3, 0));
    assert_eq!(flat.refresh_within.map(|ttl| ttl.as_secs()), Some(600));
    assert!(flat.risk().contains("every 600 seconds"));
    let text = flat.to_string();
    assert!(text.contains("\nexample.com. 600 IN TXT \"v=spf1 ip4:192.0.2.0/30 "));
    let read: Zone = text.parse().expect("a master file");
    assert_eq!(read.records().count(), 1);
}

#[test]
fn what_depends_on_the_sender_is_kept_in_its_place() {
    let flat = run(&zone(
        r#"
example.com TXT "v=spf1 a:one.example.com exists:%{i}.ok.example.net a:two.example.com -exists:%{i}.bad.example.net a:three.example.com ptr ~all"
one.example.com A 192.0.2.1
two.example.com A 192.0.2.2
three.example.com A 192.0.2.3
"#,
    ))
    .expect("nothing is broken");
    assert_eq!(
        flat.record.text,
        "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 exists:%{i}.ok.example.net -exists:%{i}.bad.example.net ip4:192.0.2.3 ptr ~all"
    );
    assert_eq!(
        flat.kept,
        [
            "exists:%{i}.ok.example.net",
            "-exists:%{i}.bad.example.net",
            "ptr"
        ]
    );
    assert_eq!((flat.lookups_before, flat.lookups), (6, 3));
}

#[test]
fn redirect_gives_way_to_the_record_it_leads_to() {
    let flat = run(&zone(
        r#"
example.com TXT "v=spf1 ip4:192.0.2.1 redirect=other.example.net"
other.example.net TXT "v=spf1 -ip4:192.0.2.0/24 ip4:198.51.100.1 exp=why.example.net -all"
"#,
    ))
    .expect("nothing is broken");
    assert_eq!(
        flat.record.text,
        "v=spf1 ip4:192.0.2.1 -ip4:192.0.2.0/24 ip4:198.51.100.1 -all"
    );
    // The explanation speaks for the other record.
    assert_eq!(flat.dropped, ["exp=why.example.net"]);
    let kept = run(&zone(
        r#"
example.com TXT "v=spf1 a:one.example.com redirect=other.example.net"
one.example.com A 192.0.2.1
other.example.net TXT "v=spf1 exists:%{l}.example.net -all"
"#,
    ))
    .expect("nothing is broken");
    assert_eq!(
        kept.record.text,
        "v=spf1 ip4:192.0.2.1 redirect=other.example.net"
    );
    assert_eq!((kept.lookups, kept.kept.len()), (2, 1));
}

#[test]
fn long_policies_are_split_into_records_of_450_octets() {
    let mut text = String::from(
        "example.com TXT \"v=spf1 include:p.example.net -include:q.example.net ~all\"\n_spf2.example.com TXT \"v=spf1 ip4:203.0.113.9 -all\"\n",
    );
    text.push_str("p.example.net TXT (\"v=spf1\"");
    for octet in 0..60 {
        text.push_str(&format!(" \" ip4:198.51.{octet}.1\""));
    }
    text.push_str(" \" include:_spf1.example.com -all\")\n_spf1.example.com TXT \"v=spf1 ip4:203.0.113.1 -all\"\n");
    text.push_str("q.example.net TXT \"v=spf1 ip4:203.0.113.0/24 -all\"\n");
    let zone = zone(&text);
    let flat = run(&zone).expect("nothing is broken");
    let names: Vec<String> = flat.records().map(|one| one.name.to_string()).collect();
    // Names that are taken, by this policy or by another, are left alone; the record that includes the parts comes last.
    assert_eq!(
        names,
        [
            "_spf3.example.com",
            "_spf4.example.com",
            "_spf5.example.com",
            "example.com"
        ]
    );
    assert_eq!(
        flat.record.text,
        "v=spf1 include:_spf3.example.com include:_spf4.example.com include:_spf5.example.com -ip4:203.0.113.0/24 ~all"
    );
    assert!(flat.records().all(|record| record.text.len() <= 450));
    assert_eq!(flat.lookups, 3);
    let overlay = published(&flat);
    let overlay = Overlay::new(&overlay, &zone);
    for (client, result) in [
        ("198.51.0.1", SpfResult::Pass),
        ("198.51.59.1", SpfResult::Pass),
        ("203.0.113.1", SpfResult::Pass),
        ("203.0.113.2", SpfResult::Fail),
        ("198.51.60.1", SpfResult::SoftFail),
    ] {
        let client: IpAddr = client.parse().expect("an address");
        let query = Query::mail_from(client, "ada@example.com", "mail.example.com");
        let limits = Limits::default();
        let verdict = block_on_ready(check_host(&query, &overlay, &limits)).expect("at once");
        assert_eq!(verdict.result, result, "{client}\n{}", verdict.trace());
    }
}

#[test]
fn too_many_addresses_are_refused() {
    let mut text = String::from("example.com TXT (\"v=spf1\"");
    for number in 0..300 {
        let (high, low) = (number / 200, number % 200);
        text.push_str(&format!(" \" ip4:198.{high}.{low}.1\""));
    }
    text.push_str(" \" ~all\")\n");
    let error = run(&zone(&text)).expect_err("300 addresses need eleven records");
    assert!(
        matches!(
            error,
            FlattenError::TooLarge {
                lookups: 11,
                limit: 10
            }
        ),
        "{error}"
    );
}

#[test]
fn what_is_broken_is_not_flattened() {
    for (record, error) in [
        (
            "include:gone.example.net",
            "`include:gone.example.net` of example.com: gone.example.net has no SPF record; remove the term or publish one there",
        ),
        (
            "a:broken.example.net",
            "`a:broken.example.net` of example.com: lookup failed, broken.example.net. A: temporary failure",
        ),
        (
            "include:deep.example.net",
            "`include:deep.example.net` of example.com: syntax error at octet 7: `x` is not a mechanism; expected all, include, a, mx, ptr, ip4, ip6, exists, or a modifier `name=value`",
        ),
        (
            "redirect=gone.example.net",
            "`redirect=gone.example.net` of example.com: gone.example.net has no SPF record; remove the term or publish one there",
        ),
    ] {
        let zone = zone(&format!(
            "example.com TXT \"v=spf1 {record}\"\n;fault broken.example.net A timeout\ndeep.example.net TXT \"v=spf1 include:deeper.example.net\"\ndeeper.example.net TXT \"v=spf1 x\"\n"
        ));
        assert_eq!(run(&zone).expect_err("it is broken").to_string(), error);
    }
    assert!(matches!(
        run(&Zone::new()),
        Err(FlattenError::NoRecord { .. })
    ));
}

fn term() -> impl Strategy<Value = String> {
    let mechanism = sample::select(vec![
        "a:h0.example",
        "a:h1.example/24",
        "a:h2.example//64",
        "a:h3.example/16//32",
        "a:none.example",
        "mx:m.example",
        "mx:m.example/31//127",
        "ip4:192.0.2.0/31",
        "ip4:192.0.2.0/24",
        "ip4:192.0.2.2",
        "ip4:198.51.100.3",
        "ip4:0.0.0.0/0",
        "ip6:2001:db8::/64",
        "ip6:2001:db8::1",
        "exists:h1.example",
        "exists:%{l}.example",
        "exists:%{i}.e.example",
        "ptr:h1.example",
        "include:d1.example",
        "include:d2.example",
        "include:d3.example",
    ]);
    let directive = (sample::select(vec!["", "", "", "-", "~", "?"]), mechanism)
        .prop_map(|(qualifier, mechanism)| format!("{qualifier}{mechanism}"));
    let modifier = sample::select(vec!["redirect=d2.example", "redirect=d3.example"]);
    let all = sample::select(vec!["-all", "~all", "?all", "+all"]);
    prop_oneof![9 => directive, 1 => modifier.prop_map(str::to_owned), 1 => all.prop_map(str::to_owned)]
}

const FIXED: &str = "
h0.example A 192.0.2.0
h1.example A 192.0.2.1
h2.example A 192.0.2.2
h3.example A 198.51.100.3
h1.example AAAA 2001:db8::1
h2.example AAAA 2001:db8::2
h3.example AAAA 2001:db8:1::3
m.example MX 10 h2.example
m.example MX 20 h3.example
192.0.2.1.e.example A 127.0.0.2
1.2.0.192.in-addr.arpa PTR h1.example
";

#[test]
fn a_copy_is_published_at_another_name_and_made_anew() {
    let mut text = String::from(
        "_policy.example.com TXT \"v=spf1 include:p.example.net a:gone.example.net ~all\"\nexample.com TXT \"v=spf1 include:_spf1.example.com include:_spf7.example.com ~all\"\n_spf1.example.com TXT \"v=spf1 ip4:203.0.113.1 -all\"\np.example.net TXT (\"v=spf1\"",
    );
    for octet in 0..60 {
        text.push_str(&format!(" \" ip4:198.51.{octet}.1\""));
    }
    text.push_str(" \" -all\")\n");
    let zone = zone(&text);
    let source: DomainName = "_policy.example.com".parse().expect("a domain");
    let run = |options: &FlattenOptions, zone: &Zone| {
        block_on_ready(flatten_with(&source, options, zone)).expect("a zone never waits")
    };
    let options = FlattenOptions::default().publish_at("example.com".parse().expect("a domain"));
    let flat = run(&options, &zone).expect("nothing is broken");
    assert_eq!(
        flat.record.text,
        "v=spf1 include:_spf2.example.com include:_spf3.example.com include:_spf4.example.com ~all"
    );
    assert_eq!(flat.record.name.as_str(), "example.com");
    assert_eq!(
        flat.record.replaces,
        ["v=spf1 include:_spf1.example.com include:_spf7.example.com ~all"]
    );
    let obsolete: Vec<&str> = flat.obsolete.iter().map(DomainName::as_str).collect();
    assert_eq!(obsolete, ["_spf1.example.com", "_spf7.example.com"]);
    assert_eq!(flat.dropped, ["a:gone.example.net"]);
    // Made again with nothing changed, it is the same.
    let mut after = zone.clone();
    after.remove(
        &"example.com".parse().expect("a name"),
        letterhead_dns::RecordType::TXT,
    );
    after.extend(published(&flat));
    let again = run(&options, &after).expect("nothing is broken");
    assert_eq!(
        (again.record.text, again.parts),
        (flat.record.text, flat.parts)
    );

    let larger = options.clone().with_part_octets(1_100);
    let flat = run(&larger, &zone).expect("nothing is broken");
    assert_eq!(flat.parts.len(), 1);
    let kept = options.keep(
        "include:p.example.net"
            .parse::<letterhead_spf::Directive>()
            .expect("a directive")
            .mechanism()
            .clone(),
    );
    let flat = run(&kept, &zone).expect("nothing is broken");
    assert_eq!(flat.record.text, "v=spf1 include:p.example.net ~all");
    assert_eq!(flat.kept, ["include:p.example.net"]);
}

#[test]
fn terms_that_name_their_own_domain_are_not_moved() {
    let source: DomainName = "_policy.example.com".parse().expect("a domain");
    let options = FlattenOptions::default().publish_at("example.com".parse().expect("a domain"));
    for term in ["ptr", "exists:%{i}.%{d}", "exp=why.%{d}"] {
        let zone = zone(&format!("_policy.example.com TXT \"v=spf1 {term} -all\""));
        let flat = block_on_ready(flatten_with(&source, &options, &zone)).expect("at once");
        assert!(matches!(flat, Err(FlattenError::Relative { term: found }) if found == term));
    }
    let zone = zone(
        "_policy.example.com TXT \"v=spf1 a mx ip4:192.0.2.7 -all\"\n_policy.example.com A 192.0.2.6",
    );
    let flat = block_on_ready(flatten_with(&source, &options, &zone)).expect("at once");
    assert_eq!(
        flat.expect("they are flattened").record.text,
        "v=spf1 ip4:192.0.2.6/31 -all"
    );
}

proptest! {
    /// Also where a hole in an included record makes the copy longer than what it was copied from.
    #[test]
    fn a_flattened_policy_gives_every_client_the_same_result(
        records in collection::vec(collection::vec(term(), 0..7), 4),
    ) {
        let mut text = String::from(FIXED);
        for (index, terms) in records.iter().enumerate() {
            let name = if index == 0 { String::from("example.com") } else { format!("d{index}.example") };
            // Each record leads only to those after it.
            let later: Vec<&str> = terms.iter().map(String::as_str)
                .filter(|term| !(0..=index).any(|own| term.contains(&format!("d{own}.example")))).collect();
            let mut seen = false;
            let once = later.iter().filter(|term| {
                let again = term.starts_with("redirect") && seen;
                seen |= term.starts_with("redirect");
                !again
            });
            text.push_str(&format!("{name} TXT \"v=spf1 {}\"\n", once.copied().collect::<Vec<_>>().join(" ")));
        }
        let zone = zone(&text);
        let flat = match run(&zone) {
            Ok(flat) => flat,
            Err(FlattenError::TooLarge { .. }) => return Ok(()),
            Err(error) => panic!("{error}\n{text}"),
        };
        let overlay = published(&flat);
        let overlay = Overlay::new(&overlay, &zone);
        let limits = Limits::default().with_lookups(usize::MAX).with_void_lookups(usize::MAX);
        for client in ["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.3", "198.51.7.1", "203.0.113.1", "2001:db8::1", "2001:db8::3", "2001:db8:1::3", "2001:db8:2::1", "2002::1"] {
            for local in ["h0", "ada"] {
                let query = Query::mail_from(client.parse().expect("an address"), &format!("{local}@example.com"), "mail.example.net");
                let result = |resolver| block_on_ready(check_host(&query, resolver, &limits)).expect("at once").result;
                prop_assert_eq!(result(&overlay), result(&zone), "{} {}\n{}\n{}", local, client, text, flat);
            }
        }
    }
}
