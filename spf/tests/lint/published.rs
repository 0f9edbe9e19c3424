//! Findings in a policy that is published.

use letterhead_dns::{DomainName, Zone, block_on_ready};
use letterhead_spf::{Code, audit_for, lint};

use crate::{directives, text};

fn published(zone: &str, wanted: &[&str]) -> Vec<String> {
    let zone: Zone = zone.parse().expect("a zone");
    let domain: DomainName = "example.com".parse().expect("a domain");
    let wanted = directives(wanted);
    let audit = block_on_ready(audit_for(&domain, &wanted, &zone)).expect("a zone never waits");
    let findings = audit.lint();
    findings.iter().map(ToString::to_string).collect()
}

#[test]
fn the_dns_tells_more() {
    let mut many = String::from("example.com TXT \"v=spf1 mx:many.example.net -all\"\n");
    for host in 0..11 {
        many.push_str(&format!(
            "many.example.net MX 10 h{host}.example.net\nh{host}.example.net A 192.0.2.1\n"
        ));
    }
    let deep = "example.com TXT \"v=spf1 include:a.example.net include:b.example.net ip4:192.0.2.1 -all\"\n\
        a.example.net TXT \"v=spf1 a:1.example.net a:1.example.net a:1.example.net a:1.example.net a:1.example.net -all\"\n\
        b.example.net TXT \"v=spf1 a:1.example.net a:1.example.net a:1.example.net a:1.example.net -all\"\n\
        1.example.net A 192.0.2.1\n1.example.net AAAA 2001:db8::1\n";
    for (zone, findings) in [
        (
            "example.com TXT \"v=spf1 mx a:gone.example.com -all\"",
            &[
                "warning mx-without-mx example.com 7..9 `mx`: the domain has no mail exchanger; remove the term, or name the hosts that send",
                "warning void-lookup example.com 10..28 `a:gone.example.com`: nothing is found there; remove the term, or correct the name",
            ][..],
        ),
        (
            "example.com TXT \"v=spf1 include:none.example.net -all\"",
            &[
                "error include-without-record example.com 7..31 `include:none.example.net`: a permanent error: none.example.net has no SPF record; remove the term, correct the name, or write `a:` where the host itself sends",
            ],
        ),
        (
            "example.com TXT \"v=spf1 include:a.example.net -all\"\na.example.net TXT \"v=spf1 include:b.example.net -all\"\nb.example.net TXT \"v=spf1 x -all\"",
            &[
                "error include-broken a.example.net 7..28 `include:b.example.net`: syntax error at octet 7: `x` is not a mechanism; expected all, include, a, mx, ptr, ip4, ip6, exists, or a modifier `name=value`; remove the term until the owner of that domain has corrected the record",
            ],
        ),
        (
            "example.com TXT \"v=spf1 include:a.example.net -all\"\na.example.net TXT \"v=spf1 include:example.com -all\"",
            &[
                "error loop a.example.net 7..26 `include:example.com`: a permanent error: the record there leads back to itself; remove the term that does",
            ],
        ),
        (
            "example.com TXT \"v=spf1 a:broken.example.net -all\"\n;fault broken.example.net A servfail",
            &[
                "warning lookup-failed example.com 7..27 `a:broken.example.net`: a temporary error: lookup failed, broken.example.net. A: temporary failure; try again later; if it stays, remove the term",
            ],
        ),
        (
            many.as_str(),
            &[
                "error too-many-exchangers example.com 7..26 `mx:many.example.net`: a permanent error: 11 mail exchangers, and 10 are allowed; name their networks in place of `mx`",
            ],
        ),
        (
            deep,
            &[
                "error too-many-lookups example.com: with the records it includes, 11 terms cause lookups and 10 are allowed; remove terms, or flatten some; most are caused by `include:a.example.net` (6), `include:b.example.net` (5)",
            ],
        ),
        (
            "example.com TXT \"v=spf1 a:1.example.net a:2.example.net a:3.example.net ~all\"\n1.example.net A 192.0.2.1\n2.example.net A 192.0.2.2\n3.example.net A 192.0.2.3",
            &[
                "warning too-many-void-lookups example.com: in checks of IPv6 clients, 3 terms find nothing and 2 are allowed; remove terms for hosts that are gone, or name addresses in place of hosts",
            ],
        ),
        (
            "example.com TXT \"v=spf1 ip4:192.0.2.1 -all\"\nexample.com MX 10 mx.example.com\nmx.example.com A 192.0.2.1\nmx.example.com AAAA 2001:db8::1",
            &[
                "warning ip6-missing example.com: the mail exchanger mx.example.com. has the address 2001:db8::1, which does not pass; if it sends mail too, add `mx` or `ip6:2001:db8::1`",
            ],
        ),
        (
            "example.com TXT \"v=spf1 ip4:192.0.2.1 -all\"\nexample.com MX 10 mx.example.com\nmx.example.com A 192.0.2.9\nmx.example.com AAAA 2001:db8::1",
            &[
                "advice ip6-missing example.com: the mail exchanger mx.example.com. has the address 2001:db8::1, which does not pass; if it sends mail too, add `mx` or `ip6:2001:db8::1`",
            ],
        ),
        (
            "example.com TXT \"v=spf1 include:a.example.net -all\"\na.example.net TXT \"v=spf1 +all\"",
            &[
                "error plus-all example.com `include:a.example.net`: every IPv4 host on the internet may send for the domain; remove the term that passes them",
            ],
        ),
        (
            ";fault example.com TXT timeout",
            &[
                "warning lookup-failed example.com: lookup failed, example.com. TXT: temporary failure; try again when the DNS answers",
            ],
        ),
    ] {
        assert_eq!(published(zone, &[]), findings, "{zone}");
    }
}

