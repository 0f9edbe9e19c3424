//! TLS under a policy, and for messages that ask for more or less of it.

use std::sync::Arc;

use crate::stepped::Stepped;
use crate::submission::submission_of;
use crate::support::{Authority, Hosts, Script, Tls, policies, rows, submission};
use crate::tls::reported;
use letterhead_mail::{Clock as _, Report, Submission, TlsRequirement, Transport as _};
use letterhead_transport::mx::MxTransportBuilder;
use letterhead_transport::tls_report::TlsResults;
use serde_json::{Value, json};

const ZONE: &str = "
a.example          MX 10 one.host
a.example          MX 20 two.host
_mta-sts.a.example TXT \"v=STSv1; id=1\"
one.host           A 127.0.0.2
two.host           A 127.0.0.3
";

fn under(builder: MxTransportBuilder, mode: &str, named: &str) -> MxTransportBuilder {
    builder.mta_sts(policies(ZONE, &[("a.example", mode, named)]))
}

/// Sends to a domain whose first host has this TLS, under a policy that names these hosts.
async fn send(
    authority: &Authority,
    (mode, named): (&str, &str),
    tls: Tls,
    submission: &Submission,
) -> (Hosts, Report, Option<Value>) {
    let two = Script::with_tls(authority.tls("two.host"));
    let hosts = Hosts::start([Some(Script::with_tls(tls)), Some(two)]).await;
    let (results, clock) = (Arc::new(TlsResults::default()), Stepped::new());
    let transport = under(hosts.transport(ZONE), mode, named)
        .tls(authority.trusted())
        .clock(Arc::<Stepped>::clone(&clock))
        .tls_results(Arc::clone(&results))
        .build()
        .unwrap();
    let report = transport.send(submission).await;
    let value = reported(&results, clock.now());
    (hosts, report, value)
}

fn to_a() -> Submission {
    submission(&["r@a.example"])
}

/// Success and failure counts, and the types of the failures in alphabetical order.
fn summary(policies: &Value) -> (u64, u64, Vec<&str>) {
    let policy = &policies[0];
    assert_eq!(policy["policy"]["policy-type"], "sts", "{policies}");
    let count = |name: &str| policy["summary"][name].as_u64().unwrap();
    let details = policy["failure-details"].as_array().into_iter().flatten();
    let mut types: Vec<&str> = details
        .map(|detail| detail["result-type"].as_str().unwrap())
        .collect();
    types.sort_unstable();
    (
        count("total-successful-session-count"),
        count("total-failure-session-count"),
        types,
    )
}

#[tokio::test]
async fn a_policy_in_force_wants_a_certificate_for_the_host_it_names() {
    let authority = Authority::new();
    let tls = authority.tls("one.host");
    let (hosts, report, policies) = send(&authority, ("enforce", "one.host"), tls, &to_a()).await;
    assert_eq!(rows(&report), ["r@a.example accepted final 2.0.0 one.host"]);
    let facts = report.rows()[0].tls().unwrap();
    assert_eq!(
        facts.server(),
        letterhead_mail::report::ServerAuthentication::Verified
    );
    assert_eq!(
        hosts.heard_of(&["connected", "secured"]),
        ["2 connected", "2 secured"]
    );
    let policies = policies.unwrap();
    assert_eq!(summary(&policies), (1, 0, vec![]));
    assert_eq!(
        policies[0]["policy"],
        json!({
            "policy-type": "sts",
            "policy-string": ["version: STSv1", "mode: enforce", "mx: one.host", "max_age: 86400"],
            "policy-domain": "a.example",
            "mx-host": ["one.host"],
        })
    );
}

