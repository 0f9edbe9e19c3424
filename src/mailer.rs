//! The front door: the whole way of a message, from "may this tenant write as this address" to what came back.

use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use letterhead_dkim::Signer;
use letterhead_dns::Resolver;
use letterhead_feedback::{
    Arrival, Attribution, Decision, Event, Reputation, Screening, StoreError, SuppressionList,
    SuppressionScope, read_report,
};
use letterhead_identity::quota::Sender;
use letterhead_identity::{
    Identity, Limits, NotAuthorized, Preflight, PreflightRequest, Profile, ReceiverPolicy,
    Registry, Substitution, preflight,
};
use letterhead_mail::{
    BuildError, Clock, Draft, EmailAddress, Entropy, Envelope, IdentityName, Message,
    MessageBuilder, Report, Submission, SubmissionId,
};

use crate::authorizing::Authorized;
use crate::idempotency::{self, Turn};
use crate::ingestion::{Ingested, Ingestion};
use crate::mailer_builder::{MailerBuilder, Parts};
use crate::outgoing::Outgoing;
use crate::receipt::{self, FromBefore, Receipt};
use crate::route::Route;
use crate::send_error::SendError;
use crate::send_many::{self, SendMany};
use crate::{attempt_record, authorizing, failover, form, quota, signatures};

/// Sends mail under the rules that its identities, profiles and suppression list set.
///
/// Cloning is cheap and gives the same mailer. [`send`](Self::send) is [`prepare`](Self::prepare) and
/// [`attempt`](Self::attempt) by one route after another, under an idempotency key. The two halves are public so that an
/// application can keep the [`Submission`] in between: they go by one route and do not claim the key, so whoever keeps
/// submissions sees to it that each is attempted once at a time.
#[derive(Debug, Clone)]
pub struct Mailer {
    parts: Arc<Parts>,
}

