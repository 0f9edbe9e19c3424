//! One attempt for one domain.

use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

use letterhead_mail::report::TlsFailure;
use letterhead_mail::{
    AddressDomain, EmailAddress, EnhancedCode, NotAttemptedReason, Outcome, Phase, RecipientReport,
    Report, Submission, TlsRequirement, Transport as _,
};

use super::exchangers::{MailExchanger, MailExchangers};
use super::mx_transport::MxTransport;
use super::no_route::NoRoute;
use super::servers::Server;
use super::status;
use super::tls_level::{Session, TlsLevel};
use super::tls_plan::{
    Count, HostPlan, NotAuthenticated, TlsPlan, passes_over_policies, policy_domain,
};
use super::undelivered::Undelivered;
use crate::mta_sts::MtaStsFinding;
use crate::time_limit::until;
use crate::tls_report::{ReportedPolicy, TlsResultType, TlsSessionFailure};

/// One attempt for one domain.
pub(super) struct Delivery<'a> {
    transport: &'a MxTransport,
    domain: AddressDomain,
    /// When no further try is begun.
    deadline: Option<SystemTime>,
}

/// Why there was no try, for all recipients.
struct Refusal {
    outcome: Outcome,
    phase: Phase,
    enhanced: Option<EnhancedCode>,
    detail: String,
}

/// What became of one address of a host.
#[derive(PartialEq, Eq)]
enum Next {
    Done,
    Address,
    Host,
}

impl<'a> Delivery<'a> {
    pub(super) fn new(transport: &'a MxTransport, domain: AddressDomain) -> Self {
        let timeouts = &transport.servers.settings().timeouts;
        let deadline = transport.now().checked_add(timeouts.total());
        Self {
            transport,
            domain,
            deadline,
        }
    }

    /// A row for each recipient, in any order.
    pub(super) async fn run(self, submission: Submission) -> Vec<RecipientReport> {
        let mut undelivered = Undelivered::new(submission);
        let rest = match self.attempt(&mut undelivered).await {
            Ok(()) => self.time_over(),
            Err(refusal) => refusal,
        };
        undelivered.finish(|recipient| rest.row(recipient))
    }

    async fn attempt(&self, undelivered: &mut Undelivered) -> Result<(), Refusal> {
        let Some(submission) = undelivered.submission() else {
            return Ok(());
        };
        let exchangers = self.exchangers().await?;
        let plan = self.plan(&submission).await?;
        let turn = self.transport.turns.take(&self.domain);
        let _turn = until(
            &*self.transport.servers.settings().clock,
            self.deadline,
            turn,
        )
        .await
        .map_err(|_| self.no_turn())?;
        let mut unnamed = None;
        for host in exchangers.hosts() {
            let levels = match plan.for_host(host) {
                HostPlan::Levels(levels) => levels,
                HostPlan::Unnamed(levels) => {
                    self.count_unnamed(&plan, host);
                    levels
                }
                HostPlan::Forbidden => {
                    self.count_unnamed(&plan, host);
                    unnamed.get_or_insert_with(|| self.unnamed(host));
                    continue;
                }
            };
            for address in host.addresses() {
                match self
                    .try_address(undelivered, &plan, host, *address, levels)
                    .await
                {
                    Next::Done => return Ok(()),
                    Next::Address => {}
                    Next::Host => break,
                }
            }
        }
        // For those about whom no host that the policy names has said anything.
        unnamed.map_or(Ok(()), Err)
    }

    async fn try_address(
        &self,
        undelivered: &mut Undelivered,
        plan: &TlsPlan,
        host: &MailExchanger,
        address: IpAddr,
        levels: &[TlsLevel],
    ) -> Next {
        for level in levels {
            let is_over = self
                .deadline
                .is_some_and(|deadline| deadline <= self.transport.now());
            let Some(submission) = undelivered.submission().filter(|_| !is_over) else {
                return Next::Done;
            };
            let server = Server {
                name: host.name(),
                address: SocketAddr::new(address, self.transport.port),
                level: *level,
            };
            let report = self.send(&server, &submission).await;
            let rows: Vec<RecipientReport> = report
                .into_rows()
                .into_iter()
                .map(|row| self.explained(plan, row))
                .collect();
            self.count_session(plan, &server, &rows);
            let failed_in_tls = rows
                .iter()
                .all(|row| row.phase() == Phase::Tls && row.outcome() == Outcome::Deferred);
            let host_is_done = rows.iter().any(|row| {
                let was_refused =
                    matches!(row.phase(), Phase::Greeting | Phase::Ehlo) && row.reply().is_some();
                was_refused
                    || row.outcome() == Outcome::NotAttempted(NotAttemptedReason::Unsupported)
            });
            undelivered.take(Report::new(rows));
            if undelivered.is_empty() {
                return Next::Done;
            }
            if host_is_done {
                // It does not want to talk, or lacks something, and its other addresses are the same host.
                return Next::Host;
            }
            if !failed_in_tls {
                break;
            }
        }
        Next::Address
    }

    async fn send(&self, server: &Server, submission: &Submission) -> Report {
        match self.transport.servers.get(server) {
            Ok(transport) => transport.send(submission).await,
            Err(unusable) => Report::uniform(&submission.envelope, |recipient| {
                RecipientReport::new(recipient, Outcome::Deferred, Phase::Connect)
                    .with_server(server.name.clone())
                    .with_detail(unusable.to_string())
            }),
        }
    }

