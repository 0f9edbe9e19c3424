//! What TLS a domain's hosts have to have for a message.

use std::sync::Arc;

use letterhead_mail::{AddressDomain, DomainName, Message, TlsRequirement};

use super::exchangers::MailExchanger;
use super::tls_level::TlsLevel;
use crate::mta_sts::{MtaStsFinding, MtaStsMode, MtaStsPolicy};
use crate::tls_report::ReportedPolicy;

/// What TLS a domain's hosts have to have for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TlsPlan {
    /// As much as there is.
    Opportunistic(Count),
    /// As much as there is, and what the policy asks for is tried first.
    Testing(Arc<MtaStsPolicy>),
    /// What the policy asks for.
    Enforced(Arc<MtaStsPolicy>),
}

/// Whether sessions are counted for the domain's report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Yes,
    /// The message asked that the domain's policy be passed over, or the domain has no name.
    No,
}

/// What goes for one host.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HostPlan {
    /// The levels to try, each when the one before failed in TLS.
    Levels(&'static [TlsLevel]),
    /// The policy does not name the host, and is only tested.
    Unnamed(&'static [TlsLevel]),
    /// The policy does not name the host.
    Forbidden,
}

/// A message that has to have TLS on every hop goes nowhere without a policy that says which hosts are the domain's
/// ([RFC 8689 §4.2.1](https://www.rfc-editor.org/rfc/rfc8689#section-4.2.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotAuthenticated {
    /// There is none.
    Ever,
    /// Whether there is one could not be found out.
    Now,
}

impl TlsPlan {
    pub(super) fn new(
        requirement: TlsRequirement,
        finding: Option<&MtaStsFinding>,
    ) -> Result<Self, NotAuthenticated> {
        let policy = finding.and_then(MtaStsFinding::policy);
        let mode = policy.map_or(MtaStsMode::None, |policy| policy.mode());
        match (requirement, mode, policy) {
            (_, MtaStsMode::Enforce, Some(policy)) => Ok(Self::Enforced(Arc::clone(policy))),
            (TlsRequirement::EveryHop, _, _) => {
                Err(match finding.and_then(MtaStsFinding::failure) {
                    Some(_) => NotAuthenticated::Now,
                    None => NotAuthenticated::Ever,
                })
            }
            (TlsRequirement::FirstHop, MtaStsMode::Testing, Some(policy)) => {
                Ok(Self::Testing(Arc::clone(policy)))
            }
            (TlsRequirement::FirstHop, _, _) => Ok(Self::Opportunistic(Count::Yes)),
        }
    }

    pub(super) fn for_host(&self, host: &MailExchanger) -> HostPlan {
        let names =
            |policy: &MtaStsPolicy| host.domain_name().is_some_and(|name| policy.names(name));
        match self {
            Self::Opportunistic(_) => HostPlan::Levels(OPPORTUNISTIC),
            Self::Testing(policy) if names(policy) => HostPlan::Levels(TESTING),
            Self::Testing(_) => HostPlan::Unnamed(OPPORTUNISTIC),
            Self::Enforced(policy) if names(policy) => HostPlan::Levels(ENFORCED),
            Self::Enforced(_) => HostPlan::Forbidden,
        }
    }

    /// Under which policy a session on this level is counted.
    pub(super) fn counted(&self, level: TlsLevel) -> Option<ReportedPolicy> {
        match (self, level) {
            (Self::Opportunistic(Count::Yes), TlsLevel::Unverified) => Some(ReportedPolicy::none()),
            (Self::Testing(policy) | Self::Enforced(policy), TlsLevel::Verified) => {
                Some(ReportedPolicy::sts(policy))
            }
            // What follows a failure that was counted.
            _ => None,
        }
    }
}

/// Whether a message says that TLS matters less than that it arrives
/// ([RFC 8689 §3](https://www.rfc-editor.org/rfc/rfc8689#section-3)). One that has to have TLS on every hop says it in vain.
pub(super) fn passes_over_policies(requirement: TlsRequirement, message: &Message) -> bool {
    requirement == TlsRequirement::FirstHop
        && message
            .header("TLS-Required")
            .is_some_and(|field| field.unfolded().eq_ignore_ascii_case("no"))
}

/// A domain that a policy can be for.
pub(super) fn policy_domain(domain: &AddressDomain) -> Option<&DomainName> {
    match domain {
        AddressDomain::Name(name) => Some(name),
        _ => None,
    }
}

const OPPORTUNISTIC: &[TlsLevel] = &[TlsLevel::Unverified, TlsLevel::InTheClear];
const TESTING: &[TlsLevel] = &[
    TlsLevel::Verified,
    TlsLevel::Unverified,
    TlsLevel::InTheClear,
];
const ENFORCED: &[TlsLevel] = &[TlsLevel::Verified];

#[cfg(test)]
mod tests {
    use letterhead_mail::{LineEndings, Message, TlsRequirement};

    use super::{NotAuthenticated, TlsPlan, passes_over_policies};

    #[test]
    fn a_message_may_ask_that_policies_be_passed_over() {
        for (header, requirement, expected) in [
            ("TLS-Required: No\r\n", TlsRequirement::FirstHop, true),
            ("tls-required:\r\n NO \r\n", TlsRequirement::FirstHop, true),
            ("TLS-Required: Yes\r\n", TlsRequirement::FirstHop, false),
            ("Subject: No\r\n", TlsRequirement::FirstHop, false),
            ("TLS-Required: No\r\n", TlsRequirement::EveryHop, false),
        ] {
            let message =
                Message::from_bytes(format!("{header}\r\n"), LineEndings::Strict).unwrap();
            assert_eq!(
                passes_over_policies(requirement, &message),
                expected,
                "{header}"
            );
        }
    }

    #[test]
    fn every_hop_needs_a_policy() {
        let plan = TlsPlan::new(TlsRequirement::EveryHop, None);
        assert_eq!(plan, Err(NotAuthenticated::Ever));
    }
}
