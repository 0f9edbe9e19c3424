//! What a verdict tells besides its result.

use letterhead_dmarc::{
    Alignment, AlignmentMode, DiscoveryOutcome, DkimEvidence, DmarcResult, EvidenceResult,
    Mechanism, Origin, Policy, PolicySource, QueryOutcome, SpfEvidence, Subject, Verdict, discover,
    evaluate, organizational_domain,
};
use letterhead_dns::{
    Answer, BoxFuture, DomainName, LookupError, LookupErrorKind, Name, RecordType, Resolver, Zone,
    block_on_ready,
};

fn domain(text: &str) -> DomainName {
    text.parse().unwrap()
}

fn zone(text: &str) -> Zone {
    text.parse().unwrap()
}

fn judge(
    author: &str,
    spf: Option<&SpfEvidence>,
    dkim: &[DkimEvidence],
    resolver: &dyn Resolver,
) -> Verdict {
    block_on_ready(evaluate(&domain(author), spf, dkim, resolver)).unwrap()
}

fn signed(by: &str, result: EvidenceResult, origin: Origin) -> DkimEvidence {
    DkimEvidence::assertion(domain(by), "s1", result, origin)
}

const ORGANIZATION: &str = "_dmarc.a.test. IN TXT \"v=DMARC1; p=reject; sp=quarantine; aspf=s\"\n";

#[test]
fn an_identifier_shows_mechanism_selector_mode_and_origin() {
    let spf = SpfEvidence::assertion(domain("a.test"), EvidenceResult::Pass, Origin::Verifier);
    let dkim = [signed("a.test", EvidenceResult::Pass, Origin::Caller)];
    let verdict = judge("b.a.test", Some(&spf), &dkim, &zone(ORGANIZATION));
    assert_eq!(verdict.result(), DmarcResult::Pass);
    let aligned: Vec<_> = verdict.aligned().collect();
    assert_eq!(aligned.len(), 1);
    assert_eq!(aligned[0].domain(), &domain("a.test"));
    assert_eq!(aligned[0].selector(), Some("s1"));
    assert_eq!(aligned[0].mode(), Some(AlignmentMode::Relaxed));
    assert_eq!(aligned[0].origin(), Origin::Caller);
    assert_eq!(verdict.identifiers()[0].mechanism(), &Mechanism::Spf);
    assert_eq!(verdict.identifiers()[0].mode(), Some(AlignmentMode::Strict));
    assert_eq!(verdict.identifiers()[0].alignment(), Alignment::NotAligned);
}

#[test]
fn a_pass_is_verified_if_one_aligned_identifier_is() {
    let zone = zone(ORGANIZATION);
    let pass = |by, origin| signed(by, EvidenceResult::Pass, origin);
    for (evidence, result, origin) in [
        (vec![], DmarcResult::Fail, None),
        (
            vec![pass("a.test", Origin::Caller)],
            DmarcResult::Pass,
            Some(Origin::Caller),
        ),
        (
            vec![
                pass("a.test", Origin::Caller),
                pass("a.test", Origin::Verifier),
            ],
            DmarcResult::Pass,
            Some(Origin::Verifier),
        ),
        (
            vec![
                pass("a.test", Origin::Caller),
                pass("b.test", Origin::Verifier),
            ],
            DmarcResult::Pass,
            Some(Origin::Caller),
        ),
        (
            vec![pass("b.test", Origin::Verifier)],
            DmarcResult::Fail,
            Some(Origin::Verifier),
        ),
        (
            vec![
                pass("b.test", Origin::Verifier),
                pass("c.test", Origin::Caller),
            ],
            DmarcResult::Fail,
            Some(Origin::Caller),
        ),
    ] {
        let verdict = judge("a.test", None, &evidence, &zone);
        assert_eq!(verdict.result(), result, "{verdict}");
        assert_eq!(verdict.evidence_origin(), origin, "{verdict}");
    }
}

#[test]
fn the_requested_policy_is_known_for_a_pass_too() {
    let dkim = [signed("a.test", EvidenceResult::Pass, Origin::Verifier)];
    let verdict = judge("b.a.test", None, &dkim, &zone(ORGANIZATION));
    assert_eq!(verdict.disposition(), Policy::None);
    assert_eq!(verdict.requested_policy(), Some(Policy::Quarantine));
    let policy = verdict.policy_record().unwrap();
    assert_eq!(policy.source(), PolicySource::OrganizationalDomain);
    assert_eq!(policy.subject(), Subject::Subdomain);
}

#[test]
fn a_record_that_does_not_apply_is_shown() {
    let zone = zone("_dmarc.a.test. IN TXT \"v=DMARC1; p=x\"\n");
    let verdict = judge("a.test", None, &[], &zone);
    assert_eq!(verdict.result(), DmarcResult::None);
    assert_eq!(verdict.requested_policy(), None);
    assert_eq!(verdict.record().unwrap().to_string(), "v=DMARC1; p=x");
    let discovery = block_on_ready(discover(&domain("a.test"), &zone)).unwrap();
    assert!(matches!(
        discovery.outcome(),
        DiscoveryOutcome::DoesNotApply(_)
    ));
}

