//! What a verdict says besides its result, and how hostile input ends.

mod slow;

use std::net::IpAddr;

use letterhead_dns::{
    Answer, BoxFuture, LookupError, LookupErrorKind, Name, Record, RecordData, RecordType,
    Resolver, Txt, Zone, block_on_ready,
};
use letterhead_spf::check::reason::Reason;
use letterhead_spf::{Limits, Query, SpfResult, Verdict, check_host};
use proptest::prelude::{any, prop_assert, proptest};

use self::slow::agrees_with_waiting;

fn check(zone: &dyn Resolver, sender: &str, limits: &Limits) -> Verdict {
    let client: IpAddr = "192.0.2.1".parse().expect("an address");
    let query = Query::mail_from(client, sender, "mail.example.net");
    let verdict = block_on_ready(check_host(&query, zone, limits)).expect("nothing waits");
    agrees_with_waiting(&verdict, &query, zone, limits);
    verdict
}

fn zone(text: &str) -> Zone {
    text.parse().expect("a zone")
}

#[test]
fn the_trace_prints_as_a_tree() {
    let zone = zone(
        r#"
example.com TXT "v=spf1 mx include:%{d2}.example.net exists:gone.example.net -all"
example.com MX 10 mx.example.com
mx.example.com A 198.51.100.1
example.com.example.net TXT "v=spf1 ip6:2001:db8::1 ?ip4:192.0.2.0/24 -all"
"#,
    );
    let verdict = check(&zone, "ada@example.com", &Limits::default());
    assert_eq!(
        verdict.to_string(),
        "fail for mailfrom example.com: `-all` of example.com: matched (3 lookups, 1 void)"
    );
    assert_eq!(
        verdict.trace().to_string(),
        r#"example.com: fail, matched
  record "v=spf1 mx include:%{d2}.example.net exists:gone.example.net -all"
  mx: not matched, the client is not there [1 lookups, 0 void so far]
    example.com. MX: 10 mx.example.com.
    mx.example.com. A: 198.51.100.1
  include:%{d2}.example.net (example.com.example.net): not matched, the included record says neutral [2 lookups, 0 void so far]
    example.com.example.net: neutral, matched
      record "v=spf1 ip6:2001:db8::1 ?ip4:192.0.2.0/24 -all"
      ip6:2001:db8::1: not matched, the client's address is of the other family [2 lookups, 0 void so far]
      ?ip4:192.0.2.0/24: matched [2 lookups, 0 void so far]
  exists:gone.example.net (gone.example.net): not matched, nothing found [3 lookups, 1 void so far]
    gone.example.net. A: no such name
  -all: matched [3 lookups, 1 void so far]
"#
    );
}

#[test]
fn the_decision_names_the_record_and_term_at_fault() {
    let zone = zone(
        r#"
a.example TXT "v=spf1 include:b.example -all"
b.example TXT "v=spf1 redirect=c.example"
c.example TXT "v=spf1 a:ok.example ip4:192.0.2.0/33"
d.example TXT "v=spf1 include:e.example -all"
e.example TXT "v=spf1 mx:broken.example -all"
f.example TXT "v=spf1 redirect=g.example"
g.example TXT "v=spf1 -all"
h.example TXT "v=spf1 include:none.example -all"
i.example TXT "v=spf1 -all"
i.example TXT "v=spf1 +all"
;fault broken.example MX timeout
"#,
    );
    for (domain, result, decision) in [
        (
            "a.example",
            SpfResult::PermError,
            "c.example: syntax error at octet 33: expected a prefix length from 0 to 32 without leading zeros",
        ),
        (
            "d.example",
            SpfResult::TempError,
            "`mx:broken.example` of e.example: lookup failed, broken.example. MX: temporary failure",
        ),
        ("f.example", SpfResult::Fail, "`-all` of g.example: matched"),
        (
            "h.example",
            SpfResult::PermError,
            "`include:none.example` of h.example: none.example has no SPF record; remove the term or publish one there",
        ),
        (
            "i.example",
            SpfResult::PermError,
            "i.example: 2 SPF records; publish one",
        ),
        ("j.example", SpfResult::None, "j.example: no SPF record"),
        (
            "example",
            SpfResult::None,
            "example: not a domain to check, it has one label only",
        ),
    ] {
        let verdict = check(&zone, domain, &Limits::default());
        assert_eq!(verdict.result, result, "{domain}");
        assert_eq!(verdict.decided_by().to_string(), decision);
    }
}

