//! The same records and evidence given to mail-auth, which implements RFC 9989 as well: where the two disagree, a section of
//! the RFC must say who is right.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

use letterhead_dmarc::{
    Applicability, DkimEvidence, DmarcResult, EvidenceResult, Origin, Record, SpfEvidence, Verdict,
    evaluate,
};
use letterhead_dns::{DomainName, Zone, block_on_ready};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::dkim::Signature;
use mail_auth::dmarc::Dmarc;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DnsError, DnssecStatus, Error, MX, MessageAuthenticator,
    Parameters, RecordSet, ResolverCache, SpfOutput, SpfResult, Txt,
};
use proptest::prelude::{Just, Strategy, prop_oneof, proptest};
use proptest::{collection, option, prop_assert_eq, sample};

/// Answers every question, so that nothing is ever asked of a real resolver. It can say that a name has an address, and not
/// that it does not exist: every author domain here exists.
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

fn always<K, V>(value: V) -> Answers<K, V> {
    Answers {
        known: HashMap::new(),
        unknown: value,
    }
}

fn set<T>(values: Vec<T>) -> RecordSet<T> {
    RecordSet {
        rrset: values.into(),
        dnssec_status: DnssecStatus::Indeterminate,
    }
}

/// What stands at `_dmarc` below a domain.
#[derive(Debug, Clone)]
enum Published {
    Record(String),
    Fault,
}

type Policies = BTreeMap<&'static str, Published>;

#[derive(Debug, Clone)]
struct Claim {
    domain: &'static str,
    result: EvidenceResult,
}

/// Result and requested policy, as both would write them.
fn ours(author: &str, policies: &Policies, spf: &Claim, dkim: &[Claim]) -> Verdict {
    let mut zone = String::new();
    for (domain, published) in policies {
        match published {
            Published::Record(record) => zone += &format!("_dmarc.{domain}. TXT \"{record}\"\n"),
            Published::Fault => zone += &format!(";fault _dmarc.{domain}. TXT servfail\n"),
        }
    }
    zone += &format!("{author}. A 192.0.2.1\n");
    let zone: Zone = zone.parse().expect("a zone");
    let author: DomainName = author.parse().expect("a domain");
    let domain = |claim: &Claim| claim.domain.parse::<DomainName>().expect("a domain");
    let spf = SpfEvidence::assertion(domain(spf), spf.result, Origin::Verifier);
    let dkim: Vec<DkimEvidence> = dkim
        .iter()
        .map(|claim| DkimEvidence::assertion(domain(claim), "s", claim.result, Origin::Verifier))
        .collect();
    block_on_ready(evaluate(&author, Some(&spf), &dkim, &zone)).expect("a zone never waits")
}