#[test]
fn the_failed_lookup_is_shown_with_its_cause() {
    let zone = zone(";fault _dmarc.a.test. TXT timeout\n");
    let verdict = judge("a.test", None, &[], &zone);
    let error = verdict.lookup_error().unwrap();
    assert!(error.is_temporary());
    assert!(std::error::Error::source(error).is_some());
    assert!(matches!(
        verdict.queries()[0].outcome(),
        QueryOutcome::Failed(_)
    ));
    let failed = block_on_ready(organizational_domain(&domain("b.a.test"), &zone)).unwrap();
    assert!(failed.is_err_and(|error| error.is_temporary()));
}

#[test]
fn an_organizational_domain_shows_what_decided_it() {
    let zone = zone("_dmarc.co.test. IN TXT \"v=DMARC1; psd=y\"\n");
    let find = |start: &str| {
        block_on_ready(organizational_domain(&domain(start), &zone))
            .unwrap()
            .unwrap()
    };
    let found = find("c.b.co.test");
    assert_eq!(found.domain(), &domain("b.co.test"));
    assert_eq!(found.decided_by(), Some(&domain("co.test")));
    assert_eq!(found.queries().len(), 3);
    let alone = find("c.b.example");
    assert_eq!(alone.domain(), &domain("c.b.example"));
    assert_eq!(alone.decided_by(), None);
}

#[test]
fn the_paragraph_says_what_happened() {
    let dkim = [
        signed("a.test", EvidenceResult::Pass, Origin::Caller),
        DkimEvidence::assertion(
            domain("c.test"),
            "x\r\ny",
            EvidenceResult::Fail,
            Origin::Verifier,
        ),
    ];
    assert_eq!(
        judge("b.a.test", None, &dkim, &zone(ORGANIZATION)).to_string(),
        "DMARC pass for b.a.test: an authenticated domain speaks for it. The policy record is at \
         _dmarc.a.test, the organizational domain; for a subdomain it asks for quarantine. DKIM pass \
         for a.test (selector s1), aligned (relaxed), asserted by the caller. DKIM fail for c.test \
         (selector x\\r\\ny)."
    );
    assert_eq!(
        judge("a.test", None, &[], &zone(ORGANIZATION)).to_string(),
        "DMARC fail for a.test: there is no SPF or DKIM result to speak for it. The policy record is \
         at _dmarc.a.test; for the domain itself it asks for reject. Receivers are asked for: reject."
    );
    assert_eq!(
        judge(
            "a.test",
            None,
            &[],
            &zone(";fault _dmarc.a.test. TXT servfail\n")
        )
        .to_string(),
        "DMARC temperror for a.test: it cannot be told whether an authenticated domain speaks for it. \
         The lookup of _dmarc.a.test. TXT: temporary failure."
    );
}

/// Gives malformed answers for one name and "no such name" for the rest, or what a zone says.
#[derive(Debug)]
struct Malformed {
    name: Name,
    zone: Zone,
}

impl Resolver for Malformed {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        if *name == self.name {
            let error = LookupError::new(name.clone(), record_type, LookupErrorKind::Malformed);
            return Box::pin(async move { Err(error) });
        }
        self.zone.lookup(name, record_type)
    }
}

#[test]
fn a_malformed_answer_is_a_permanent_error() {
    let malformed = |name: &str| Malformed {
        name: name.parse().unwrap(),
        zone: zone(ORGANIZATION),
    };
    let dkim = [signed("b.a.test", EvidenceResult::Pass, Origin::Verifier)];
    let result = |name: &str| judge("a.test", None, &dkim, &malformed(name)).result();
    assert_eq!(result("_dmarc.a.test."), DmarcResult::PermError);
    assert_eq!(result("_dmarc.b.a.test."), DmarcResult::PermError);
    assert_eq!(result("unrelated."), DmarcResult::Pass);
}

#[test]
fn a_name_too_long_for_the_dns_has_no_record_and_costs_no_lookup() {
    let label = "a".repeat(63);
    let long = format!("{label}.{label}.{label}.{}.test", "a".repeat(56));
    assert_eq!(long.len(), 253);
    let verdict = judge(&long, None, &[], &zone(""));
    assert_eq!(verdict.result(), DmarcResult::None);
    assert_eq!(verdict.queries().len(), 4);
}

#[test]
fn evaluation_can_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (author, zone) = (domain("a.test"), zone(""));
    is_send(&evaluate(&author, None, &[], &zone));
    is_send(&discover(&author, &zone));
    is_send(&organizational_domain(&author, &zone));
}
