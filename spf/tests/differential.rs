//! The same records and answers given to mail-auth: where the two disagree, a section of the RFC must say who is right.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

use letterhead_dns::{Zone, block_on_ready};
use letterhead_spf::check::reason::Reason;
use letterhead_spf::record::parse_error::ParseErrorKind;
use letterhead_spf::{Limits, Query, SpfResult, Verdict, check_host};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::spf::Spf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    DnsError, DnssecStatus, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt,
};
use proptest::prelude::{Strategy, prop_oneof, proptest};
use proptest::{collection, prop_assert_eq, sample};

/// Answers every question, so that nothing is ever asked of a real resolver. It can give an empty answer but no error,
/// and the other side takes an empty answer to `exists` for a match, so no `exists` here is void.
struct Answers<K, V> {
    known: HashMap<K, V>,
    unknown: V,
}

impl<K: Hash + Eq, V: Clone> ResolverCache<K, V> for Answers<K, V> {
    fn get<Q>(&self, name: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(self.known.get(name).unwrap_or(&self.unknown).clone())
    }

    fn remove<Q>(&self, _: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: K, _: V, _: Instant) {}
}

fn set<T>(values: Vec<T>) -> RecordSet<T> {
    RecordSet {
        rrset: values.into(),
        dnssec_status: DnssecStatus::Indeterminate,
    }
}

/// Hosts `h0.example` to `h3.example` have one address of each family; `m.example` has two of them as exchangers;
/// 192.0.2.1 points back to `h1.example`; names like 192.0.2.1.e.example exist.
const FIXED: &str = "
h0.example A 192.0.2.0
h1.example A 192.0.2.1
h2.example A 192.0.2.2
h3.example A 198.51.100.3
h0.example AAAA 2001:db8::
h1.example AAAA 2001:db8::1
h2.example AAAA 2001:db8::2
h3.example AAAA 2001:db8:1::3
m.example MX 10 h2.example
m.example MX 20 h3.example
192.0.2.1.e.example A 127.0.0.2
1.2.0.192.in-addr.arpa PTR h1.example
";

fn theirs(client: IpAddr, sender: &str, records: &[String]) -> &'static str {
    let fixed = |index: u8| format!("h{index}.example.").into_boxed_str();
    let missing = || {
        Txt::Error(mail_auth::Error::Dns(DnsError::RecordNotFound(
            ResponseCode::NXDomain,
        )))
    };
    let txt = Answers {
        known: records
            .iter()
            .enumerate()
            .map(|(index, record)| {
                let parsed = Spf::parse(record.as_bytes());
                let value = parsed.map_or_else(Txt::Error, |spf| Txt::Spf(Arc::new(spf)));
                (format!("d{index}.example.").into_boxed_str(), value)
            })
            .collect(),
        unknown: missing(),
    };
    let octets = [
        [192, 0, 2, 0],
        [192, 0, 2, 1],
        [192, 0, 2, 2],
        [198, 51, 100, 3],
    ];
    let mut ipv4: HashMap<Box<str>, RecordSet<Ipv4Addr>> = (0..)
        .map(fixed)
        .zip(octets.map(|ip| set(vec![ip.into()])))
        .collect();
    ipv4.insert(
        "192.0.2.1.e.example.".into(),
        set(vec![Ipv4Addr::new(127, 0, 0, 2)]),
    );
    let long = ["2001:db8::", "2001:db8::1", "2001:db8::2", "2001:db8:1::3"];
    let ipv6 = (0..)
        .map(fixed)
        .zip(long.map(|ip| set(vec![ip.parse::<Ipv6Addr>().expect("an address")])))
        .collect();
    let exchanges = |index| MX {
        exchanges: Box::new([fixed(index)]),
        preference: 10,
    };
    let mx = HashMap::from([("m.example.".into(), set(vec![exchanges(2), exchanges(3)]))]);
    let ptr = HashMap::from([(IpAddr::from([192, 0, 2, 1]), set(vec!["h1.example".into()]))]);
    let (ipv4, ipv6) = (
        Answers {
            known: ipv4,
            unknown: set(vec![]),
        },
        Answers {
            known: ipv6,
            unknown: set(vec![]),
        },
    );
    let (mx, ptr) = (
        Answers {
            known: mx,
            unknown: set(vec![]),
        },
        Answers {
            known: ptr,
            unknown: set(vec![]),
        },
    );
    let parameters =
        SpfParameters::verify_mail_from(client, "mail.example.net", "rx.example.net", sender);
    let parameters = Parameters::new(parameters)
        .with_txt_cache(&txt)
        .with_mx_cache(&mx)
        .with_ptr_cache(&ptr)
        .with_ipv4_cache(&ipv4)
        .with_ipv6_cache(&ipv6);
    let authenticator = MessageAuthenticator::new_cloudflare().expect("no lookup is made");
    let output =
        block_on_ready(authenticator.check_host(parameters)).expect("every answer is there");
    match output.result() {
        mail_auth::SpfResult::Pass => "pass",
        mail_auth::SpfResult::Fail => "fail",
        mail_auth::SpfResult::SoftFail => "softfail",
        mail_auth::SpfResult::Neutral => "neutral",
        mail_auth::SpfResult::TempError => "temperror",
        mail_auth::SpfResult::PermError => "permerror",
        mail_auth::SpfResult::None => "none",
    }
}

