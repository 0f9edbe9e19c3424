//! The transport over mail exchangers.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::SystemTime;

use letterhead_dns::Resolver;
use letterhead_mail::{
    AddressDomain, BoxFuture, DomainName, Entropy, Recipient, RecipientReport, Report, Submission,
    Transport,
};
use tracing::Instrument as _;

use super::builder::MxTransportBuilder;
use super::delivery::Delivery;
use super::join::join_all;
use super::route_settings::RouteSettings;
use super::servers::Servers;
use super::turns::Turns;
use crate::merged_rows::{closed, narrowed, one_row_each};
use crate::mta_sts::MtaStsPolicies;
use crate::places::Places;
use crate::tls_report::TlsResults;

/// Hands submissions to the hosts of their recipients' domains.
///
/// Recipients of one domain go together, several domains at once. A domain's hosts are tried in their order
/// ([`MailExchangers`](super::MailExchangers)), each host's addresses one after another, until one takes or refuses the
/// recipients:
///
/// - An address that cannot be connected to, or where the connection ends before the message begins, leaves them to the next
///   address; a host that answers the connection or EHLO with a refusal, for now or for good, or lacks an extension that the
///   message needs, to the next host.
/// - What a host says about sender, recipients and message is said for the domain. So is
///   [in doubt](letterhead_mail::Outcome::InDoubt): nothing is sent elsewhere then.
/// - Where no host could be spoken to, the row shows the reason that leaves most hope.
///
/// Without a policy of the domain, TLS is used where a host offers it, with any certificate
/// ([RFC 7435](https://www.rfc-editor.org/rfc/rfc7435)), and when the handshake fails, the same address is spoken to once more in
/// the clear. Under an MTA-STS policy in force only hosts that it names are spoken to, over TLS, with a certificate for their
/// name; a policy that is tested is followed as far as it goes. A message that has to have
/// [TLS on every hop](letterhead_mail::TlsRequirement::EveryHop) goes to domains with a policy in force only; one whose header says
/// `TLS-Required: No` ([RFC 8689 §3](https://www.rfc-editor.org/rfc/rfc8689#section-3)) passes over policies.
///
/// Connections are kept for a while for the next message to the same address. No task is spawned, and a queue is the
/// application's.
///
/// ```no_run
/// use letterhead_dns::Resolver;
/// use letterhead_mail::HttpGet;
/// use letterhead_transport::SystemClock;
/// use letterhead_transport::mta_sts::MtaStsPolicies;
/// use letterhead_transport::mx::MxTransport;
/// use std::sync::Arc;
///
/// # fn transport(resolver: Arc<dyn Resolver>, http: Arc<dyn HttpGet>) -> Result<(), Box<dyn std::error::Error>> {
/// let policies = MtaStsPolicies::new(resolver.clone(), http, Arc::new(SystemClock::new()));
/// let transport = MxTransport::builder(resolver, "mail.example.com".parse()?)
///     .mta_sts(Arc::new(policies))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MxTransport {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) route: RouteSettings,
    pub(super) port: u16,
    pub(super) servers: Servers,
    pub(super) turns: Turns,
    pub(super) mta_sts: Option<Arc<MtaStsPolicies>>,
    pub(super) tls_results: Option<Arc<TlsResults>>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) domains_at_once: NonZeroUsize,
    pub(super) attempts: Places,
}

impl MxTransport {
    /// A transport that calls itself `ehlo_name`: the name of the host it runs on, which receivers expect to lead to its
    /// address, and its address to lead back to.
    pub fn builder(resolver: Arc<dyn Resolver>, ehlo_name: DomainName) -> MxTransportBuilder {
        MxTransportBuilder::new(resolver, ehlo_name)
    }

    /// Closes the connections to hosts that nothing was sent to for half a minute. Sending does so too; this is for an
    /// application that sends nothing for a while.
    pub fn close_idle(&self) {
        self.servers.close_idle();
    }

    /// Takes nothing more, waits until what is being sent has come to its end, and says QUIT on every connection. What is
    /// given to it from here on is not attempted.
    pub async fn close(&self) {
        self.attempts.close();
        self.attempts.closed().await;
        for server in self.servers.take_all() {
            server.close().await;
        }
    }

    pub(super) fn now(&self) -> SystemTime {
        self.servers.settings().clock.now()
    }

    async fn attempt(&self, submission: &Submission) -> Report {
        let Some(_attempt) = self.attempts.take().await else {
            return closed(submission);
        };
        let deliveries = by_domain(submission)
            .into_iter()
            .filter_map(|(domain, recipients)| {
                let part = submission.envelope.to_others(recipients).ok()?;
                let delivery = self.deliver(domain, narrowed(submission, part));
                Some(Box::pin(delivery) as BoxFuture<'_, Vec<RecipientReport>>)
            })
            .collect();
        let delivered = join_all(deliveries, self.domains_at_once).await;
        let rows = delivered.into_iter().flatten().collect();
        Report::new(one_row_each(&submission.envelope, Report::new(rows)))
    }

    async fn deliver(&self, domain: AddressDomain, part: Submission) -> Vec<RecipientReport> {
        let span = tracing::debug_span!(
            "mx",
            %domain,
            recipients = part.envelope.recipients().len(),
        );
        Delivery::new(self, domain).run(part).instrument(span).await
    }
}

impl Transport for MxTransport {
    fn send<'a>(&'a self, submission: &'a Submission) -> BoxFuture<'a, Report> {
        Box::pin(self.attempt(submission))
    }
}

/// The recipients of each domain, the domains in the order in which they are named first.
fn by_domain(submission: &Submission) -> Vec<(AddressDomain, Vec<Recipient>)> {
    let mut places: HashMap<&AddressDomain, usize> = HashMap::new();
    let mut groups: Vec<(AddressDomain, Vec<Recipient>)> = Vec::new();
    for recipient in submission.envelope.recipients() {
        let domain = recipient.address().domain();
        let place = *places.entry(domain).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, recipients)) => recipients.push(recipient.clone()),
            None => groups.push((domain.clone(), vec![recipient.clone()])),
        }
    }
    groups
}
