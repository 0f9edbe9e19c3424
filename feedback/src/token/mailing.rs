use std::time::SystemTime;

use letterhead_mail::{EmailAddress, IdentityName, StreamId, SubmissionId, TenantId};

use crate::event::{Event, Proof};
use crate::origin::Origin;
use crate::suppression::SuppressionKey;

/// One message to one recipient, as a token of ours names it: proof that we wrote to this address.
///
/// Only reading a token makes one, so holding it is having checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    pub(crate) recipient: EmailAddress,
    pub(crate) origin: Origin,
    pub(crate) proof: Proof,
    pub(crate) issued: SystemTime,
}

impl Mailing {
    /// Who was written to.
    #[must_use]
    pub fn recipient(&self) -> &EmailAddress {
        &self.recipient
    }

    /// The submission, where the token names it.
    #[must_use]
    pub fn submission(&self) -> Option<&SubmissionId> {
        self.origin.submission.as_ref()
    }

    /// Whose mail it was, where the token names it.
    #[must_use]
    pub fn tenant(&self) -> Option<&TenantId> {
        self.origin.tenant.as_ref()
    }

    /// The identity that it was sent under, where the token names it.
    #[must_use]
    pub fn identity(&self) -> Option<&IdentityName> {
        self.origin.identity.as_ref()
    }

    /// The stream it belonged to, where the token names it.
    #[must_use]
    pub fn stream(&self) -> Option<&StreamId> {
        self.origin.stream.as_ref()
    }

    /// What the token proves.
    #[must_use]
    pub fn proof(&self) -> Proof {
        self.proof
    }

    /// When the token was made; of a return path, the day.
    #[must_use]
    pub fn issued(&self) -> SystemTime {
        self.issued
    }

    /// Raises the proof of those events of a report that are about this mailing, and says of them whose mail it is.
    ///
    /// About it are the events whose [addressee](Event::addressee) is its recipient, or that have none and its recipient
    /// among their [candidates](Event::candidates). Where there are none, a report of
    /// one single event is about it whatever address that names: the report came back with the token, so the message
    /// was forwarded and the report names where to, or the address was taken out of it. Of several events of which none
    /// is about the recipient, which one is meant is not known, and all stay as they are.
    ///
    /// In an event that is raised the token has the last word on the
    /// [original recipient](Event::original_recipient), and so on whom a suppression list acts; the
    /// [recipient](Event::recipient) stays what the report says. Whoever holds a token can therefore stop the mail to
    /// the address in it, and to no other. The addressee is part of an event's [id](Event::id): prove first, then record.
    #[must_use]
    pub fn prove(&self, events: Vec<Event>) -> Vec<Event> {
        let key = SuppressionKey::from(&self.recipient);
        let is_recipient = |address: &EmailAddress| SuppressionKey::from(address) == key;
        let names = |event: &Event| match event.addressee() {
            Some(addressee) => is_recipient(addressee),
            None => event.candidates().iter().any(is_recipient),
        };
        let named = events.iter().any(names);
        let single = events.len() == 1;
        let raise = |event: Event| {
            let about = if named { names(&event) } else { single };
            if about { self.raise(event) } else { event }
        };
        events.into_iter().map(raise).collect()
    }

    /// The event, proven to be about this mailing.
    pub(crate) fn raise(&self, event: Event) -> Event {
        let proof = event.proof().max(self.proof);
        event
            .with_original_recipient(self.recipient.clone())
            .with_candidates([])
            .with_proof(proof)
            .with_origin(self.origin.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::Mailing;
    use crate::event::{Event, EventKind, Permanence, Proof};
    use crate::origin::Origin;

    fn mailing() -> Mailing {
        Mailing {
            recipient: "joe@x.example".parse().unwrap(),
            origin: Origin {
                submission: Some("s-1".parse().unwrap()),
                tenant: Some("acme".parse().unwrap()),
                identity: None,
                stream: Some("news".parse().unwrap()),
            },
            proof: Proof::ReturnPath,
            issued: SystemTime::UNIX_EPOCH,
        }
    }

    /// `original/final`, either of them empty.
    fn event(addresses: &str) -> Event {
        let (original, last) = addresses.split_once('/').unwrap();
        let mut event = Event::new(EventKind::Bounced(Permanence::Hard));
        if let Ok(address) = original.parse() {
            event = event.with_original_recipient(address);
        }
        if let Ok(address) = last.parse() {
            event = event.with_recipient(address);
        }
        event
    }

    #[test]
    fn the_token_says_which_events_are_proven() {
        for (events, raised) in [
            // Said plainly, in another case, with the original recipient kept.
            (vec!["/joe@x.example"], vec![true]),
            (vec!["/JOE@X.Example"], vec![true]),
            (vec!["joe@x.example/joe@forward.example"], vec![true]),
            // Forwarded, redacted.
            (vec!["/joe@forward.example"], vec![true]),
            (vec!["/"], vec![true]),
            // Another original recipient: the token wins.
            (vec!["ann@x.example/ann@x.example"], vec![true]),
            // Several.
            (vec!["/joe@x.example", "/ann@x.example"], vec![true, false]),
            (vec!["/joe@x.example", "/joe@x.example"], vec![true, true]),
            (vec!["/joe@x.example", "/"], vec![true, false]),
            (vec!["/bob@x.example", "/ann@x.example"], vec![false, false]),
            (vec!["/", "/"], vec![false, false]),
            (vec![], vec![]),
        ] {
            let before: Vec<Event> = events.iter().map(|addresses| event(addresses)).collect();
            let after = mailing().prove(before.clone());
            assert_eq!(after.len(), before.len());
            for ((before, after), raised) in before.iter().zip(&after).zip(raised) {
                assert_eq!(after.recipient(), before.recipient(), "{events:?}");
                if raised {
                    assert_eq!(after.proof(), Proof::ReturnPath, "{events:?}");
                    assert_eq!(after.addressee(), Some(mailing().recipient()));
                    assert_eq!(after.submission(), mailing().submission());
                    assert_eq!(after.tenant(), mailing().tenant());
                    assert_eq!(after.stream(), mailing().stream());
                } else {
                    assert_eq!(after, before, "{events:?}");
                }
            }
        }
    }

    #[test]
    fn the_token_decides_between_candidates() {
        let candidates = |addresses: [&str; 2]| {
            event("/").with_candidates(addresses.map(|address| address.parse().unwrap()))
        };
        let events = vec![
            candidates(["ann@x.example", "Joe@x.example"]),
            candidates(["ann@x.example", "bob@x.example"]),
        ];
        let after = mailing().prove(events.clone());
        assert_eq!(after[0].addressee(), Some(mailing().recipient()));
        assert!(after[0].candidates().is_empty());
        assert_eq!(after[1], events[1]);
    }

    #[test]
    fn a_stronger_proof_stays() {
        let event = event("/joe@x.example").with_proof(Proof::Provider);
        assert_eq!(mailing().prove(vec![event])[0].proof(), Proof::Provider);
    }
}