#[test]
fn limits_are_the_callers_to_set() {
    let zone = zone(
        r#"
example.com TXT "v=spf1 a:x.example.net a:y.example.net mx:m.example.net ptr -all"
m.example.net MX 1 h.example.net
m.example.net MX 2 i.example.net
h.example.net A 198.51.100.1
i.example.net A 198.51.100.2
"#,
    );
    let limit = |limits: Limits| {
        check(&zone, "ada@example.com", &limits)
            .decided_by()
            .reason
            .clone()
    };
    let default = Limits::default();
    assert!(matches!(
        limit(default),
        Reason::TooManyVoidLookups { limit: 2 }
    ));
    assert!(matches!(
        limit(default.with_void_lookups(3)),
        Reason::Matched
    ));
    assert!(matches!(
        limit(default.with_void_lookups(0)),
        Reason::TooManyVoidLookups { limit: 0 }
    ));
    assert!(matches!(
        limit(default.with_lookups(2)),
        Reason::TooManyLookups { limit: 2 }
    ));
    assert!(matches!(
        limit(default.with_exchangers(1)),
        Reason::TooManyExchangers { found: 2, limit: 1 }
    ));
}

#[test]
fn nesting_is_bounded_whatever_the_limit_of_lookups() {
    let zone =
        zone(r#"*.example.com TXT "v=spf1 redirect=x.%{d1}.example.com include:x.example.com""#);
    let limits = Limits::default().with_lookups(1_000_000);
    let verdict = check(&zone, "a.example.com", &limits);
    assert_eq!(verdict.result, SpfResult::PermError);
    assert!(matches!(
        verdict.decided_by().reason,
        Reason::TooDeep { .. }
    ));
    assert!(verdict.trace().to_string().len() < 100_000);
}

#[test]
fn hostile_records_end_quickly() {
    let name: Name = "example.com".parse().expect("a name");
    let mut zone =
        zone("1.2.0.192.in-addr.arpa PTR host.example.com\nhost.example.com A 192.0.2.1\n");
    for (record, result) in [
        (
            format!("v=spf1{} -all", " ip4:198.51.100.1".repeat(3_700)),
            SpfResult::Fail,
        ),
        (
            format!("v=spf1{} -all", " a:%{p}.gone.example".repeat(3_000)),
            SpfResult::PermError,
        ),
        (
            format!(
                "v=spf1 exists:{}.x.example -all",
                "%{s}%{p}%{lr+}".repeat(4_500)
            ),
            SpfResult::Fail,
        ),
        (
            format!("v=spf1{} -all", " include:example.com".repeat(3_000)),
            SpfResult::PermError,
        ),
        (
            format!("v=spf1{} -all", " mx".repeat(20_000)),
            SpfResult::PermError,
        ),
        (
            format!("v=spf1 {}", "(".repeat(65_000)),
            SpfResult::PermError,
        ),
    ] {
        zone.remove(&name, RecordType::TXT);
        zone.insert(Record::new(
            name.clone(),
            60,
            RecordData::Txt(Txt::split(record.as_bytes())),
        ));
        let sender = format!("{}@example.com", "a+b.".repeat(20_000));
        let verdict = check(&zone, &sender, &Limits::default());
        assert_eq!(verdict.result, result, "{:.80}", record);
    }
}

/// As many waits as the limits allow, each of which evaluates from the start, with domains that take long to expand.
#[test]
fn a_hostile_record_whose_answers_wait_ends_quickly() {
    let mut zone = zone("why.example.com TXT \"%{p} is not the one\"\n");
    let add = |zone: &mut Zone, name: &str, data: RecordData| {
        zone.insert(Record::new(name.parse().expect("a name"), 60, data));
    };
    let name = |text: &str| text.parse::<Name>().expect("a name");
    let mut record = String::from("v=spf1 exp=why.example.com");
    record.push_str(&" ip4:198.51.100.1".repeat(2_000));
    for term in 0..10 {
        record.push_str(&format!(
            " mx:{}%{{l1r+}}.m{term}.example.com",
            "%{l1r+}".repeat(20)
        ));
        for host in 0..10 {
            let exchange = name(&format!("h{host}.m{term}.example.com"));
            let mx = RecordData::Mx {
                preference: host,
                exchange,
            };
            add(&mut zone, &format!("*.m{term}.example.com"), mx);
            let address = RecordData::A([198, 51, 100, 1].into());
            add(&mut zone, &format!("h{host}.m{term}.example.com"), address);
        }
    }
    for host in 0..10 {
        let pointer = RecordData::Ptr(name(&format!("p{host}.example.net")));
        add(&mut zone, "1.2.0.192.in-addr.arpa", pointer);
    }
    record.push_str(" -all");
    add(
        &mut zone,
        "example.com",
        RecordData::Txt(Txt::split(record.as_bytes())),
    );

    let sender = format!("{}@example.com", "a+b.".repeat(500));
    let verdict = check(&zone, &sender, &Limits::default());
    assert_eq!(verdict.result, SpfResult::Fail);
    assert_eq!(
        verdict.explanation.as_deref(),
        Some("unknown is not the one")
    );
    let lookups = verdict
        .trace()
        .steps()
        .iter()
        .map(|step| step.lookups().len());
    assert_eq!(lookups.sum::<usize>(), 10 * 11 + 1 + 1 + 10);
}

#[test]
fn explanations_are_printable_ascii_of_bounded_length() {
    let zone = zone(
        r#"
example.com TXT "v=spf1 exp=why.example.com -all"
why.example.com TXT "%{l}"
"#,
    );
    let limits = Limits::default();
    let explain = |local: &str| check(&zone, &format!("{local}@example.com"), &limits).explanation;
    assert_eq!(explain("ada").as_deref(), Some("ada"));
    assert_eq!(explain("a\r\nQUIT"), None);
    assert_eq!(explain("b\u{fc}cher"), None);
    assert_eq!(explain(&"a".repeat(5_000)), None);
}

#[test]
fn an_explanation_that_wants_the_time_needs_it() {
    let zone = zone(
        "example.com TXT \"v=spf1 exp=why.example.com -all\"\nwhy.example.com TXT \"at %{t}\"\n",
    );
    let verdict = check(&zone, "ada@example.com", &Limits::default());
    assert_eq!(
        (verdict.result, &verdict.explanation),
        (SpfResult::Fail, &None)
    );
    assert!(
        verdict
            .trace()
            .to_string()
            .contains("the text needs the time")
    );
}

/// Answers everything with garbage.
#[derive(Debug)]
struct Broken;

impl Resolver for Broken {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        let error = LookupError::new(name.clone(), record_type, LookupErrorKind::Malformed);
        Box::pin(async { Err(error) })
    }
}