#[tokio::test]
async fn under_a_policy_in_force_nothing_is_sent_where_tls_does_not_hold() {
    let authority = Authority::new();
    for (tls, code, result_type, cause) in [
        (
            authority.tls("other.host"),
            "4.7.5",
            "certificate-host-mismatch",
            "the TLS handshake failed",
        ),
        (
            Authority::new().tls("one.host"),
            "4.7.5",
            "certificate-not-trusted",
            "the TLS handshake failed",
        ),
        (
            Tls::Broken,
            "4.7.5",
            "validation-failure",
            "the TLS handshake failed",
        ),
        (
            Tls::NotOffered,
            "4.7.4",
            "starttls-not-supported",
            "TLS is required and the server does not offer STARTTLS",
        ),
    ] {
        let (hosts, report, policies) =
            send(&authority, ("enforce", "one.host"), tls, &to_a()).await;
        assert_eq!(
            rows(&report),
            [format!("r@a.example deferred tls {code} one.host")]
        );
        let detail = report.rows()[0].detail().unwrap();
        let expected = format!("the MTA-STS policy of a.example requires TLS: {cause}");
        assert!(detail.starts_with(&expected), "{detail}");
        assert_eq!(hosts.heard_of(&["MAIL", "message"]), [""; 0]);
        assert_eq!(
            hosts.heard_of(&["connected"]),
            ["2 connected"],
            "the policy does not name two"
        );
        assert_eq!(
            summary(&policies.unwrap()),
            (0, 2, vec![result_type, "validation-failure"])
        );
    }
}

#[tokio::test]
async fn under_a_policy_in_force_only_the_hosts_it_names_are_spoken_to() {
    let authority = Authority::new();
    let tls = authority.tls("one.host");
    let (hosts, report, policies) =
        send(&authority, ("enforce", "two.host"), tls.clone(), &to_a()).await;
    assert_eq!(rows(&report), ["r@a.example accepted final 2.0.0 two.host"]);
    assert_eq!(hosts.heard_of(&["connected"]), ["3 connected"]);
    let policies = policies.unwrap();
    assert_eq!(summary(&policies), (1, 1, vec!["validation-failure"]));
    assert_eq!(
        policies[0]["failure-details"][0]["receiving-mx-hostname"],
        "one.host"
    );

    let (hosts, report, _) = send(&authority, ("enforce", "other.host"), tls, &to_a()).await;
    assert_eq!(rows(&report), ["r@a.example deferred connect 4.7.0 -"]);
    assert_eq!(
        report.rows()[0].detail(),
        Some("the MTA-STS policy of a.example does not name the host one.host")
    );
    assert_eq!(hosts.heard(), [""; 0]);
}

#[tokio::test]
async fn a_policy_that_is_tested_is_reported_on_and_hinders_nothing() {
    let authority = Authority::new();
    for (tls, named, secured, expected) in [
        (authority.tls("one.host"), "one.host", true, (1, 0, vec![])),
        (
            authority.tls("other.host"),
            "one.host",
            true,
            (0, 1, vec!["certificate-host-mismatch"]),
        ),
        (
            Tls::Broken,
            "one.host",
            false,
            (0, 1, vec!["validation-failure"]),
        ),
        (
            Tls::NotOffered,
            "one.host",
            false,
            (0, 1, vec!["starttls-not-supported"]),
        ),
        (
            authority.tls("one.host"),
            "two.host",
            true,
            (0, 1, vec!["validation-failure"]),
        ),
    ] {
        let (hosts, report, policies) = send(&authority, ("testing", named), tls, &to_a()).await;
        assert_eq!(rows(&report), ["r@a.example accepted final 2.0.0 one.host"]);
        assert_eq!(hosts.heard_of(&["secured"]).len(), usize::from(secured));
        assert_eq!(summary(&policies.unwrap()), expected);
    }
}

