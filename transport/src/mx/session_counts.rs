//! Counting how TLS went, for reports to the domains.

use letterhead_mail::RecipientReport;

use super::delivery::Delivery;
use super::exchangers::MailExchanger;
use super::servers::Server;
use super::tls_level::{Session, TlsLevel};
use super::tls_plan::{TlsPlan, policy_domain};
use crate::mta_sts::MtaStsFinding;
use crate::tls_report::{ReportedPolicy, TlsResultType, TlsSessionFailure};

impl Delivery<'_> {
    pub(super) fn count_session(&self, plan: &TlsPlan, server: &Server, rows: &[RecipientReport]) {
        let (Some(policy), Some(session)) =
            (plan.counted(server.level), server.level.session(rows))
        else {
            return;
        };
        match session {
            Session::Secured => {
                if let (Some(results), Some(domain)) =
                    (&self.transport.tls_results, policy_domain(&self.domain))
                {
                    results.success(self.transport.now(), domain, &policy);
                }
            }
            Session::Failed(result_type) => {
                let mut failure = TlsSessionFailure::new(result_type)
                    .with_host(&server.name)
                    .with_receiver(server.address.ip());
                let local = self.transport.servers.settings().local;
                if let Some(sender) = local.towards(server.address.ip()) {
                    failure = failure.with_sender(sender);
                }
                self.count_failure(&policy, failure);
            }
        }
    }

    /// The host's name is in the report, so that the domain's owner sees what is missing in the policy.
    pub(super) fn count_unnamed(&self, plan: &TlsPlan, host: &MailExchanger) {
        if let Some(policy) = plan.counted(TlsLevel::Verified) {
            let failure = TlsSessionFailure::new(TlsResultType::ValidationFailure)
                .with_host(&host.name())
                .with_information("the policy does not name this host");
            self.count_failure(&policy, failure);
        }
    }

    pub(super) fn count_policy(&self, finding: &MtaStsFinding) {
        let Some(failure) = finding.failure() else {
            return;
        };
        if let Some(result_type) = TlsResultType::of_policy(failure) {
            let policy = match finding.policy() {
                Some(policy) => ReportedPolicy::sts(policy),
                None => ReportedPolicy::sts_unavailable(),
            };
            let failure =
                TlsSessionFailure::new(result_type).with_information(&failure.to_string());
            self.count_failure(&policy, failure);
        }
    }

    fn count_failure(&self, policy: &ReportedPolicy, failure: TlsSessionFailure) {
        if let (Some(results), Some(domain)) =
            (&self.transport.tls_results, policy_domain(&self.domain))
        {
            results.failure(self.transport.now(), domain, policy, failure);
        }
    }
}