#[test]
fn a_sender_that_an_included_record_passes_is_authorised() {
    let zone = "example.com TXT \"v=spf1 include:_spf.example.com -all\"\n_spf.example.com TXT \"v=spf1 include:amazonses.com ip4:192.0.2.0/24 mx -all\"\namazonses.com TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n_spf.example.com MX 10 mx.example.com\nmx.example.com A 192.0.2.77\n";
    for (wanted, is_there) in [
        ("include:amazonses.com", true),
        ("ip4:192.0.2.7", true),
        ("ip4:198.51.100.0/25", true),
        ("ip4:198.51.0.0/16", false),
        ("a:zgateway.zuora.com", false),
        // That of the included record is the exchanger of another domain.
        ("mx", false),
    ] {
        let findings = published(zone, &[wanted]);
        assert_eq!(findings.is_empty(), is_there, "{wanted}: {findings:#?}");
    }
}

#[test]
fn a_term_in_front_that_does_not_pass_a_wanted_sender_is_found() {
    for (zone, wanted, obstacle) in [
        (
            "example.com TXT \"v=spf1 -a:bad.example ip4:192.0.2.5 ~all\"\nbad.example A 192.0.2.5",
            "ip4:192.0.2.5",
            "-a:bad.example",
        ),
        (
            "example.com TXT \"v=spf1 -ip4:192.0.2.5 ip4:192.0.2.0/24 ~all\"",
            "ip4:192.0.2.0/24",
            "-ip4:192.0.2.5",
        ),
        (
            "example.com TXT \"v=spf1 -include:amazonses.com include:amazonses.com ~all\"\namazonses.com TXT \"v=spf1 ip4:198.51.100.0/24 -all\"",
            "include:amazonses.com",
            "-include:amazonses.com",
        ),
    ] {
        let findings = published(zone, &[wanted]);
        assert!(
            findings.iter().any(|finding| finding.starts_with(&format!(
                "error not-authorised example.com `{wanted}`: `{obstacle}` stands in front"
            ))),
            "{findings:#?}"
        );
    }
    // What passes it stands in front of what would not.
    let fine = "example.com TXT \"v=spf1 ip4:192.0.2.1 -ip4:192.0.2.0/24 ~all\"";
    assert!(published(fine, &["ip4:192.0.2.1"]).is_empty());
    assert_eq!(
        lint(
            &[text("v=spf1 ip4:192.0.2.1 -ip4:192.0.2.0/24 ~all")],
            &directives(&["ip4:192.0.2.1"])
        ),
        []
    );
    let everyone = lint(&[text("v=spf1 +all")], &directives(&["ip4:192.0.2.1"]));
    assert_eq!(
        everyone
            .iter()
            .map(|finding| finding.code)
            .collect::<Vec<_>>(),
        [Code::PlusAll]
    );
}

#[test]
fn no_remedy_leads_beyond_the_limits() {
    let hosts: String = (0..9).map(|host| format!(" a:h{host}.example")).collect();
    let addresses: String = (0..9)
        .map(|host| {
            format!("h{host}.example A 192.0.2.{host}\nh{host}.example AAAA 2001:db8::{host}\n")
        })
        .collect();
    let zone = format!(
        "example.com TXT \"v=spf1 include:x.example -all\"\nx.example TXT \"v=spf1{hosts} -all\"\n{addresses}new.example TXT \"v=spf1 ip4:203.0.113.1 -all\"\n"
    );
    assert_eq!(published(&zone, &[]), [] as [String; 0]);
    assert_eq!(
        published(&zone, &["include:new.example"]),
        [
            "error not-authorised example.com `include:new.example`: the record does not pass it; remove or flatten other terms first: with what is missing, 11 terms would cause lookups and 10 are allowed"
        ]
    );
}