#[tokio::test]
async fn a_policy_that_cannot_be_had_is_reported_and_none_is_followed() {
    let authority = Authority::new();
    let tls = authority.tls("other.host");
    // There is a record, and the web has the policy of another domain only.
    let hosts = Hosts::start([Some(Script::with_tls(tls))]).await;
    let (results, clock) = (Arc::new(TlsResults::default()), Stepped::new());
    let transport = hosts
        .transport(ZONE)
        .mta_sts(policies(ZONE, &[("b.example", "enforce", "one.host")]))
        .tls(authority.trusted())
        .clock(Arc::<Stepped>::clone(&clock))
        .tls_results(Arc::clone(&results))
        .build()
        .unwrap();
    assert!(transport.send(&to_a()).await.all_accepted());
    let policies = reported(&results, clock.now()).unwrap();
    assert_eq!(policies[0]["policy"]["policy-type"], "no-policy-found");
    assert_eq!(policies[0]["summary"]["total-successful-session-count"], 1);
    assert_eq!(policies[1]["policy"]["policy-type"], "sts");
    assert_eq!(
        policies[1]["failure-details"][0]["result-type"],
        "sts-webpki-invalid"
    );
    // It might have had one, so for this message there is no last word.
    let mut submission = to_a();
    submission.envelope = submission.envelope.with_tls(TlsRequirement::EveryHop);
    let report = transport.send(&submission).await;
    assert_eq!(rows(&report), ["r@a.example deferred local 4.7.30 -"]);
}

#[tokio::test]
async fn tls_on_every_hop_needs_a_policy_in_force() {
    let mut submission = submission(&["r@a.example", "r@[127.0.0.2]"]);
    submission.envelope = submission.envelope.with_tls(TlsRequirement::EveryHop);
    let refused = [
        "r@a.example rejected local 5.7.30 -",
        "r@[127.0.0.2] rejected local 5.7.30 -",
    ];
    let authority = Authority::new();
    let tls = || authority.tls("one.host");
    for mode in ["testing", "none"] {
        let (hosts, report, _) = send(&authority, (mode, "one.host"), tls(), &submission).await;
        assert_eq!(rows(&report), refused);
        assert_eq!(hosts.heard(), [""; 0]);
    }
    let hosts = Hosts::start([Some(Script::with_tls(tls()))]).await;
    let transport = hosts
        .transport(ZONE)
        .tls(authority.trusted())
        .build()
        .unwrap();
    assert_eq!(rows(&transport.send(&submission).await), refused);
}

#[tokio::test]
async fn tls_on_every_hop_goes_to_a_host_that_promises_it() {
    let mut submission = to_a();
    submission.envelope = submission.envelope.with_tls(TlsRequirement::EveryHop);
    let authority = Authority::new();
    for (extensions, named, expected) in [
        (
            &["250-REQUIRETLS"][..],
            "*.host",
            "r@a.example accepted final 2.0.0 one.host",
        ),
        (&[], "*.host", "r@a.example accepted final 2.0.0 two.host"),
        (
            &[],
            "one.host",
            "r@a.example not attempted (unsupported) local 5.7.30 one.host",
        ),
    ] {
        let script = Script {
            extensions,
            ..Script::with_tls(authority.tls("one.host"))
        };
        let other = Script {
            extensions: &["250-REQUIRETLS"],
            ..Script::with_tls(authority.tls("two.host"))
        };
        let hosts = Hosts::start([Some(script), Some(other)]).await;
        let transport = under(hosts.transport(ZONE), "enforce", named)
            .tls(authority.trusted())
            .build()
            .unwrap();
        let report = transport.send(&submission).await;
        assert_eq!(rows(&report), [expected]);
        let mail = hosts.heard_of(&["MAIL"]);
        assert!(
            mail.iter().all(|line| line.ends_with("REQUIRETLS")),
            "{mail:?}"
        );
    }
}

#[tokio::test]
async fn a_message_for_which_tls_matters_less_passes_over_the_policy() {
    let message = "From: s@x.example\r\nTLS-Required: No\r\n\r\nhi\r\n";
    let submission = submission_of(message, &["r@a.example"]);
    let authority = Authority::new();
    let (hosts, report, policies) = send(
        &authority,
        ("enforce", "two.host"),
        Tls::NotOffered,
        &submission,
    )
    .await;
    assert_eq!(rows(&report), ["r@a.example accepted final 2.0.0 one.host"]);
    assert_eq!(hosts.heard_of(&["connected"]), ["2 connected"]);
    assert_eq!(policies, None, "nothing is counted");
}