fn ours(client: IpAddr, sender: &str, records: &[String]) -> Verdict {
    let mut zone = String::from(FIXED);
    for (index, record) in records.iter().enumerate() {
        zone.push_str(&format!("d{index}.example TXT \"{record}\"\n"));
    }
    let zone: Zone = zone.parse().expect("a zone");
    let query = Query::mail_from(client, sender, "mail.example.net");
    block_on_ready(check_host(&query, &zone, &Limits::default())).expect("a zone never waits")
}

/// Where the two are known to differ, and the section that decides.
fn is_known(verdict: &Verdict) -> bool {
    match &verdict.decided_by().reason {
        // §4.6.4: more than two void lookups are a permerror; the other side has no such limit.
        Reason::TooManyVoidLookups { .. } => true,
        // §7.1: a domain-spec ends in a macro, or in a dot and a top label; the other side takes a lone label.
        Reason::Syntax(error) => *error.kind() == ParseErrorKind::DomainEnd,
        _ => false,
    }
}

/// Terms that both can be asked about. An `include` has no qualifier here: §5.2 makes the qualifier of the include that
/// matched the result, and the other side takes that of the innermost one where includes nest.
fn term() -> impl Strategy<Value = String> {
    let mechanism = sample::select(vec![
        "all",
        "a:h0.example",
        "a:h1.example/24",
        "a:h2.example//64",
        "a:h3.example/16//32",
        "a:none.example",
        "mx:m.example",
        "mx:m.example/31//127",
        "ip4:192.0.2.0/31",
        "ip4:198.51.100.3",
        "ip4:0.0.0.0/0",
        "ip6:2001:db8::/64",
        "ip6:2001:db8::1",
        "exists:h1.example",
        "a:%{i}.e.example/0",
        "a:%{d}",
        "a:%{l}.%{d1}",
        "ptr:h1.example",
        "ip4:1.2.3",
        "a:com",
    ]);
    let directive = (sample::select(vec!["", "", "-", "~", "?"]), mechanism)
        .prop_map(|(qualifier, mechanism)| format!("{qualifier}{mechanism}"));
    let include = sample::select(vec![
        "include:d1.example",
        "include:d2.example",
        "include:d3.example",
        "include:%{l}.example",
    ]);
    let modifier = sample::select(vec![
        "redirect=d2.example",
        "redirect=d3.example",
        "redirect=none.example",
        "x=%{d}",
    ]);
    prop_oneof![
        8 => directive,
        2 => include.prop_map(str::to_owned),
        1 => modifier.prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn both_come_to_the_same_result(
        records in collection::vec(collection::vec(term(), 0..5), 4),
        client in sample::select(vec!["192.0.2.0", "192.0.2.1", "192.0.2.2", "198.51.100.3", "203.0.113.1", "2001:db8::1", "2001:db8:1::3", "2001:db8:2::1"]),
        local in sample::select(vec!["h1", "h3", "d1", "ada"]),
    ) {
        let records: Vec<String> = records.iter().map(|terms| {
            let mut record = String::from("v=spf1");
            for term in terms {
                record.push(' ');
                record.push_str(term);
            }
            record
        }).collect();
        let client: IpAddr = client.parse().expect("an address");
        let sender = format!("{local}@d0.example");
        let verdict = ours(client, &sender, &records);
        if !is_known(&verdict) {
            prop_assert_eq!(theirs(client, &sender, &records), verdict.result.as_str(), "{:#?}\n{}", records, verdict.trace());
        }
    }
}

#[test]
fn the_known_disagreements_are_still_there() {
    let client = IpAddr::from([192, 0, 2, 1]);
    let nested = [
        "v=spf1 -include:d1.example",
        "v=spf1 include:d2.example",
        "v=spf1 +all",
    ];
    for (records, own, other) in [
        // §4.6.4
        (
            &["v=spf1 a:w.example a:x.example a:y.example +all"][..],
            SpfResult::PermError,
            "pass",
        ),
        // §7.1
        (&["v=spf1 a:com +all"], SpfResult::PermError, "pass"),
        // §5.2
        (&nested, SpfResult::Fail, "pass"),
    ] {
        let records: Vec<String> = records.iter().map(|record| (*record).to_owned()).collect();
        assert_eq!(ours(client, "ada@d0.example", &records).result, own);
        assert_eq!(theirs(client, "ada@d0.example", &records), other);
    }
}
