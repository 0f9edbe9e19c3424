//! Audits: what they show, and that they say of every address what a check says.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use letterhead_dns::{DomainName, Zone, block_on_ready};
use letterhead_spf::check::reason::Reason;
use letterhead_spf::{Audit, Code, Limits, Query, SpfResult, audit, check_host};
use proptest::prelude::{Strategy, prop_assert_eq, prop_oneof, proptest};
use proptest::{collection, sample};

fn run(zone: &str, domain: &str) -> Audit {
    let zone: Zone = zone.parse().expect("a zone");
    let domain: DomainName = domain.parse().expect("a domain");
    block_on_ready(audit(&domain, &zone)).expect("a zone never waits")
}

#[test]
fn the_tree_shows_costs_addresses_and_providers() {
    let audit = run(
        r#"
example.com 600 IN TXT "v=spf1 mx include:amazonses.com " "a:gone.example.com exists:%{i}.x.example.com ip4:192.0.2.0/28 ~all"
example.com 600 IN TXT "another text"
example.com 600 IN MX 10 mx.example.com
mx.example.com 600 IN A 192.0.2.1
mx.example.com 600 IN AAAA 2001:db8::1
amazonses.com 300 IN TXT "v=spf1 ip4:198.51.100.0/25 ip4:198.51.100.128/25 a:v4.amazonses.com -all"
v4.amazonses.com 900 IN A 203.0.113.7
"#,
        "example.com",
    );
    assert_eq!(
        audit.to_string(),
        "example.com: 5 of 10 lookups; void lookups of 2: 1 for IPv4, 2 for IPv6; authorised: 273 IPv4 addresses, 1 IPv6 network, and more or fewer depending on the sender
  example.com: 98 octets in 2 strings, 110 at the name \"v=spf1 mx include:amazonses.com a:gone.example.com exists:%{i}.x.example.com ip4:192.0.2.0/28 ~all\"
    mx: 1 lookup, 1 IPv4 address, 1 IPv6 network
    include:amazonses.com (Amazon SES): 2 lookups, 0 void for IPv4, 1 for IPv6, 257 IPv4 addresses
      amazonses.com: 72 octets \"v=spf1 ip4:198.51.100.0/25 ip4:198.51.100.128/25 a:v4.amazonses.com -all\"
        ip4:198.51.100.0/25: 128 IPv4 addresses
        ip4:198.51.100.128/25: 128 IPv4 addresses
        a:v4.amazonses.com: 1 lookup, 0 void for IPv4, 1 for IPv6, 1 IPv4 address
        -all: every address
    a:gone.example.com: 1 lookup, 1 void for IPv4, 1 for IPv6
    exists:%{i}.x.example.com: 1 lookup, depends on the sender
    ip4:192.0.2.0/28: 16 IPv4 addresses
    ~all: every address
"
    );
    assert_eq!(
        audit.authorised().to_string(),
        "192.0.2.0/28 198.51.100.0/24 203.0.113.7 2001:db8::1"
    );
    assert_eq!(audit.tree.text_octets(), 98 + 12);
    assert_eq!(audit.shortest_ttl(), Some(Duration::from_secs(300)));
    let providers: Vec<&str> = audit.providers().iter().map(|one| one.name).collect();
    assert_eq!(providers, ["Amazon SES"]);
    assert_eq!(audit.exchangers.len(), 1);
    assert_eq!(audit.exchangers[0].addresses.len(), 2);
}

#[test]
fn loops_and_broken_records_are_named_where_they_are() {
    let audit = run(
        r#"
example.com TXT "v=spf1 ip4:192.0.2.1 include:a.example.com ip4:192.0.2.2 ~all"
a.example.com TXT "v=spf1 include:b.example.com ?all"
b.example.com TXT "v=spf1 redirect=a.example.com"
"#,
        "example.com",
    );
    let mut problems = Vec::new();
    audit.tree.visit(&mut |branch| {
        if let Some(problem) = &branch.problem {
            problems.push(format!("{}: {problem}", branch.domain));
        }
    });
    assert_eq!(
        problems,
        ["a.example.com: the record leads back to itself; remove the term that does"]
    );
    // The term behind the loop is never reached, so its address does not pass.
    assert_eq!(audit.authorised().to_string(), "192.0.2.1");
    assert_eq!(audit.tree.coverage.error.ip4_count(), (1 << 32) - 1);
}

