//! What is measured: the same records, answers and questions given to each implementation.

mod mail_auth_caches;

use std::future::ready;
use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use letterhead_dns::{
    Answer, BoxFuture, LookupError, Name, RecordType, Resolver, Zone, block_on_ready,
};
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
    let tree = [
        "spf/check_host/4 levels, 9 lookups; records read as fetched",
        "spf/check_host/4 levels, 9 lookups; records read before",
    ];
    let networks = [
        "spf/check_host/100 networks, then -all; record read as fetched",
        "spf/check_host/100 networks, then -all; record read before",
    ];
    let mut cases = vec![parse("spf/parse/10 terms", fixture::TEN_TERMS)];
    cases.extend(checks(tree, fixture::TREE, fixture::TREE_CLIENT, "pass"));
    cases.extend(checks(networks, &hundred, fixture::STRANGER, "fail"));
    cases
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

/// The check when records are read at each question, and when they are known from before.
fn checks(names: [&'static str; 2], zone: &str, client: &str, result: &str) -> [Case; 2] {
    let zone: Zone = zone.parse().expect("a zone");
    let client: IpAddr = client.parse().expect("an address");
    let (parsed, fetched) = (Parsed::of(&zone), Fetched::of(&zone));
    let authenticator = MessageAuthenticator::new_cloudflare().expect("no lookup is made");
    let again = MessageAuthenticator::new_cloudflare().expect("no lookup is made");
    let from_fetched = move || check(&authenticator, &fetched, black_box(client));
    let from_parsed = move || check(&again, &parsed, black_box(client));
    assert_eq!(from_fetched(), result);
    assert_eq!(from_parsed(), result);

    let [as_fetched, before] = names;
    let mut subjects_as_fetched = letterhead(Arc::new(Afresh(zone.clone())), client, result);
    subjects_as_fetched.push(Subject::new("mail-auth", move || {
        black_box(from_fetched());
    }));
    let mut subjects_before = letterhead(Arc::new(zone), client, result);
    subjects_before.push(Subject::new("mail-auth", move || {
        black_box(from_parsed());
    }));
    [
        Case {
            name: as_fetched,
            subjects: subjects_as_fetched,
        },
        Case {
            name: before,
            subjects: subjects_before,
        },
    ]
}

/// The check alone, and with the trace made afterwards.
fn letterhead(resolver: Arc<dyn Resolver>, client: IpAddr, result: &str) -> Vec<Subject> {
    let check = move || {
        let query = Query::mail_from(black_box(client), fixture::SENDER, fixture::HELO);
        let limits = Limits::default();
        block_on_ready(check_host(&query, &resolver, &limits)).expect("nothing waits")
    };
    assert_eq!(check().result.as_str(), result);
    let traced = check.clone();
    vec![
        Subject::new("letterhead", move || {
            let _ = black_box(check());
        }),
        Subject::new("letterhead, with its trace", move || {
            black_box(traced().trace());
        }),
    ]
}

/// A zone that forgets what was read from its texts, as if each had just been fetched.
#[derive(Debug)]
struct Afresh(Zone);

impl Resolver for Afresh {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        Box::pin(ready(self.0.answer(name, record_type).map(forgetting)))
    }

    fn lookup_now(
        &self,
        name: &Name,
        record_type: RecordType,
    ) -> Option<Result<Answer, LookupError>> {
        let answer = self.0.answer(name, record_type);
        Some(if record_type == RecordType::TXT {
            answer.map(forgetting)
        } else {
            answer
        })
    }
}

/// The same answer without what was read from it.
fn forgetting(answer: Answer) -> Answer {
    Answer::from_shared(answer.shared_records())
}
