//! Addresses proven by a link mailed to them.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use letterhead_identity::profile::VerifiedBy;
use letterhead_identity::registry::LinkError;
use letterhead_identity::{Identity, LinkKey, LinkToken, VerificationState};
use letterhead_mail::Entropy;

use crate::office::{Office, START, acme, hours, ready};

/// Different octets at each draw.
#[derive(Debug, Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

struct Desk {
    office: Office,
    key: LinkKey,
    entropy: Counting,
}

impl Desk {
    fn new() -> Self {
        Self {
            office: Office::new(),
            key: LinkKey::new(&[7; 32]).unwrap(),
            entropy: Counting::default(),
        }
    }

    fn issue(&self, identity: &Identity, hour: u64) -> LinkToken {
        let (tenant, key) = (acme(), identity.key());
        let registry = &self.office.0;
        let issued = registry.issue_link(&tenant, &key, &self.key, &self.entropy, hours(hour));
        ready(issued).unwrap()
    }

    fn show(&self, token: &LinkToken, hour: u64) -> Result<Identity, LinkError> {
        ready(self.office.0.show_link(token, &self.key, hours(hour)))
    }

    fn confirm(&self, token: &LinkToken, hour: u64) -> Result<Identity, LinkError> {
        ready(self.office.0.confirm_link(token, &self.key, hours(hour)))
    }
}

#[test]
fn a_link_shows_as_often_as_one_likes_and_confirms_once() {
    let desk = Desk::new();
    let identity = desk.office.ses("contact@yourcompany.example");
    let token = desk.issue(&identity, 0);
    for hour in 0..3 {
        let shown = desk.show(&token, hour).unwrap();
        assert_eq!(shown.subject, identity.subject);
        assert!(!shown.verification.is_verified(), "looking proves nothing");
    }
    let confirmed = desk.confirm(&token, 3).unwrap();
    assert_eq!(
        confirmed.verification.state(VerifiedBy::MailLink),
        Some(&VerificationState::Verified {
            since: hours(3),
            missing_since: None
        })
    );
    assert!(matches!(desk.confirm(&token, 3), Err(LinkError::Used)));
    assert!(matches!(desk.show(&token, 3), Err(LinkError::Used)));
    assert!(desk.office.decides("contact@yourcompany.example").is_ok());
}

#[test]
fn a_link_is_good_for_the_rules_hours_and_a_newer_one_takes_its_place() {
    let desk = Desk::new();
    let identity = desk.office.ses("contact@yourcompany.example");
    let first = desk.issue(&identity, 0);
    assert!(desk.show(&first, 23).is_ok());
    assert!(matches!(
        desk.confirm(&first, 24),
        Err(LinkError::Expired { at }) if at == hours(24)
    ));
    let second = desk.issue(&identity, 30);
    assert_ne!(first.to_string(), second.to_string());
    assert!(matches!(desk.show(&first, 1), Err(LinkError::Used)));
    let pending = desk.show(&second, 30).unwrap();
    assert_eq!(
        pending.verification.state(VerifiedBy::MailLink),
        Some(&VerificationState::Pending {
            deadline: Some(hours(54))
        }),
        "the whole time again"
    );
    assert!(
        desk.confirm(&second, 53)
            .unwrap()
            .verification
            .is_verified()
    );
}

#[test]
fn nothing_but_the_link_that_was_made_confirms() {
    let desk = Desk::new();
    let identity = desk.office.ses("contact@yourcompany.example");
    let token = desk.issue(&identity, 0).to_string();
    let other_key = LinkKey::new(&[8; 32]).unwrap();
    let other =
        ready(
            desk.office
                .0
                .issue_link(&acme(), &identity.key(), &other_key, &desk.entropy, START),
        )
        .unwrap();
    assert!(matches!(desk.confirm(&other, 0), Err(LinkError::Forged)));
    for length in 0..token.len() {
        let cut: LinkToken = token[..length].parse().unwrap();
        assert!(matches!(
            desk.confirm(&cut, 0),
            Err(LinkError::Malformed | LinkError::Forged)
        ));
    }
    for at in 0..token.len() {
        let mut octets = token.clone().into_bytes();
        octets[at] = if octets[at] == b'A' { b'B' } else { b'A' };
        let changed: LinkToken = String::from_utf8(octets).unwrap().parse().unwrap();
        assert!(desk.confirm(&changed, 0).is_err(), "octet {at}");
    }
    assert!(matches!(
        desk.confirm(&"not a token!".parse().unwrap(), 0),
        Err(LinkError::Malformed)
    ));
}

#[test]
fn only_what_is_proven_by_a_link_has_one_and_secrets_do_not_show() {
    let desk = Desk::new();
    let domain = desk.office.ses("yourcompany.example");
    let refused = ready(desk.office.0.issue_link(
        &acme(),
        &domain.key(),
        &desk.key,
        &desk.entropy,
        START + Duration::from_millis(1),
    ));
    assert!(matches!(refused, Err(LinkError::NotByLink(_))));
    let address = desk.office.ses("contact@yourcompany.example");
    let token = desk.issue(&address, 0);
    assert_eq!(
        format!("{token:?} {:?}", desk.key),
        "LinkToken(…) LinkKey(…)"
    );
    assert!(LinkKey::new(&[0; 31]).is_err());
    let text = token.to_string();
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    assert!(text.bytes().all(is_plain));
}

#[test]
fn of_many_who_confirm_at_once_one_does() {
    let desk = Desk::new();
    let identity = desk.office.ses("contact@yourcompany.example");
    let token = desk.issue(&identity, 0);
    let confirmed = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| desk.confirm(&token, 1).is_ok()))
            .collect();
        let outcomes = threads.into_iter().map(|thread| thread.join().unwrap());
        outcomes.filter(|confirmed| *confirmed).count()
    });
    assert_eq!(confirmed, 1);
}

#[test]
fn another_link_takes_nothing_from_an_address_that_is_proven() {
    let office = Office::with([crate::office::custom(
        "[[identity]]\nkind = \"email\"\ncovers = \"exact-address\"\n\
         verified_by = [\"mail-link\", \"outbound-test-mail\"]\nneeded_to_send = [\"mail-link\"]\nsource = \"page\"\n",
    )]);
    let address = "contact@yourcompany.example";
    let identity = office.create_for("acme", "custom", address, "").unwrap();
    let (key, entropy) = (LinkKey::new(&[7; 32]).unwrap(), Counting::default());
    let issue = || {
        ready(
            office
                .0
                .issue_link(&acme(), &identity.key(), &key, &entropy, START),
        )
        .unwrap()
    };
    ready(office.0.confirm_link(&issue(), &key, START)).unwrap();
    assert!(office.authorize("custom", address, "").is_ok());
    issue();
    assert!(office.authorize("custom", address, "").is_ok());
}
