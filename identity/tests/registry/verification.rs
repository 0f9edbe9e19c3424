//! How an identity is proven.

use letterhead_dns::Zone;
use letterhead_identity::profile::VerifiedBy;
use letterhead_identity::registry::{ChangeError, VerifyError};
use letterhead_identity::value::ValueError;
use letterhead_identity::verification::Finding;
use letterhead_identity::{NotAuthorized, Values, VerificationState};
use letterhead_mail::TenantId;

use crate::office::{Office, START, acme, hours, ready};

const PUBLISHED: &str = "\
a._domainkey.yourcompany.example. 60 IN CNAME a.dkim.amazonses.com.
b._domainkey.yourcompany.example. 60 IN CNAME b.dkim.amazonses.com.
c._domainkey.yourcompany.example. 60 IN CNAME c.dkim.amazonses.com.
";

fn tokens(names: [&str; 3]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

#[test]
fn an_identity_is_verified_by_its_records_and_falls_only_after_72_hours_without() {
    let office = Office::new();
    let key = office
        .zuora("yourcompany.example", "production")
        .unwrap()
        .key();
    let published: Zone = PUBLISHED.parse().unwrap();
    let failing: Zone =
        format!("{PUBLISHED};fault b._domainkey.yourcompany.example CNAME servfail")
            .parse()
            .unwrap();
    let state = |zone: &Zone, now| {
        let verification = ready(office.0.verify(&acme(), &key, zone, now)).unwrap();
        let state = verification.identity.verification;
        let state = state.state(VerifiedBy::Dns).cloned().unwrap();
        (verification.finding, state)
    };
    let pending = VerificationState::Pending {
        deadline: Some(hours(72)),
    };
    assert_eq!(
        state(&published, hours(1)),
        (Finding::Unknown, pending),
        "no tokens yet"
    );
    ready(office.0.set_values(
        &acme(),
        &key,
        values("dkim-token", tokens(["a", "b", "c"])),
        hours(2),
    ))
    .unwrap();
    let pending = VerificationState::Pending {
        deadline: Some(hours(74)),
    };
    assert_eq!(
        state(&failing, hours(2)),
        (Finding::Unknown, pending),
        "the whole time from when there was something to publish"
    );
    let verified = |missing_since| VerificationState::Verified {
        since: hours(3),
        missing_since,
    };
    assert_eq!(
        state(&published, hours(3)),
        (Finding::Proven, verified(None))
    );
    assert_eq!(
        state(&Zone::new(), hours(10)),
        (Finding::Missing, verified(Some(hours(10))))
    );
    assert_eq!(
        state(&failing, hours(200)),
        (Finding::Unknown, verified(Some(hours(10))))
    );
    assert_eq!(
        state(&published, hours(81)),
        (Finding::Proven, verified(None)),
        "it came back"
    );
    assert_eq!(
        state(&Zone::new(), hours(100)).1,
        verified(Some(hours(100)))
    );
    assert_eq!(
        state(&Zone::new(), hours(171)).1,
        verified(Some(hours(100)))
    );
    assert!(
        office
            .authorize("zuora-advanced", "x@yourcompany.example", "api-sandbox")
            .is_ok()
    );
    assert_eq!(
        state(&Zone::new(), hours(172)).1,
        VerificationState::Failed { at: hours(172) }
    );
    assert!(matches!(
        office.authorize("zuora-advanced", "x@yourcompany.example", "production"),
        Err(NotAuthorized::NotVerified { .. })
    ));
    assert!(state(&published, hours(173)).1.is_verified());
}

#[test]
fn pending_fails_at_its_deadline() {
    let office = Office::new();
    let key = office
        .zuora("yourcompany.example", "production")
        .unwrap()
        .key();
    let issued = values("dkim-token", tokens(["a", "b", "c"]));
    ready(office.0.set_values(&acme(), &key, issued, hours(0))).unwrap();
    let state = |now| {
        ready(office.0.verify(&acme(), &key, &Zone::new(), now))
            .unwrap()
            .identity
            .verification
            .state(VerifiedBy::Dns)
            .cloned()
            .unwrap()
    };
    assert!(matches!(
        state(hours(71)),
        VerificationState::Pending { .. }
    ));
    assert_eq!(
        state(hours(72)),
        VerificationState::Failed { at: hours(72) }
    );
}

#[test]
fn only_what_the_dns_proves_is_verified_by_it() {
    let office = Office::new();
    let address = office.ses("contact@yourcompany.example");
    let zone: Zone = PUBLISHED.parse().unwrap();
    let refused = ready(office.0.verify(&acme(), &address.key(), &zone, START)).unwrap_err();
    assert!(matches!(refused, VerifyError::NotByDns(_)), "{refused}");
    let globex: TenantId = "globex".parse().unwrap();
    let gone = ready(office.0.verify(&globex, &address.key(), &zone, START)).unwrap_err();
    assert_eq!(
        gone.to_string(),
        "there is no identity contact@yourcompany.example under amazon-ses"
    );
    let bad = ready(office.0.set_values(
        &acme(),
        &address.key(),
        values("dkim-token", vec![String::new()]),
        START,
    ));
    let misspelt = ready(office.0.set_values(
        &acme(),
        &address.key(),
        values("dkim-tokens", tokens(["a", "b", "c"])),
        START,
    ));
    assert_eq!(
        misspelt.unwrap_err().to_string(),
        "amazon-ses knows no value named dkim-tokens; it knows: dkim-zone, dkim-token, mail-from-domain"
    );
    assert!(matches!(
        bad,
        Err(ChangeError::Value(ValueError::Empty { .. }))
    ));
}

fn values(name: &str, several: Vec<String>) -> Values {
    Values::from([(name.to_owned(), several)])
}

#[test]
fn nothing_fails_while_there_is_nothing_to_publish() {
    let office = Office::new();
    let key = office
        .create_for("acme", "zuora-workflow", "yourcompany.example", "")
        .unwrap()
        .key();
    let look = |hour| ready(office.0.verify(&acme(), &key, &Zone::new(), hours(hour))).unwrap();
    let waiting = look(500).identity.verification;
    assert_eq!(waiting.to_string(), "DNS records pending");
    let issued = values("dkim-token", tokens(["a", "b", "c"]));
    ready(office.0.set_values(&acme(), &key, issued, hours(500))).unwrap();
    assert_eq!(
        look(571).identity.verification.to_string(),
        "DNS records pending"
    );
    assert_eq!(
        look(572).identity.verification.to_string(),
        "DNS records failed"
    );
}

#[test]
fn three_different_tokens_are_three_and_none_is_awaiting_them_again() {
    let office = Office::new();
    let key = office
        .zuora("yourcompany.example", "production")
        .unwrap()
        .key();
    let set = |several: Vec<String>| {
        ready(
            office
                .0
                .set_values(&acme(), &key, values("dkim-token", several), START),
        )
    };
    assert!(matches!(
        set(tokens(["a", "b", "a"])),
        Err(ChangeError::Value(ValueError::Repeated { .. }))
    ));
    assert!(matches!(
        set(vec!["a".into(), "b".into()]),
        Err(ChangeError::Value(ValueError::WrongCount {
            expected: 3,
            given: 2,
            ..
        }))
    ));
    assert!(!set(tokens(["a", "b", "c"])).unwrap().values.is_empty());
    assert!(set(Vec::new()).unwrap().values.is_empty());
    assert!(ready(office.0.verify(&acme(), &key, &Zone::new(), START)).is_ok());
}

#[test]
fn a_clock_that_was_set_back_and_forth_fails_nothing() {
    let office = Office::new();
    let identity = office.zuora("yourcompany.example", "production").unwrap();
    let issued = values("dkim-token", tokens(["a", "b", "c"]));
    ready(
        office
            .0
            .set_values(&acme(), &identity.key(), issued, hours(0)),
    )
    .unwrap();
    office.prove(&identity);
    let (tenant, key, zone) = (acme(), identity.key(), Zone::new());
    let look = |hour| {
        let looked = office.0.verify(&tenant, &key, &zone, hours(hour));
        ready(looked).unwrap().identity.verification
    };
    for hour in [1000, 0, 1001, 1071] {
        assert!(look(hour).is_verified(), "{hour}");
    }
    assert!(!look(1072).is_verified());
}
