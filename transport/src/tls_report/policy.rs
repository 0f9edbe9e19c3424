//! The policy that sessions are counted under.

use serde_json::{Value, json};

use letterhead_mail::DomainName;

use crate::mta_sts::MtaStsPolicy;

/// The policy that sessions are counted under ([RFC 8460 §4.4](https://www.rfc-editor.org/rfc/rfc8460#section-4.4)).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReportedPolicy(Kind);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    NoPolicyFound,
    Sts {
        lines: Vec<String>,
        patterns: Vec<String>,
    },
}

impl ReportedPolicy {
    /// The domain has none that was found.
    #[must_use]
    pub fn none() -> Self {
        Self(Kind::NoPolicyFound)
    }

    /// This MTA-STS policy.
    #[must_use]
    pub fn sts(policy: &MtaStsPolicy) -> Self {
        Self(Kind::Sts {
            lines: policy.lines().map(ToOwned::to_owned).collect(),
            patterns: policy.patterns().iter().map(ToString::to_string).collect(),
        })
    }

    /// The domain's MTA-STS policy, which could not be had.
    #[must_use]
    pub fn sts_unavailable() -> Self {
        Self(Kind::Sts {
            lines: Vec::new(),
            patterns: Vec::new(),
        })
    }

    /// [RFC 8460 §4.4](https://www.rfc-editor.org/rfc/rfc8460#section-4.4).
    pub(super) fn to_json(&self, domain: &DomainName) -> Value {
        let domain = domain.as_str();
        match &self.0 {
            Kind::NoPolicyFound => {
                json!({ "policy-type": "no-policy-found", "policy-domain": domain })
            }
            Kind::Sts { lines, patterns } => json!({
                "policy-type": "sts",
                "policy-string": lines,
                "policy-domain": domain,
                "mx-host": patterns,
            }),
        }
    }
}
