use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use letterhead_mail::DomainName;
use serde_json::json;

use super::super::{ReportedPolicy, TlsReporter, TlsResultType, TlsResults, TlsSessionFailure};
use crate::mta_sts::MtaStsPolicy;

fn day(number: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(86_400 * number + 7)
}

fn domain(text: &str) -> DomainName {
    text.parse().unwrap()
}

fn reporter() -> TlsReporter {
    TlsReporter::new(
        "Company-X",
        "sts-reporting@company-x.example".parse().unwrap(),
    )
}

fn json_of(report: &super::super::TlsReport) -> serde_json::Value {
    serde_json::from_str(&report.to_json(&reporter())).unwrap()
}

#[test]
fn a_report_is_as_the_standard_shows_it() {
    let text =
        b"version: STSv1\r\nmode: testing\r\nmx: *.mail.company-y.example\r\nmax_age: 86400\r\n";
    let policy = ReportedPolicy::sts(&MtaStsPolicy::parse(text).unwrap());
    let (results, to) = (TlsResults::default(), domain("Company-Y.example"));
    for _ in 0..5 {
        results.success(day(0), &to, &policy);
    }
    let expired = TlsSessionFailure::new(TlsResultType::CertificateExpired)
        .with_sender("2001:db8:abcd:12::1".parse().unwrap())
        .with_host("mx1.mail.company-y.example");
    let missing = TlsSessionFailure::new(TlsResultType::StartTlsNotSupported)
        .with_receiver("198.51.100.1".parse().unwrap())
        .with_host("mx2.mail.company-y.example")
        .with_information("no offer");
    for failure in [&expired, &missing, &expired] {
        results.failure(day(0), &to, &policy, failure.clone());
    }
    results.success(day(0), &to, &ReportedPolicy::none());
    let reports = results.take_reports(day(1));
    assert_eq!(reports.len(), 1);
    assert_eq!(
        (reports[0].day().to_string().as_str(), reports[0].domain()),
        ("1970-01-01", &to)
    );
    let expected = json!({
        "organization-name": "Company-X",
        "date-range": {
            "start-datetime": "1970-01-01T00:00:00Z",
            "end-datetime": "1970-01-01T23:59:59Z",
        },
        "contact-info": "sts-reporting@company-x.example",
        "report-id": "1970-01-01.company-y.example@company-x.example",
        "policies": [
            {
                "policy": { "policy-type": "no-policy-found", "policy-domain": "company-y.example" },
                "summary": { "total-successful-session-count": 1, "total-failure-session-count": 0 },
            },
            {
                "policy": {
                    "policy-type": "sts",
                    "policy-string": [
                        "version: STSv1",
                        "mode: testing",
                        "mx: *.mail.company-y.example",
                        "max_age: 86400",
                    ],
                    "policy-domain": "company-y.example",
                    "mx-host": ["*.mail.company-y.example"],
                },
                "summary": { "total-successful-session-count": 5, "total-failure-session-count": 3 },
                "failure-details": [
                    {
                        "result-type": "starttls-not-supported",
                        "receiving-mx-hostname": "mx2.mail.company-y.example",
                        "receiving-ip": "198.51.100.1",
                        "additional-information": "no offer",
                        "failed-session-count": 1,
                    },
                    {
                        "result-type": "certificate-expired",
                        "sending-mta-ip": "2001:db8:abcd:12::1",
                        "receiving-mx-hostname": "mx1.mail.company-y.example",
                        "failed-session-count": 2,
                    },
                ],
            },
        ],
    });
    assert_eq!(json_of(&reports[0]), expected);
}

#[test]
fn only_days_that_are_over_are_taken_and_only_once() {
    let (results, policy) = (TlsResults::default(), ReportedPolicy::none());
    for (number, to) in [
        (2, "a.example"),
        (1, "b.example"),
        (1, "a.example"),
        (0, "c.example"),
    ] {
        results.success(day(number), &domain(to), &policy);
    }
    let taken = |now| -> Vec<String> {
        let reports = results.take_reports(now);
        reports
            .iter()
            .map(|report| report.id(&reporter()))
            .collect()
    };
    assert_eq!(
        taken(day(2)),
        [
            "1970-01-01.c.example@company-x.example",
            "1970-01-02.a.example@company-x.example",
            "1970-01-02.b.example@company-x.example",
        ]
    );
    assert_eq!(taken(day(2)), [""; 0]);
    assert_eq!(taken(day(9)), ["1970-01-03.a.example@company-x.example"]);
}

#[test]
fn what_does_not_fit_displaces_the_oldest() {
    let results = TlsResults::new(NonZeroUsize::new(2).unwrap());
    let policy = ReportedPolicy::none();
    for number in 0..4 {
        results.success(day(number), &domain("a.example"), &policy);
        results.success(day(number), &domain("a.example"), &policy);
    }
    let days: Vec<String> = results
        .take_reports(day(9))
        .iter()
        .map(|report| report.day().to_string())
        .collect();
    assert_eq!(days, ["1970-01-03", "1970-01-04"]);
}

#[test]
fn too_many_kinds_of_failures_are_counted_by_their_type() {
    let (results, policy) = (TlsResults::default(), ReportedPolicy::sts_unavailable());
    for number in 0..150 {
        let failure = TlsSessionFailure::new(TlsResultType::CertificateExpired)
            .with_host(&format!("mx{number}.example"));
        results.failure(day(0), &domain("a.example"), &policy, failure);
    }
    let json = json_of(&results.take_reports(day(1))[0]);
    let policy = &json["policies"][0];
    assert_eq!(policy["summary"]["total-failure-session-count"], 150);
    let details = policy["failure-details"].as_array().unwrap();
    assert_eq!(details.len(), TlsResults::MAX_FAILURES + 1);
    let rest = details
        .iter()
        .find(|detail| detail.get("receiving-mx-hostname").is_none());
    assert_eq!(rest.unwrap()["failed-session-count"], 50);
}