#[test]
fn a_flattened_sender_is_authorised_by_its_addresses() {
    let zone = "example.com TXT \"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/64 -all\"\nh.example A 192.0.2.9\nh.example AAAA 2001:db8::9\np.example TXT \"v=spf1 ip4:192.0.2.128/25 -all\"";
    assert_eq!(
        published(zone, &["a:h.example", "include:p.example"]),
        [] as [String; 0]
    );
    assert_eq!(published(zone, &["include:q.example"]).len(), 1);
}

#[test]
fn records_in_place_of_the_domains_own_are_linted_too() {
    for (record, code) in [
        ("v=spf1 ip4:192.0.2.0/24", "no-all"),
        ("v=spf1 ip4:192.0.2.1 ?all", "neutral-all"),
        ("v=spf1 ptr -all", "ptr"),
        ("v=spf1 ip4:10.0.0.1 -all", "private-network"),
    ] {
        let findings = published(
            &format!(
                "example.com TXT \"v=spf1 redirect=_spf.example.com\"\n_spf.example.com TXT \"{record}\""
            ),
            &[],
        );
        assert!(
            findings
                .iter()
                .any(|finding| finding.contains(&format!(" {code} _spf.example.com "))),
            "{findings:#?}"
        );
    }
}

#[test]
fn terms_that_pass_nobody_or_hardly_anybody_are_found() {
    for (zone, finding) in [
        (
            "example.com TXT \"v=spf1 include:x.example -all\"\nx.example TXT \"v=spf1 -all\"",
            "void-lookup",
        ),
        (
            "example.com TXT \"v=spf1 include:x.example -all\"\nx.example TXT \"v=spf1 ip6:::/0 -all\"",
            "plus-all",
        ),
        (
            "example.com TXT \"v=spf1 mx -all\"\nexample.com MX 1 m.example\nexample.com MX 2 gone.example\nm.example A 192.0.2.1\nm.example AAAA 2001:db8::1",
            "void-lookup",
        ),
        (
            "example.com TXT \"v=spf1 include:x.example -all\"\nx.example TXT \"v=spf1 ip4:64.0.0.0/8 ip4:65.0.0.0/8 -all\"",
            "wide-network",
        ),
    ] {
        let findings = published(zone, &[]);
        assert!(
            findings.len() == 1 && findings[0].contains(finding),
            "{zone}: {findings:#?}"
        );
    }
}

#[test]
fn an_explanation_that_leads_nowhere_is_told() {
    let problem = |problem: &str| {
        format!(
            "warning explanation example.com 12..31 `exp=why.example.com`: checks leave the explanation out: {problem}; \
             publish one TXT record there with the text, or remove `exp`"
        )
    };
    for (why, findings) in [
        ("why.example.com TXT \"%{i} may not send for %{d}\"", vec![]),
        ("", vec![problem("the lookup failed: no such name")]),
        (
            "why.example.com A 192.0.2.1",
            vec![problem("there are 0 TXT records, and there must be one")],
        ),
        (
            "why.example.com TXT a\nwhy.example.com TXT b",
            vec![problem("there are 2 TXT records, and there must be one")],
        ),
        (
            "why.example.com TXT \"50 % of it\"",
            vec![String::from(
                "warning explanation example.com 12..31 `exp=why.example.com`: checks leave the explanation out: \
                 the text is not valid; write printable ASCII there, with `%%` for a percent sign",
            )],
        ),
        (
            ";fault why.example.com TXT servfail",
            vec![String::from(
                "warning lookup-failed example.com 12..31 `exp=why.example.com`: checks leave the explanation out: \
                 the lookup failed: temporary failure; try again when the DNS answers",
            )],
        ),
    ] {
        let zone = format!("example.com TXT \"v=spf1 -all exp=why.example.com\"\n{why}");
        assert_eq!(published(&zone, &[]), findings, "{why}");
    }
    // One that depends on the sender is not looked at, and that of an included record is never used.
    for quiet in [
        "example.com TXT \"v=spf1 -all exp=%{l}.example.com\"",
        "example.com TXT \"v=spf1 include:a.example.net -all\"\na.example.net TXT \"v=spf1 ip4:192.0.2.1 -all exp=gone.example.com\"",
    ] {
        assert_eq!(published(quiet, &[]), Vec::<String>::new(), "{quiet}");
    }
    let redirected = "example.com TXT \"v=spf1 redirect=a.example.net\"\na.example.net TXT \"v=spf1 -all exp=gone.example.com\"";
    assert_eq!(published(redirected, &[]).len(), 1);
}
