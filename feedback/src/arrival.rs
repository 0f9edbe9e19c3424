//! How a report came.

use letterhead_mail::{DomainName, EmailAddress};

use crate::event::{Event, EventKind, Proof};

/// How a report came, as the server that took it in knows: what the report itself cannot say of itself.
///
/// ```
/// use letterhead_feedback::{Arrival, FeedbackLoops, Proof, read_report};
///
/// let complaint = b"From: complaints@fbl.mailbox.example\r\n\
///     Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n\
///     --b\r\nContent-Type: message/feedback-report\r\n\r\n\
///     Feedback-Type: abuse\r\nVersion: 1\r\nOriginal-Rcpt-To: joe@mailbox.example\r\n\r\n--b--\r\n";
/// // The domains of the DKIM signatures that passed, by whatever verifies them.
/// let arrival = Arrival::new().signed_by(["fbl.mailbox.example".parse()?]);
/// let loops = FeedbackLoops::new(["mailbox.example".parse()?]);
/// let events = loops.prove(read_report(complaint).events, &arrival);
/// assert_eq!(events[0].proof(), Proof::FeedbackLoop);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Arrival {
    /// The envelope's recipients: the addresses it was delivered to.
    pub delivered_to: Vec<EmailAddress>,
    /// The domains of its DKIM signatures that passed.
    pub signed_by: Vec<DomainName>,
}

impl Arrival {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Delivered to these addresses.
    #[must_use]
    pub fn delivered_to(mut self, addresses: impl IntoIterator<Item = EmailAddress>) -> Self {
        self.delivered_to.extend(addresses);
        self
    }

    /// With valid DKIM signatures of these domains ([RFC 6376 §3.5](https://www.rfc-editor.org/rfc/rfc6376#section-3.5), the
    /// tag `d=`). Only what was verified may be given.
    #[must_use]
    pub fn signed_by(mut self, domains: impl IntoIterator<Item = DomainName>) -> Self {
        self.signed_by.extend(domains);
        self
    }
}

/// The feedback loops that somebody has signed up for, by the domains that sign their reports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedbackLoops {
    domains: Vec<DomainName>,
}

impl FeedbackLoops {
    /// Those whose reports are signed by one of these domains, or by one below it.
    ///
    /// Give the name that only the reports are signed with. A domain under which people have mailboxes signs what they
    /// write as well, so each of them could complain in the name of anybody.
    #[must_use]
    pub fn new(domains: impl IntoIterator<Item = DomainName>) -> Self {
        Self {
            domains: domains.into_iter().collect(),
        }
    }

    /// Raises what people say (complaints, and that something is no spam) to [`Proof::FeedbackLoop`] where the report is
    /// signed by one of the loops. A feedback loop says nothing of deliveries: bounces stay as they are.
    #[must_use]
    pub fn prove(&self, events: Vec<Event>, arrival: &Arrival) -> Vec<Event> {
        let is_ours = |signer: &DomainName| {
            self.domains
                .iter()
                .any(|domain| signer.is_at_or_below(domain))
        };
        if !arrival.signed_by.iter().any(is_ours) {
            return events;
        }
        let raise = |event: Event| match event.kind() {
            EventKind::Complained | EventKind::Unsubscribed | EventKind::NotSpam => {
                let proof = event.proof().max(Proof::FeedbackLoop);
                event.with_proof(proof)
            }
            _ => event,
        };
        events.into_iter().map(raise).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrival, FeedbackLoops};
    use crate::event::{Event, EventKind, Permanence, Proof};

    #[test]
    fn a_loop_vouches_for_complaints_signed_by_it_and_for_nothing_else() {
        let loops = FeedbackLoops::new(["fbl.example".parse().unwrap()]);
        let complaint = EventKind::Complained;
        let bounce = EventKind::Bounced(Permanence::Hard);
        for (signer, kind, before, after) in [
            (
                "fbl.example",
                complaint,
                Proof::Unproven,
                Proof::FeedbackLoop,
            ),
            (
                "mx.FBL.example",
                complaint,
                Proof::Unproven,
                Proof::FeedbackLoop,
            ),
            (
                "fbl.example",
                complaint,
                Proof::ReturnPath,
                Proof::ReturnPath,
            ),
            ("fbl.example", bounce, Proof::Unproven, Proof::Unproven),
            (
                "evilfbl.example",
                complaint,
                Proof::Unproven,
                Proof::Unproven,
            ),
            ("example", complaint, Proof::Unproven, Proof::Unproven),
        ] {
            let arrival = Arrival::new().signed_by([signer.parse().unwrap()]);
            let event = Event::new(kind).with_proof(before);
            assert_eq!(
                loops.prove(vec![event], &arrival)[0].proof(),
                after,
                "{signer} {kind}"
            );
        }
        let unsigned = loops.prove(vec![Event::new(complaint)], &Arrival::new());
        assert_eq!(unsigned[0].proof(), Proof::Unproven);
    }
}
