//! TLS without a policy: as much as there is.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::stepped::Stepped;
use crate::support::{Authority, Hosts, Script, Tls, rows, submission};
use letterhead_mail::report::ServerAuthentication;
use letterhead_mail::{Clock as _, TlsFacts, Transport as _};
use letterhead_transport::tls_report::{TlsReporter, TlsResults};
use serde_json::{Value, json};

const ZONE: &str = "
a.example MX 10 one.host
one.host  A 127.0.0.2
";

/// The policies in the report of the one domain that there is.
pub(crate) fn reported(results: &TlsResults, now: SystemTime) -> Option<Value> {
    assert_eq!(results.take_reports(now), [], "today is not over");
    let reports = results.take_reports(now + Duration::from_secs(86_400));
    assert!(reports.len() < 2, "{reports:?}");
    let reporter = TlsReporter::new("us", "tls@us.example".parse().unwrap());
    let report = reports.first()?.to_json(&reporter);
    let report: Value = serde_json::from_str(&report).unwrap();
    Some(report["policies"].clone())
}

async fn counted(tls: Tls) -> (Hosts, Value) {
    let hosts = Hosts::start([Some(Script::with_tls(tls))]).await;
    let (results, clock) = (Arc::new(TlsResults::default()), Stepped::new());
    let transport = hosts
        .transport(ZONE)
        .clock(Arc::<Stepped>::clone(&clock))
        .tls_results(Arc::clone(&results))
        .build()
        .unwrap();
    let report = transport.send(&submission(&["r@a.example"])).await;
    assert_eq!(rows(&report), ["r@a.example accepted final 2.0.0 one.host"]);
    let server = report.rows()[0].tls().map(TlsFacts::server);
    let expected = hosts
        .heard()
        .contains(&"2 secured".to_owned())
        .then_some(ServerAuthentication::NotVerified);
    assert_eq!(server, expected);
    (hosts, reported(&results, clock.now()).unwrap())
}

fn no_policy(summary: &Value, details: Option<&Value>) -> Value {
    let mut policy = json!({
        "policy": { "policy-type": "no-policy-found", "policy-domain": "a.example" },
        "summary": summary,
    });
    if let Some(details) = details {
        policy["failure-details"] = details.clone();
    }
    json!([policy])
}

#[tokio::test]
async fn any_certificate_is_better_than_none() {
    let (hosts, policies) = counted(Authority::new().tls("another.host")).await;
    assert_eq!(
        hosts.heard_of(&["connected", "secured"]),
        ["2 connected", "2 secured"]
    );
    let summary = json!({ "total-successful-session-count": 1, "total-failure-session-count": 0 });
    assert_eq!(policies, no_policy(&summary, None));
}

#[tokio::test]
async fn where_the_handshake_fails_the_same_address_is_spoken_to_in_the_clear() {
    let (hosts, policies) = counted(Tls::Broken).await;
    assert_eq!(
        hosts.heard_of(&["connected", "STARTTLS", "message"]),
        ["2 connected", "2 STARTTLS", "2 connected", "2 message"]
    );
    let summary = json!({ "total-successful-session-count": 0, "total-failure-session-count": 1 });
    let details = json!([{
        "result-type": "validation-failure",
        "receiving-mx-hostname": "one.host",
        "receiving-ip": "127.0.0.2",
        "failed-session-count": 1,
    }]);
    assert_eq!(policies, no_policy(&summary, Some(&details)));
}

#[tokio::test]
async fn where_it_is_not_offered_the_message_goes_in_the_clear_and_that_is_counted() {
    let (hosts, policies) = counted(Tls::NotOffered).await;
    assert_eq!(hosts.heard_of(&["connected"]), ["2 connected"]);
    assert_eq!(
        policies[0]["failure-details"][0]["result-type"],
        "starttls-not-supported"
    );
}