#[test]
fn a_check_may_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let query = Query::helo(IpAddr::from([192, 0, 2, 1]), "mail.example.com");
    let limits = Limits::default();
    is_send(&check_host(&query, &Broken, &limits));
}

#[test]
fn a_malformed_answer_is_temperror() {
    let verdict = check(&Broken, "ada@example.com", &Limits::default());
    assert_eq!(verdict.result, SpfResult::TempError);
    assert!(
        matches!(&verdict.decided_by().reason, Reason::Lookup(error) if error.kind() == LookupErrorKind::Malformed)
    );
}

proptest! {
    #[test]
    fn whatever_a_sender_says_ends_within_the_limits(local in any::<String>(), helo in any::<String>(), host in any::<String>()) {
        let zone = zone(r#"
*.example TXT "v=spf1 exists:%{lr-}.%{h2}.%{S}.x.example a:%{l1r+}.%{o} include:%{h}.example exp=%{L}.example -all"
"#);
        let client = IpAddr::from([192, 0, 2, 1]);
        for query in [
            Query::mail_from(client, &format!("{local}@a.example"), &helo),
            Query::mail_from(client, &format!("{local}@{host}.example"), &helo),
            Query::mail_from(client, &local, &helo),
            Query::helo(client, &helo),
        ] {
            let limits = Limits::default();
            let verdict = block_on_ready(check_host(&query, &zone, &limits)).expect("a zone never waits");
            agrees_with_waiting(&verdict, &query, &zone, &limits);
            prop_assert!(verdict.lookups <= 11 && verdict.void_lookups <= 3);
            prop_assert!(verdict.explanation.is_none_or(|text| text.bytes().all(|octet| (b' '..=b'~').contains(&octet))));
        }
    }
}

#[test]
fn the_policy_of_another_domain_sees_the_sender_as_it_is() {
    let zone = zone(
        r#"
policy.example TXT "v=spf1 exists:%{l}.%{o}.%{d}.example.net -all"
ada.example.com.policy.example.example.net A 127.0.0.2
"#,
    );
    let client: IpAddr = "192.0.2.1".parse().expect("an address");
    let query = Query::mail_from(client, "ada@example.com", "mail.example.net");
    let limits = Limits::default();
    let result = |query: &Query| {
        block_on_ready(check_host(query, &zone, &limits))
            .expect("nothing waits")
            .result
    };
    assert_eq!(result(&query), SpfResult::None);
    assert_eq!(
        result(&query.with_domain("policy.example")),
        SpfResult::Pass
    );
}

#[test]
fn a_reverse_path_may_keep_its_angle_brackets() {
    let zone = zone("example.com TXT \"v=spf1 +all\"");
    let limits = Limits::default();
    assert_eq!(
        check(&zone, "<ada@example.com>", &limits).result,
        SpfResult::Pass
    );
    assert_eq!(
        check(&zone, "<ada@example.com", &limits).result,
        SpfResult::Pass
    );
    assert_eq!(
        check(&zone, "ada@example.com>", &limits).result,
        SpfResult::None
    );
}