fn theirs(
    author: &str,
    policies: &Policies,
    spf: &Claim,
    dkim: &[Claim],
) -> (&'static str, Option<String>) {
    let fault = || Error::Dns(DnsError::Resolver(String::from("SERVFAIL")));
    let txt = Answers {
        known: policies
            .iter()
            .map(|(domain, published)| {
                let value = match published {
                    Published::Record(record) => Dmarc::parse(record.as_bytes())
                        .map_or_else(Txt::Error, |record| Txt::Dmarc(Arc::new(record))),
                    Published::Fault => Txt::Error(fault()),
                };
                (format!("_dmarc.{domain}.").into_boxed_str(), value)
            })
            .collect(),
        unknown: Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain))),
    };
    let mx = always::<Box<str>, _>(set::<MX>(vec![]));
    let ptr = always::<IpAddr, _>(set::<Box<str>>(vec![]));
    let ipv4 = always::<Box<str>, _>(set(vec![Ipv4Addr::new(192, 0, 2, 1)]));
    let ipv6 = always::<Box<str>, _>(set::<Ipv6Addr>(vec![]));
    let text = format!("From: ada@{author}\r\n\r\n");
    let message = AuthenticatedMessage::parse(text.as_bytes()).expect("a message");
    let signatures: Vec<Signature> = dkim
        .iter()
        .map(|claim| Signature {
            d: claim.domain.to_owned(),
            ..Signature::default()
        })
        .collect();
    let dkim: Vec<DkimOutput<'_>> = dkim
        .iter()
        .zip(&signatures)
        .map(|(claim, signature)| {
            let output = match claim.result {
                EvidenceResult::Pass => DkimOutput::pass(),
                EvidenceResult::TempError => DkimOutput::temp_err(fault()),
                EvidenceResult::PermError => DkimOutput::perm_err(Error::ParseError),
                EvidenceResult::Fail | EvidenceResult::None => DkimOutput::fail(Error::ParseError),
            };
            output.with_signature(signature)
        })
        .collect();
    let output = SpfOutput::new(spf.domain.to_owned()).with_result(match spf.result {
        EvidenceResult::Pass => SpfResult::Pass,
        EvidenceResult::Fail => SpfResult::SoftFail,
        EvidenceResult::TempError => SpfResult::TempError,
        EvidenceResult::PermError => SpfResult::PermError,
        EvidenceResult::None => SpfResult::None,
    });
    let parameters = Parameters::new(DmarcParameters::new(&message, &dkim, spf.domain, &output))
        .with_txt_cache(&txt)
        .with_mx_cache(&mx)
        .with_ptr_cache(&ptr)
        .with_ipv4_cache(&ipv4)
        .with_ipv6_cache(&ipv6);
    let authenticator = MessageAuthenticator::new_cloudflare().expect("no lookup is made");
    let verdict =
        block_on_ready(authenticator.verify_dmarc(parameters)).expect("every answer is there");
    let result = match verdict.result() {
        mail_auth::DmarcResult::Pass => "pass",
        mail_auth::DmarcResult::Fail(_) => "fail",
        mail_auth::DmarcResult::TempError(_) => "temperror",
        mail_auth::DmarcResult::PermError(_) => "permerror",
        mail_auth::DmarcResult::None => "none",
    };
    let policy = verdict.dmarc_record().map(|_| verdict.policy().to_string());
    (result, policy)
}

/// Where the two are known to differ, and the section that decides.
fn is_known(author: &str, policies: &Policies, verdict: &Verdict) -> bool {
    // §4.10: a walk ends at the top label, and §4.10.1 begins with the author domain whatever it is; the other side takes no
    // author domain of one label.
    if !author.contains('.') {
        return true;
    }
    // §4.7: without p a record is one with p=none, and its sp and np count; the other side handles it as one whose p is
    // no policy.
    let has_no_policy = verdict.record().is_some_and(|record| {
        record.policy().is_none() && record.applicability() == Applicability::Applies
    });
    // §4.8: what is wrong behind the version is ignored; the other side takes no record with an invalid value.
    let is_broken = policies.values().any(|published| match published {
        Published::Record(record) => record
            .parse::<Record>()
            .is_ok_and(|record| !record.notes().is_empty()),
        Published::Fault => false,
    });
    // §4.10.1: a record at the author domain applies, and §4.10.2 walks only where alignment needs it; the other side walks
    // first, so that a failing lookup further up decides.
    let fails_above = policies.iter().any(|(domain, published)| {
        matches!(published, Published::Fault) && author.ends_with(&format!(".{domain}"))
    });
    has_no_policy || is_broken || (fails_above && policies.contains_key(author))
}

const DOMAINS: &[&str] = &[
    "test",
    "co.test",
    "a.co.test",
    "b.a.co.test",
    "c.b.a.co.test",
    "d.a.co.test",
    "e.co.test",
    "7.6.5.4.a.co.test",
    "9.8.7.6.5.4.a.co.test",
    "6.5.4.a.co.test",
    "example",
    "a.example",
];

fn record() -> impl Strategy<Value = String> {
    let policy = || sample::select(vec!["none", "quarantine", "reject"]);
    let psd = prop_oneof![4 => Just(""), 1 => Just("; psd=n"), 1 => Just("; psd=y"), 1 => Just("; psd=u")];
    let other = sample::select(vec![
        "",
        "",
        "; t=y",
        "; t=n",
        "; adkim=s",
        "; aspf=s; adkim=r",
        "; zz=1",
        "; fo=1",
    ]);
    let rua = sample::select(vec![
        "",
        "; rua=mailto:x@a.test",
        "; rua=mailto:x@a.test!10m",
    ]);
    (
        option::weighted(0.9, policy()),
        option::of(policy()),
        option::of(policy()),
        psd,
        other,
        rua,
    )
        .prop_map(|(p, sp, np, psd, other, rua)| {
            let mut record = String::from("v=DMARC1");
            for (name, value) in [("p", p), ("sp", sp), ("np", np)] {
                if let Some(value) = value {
                    record += &format!("; {name}={value}");
                }
            }
            record + psd + other + rua
        })
}