    async fn exchangers(&self) -> Result<MailExchangers, Refusal> {
        let transport = self.transport;
        let settings = transport.servers.settings();
        let connect_end = transport.now().checked_add(settings.timeouts.connect());
        let found = MailExchangers::find(
            &*transport.resolver,
            &self.domain,
            &transport.route,
            &*transport.entropy,
        );
        match until(&*settings.clock, connect_end, found).await {
            Ok(found) => found.map_err(|none| Refusal::from(&none)),
            Err(over) => Err(Refusal {
                outcome: Outcome::Deferred,
                phase: Phase::Connect,
                enhanced: Some(status::NO_DNS),
                detail: format!("looking up where mail for {} goes: {over}", self.domain),
            }),
        }
    }

    async fn plan(&self, submission: &Submission) -> Result<TlsPlan, Refusal> {
        let requirement = submission.envelope.tls();
        let domain = policy_domain(&self.domain);
        if domain.is_none() && requirement == TlsRequirement::FirstHop
            || passes_over_policies(requirement, &submission.message)
        {
            return Ok(TlsPlan::Opportunistic(Count::No));
        }
        let finding = match (&self.transport.mta_sts, domain) {
            (Some(policies), Some(domain)) => {
                let clock = &*self.transport.servers.settings().clock;
                let found = until(clock, self.deadline, policies.find(domain)).await;
                let finding = found.map_err(|_| self.time_over())?;
                self.count_policy(&finding);
                Some(finding)
            }
            _ => None,
        };
        TlsPlan::new(requirement, finding.as_ref()).map_err(|reason| self.not_authenticated(reason))
    }

    /// A row that TLS decided, with the policy that wanted it.
    fn explained(&self, plan: &TlsPlan, row: RecipientReport) -> RecipientReport {
        if !matches!(plan, TlsPlan::Enforced(_))
            || row.phase() != Phase::Tls
            || row.enhanced().is_some()
        {
            return row;
        }
        let code = match row.tls_failure() {
            Some(TlsFailure::NotOffered | TlsFailure::Refused) => status::TLS_NOT_OFFERED,
            _ => status::TLS_FAILED,
        };
        let cause = row.text().unwrap_or("there is none").to_owned();
        let detail = format!(
            "the MTA-STS policy of {} requires TLS: {cause}",
            self.domain
        );
        row.with_enhanced(code).with_detail(detail)
    }

    fn unnamed(&self, host: &MailExchanger) -> Refusal {
        Refusal {
            outcome: Outcome::Deferred,
            phase: Phase::Connect,
            enhanced: Some(status::POLICY),
            detail: format!(
                "the MTA-STS policy of {} does not name the host {}",
                self.domain,
                host.name()
            ),
        }
    }

    fn not_authenticated(&self, reason: NotAuthenticated) -> Refusal {
        let (outcome, enhanced, state) = match reason {
            NotAuthenticated::Ever => (Outcome::Rejected, status::REQUIRETLS, "has none"),
            NotAuthenticated::Now => (
                Outcome::Deferred,
                status::REQUIRETLS_NOT_NOW,
                "cannot be asked for one now",
            ),
        };
        Refusal {
            outcome,
            phase: Phase::Local,
            enhanced: Some(enhanced),
            detail: format!(
                "TLS on every hop needs a policy that says which hosts take mail, and {} {state}",
                self.domain
            ),
        }
    }

    fn no_turn(&self) -> Refusal {
        Refusal {
            outcome: Outcome::NotAttempted(NotAttemptedReason::Postponed),
            phase: Phase::Local,
            enhanced: None,
            detail: format!("others to {} took all the time there was", self.domain),
        }
    }

    fn time_over(&self) -> Refusal {
        Refusal {
            outcome: Outcome::Deferred,
            phase: Phase::Connect,
            enhanced: Some(status::EXPIRED),
            detail: format!("the time for an attempt to {} was over", self.domain),
        }
    }

    fn count_session(&self, plan: &TlsPlan, server: &Server, rows: &[RecipientReport]) {
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
    fn count_unnamed(&self, plan: &TlsPlan, host: &MailExchanger) {
        if let Some(policy) = plan.counted(TlsLevel::Verified) {
            let failure = TlsSessionFailure::new(TlsResultType::ValidationFailure)
                .with_host(&host.name())
                .with_information("the policy does not name this host");
            self.count_failure(&policy, failure);
        }
    }

    fn count_policy(&self, finding: &MtaStsFinding) {
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

impl Refusal {
    fn row(&self, recipient: EmailAddress) -> RecipientReport {
        let row = RecipientReport::new(recipient, self.outcome, self.phase)
            .with_detail(self.detail.clone());
        match self.enhanced {
            Some(code) => row.with_enhanced(code),
            None => row,
        }
    }
}

impl From<&NoRoute> for Refusal {
    fn from(none: &NoRoute) -> Self {
        let cause = std::error::Error::source(none);
        let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
        Self {
            outcome: none.outcome(),
            phase: Phase::Connect,
            enhanced: Some(none.enhanced()),
            detail: format!("{none}{cause}"),
        }
    }
}