impl Mailer {
    pub(crate) fn of(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
        }
    }

    /// A mailer over these identities and this suppression list, without routes yet.
    pub fn builder(
        registry: Registry,
        suppression: SuppressionList,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> MailerBuilder {
        MailerBuilder::new(registry, suppression, clock, entropy)
    }

    /// A builder that begins with all that this mailer has, the log of sent messages included: for another route, or a
    /// tenant's new key, while the application runs.
    pub fn to_builder(&self) -> MailerBuilder {
        MailerBuilder::of((*self.parts).clone())
    }

    /// Who may send; clones are the same registry. An identity that is verified there may send from then on.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.parts.registry
    }

    /// Who is not written to; clones are the same list.
    #[must_use]
    pub fn suppression(&self) -> &SuppressionList {
        &self.parts.suppression
    }

    /// Builds a message with this mailer's clock and entropy.
    ///
    /// # Errors
    ///
    /// What the builder refuses.
    pub fn draft(&self, message: MessageBuilder) -> Result<Draft, BuildError> {
        message.build(self.parts.clock.now(), &*self.parts.entropy)
    }

    /// Sends a message once. A recipient in doubt is not an error, because trying again could duplicate: look at the
    /// receipt.
    ///
    /// # Errors
    ///
    /// A refusal made here before a byte was written, or the certainty that no recipient was accepted, by any of its routes.
    pub async fn send(&self, outgoing: Outgoing) -> Result<Receipt, SendError> {
        self.send_one(&outgoing).await
    }

    /// As [`send`](Self::send), for who keeps the message.
    pub(crate) async fn send_one(&self, outgoing: &Outgoing) -> Result<Receipt, SendError> {
        let parts = &*self.parts;
        let routes = parts.channels.of(outgoing);
        if routes.is_empty() {
            return Err(SendError::NoChannel);
        }
        match idempotency::claim(parts, outgoing, parts.clock.now()).await? {
            Turn::Sent(receipt) => return Ok(*receipt),
            Turn::Send => {}
        }
        let sent = failover::send(self, outgoing, routes).await;
        let (key, now) = (outgoing.idempotency_key.as_ref(), parts.clock.now());
        idempotency::settle(parts, key, &outgoing.tenant, sent, now).await
    }

    /// Sends many messages, a bounded number of them at once, each as [`send`](Self::send) does, and gives the results in the
    /// order of the messages. Messages with the same body have it hashed once for their signatures.
    ///
    /// If the future is dropped, those that are under way are abandoned, and those behind them are not begun.
    ///
    /// ```
    /// # use letterhead::{Mailer, Outgoing, SendMany};
    /// # use std::num::NonZeroUsize;
    /// # async fn run(mailer: Mailer, invoices: Vec<Outgoing>, four: NonZeroUsize) {
    /// let settings = SendMany::at_once(four).progress(|progress| println!("{} done", progress.done));
    /// for result in mailer.send_many(invoices, &settings).await {
    ///     match result {
    ///         Ok(receipt) => println!("{receipt}"),
    ///         Err(error) => println!("not sent: {error}"),
    ///     }
    /// }
    /// # }
    /// ```
    pub async fn send_many(
        &self,
        messages: impl IntoIterator<Item = Outgoing>,
        settings: &SendMany,
    ) -> Vec<Result<Receipt, SendError>> {
        send_many::send_many(self, messages, settings).await
    }

    /// What receivers will find in a message, before it is sent: SPF, DKIM and DMARC as predicted for its first route from the
    /// records that `resolver` finds, and what is in the way, the rules of Google, Yahoo and Microsoft included. Nothing is
    /// sent, signed or counted.
    ///
    /// # Errors
    ///
    /// As [`prepare`](Self::prepare): what would be refused here before anybody else looks at it.
    pub async fn preflight(
        &self,
        outgoing: &Outgoing,
        resolver: &dyn Resolver,
    ) -> Result<Preflight, SendError> {
        let submission = self.prepare(outgoing.clone()).await?;
        let checked = self.check(&submission).await?;
        let now = self.parts.clock.now();
        let mut outbound = submission.clone();
        outbound.message = form::without_private_fields(&checked.message);
        outbound.envelope = checked.envelope.clone();
        self.parts.traces.mark(&mut outbound, now)?;
        let receivers = ReceiverPolicy::all_built_in();
        let request =
            PreflightRequest::new(checked.profile, &checked.owner, &outbound.message, now)
                .mail_from(outbound.envelope.sender())
                .signers(&checked.signers)
                .receivers(&receivers);
        Ok(preflight(&request, resolver).await)
    }

    /// A name for a submission.
    pub(crate) fn new_id(&self) -> SubmissionId {
        SubmissionId::random(&*self.parts.entropy)
    }

    /// The first half: names the submission, and refuses what would be refused anyway. Nothing is signed yet, and
    /// nothing is written. It is for the first of the message's routes; its key is carried and not claimed.
    ///
    /// # Errors
    ///
    /// As [`attempt`](Self::attempt), for everything that can be known before connecting.
    pub async fn prepare(&self, outgoing: Outgoing) -> Result<Submission, SendError> {
        let routes = self.parts.channels.of(&outgoing);
        let route = routes.into_iter().next().ok_or(SendError::NoChannel)?;
        let submission = failover::submission(&outgoing, self.new_id(), route, None);
        self.prepare_submission(submission).await
    }

    /// The same for a submission that is named.
    pub(crate) async fn prepare_submission(
        &self,
        mut submission: Submission,
    ) -> Result<Submission, SendError> {
        submission.message = form::without_private_fields(&submission.message);
        let checked = self.check(&submission).await?;
        submission.identity = Some(checked.identity);
        Ok(submission)
    }

    /// The second half: checks again, because time may have passed, signs now, sends, and remembers what was sent.
    ///
    /// It goes to every recipient of the envelope, those included whom an earlier attempt reached: to try again, narrow the
    /// submission with [`Receipt::remaining`]. The Message-ID stays the same.
    ///
    /// Suppressed recipients are set aside and have a row in the receipt like all others.
    ///
    /// If the future is dropped, by a timeout for example, the attempt is abandoned wherever it is. What a server took by then
    /// is not remembered, so reports about it will be unproven. As it may have taken everything, all of the message counts
    /// against the limits over time, from when it was set aside, shortly before connecting.
    ///
    /// # Errors
    ///
    /// A From address that is not authorised, a message over the profile's limits, or one too many for now, a key that is
    /// missing, a suppression list that cannot be asked or has every recipient on it; or no recipient accepted for
    /// certain.
    pub async fn attempt(&self, submission: &Submission) -> Result<Receipt, SendError> {
        let checked = self.check(submission).await?;
        let mut outbound = submission.clone();
        outbound.identity = Some(checked.identity.clone());
        outbound.envelope = checked.envelope.clone();
        outbound.message = form::without_private_fields(&checked.message);
        let now = self.parts.clock.now();
        self.parts.traces.mark(&mut outbound, now)?;
        let bodies = Arc::clone(&self.parts.bodies);
        outbound.message =
            signatures::sign(bodies, outbound.message, &checked.signers, now).await?;
        checked.limits.check_message(
            count(outbound.envelope.recipients().len()),
            count(outbound.message.len()),
        )?;
        let (parts, sender) = (&*self.parts, &checked.sender);
        let reserved = quota::reserve(parts, &checked.limits, sender, &outbound).await?;
        let report = checked.route.transport.send(&outbound).await;
        let report = receipt::complete(&submission.envelope, report, &checked.screening.suppressed);
        let settled = quota::settle(parts, reserved, sender, &outbound, &report).await;
        let written = self.write_down(&outbound, &checked, &report).await;
        let unrecorded = settled.and(written).err();
        let receipt = Receipt {
            submission: submission.id.clone(),
            route: checked.route.name.clone(),
            identity: checked.identity,
            substitution: checked.substitution,
            passed: checked.screening.passed,
            report,
            unrecorded: unrecorded.map(Arc::new),
            earlier: Vec::new(),
            passed_over: Arc::default(),
            from_before: FromBefore::No,
        };
        let nothing = receipt
            .rows()
            .iter()
            .all(|row| row.outcome().is_proven_not_accepted());
        if nothing {
            return Err(SendError::NothingAccepted(Box::new(receipt)));
        }
        Ok(receipt)
    }

    /// Takes a message that came back to a return path: reads it, and lets it decide who must not be written to again.
    ///
    /// Only a report about a message that this mailer sent, and a recipient that it went to, decides anything.
    ///
    /// # Errors
    ///
    /// When the log of sent messages or the suppression list fails. A message that is no report is no error: its
    /// [kind](Ingestion::kind) says what it is.
    pub async fn ingest(&self, raw: &[u8]) -> Result<Ingestion, StoreError> {
        self.ingest_arrival(raw, &Arrival::new()).await
    }

    /// As [`ingest`](Self::ingest), with what the server that took the message in knows of it: the addresses it was delivered
    /// to, and whose DKIM signatures of it passed.
    ///
    /// # Errors
    ///
    /// As [`ingest`](Self::ingest).
    pub async fn ingest_arrival(
        &self,
        raw: &[u8],
        arrival: &Arrival,
    ) -> Result<Ingestion, StoreError> {
        let now = self.parts.clock.now();
        let reading = read_report(raw);
        let (kind, omitted) = (reading.kind, reading.omitted);
        let parts = &*self.parts;
        let events = parts
            .traces
            .attribute(raw, reading, arrival, &*parts.sent, now);
        let events = self.decide(events.await?, now).await?;
        Ok(Ingestion {
            kind,
            events,
            omitted,
        })
    }

    /// Takes events that were read elsewhere: of a provider's webhook once it is
    /// [verified](letterhead_feedback::Provider), or of a request to unsubscribe.
    ///
    /// An event that names no tenant is attributed by the message it is about.
    ///
    /// # Errors
    ///
    /// When the log of sent messages or the suppression list fails; give the same events again then.
    pub async fn ingest_events(&self, events: Vec<Event>) -> Result<Vec<Ingested>, StoreError> {
        let mut attribution = Attribution::new(&*self.parts.sent);
        let attributed = attribution.attribute_all(events).await?;
        self.decide(attributed, self.parts.clock.now()).await
    }

    /// Lets each event decide that is about somebody's mail.
    async fn decide(
        &self,
        events: Vec<Event>,
        now: SystemTime,
    ) -> Result<Vec<Ingested>, StoreError> {
        let mut ingested = Vec::with_capacity(events.len());
        for event in events {
            let decision = self.decide_one(&event, now).await?;
            ingested.push(Ingested { event, decision });
        }
        Ok(ingested)
    }

    /// Counts an event for its identity, and lets it decide for its tenant.
    async fn decide_one(
        &self,
        event: &Event,
        now: SystemTime,
    ) -> Result<Option<Decision>, StoreError> {
        self.with_reputation(|reputation| reputation.observe(event, now));
        let Some(tenant) = event.tenant() else {
            return Ok(None);
        };
        self.parts
            .suppression
            .record(tenant, event, now)
            .await
            .map(Some)
    }

    /// What is kept of the identities' reputation, if anything is.
    fn with_reputation<T>(&self, act: impl FnOnce(&mut Reputation) -> T) -> Option<T> {
        let reputation = self.parts.reputation.as_deref()?;
        // Counts stay counts, whatever panicked beside them.
        let mut reputation = reputation.lock().unwrap_or_else(PoisonError::into_inner);
        Some(act(&mut reputation))
    }

    /// Everything that is decided before connecting.
    async fn check(&self, submission: &Submission) -> Result<Checked<'_>, SendError> {
        let parts = &*self.parts;
        let name = submission.channel.as_deref().ok_or(SendError::NoChannel)?;
        let route = parts.routes.get(name).ok_or_else(|| SendError::NoRoute {
            name: name.to_owned(),
            known: parts.routes.keys().cloned().collect(),
        })?;
        let authorized = authorizing::authorize(parts, submission, route).await?;
        let Authorized {
            authorization,
            message,
            return_path,
        } = authorized;
        form::check(&message)?;
        signatures::check_expiry(&message, parts.clock.now())?;
        let profile = parts.registry.profile(&route.profile).ok_or_else(|| {
            SendError::NotAuthorized(NotAuthorized::NoProfile(route.profile.clone()))
        })?;
        let signers = signatures::signers(route, profile, &authorization)?;
        let addresses: Vec<EmailAddress> = submission.envelope.addresses().cloned().collect();
        let mut mail = SuppressionScope::new(submission.tenant.clone());
        if let Some(stream) = &submission.stream {
            mail = mail.stream(stream.clone());
        }
        let screening = parts
            .suppression
            .check(&mail, &addresses, parts.clock.now())
            .await
            .map_err(SendError::Suppression)?;
        let open = addresses
            .into_iter()
            .filter(|address| screening.suppression_of(address).is_none());
        let Ok(envelope) = Envelope::new(return_path, open) else {
            return Err(SendError::AllSuppressed(screening.suppressed));
        };
        let limits = route.limits(profile)?;
        limits.check_message(count(envelope.recipients().len()), count(message.len()))?;
        let identity = authorization.identity().name().map_err(SendError::Id)?;
        let now = parts.clock.now();
        if let Some(Err(paused)) =
            self.with_reputation(|reputation| reputation.gate(&identity, now))
        {
            return Err(SendError::Paused(Box::new(paused)));
        }
        Ok(Checked {
            route,
            profile,
            limits,
            sender: quota::sender(route, authorization.identity()),
            owner: authorization.identity().clone(),
            identity,
            substitution: authorization.substitution().cloned(),
            message,
            envelope,
            screening,
            signers,
        })
    }

    /// Writes down what a server took, or may have, so that reports about it can be believed; and what it refused for
    /// good, so that a dead address is not written to again. One of them failing does not keep the other from being
    /// tried.
    async fn write_down(
        &self,
        outbound: &Submission,
        checked: &Checked<'_>,
        report: &Report,
    ) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        let sent =
            attempt_record::sent_message(outbound, checked.route, checked.profile, report, now);
        let mut written = match sent {
            Some(mut sent) => {
                sent.names.extend(self.parts.traces.names(outbound));
                self.parts.sent.record(sent).await
            }
            None => Ok(()),
        };
        let judged = attempt_record::judged(report);
        self.with_reputation(|reputation| {
            reputation.observe_sent(&checked.identity, &judged, now);
        });
        for event in Event::of_attempt(outbound, report, now) {
            let decided = self.decide_one(&event, now).await.map(drop);
            written = written.and(decided);
        }
        written
    }
}

/// What a check before connecting came to.
struct Checked<'a> {
    route: &'a Route,
    profile: &'a Profile,
    limits: Limits,
    sender: Sender,
    /// Who sends.
    owner: Identity,
    identity: IdentityName,
    substitution: Option<Substitution>,
    /// From the default sender, where that is who may send.
    message: Message,
    /// Without the suppressed recipients.
    envelope: Envelope,
    screening: Screening,
    signers: Vec<Signer>,
}

/// A count that no limit is below if it does not fit.
fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
