//! The front door: the whole way of a message, from "may this tenant write as this address" to what came back.

use std::sync::{Arc, PoisonError};
use std::time::SystemTime;

use letterhead_dkim::Signer;
use letterhead_feedback::{
    Arrival, Attribution, Decision, Event, Reputation, Screening, StoreError, SuppressionList,
    SuppressionScope, read_report,
};
use letterhead_identity::quota::Sender;
use letterhead_identity::{Authorization, Limits, NotAuthorized, Profile, Registry, Substitution};
use letterhead_mail::{
    AuthorError, BuildError, Clock, Draft, EmailAddress, Entropy, Envelope, IdentityName, Message,
    MessageBuilder, Report, ReversePath, Submission, SubmissionId, parse_mailbox_list,
};

use crate::default_sender::UnusableSender;
use crate::ingestion::{Ingested, Ingestion};
use crate::mailer_builder::{MailerBuilder, Parts};
use crate::outgoing::Outgoing;
use crate::receipt::{self, Receipt};
use crate::route::Route;
use crate::send_error::{FieldProblem, SendError};
use crate::{attempt_record, default_sender, form, quota, signatures};

/// Sends mail under the rules that its identities, profiles and suppression list set.
///
/// Cloning is cheap and gives the same mailer. [`send`](Self::send) is [`prepare`](Self::prepare) and
/// [`attempt`](Self::attempt); the two halves are public so that an application can keep the [`Submission`] in between.
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
    /// A refusal made here before a byte was written, or the certainty that no recipient was accepted.
    pub async fn send(&self, outgoing: Outgoing) -> Result<Receipt, SendError> {
        let submission = self.prepare(outgoing).await?;
        self.attempt(&submission).await
    }

    /// The first half: names the submission, and refuses what would be refused anyway. Nothing is signed yet, and
    /// nothing is written.
    ///
    /// # Errors
    ///
    /// As [`attempt`](Self::attempt), for everything that can be known before connecting.
    pub async fn prepare(&self, outgoing: Outgoing) -> Result<Submission, SendError> {
        let id = SubmissionId::random(&*self.parts.entropy);
        let mut submission = Submission::new(
            id,
            outgoing.tenant,
            form::without_private_fields(&outgoing.message),
            outgoing.envelope,
        );
        submission.channel = Some(outgoing.route);
        submission.stream = outgoing.stream;
        submission.tags = outgoing.tags;
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
        outbound.message = signatures::sign(&outbound.message, &checked.signers, now)?;
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
        let name = submission.channel.as_deref().unwrap_or_default();
        let route = parts.routes.get(name).ok_or_else(|| SendError::NoRoute {
            name: name.to_owned(),
            known: parts.routes.keys().cloned().collect(),
        })?;
        let authorized = self.authorize(submission, route).await?;
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
            identity,
            substitution: authorization.substitution().cloned(),
            message,
            envelope,
            screening,
            signers,
        })
    }

    /// Everyone the message names as its author or sender must be the tenant's, and so must the address that reports go
    /// to, unless the route allows its domain. The first author's identity is the submission's.
    ///
    /// A single author can be stood in for by the default sender, and then so can the address that reports go to.
    async fn authorize(
        &self,
        submission: &Submission,
        route: &Route,
    ) -> Result<Authorized, SendError> {
        let authors = submission.message.authors()?;
        let unusable = match authors.as_slice() {
            [_] => route.unusable_sender,
            _ => UnusableSender::Refuse,
        };
        let mut first = None;
        for author in &authors {
            let authorization = self
                .authorize_address(submission, route, author.address(), unusable)
                .await?;
            first.get_or_insert(authorization);
        }
        let authorization: Authorization = first.ok_or(SendError::Author(AuthorError::Missing))?;
        let message = match authorization.substitution() {
            Some(substitution) => {
                default_sender::substituted(&submission.message, &authorization, substitution)?
            }
            None => submission.message.clone(),
        };
        for name in ["Sender", "Resent-From", "Resent-Sender"] {
            for field in submission.message.headers_named(name) {
                let named = parse_mailbox_list(field.value()).map_err(|_| SendError::Field {
                    name,
                    problem: FieldProblem::Unreadable,
                })?;
                for sender in named {
                    let sender = sender.address();
                    self.authorize_address(submission, route, sender, UnusableSender::Refuse)
                        .await?;
                }
            }
        }
        let mut reports_to = submission.envelope.sender().clone();
        if let Some(address) = submission.envelope.sender().address()
            && !route.allows_return_path(address)
        {
            let unusable = match authorization.substitution() {
                Some(_) => UnusableSender::SendFromDefault,
                None => UnusableSender::Refuse,
            };
            let authorized = self
                .authorize_address(submission, route, address, unusable)
                .await;
            let authorized = authorized.map_err(|error| match error {
                SendError::NotAuthorized(why) => SendError::ReturnPath(why),
                other => other,
            })?;
            if authorized.substitution().is_some() {
                reports_to = authorized.from().clone().into();
            }
        }
        Ok(Authorized {
            authorization,
            message,
            return_path: reports_to,
        })
    }

    /// The address; or, where it is unusable, what is to become of it.
    async fn authorize_address(
        &self,
        submission: &Submission,
        route: &Route,
        address: &EmailAddress,
        unusable: UnusableSender,
    ) -> Result<Authorization, SendError> {
        let request = route.send_as(&submission.tenant, address);
        let now = self.parts.clock.now();
        let registry = &self.parts.registry;
        Ok(match unusable {
            UnusableSender::Refuse => registry.authorize(&request, now).await,
            UnusableSender::SendFromDefault => registry.authorize_or_default(&request, now).await,
        }?)
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

/// Who a message may be from, and the message from them.
struct Authorized {
    authorization: Authorization,
    message: Message,
    return_path: ReversePath,
}

/// What a check before connecting came to.
struct Checked<'a> {
    route: &'a Route,
    profile: &'a Profile,
    limits: Limits,
    sender: Sender,
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