fn policies() -> impl Strategy<Value = Policies> {
    let published = prop_oneof![
        12 => record().prop_map(Published::Record),
        1 => sample::select(vec!["v=DMARC2; p=reject", "v=spf1 -all", "p=none; v=DMARC1"])
            .prop_map(|text| Published::Record(text.to_owned())),
        1 => Just(Published::Fault),
    ];
    collection::btree_map(sample::select(DOMAINS), published, 0..6)
}

fn claim() -> impl Strategy<Value = Claim> {
    let results = sample::select(vec![
        EvidenceResult::Pass,
        EvidenceResult::Pass,
        EvidenceResult::Fail,
        EvidenceResult::TempError,
        EvidenceResult::PermError,
    ]);
    (sample::select(DOMAINS), results).prop_map(|(domain, result)| Claim { domain, result })
}

fn asked(verdict: &Verdict) -> Option<String> {
    match verdict.result() {
        DmarcResult::None => None,
        _ => verdict.requested_policy().map(|policy| policy.to_string()),
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(2_000))]
    #[test]
    fn both_come_to_the_same_result(
        author in sample::select(DOMAINS),
        policies in policies(),
        spf in claim(),
        dkim in collection::vec(claim(), 0..3),
    ) {
        let verdict = ours(author, &policies, &spf, &dkim);
        if !is_known(author, &policies, &verdict) {
            let own = (verdict.result().to_string(), asked(&verdict));
            let (result, policy) = theirs(author, &policies, &spf, &dkim);
            prop_assert_eq!((result.to_owned(), policy), own, "{}", verdict);
        }
    }
}

#[test]
fn the_known_disagreements_are_still_there() {
    let nobody = Claim {
        domain: "other.example",
        result: EvidenceResult::Pass,
    };
    for (author, at, record, own, other) in [
        // §4.7: the case of the version
        (
            "a.test",
            "a.test",
            "v=dmarc1; p=reject",
            ("none", None),
            ("fail", Some("reject")),
        ),
        // §4.10.1: any author domain
        (
            "test",
            "test",
            "v=DMARC1; p=reject",
            ("fail", Some("reject")),
            ("none", None),
        ),
        // §4.7: without p
        (
            "a.test",
            "a.test",
            "v=DMARC1",
            ("fail", Some("none")),
            ("none", None),
        ),
        (
            "b.a.test",
            "a.test",
            "v=DMARC1; sp=reject; rua=mailto:x@a.test",
            ("fail", Some("reject")),
            ("fail", Some("none")),
        ),
        // §4.8: an invalid value of a tag without further meaning
        (
            "a.test",
            "a.test",
            "v=DMARC1; p=reject; adkim=x",
            ("fail", Some("reject")),
            ("permerror", None),
        ),
        // §4.10.1: an invalid policy
        (
            "a.test",
            "a.test",
            "v=DMARC1; p=x; rua=mailto:x@a.test",
            ("fail", Some("none")),
            ("permerror", None),
        ),
        (
            "a.test",
            "a.test",
            "v=DMARC1; p=x",
            ("none", None),
            ("permerror", None),
        ),
    ] {
        let policies = Policies::from([(at, Published::Record(record.to_owned()))]);
        let verdict = ours(author, &policies, &nobody, &[]);
        let found = (verdict.result().to_string(), asked(&verdict));
        assert_eq!(
            found,
            (own.0.to_owned(), own.1.map(str::to_owned)),
            "{record}"
        );
        let found = theirs(author, &policies, &nobody, &[]);
        assert_eq!(found, (other.0, other.1.map(str::to_owned)), "{record}");
    }
}
