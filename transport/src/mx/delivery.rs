//! One attempt for one domain.

use std::net::{IpAddr, SocketAddr};
use std::time::SystemTime;

use letterhead_mail::report::TlsFailure;
use letterhead_mail::{
    AddressDomain, NotAttemptedReason, Outcome, Phase, RecipientReport, Report, Submission,
    TlsRequirement, Transport as _,
};

use super::exchangers::{MailExchanger, MailExchangers};
use super::mx_transport::MxTransport;
use super::refusal::Refusal;
use super::servers::Server;
use super::status;
use super::tls_level::TlsLevel;
use super::tls_plan::{Count, HostPlan, TlsPlan, passes_over_policies, policy_domain};
use super::undelivered::Undelivered;
use crate::merged_rows::one_row_each;
use crate::time_limit::until;

/// One attempt for one domain.
pub(super) struct Delivery<'a> {
    pub(super) transport: &'a MxTransport,
    pub(super) domain: AddressDomain,
    /// When no further try is begun.
    deadline: Option<SystemTime>,
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
            Ok(()) => Refusal::time_over(&self.domain),
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
        .map_err(|_| Refusal::no_turn(&self.domain))?;
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
                    unnamed.get_or_insert_with(|| Refusal::unnamed(&self.domain, host));
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
            let rows: Vec<RecipientReport> = one_row_each(&submission.envelope, report)
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
            undelivered.take(rows);
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
            Err(_) => Err(Refusal::no_dns(&self.domain)),
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
                let finding = found.map_err(|_| Refusal::time_over(&self.domain))?;
                self.count_policy(&finding);
                Some(finding)
            }
            _ => None,
        };
        TlsPlan::new(requirement, finding.as_ref())
            .map_err(|reason| Refusal::not_authenticated(&self.domain, reason))
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
}
