//! What is measured: the same records, answers and questions given to each implementation.

mod mail_auth_caches;

use std::hint::black_box;
use std::net::IpAddr;

use letterhead_dns::{Zone, block_on_ready};
use letterhead_spf::{Limits, Query, Record, check_host};
use mail_auth::MessageAuthenticator;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::spf::Spf;

use self::mail_auth_caches::{Fetched, Parsed, check};

#[path = "../../../benches/fixtures/spf.rs"]
mod fixture;

/// One piece of work, and who does it; the first is Letterhead.
pub struct Case {
    pub name: &'static str,
    pub subjects: Vec<Subject>,
}

pub struct Subject {
    pub name: &'static str,
    pub run: Box<dyn Fn()>,
}

impl Subject {
    fn new(name: &'static str, run: impl Fn() + 'static) -> Self {
        Self {
            name,
            run: Box::new(run),
        }
    }
}

/// All cases. It panics where the implementations do not come to the result that is written here.
pub fn cases() -> Vec<Case> {
    let hundred = fixture::hundred_networks();
    vec![
        parse("spf/parse/10 terms", fixture::TEN_TERMS),
        check_case(
            "spf/check_host/4 levels, 9 lookups",
            fixture::TREE,
            fixture::TREE_CLIENT,
            "pass",
        ),
        check_case(
            "spf/check_host/100 networks, then -all",
            &hundred,
            fixture::STRANGER,
            "fail",
        ),
    ]
}

fn parse(name: &'static str, text: &'static str) -> Case {
    let octets = text.as_bytes();
    assert_eq!(Record::try_from(octets).expect("valid").terms().len(), 10);
    assert!(Spf::parse(octets).is_ok());
    Case {
        name,
        subjects: vec![
            Subject::new("letterhead", || {
                black_box(Record::try_from(black_box(text.as_bytes()))).expect("valid");
            }),
            Subject::new("mail-auth", || {
                black_box(Spf::parse(black_box(text.as_bytes()))).expect("valid");
            }),
        ],
    }
}

fn check_case(name: &'static str, zone: &str, client: &str, result: &str) -> Case {
    let zone: Zone = zone.parse().expect("a zone");
    let client: IpAddr = client.parse().expect("an address");
    let (parsed, fetched) = (Parsed::of(&zone), Fetched::of(&zone));
    let authenticator = MessageAuthenticator::new_cloudflare().expect("no lookup is made");
    let again = MessageAuthenticator::new_cloudflare().expect("no lookup is made");

    let ours = move || {
        let query = Query::mail_from(black_box(client), fixture::SENDER, fixture::HELO);
        block_on_ready(check_host(&query, &zone, &Limits::default())).expect("a zone never waits")
    };
    let from_fetched = move || check(&authenticator, &fetched, black_box(client));
    let from_parsed = move || check(&again, &parsed, black_box(client));
    assert_eq!(ours().result.as_str(), result);
    assert_eq!(from_fetched(), result);
    assert_eq!(from_parsed(), result);
    Case {
        name,
        subjects: vec![
            Subject::new("letterhead", move || {
                let _ = black_box(ours());
            }),
            Subject::new("mail-auth, records parsed as fetched", move || {
                black_box(from_fetched());
            }),
            Subject::new("mail-auth, records parsed before", move || {
                black_box(from_parsed());
            }),
        ],
    }
}