#[test]
fn what_a_check_would_call_an_error_is_one_here() {
    for (record, problem) in [
        (
            "include:none.example.com",
            "none.example.com has no SPF record; remove the term or publish one there",
        ),
        ("mx:many.example.com", "11 mail exchangers, 10 are allowed"),
        (
            "a:broken.example.com",
            "lookup failed, broken.example.com. A: temporary failure",
        ),
        (
            "redirect=none.example.com",
            "none.example.com has no SPF record; remove the term or publish one there",
        ),
        (
            "a:a..example.com",
            "the domain after expansion is malformed: it has an empty label",
        ),
    ] {
        let mut zone =
            format!("example.com TXT \"v=spf1 {record}\"\n;fault broken.example.com A timeout\n");
        for host in 0..11 {
            zone.push_str(&format!("many.example.com MX 10 h{host}.example.com\n"));
        }
        let audit = run(&zone, "example.com");
        let term = &audit.tree.terms[0];
        assert_eq!(
            term.problem.as_ref().map(ToString::to_string).as_deref(),
            Some(problem),
            "{record}"
        );
    }
}

#[test]
fn hostile_trees_are_cut() {
    // Two includes of the next level at each of 40 levels: 2^40 records for someone who follows them all.
    let mut zone = String::new();
    for level in 0..40 {
        let next = level + 1;
        zone.push_str(&format!(
            "l{level}.example TXT \"v=spf1 include:l{next}.example include:l{next}.example a:x{level}.example -all\"\n"
        ));
    }
    zone.push_str("l40.example TXT \"v=spf1 -all\"\n");
    let audit = run(&zone, "l0.example");
    let mut cut = 0;
    audit.tree.visit(&mut |branch| {
        cut += usize::from(matches!(
            branch.problem,
            Some(Reason::NotFollowed { .. } | Reason::TooDeep { .. })
        ));
    });
    assert!(cut > 0);
    let terms = (0..2_000)
        .map(|n| format!(" a:x{n}.example"))
        .collect::<String>();
    let audit = run(
        &format!(
            "many.example TXT ({})",
            strings(&format!("v=spf1{terms} -all"))
        ),
        "many.example",
    );
    assert_eq!(audit.lookups(), 2_000);
    assert!(
        audit
            .tree
            .terms
            .iter()
            .any(|term| matches!(term.problem, Some(Reason::NotFollowed { .. })))
    );
}

#[test]
fn what_many_terms_find_is_bounded_together() {
    let addresses: String = (0..2_000)
        .map(|n| format!("many.example A 10.{}.{}.1\n", n / 250, n % 250))
        .collect();
    let repeated = |term: &str, count: usize| strings(&format!("v=spf1{}", term.repeat(count)));
    let zone = format!(
        "many.example TXT ({})\n{addresses}tree.example TXT ({})\nleaf.example TXT ({})\n",
        repeated(" a", 1_000),
        repeated(" include:leaf.example", 40),
        repeated(" ip4:192.0.2.1 -ip4:192.0.2.2", 2_000),
    );
    for domain in ["many.example", "tree.example"] {
        let audit = run(&zone, domain);
        let (mut terms, mut cut) = (0, 0);
        audit.tree.visit(&mut |branch| {
            terms += branch.terms.len();
            let is_cut =
                |problem: &Option<Reason>| matches!(problem, Some(Reason::NotFollowed { .. }));
            cut += branch
                .terms
                .iter()
                .filter(|term| is_cut(&term.problem))
                .count();
        });
        assert!(terms < 6_000 && cut > 0, "{domain}: {terms} {cut}");
        assert!(
            audit
                .lint()
                .iter()
                .any(|finding| finding.code == Code::NotFollowed)
        );
    }
}

/// The text as character-strings that a master file takes.
fn strings(text: &str) -> String {
    let chunks = text.as_bytes().chunks(200);
    let quoted = chunks.map(|chunk| format!("\"{}\"", String::from_utf8_lossy(chunk)));
    quoted.collect::<Vec<_>>().join(" ")
}

fn term() -> impl Strategy<Value = String> {
    let mechanism = sample::select(vec![
        "all",
        "a:h0.example",
        "a:h1.example/24",
        "a:h2.example//64",
        "a:h3.example/16//32",
        "a:none.example",
        "a:broken4.example",
        "a:broken6.example",
        "mx:m.example",
        "mx:m.example/31//127",
        "mx:broken.example",
        "mx:half.example",
        "mx:none.example",
        "ip4:192.0.2.0/31",
        "ip4:192.0.2.0/24",
        "ip4:198.51.100.3",
        "ip4:0.0.0.0/0",
        "ip6:2001:db8::/64",
        "ip6:2001:db8::1",
        "exists:h1.example",
        "exists:none.example",
        "a:h1.%{d1}",
        "a:h1.a..example",
        "include:d1.example",
        "include:d2.example",
        "include:d3.example",
        "include:none.example",
    ]);
    let directive = (sample::select(vec!["", "", "-", "~", "?"]), mechanism)
        .prop_map(|(qualifier, mechanism)| format!("{qualifier}{mechanism}"));
    let modifier = sample::select(vec!["redirect=d2.example", "redirect=d3.example", "x=y"]);
    prop_oneof![9 => directive, 1 => modifier.prop_map(str::to_owned)]
}

