//! Properties of records and of the tree walk.

use std::sync::Mutex;

use letterhead_dmarc::{
    AlignmentMode, DmarcResult, FailureOption, FailureOptions, Policy, PublicSuffix, Record,
    ReportUri, TestMode, discover, evaluate, organizational_domain,
};
use letterhead_dns::{
    Answer, BoxFuture, DomainName, LookupError, LookupErrorKind, Name, RecordData, RecordType,
    Resolver, Txt, block_on_ready,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        Just(Policy::None),
        Just(Policy::Quarantine),
        Just(Policy::Reject)
    ]
}

fn mode() -> impl Strategy<Value = AlignmentMode> {
    prop_oneof![Just(AlignmentMode::Relaxed), Just(AlignmentMode::Strict)]
}

fn uri() -> impl Strategy<Value = ReportUri> {
    "[^\\p{C}]{1,12}".prop_map(|local_part| {
        ReportUri::mailto(&local_part, &"example.org".parse().unwrap()).unwrap()
    })
}

fn built_record() -> impl Strategy<Value = Record> {
    let suffix = prop_oneof![
        Just(PublicSuffix::Yes),
        Just(PublicSuffix::No),
        Just(PublicSuffix::Unspecified)
    ];
    let test_mode = prop_oneof![Just(TestMode::On), Just(TestMode::Off)];
    let options = prop_oneof![
        Just(vec![FailureOption::AllFail]),
        Just(vec![FailureOption::AnyFails, FailureOption::SpfFails]),
        Just(vec![FailureOption::DkimFails]),
    ];
    let policies = (policy(), option::of(policy()), option::of(policy()));
    let flags = (option::of(suffix), option::of(test_mode));
    let modes = (option::of(mode()), option::of(mode()));
    let reports = (vec(uri(), 0..3), vec(uri(), 0..3), option::of(options));
    (policies, flags, modes, reports).prop_map(
        |((p, sp, np), (psd, t), (adkim, aspf), (rua, ruf, fo))| {
            let mut builder = Record::builder(p);
            if let Some(sp) = sp {
                builder = builder.subdomain_policy(sp);
            }
            if let Some(np) = np {
                builder = builder.nonexistent_subdomain_policy(np);
            }
            if let Some(psd) = psd {
                builder = builder.public_suffix(psd);
            }
            if let Some(t) = t {
                builder = builder.test_mode(t);
            }
            if let Some(adkim) = adkim {
                builder = builder.dkim_alignment(adkim);
            }
            if let Some(aspf) = aspf {
                builder = builder.spf_alignment(aspf);
            }
            for uri in rua {
                builder = builder.aggregate_reports_to(uri);
            }
            for uri in ruf {
                builder = builder.failure_reports_to(uri);
            }
            if let Some(fo) = fo {
                builder = builder.failure_options(FailureOptions::new(fo).unwrap());
            }
            builder.build()
        },
    )
}

/// Octets that are likely to get past the version.
fn record_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        vec(any::<u8>(), 0..12),
        "(p|sp|np|psd|t|adkim|aspf|rua|ruf|fo|pct|x)[ \t]{0,1}=[ -~]{0,16}"
            .prop_map(String::into_bytes),
    ];
    vec(piece, 0..6).prop_map(|pieces| {
        let mut text = b"v=DMARC1".to_vec();
        for piece in pieces {
            text.push(b';');
            text.extend(piece);
        }
        text
    })
}

proptest! {
    #[test]
    fn a_built_record_reads_back_as_itself(record in built_record()) {
        assert_eq!(record.to_string().parse(), Ok(record));
    }

    #[test]
    fn any_octets_are_read_without_a_panic(text in vec(any::<u8>(), 0..64)) {
        let _ = Record::try_from(text.as_slice());
    }

    #[test]
    fn any_text_is_read_as_a_uri_without_a_panic(text in ".{0,24}", mailto in "mailto:.{0,24}") {
        for text in [text, mailto] {
            if let Ok(uri) = text.parse::<ReportUri>() {
                assert!(uri.mailbox().is_none_or(|mailbox| !mailbox.contains(char::is_control)));
                assert_eq!(uri.to_string(), text);
            }
        }
    }

    #[test]
    fn the_canonical_form_says_the_same(text in record_like()) {
        let record = Record::try_from(text.as_slice()).unwrap();
        let canonical = record.to_string();
        let again: Record = canonical.parse().unwrap();
        assert_eq!(again.to_string(), canonical);
        assert_eq!(again.applicability(), record.applicability());
        assert_eq!(again.unknown_tags(), record.unknown_tags());
        assert_eq!(again.aggregate_reports(), record.aggregate_reports());
        assert!(canonical.bytes().all(|octet| (0x20..=0x7e).contains(&octet)));
        for note in record.notes() {
            assert!(note.offset() <= text.len());
        }
    }

    #[test]
    fn a_walk_asks_for_at_most_eight_names_and_each_once(
        labels in vec("[a-z]{1,3}", 1..20),
        answers in vec(0_u8..8, 20),
    ) {
        let domain: DomainName = labels.join(".").parse().unwrap();
        let dns = Scripted::new(answers);
        let organizational = block_on_ready(organizational_domain(&domain, &dns)).unwrap();
        assert!(dns.asked() <= 8);
        if let Ok(organizational) = organizational {
            assert!(domain.is_at_or_below(organizational.domain()));
            assert_eq!(organizational.queries().len(), dns.asked());
        }
        let dns = Scripted::new(dns.answers);
        let discovery = block_on_ready(discover(&domain, &dns)).unwrap();
        assert!(discovery.queries().len() <= 9);
        assert_eq!(discovery.queries().len(), dns.asked());
        let verdict = block_on_ready(evaluate(&domain, None, &[], &Scripted::new(dns.answers))).unwrap();
        assert_ne!(verdict.result(), DmarcResult::Pass);
    }
}

/// Answers the n-th lookup with the n-th of a list.
#[derive(Debug)]
struct Scripted {
    answers: Vec<u8>,
    asked: Mutex<Vec<(Name, RecordType)>>,
}

impl Scripted {
    fn new(answers: Vec<u8>) -> Self {
        Self {
            answers,
            asked: Mutex::new(Vec::new()),
        }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Resolver for Scripted {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        let mut asked = self.asked.lock().unwrap();
        let question = (name.clone(), record_type);
        assert!(!asked.contains(&question), "asked twice for {name}");
        let answer = self.answers[asked.len()];
        asked.push(question);
        let fail = |kind| Err(LookupError::new(name.clone(), record_type, kind));
        let text = |text: &str| {
            let records = vec![RecordData::Txt(Txt::split(text.as_bytes()))];
            Ok(Answer::new(records))
        };
        let answer = match answer {
            0..=2 => fail(LookupErrorKind::NoSuchName),
            3 => Ok(Answer::new(Vec::new())),
            4 => text("v=DMARC1; p=reject; np=none"),
            5 => text("v=DMARC1; p=reject; psd=y; np=quarantine"),
            6 => text("v=DMARC1; p=x; psd=n"),
            _ => fail(LookupErrorKind::Temporary),
        };
        Box::pin(async move { answer })
    }
}
