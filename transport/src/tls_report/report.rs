//! What a domain is told about a day.

use letterhead_mail::{DomainName, EmailAddress};
use serde_json::{Map, Value, json};

use super::day::UtcDay;
use super::policy::ReportedPolicy;
use super::results::{Tallies, Tally, TlsSessionFailure};

/// What a domain is told about a day ([RFC 8460 §4](https://www.rfc-editor.org/rfc/rfc8460#section-4)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsReport {
    day: UtcDay,
    domain: DomainName,
    tallies: Tallies,
}

/// Who reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsReporter {
    organization: String,
    contact: EmailAddress,
}

impl TlsReporter {
    /// An organisation, and whom to ask there about a report.
    #[must_use]
    pub fn new(organization: impl Into<String>, contact: EmailAddress) -> Self {
        Self {
            organization: organization.into(),
            contact,
        }
    }
}

impl TlsReport {
    pub(super) fn new(day: UtcDay, domain: DomainName, tallies: Tallies) -> Self {
        Self {
            day,
            domain,
            tallies,
        }
    }

    /// The day.
    #[must_use]
    pub fn day(&self) -> UtcDay {
        self.day
    }

    /// The domain, whose [record](super::TlsReportRecord) says where the report goes.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }

    /// A name for it that no other report of this reporter has.
    #[must_use]
    pub fn id(&self, reporter: &TlsReporter) -> String {
        format!("{}.{}@{}", self.day, self.domain, reporter.contact.domain())
    }

    /// The report as JSON ([RFC 8460 §4.4](https://www.rfc-editor.org/rfc/rfc8460#section-4.4)).
    #[must_use]
    pub fn to_json(&self, reporter: &TlsReporter) -> String {
        let policies: Vec<Value> = self
            .tallies
            .iter()
            .map(|(policy, tally)| self.tally(policy, tally))
            .collect();
        json!({
            "organization-name": reporter.organization,
            "date-range": {
                "start-datetime": format!("{}T00:00:00Z", self.day),
                "end-datetime": format!("{}T23:59:59Z", self.day),
            },
            "contact-info": reporter.contact.to_string(),
            "report-id": self.id(reporter),
            "policies": policies,
        })
        .to_string()
    }

    fn tally(&self, policy: &ReportedPolicy, tally: &Tally) -> Value {
        let failed = tally
            .failures
            .values()
            .fold(0_u64, |sum, count| sum.saturating_add(*count));
        let mut result = Map::new();
        result.insert("policy".to_owned(), policy.to_json(&self.domain));
        let summary = json!({
            "total-successful-session-count": tally.successes,
            "total-failure-session-count": failed,
        });
        result.insert("summary".to_owned(), summary);
        if !tally.failures.is_empty() {
            let details = tally.failures.iter();
            let details = details
                .map(|(failure, count)| detail(failure, *count))
                .collect();
            result.insert("failure-details".to_owned(), Value::Array(details));
        }
        Value::Object(result)
    }
}

fn detail(failure: &TlsSessionFailure, count: u64) -> Value {
    let mut detail = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            detail.insert(name.to_owned(), Value::String(value));
        }
    };
    put("result-type", Some(failure.result_type.to_string()));
    put(
        "sending-mta-ip",
        failure.sender.map(|address| address.to_string()),
    );
    put(
        "receiving-mx-hostname",
        failure.host.as_deref().map(ToOwned::to_owned),
    );
    put(
        "receiving-ip",
        failure.receiver.map(|address| address.to_string()),
    );
    put(
        "additional-information",
        failure.information.as_deref().map(ToOwned::to_owned),
    );
    detail.insert("failed-session-count".to_owned(), count.into());
    Value::Object(detail)
}