const FIXED: &str = "
h0.example A 192.0.2.0
h1.example A 192.0.2.1
h2.example A 192.0.2.2
h3.example A 198.51.100.3
h1.example AAAA 2001:db8::1
h2.example AAAA 2001:db8::2
h3.example AAAA 2001:db8:1::3
broken4.example AAAA 2001:db8::1
broken6.example A 192.0.2.1
;fault broken4.example A servfail
;fault broken6.example AAAA timeout
;fault broken.example MX timeout
m.example MX 10 h2.example
m.example MX 20 h3.example
half.example MX 10 h2.example
half.example MX 20 broken4.example
half.example MX 30 h3.example
";

proptest! {
    #[test]
    fn an_audit_says_of_every_address_what_a_check_says(
        records in collection::vec(collection::vec(term(), 0..6), 4),
    ) {
        let mut zone = String::from(FIXED);
        for (index, terms) in records.iter().enumerate() {
            zone.push_str(&format!("d{index}.example TXT \"v=spf1 {}\"\n", terms.join(" ")));
        }
        let audit = run(&zone, "d0.example");
        let limits = Limits::default().with_lookups(usize::MAX).with_void_lookups(usize::MAX);
        let zone: Zone = zone.parse().expect("a zone");
        for client in ["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.3", "198.51.7.1", "203.0.113.1", "2001:db8::1", "2001:db8::3", "2001:db8:1::3", "2001:db8:2::1", "2002::1"] {
            let client: IpAddr = client.parse().expect("an address");
            let query = Query::mail_from(client, "ada@d0.example", "mail.example.net");
            let verdict = block_on_ready(check_host(&query, &zone, &limits)).expect("a zone never waits");
            match audit.tree.coverage.of(verdict.result) {
                Some(addresses) => assert!(addresses.contains(client), "{client}: {verdict}\n{}\n{audit}\n{:#?}", verdict.trace(), audit.tree.coverage),
                None => prop_assert_eq!(verdict.result, SpfResult::None),
            }
        }
        // Together they are every address, and none is in two.
        let coverage = &audit.tree.coverage;
        let sets = [&coverage.pass, &coverage.fail, &coverage.softfail, &coverage.neutral, &coverage.error];
        prop_assert_eq!(sets.iter().map(|set| u128::from(set.ip4_count())).sum::<u128>(), 1 << 32);
        assert!(sets.iter().any(|set| set.contains(IpAddr::V4(Ipv4Addr::BROADCAST))));
    }

    #[test]
    fn the_worst_case_of_an_audit_is_that_of_a_client_that_nothing_matches(
        records in collection::vec(collection::vec(term().prop_filter("matches too much", |term| {
            !["all", "0/0", "exists:h1", "redirect", "broken", "d0", "include:none", "half"].iter().any(|part| term.contains(part))
        }), 0..4), 4),
    ) {
        // Each record leads only to those after it, so that the tree is finite.
        let mut zone = String::from(FIXED);
        for (index, terms) in records.iter().enumerate() {
            let later: Vec<&str> = terms.iter().map(String::as_str)
                .filter(|term| !(0..=index).any(|own| term.contains(&format!("include:d{own}.")))).collect();
            zone.push_str(&format!("d{index}.example TXT \"v=spf1 {}\"\n", later.join(" ")));
        }
        let audit = run(&zone, "d0.example");
        let limits = Limits::default().with_lookups(usize::MAX).with_void_lookups(usize::MAX);
        let zone: Zone = zone.parse().expect("a zone");
        let check = |client: &str| {
            let query = Query::mail_from(client.parse().expect("an address"), "ada@d0.example", "mail.example.net");
            block_on_ready(check_host(&query, &zone, &limits)).expect("a zone never waits")
        };
        let (ip4, ip6) = (check("203.0.113.1"), check("2002::1"));
        let cost = audit.tree.cost;
        prop_assert_eq!((ip4.lookups, ip4.void_lookups), (cost.lookups, cost.void_ip4), "{}\n{}", audit, ip4.trace());
        prop_assert_eq!((ip6.lookups, ip6.void_lookups), (cost.lookups, cost.void_ip6), "{}\n{}", audit, ip6.trace());
    }
}
