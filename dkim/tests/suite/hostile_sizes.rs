//! Messages that want much work done.

use std::sync::atomic::{AtomicUsize, Ordering};

use letterhead_dkim::{Canonicalization, Cause, Verdict, VerifyLimits, sign, verify};
use letterhead_dns::{
    Answer, BoxFuture, LookupError, Name, RecordType, Resolver, Zone, block_on_ready,
};

use crate::craft::Craft;
use crate::support::{self, ED25519, key, now, signed, signer};

const MESSAGE: &[u8] = b"From: a@example.org\r\n\r\nHello\r\n";

/// The keys of the tests, and how often they were asked for.
#[derive(Debug)]
struct Counted {
    zone: Zone,
    lookups: AtomicUsize,
}

impl Resolver for Counted {
    fn lookup<'a>(
        &'a self,
        name: &'a Name,
        record_type: RecordType,
    ) -> BoxFuture<'a, Result<Answer, LookupError>> {
        self.lookups.fetch_add(1, Ordering::Relaxed);
        self.zone.lookup(name, record_type)
    }
}

/// The causes, and how many lookups they took.
fn judged(message: &[u8], limits: &VerifyLimits) -> (Vec<Cause>, usize) {
    let resolver = Counted {
        zone: support::zone(),
        lookups: AtomicUsize::new(0),
    };
    let verdicts = block_on_ready(verify(message, &resolver, now(), limits)).unwrap();
    let causes = verdicts.iter().map(Verdict::cause).cloned().collect();
    (causes, resolver.lookups.into_inner())
}

/// A signature whose `h=` is this.
fn crafted(names: &str, message: &[u8]) -> Vec<u8> {
    let field = format!(
        "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=ed25519; h={names}; bh={{bh}}; b={{b}}"
    );
    Craft {
        key: &*key(ED25519),
        canonicalization: Canonicalization::RELAXED,
        names: names
            .split(':')
            .map(|name| name.trim().to_owned())
            .collect(),
        length: None,
    }
    .sign(field.as_bytes(), message)
}

#[test]
fn a_hundred_thousand_fields_are_not_looked_at_unless_asked_for() {
    let whole = signed(MESSAGE, &[signer(key(ED25519))]);
    let whole = [&b"X-Filler: 1\r\n".repeat(100_000)[..], &whole].concat();
    let limits = VerifyLimits::default();
    assert_eq!(
        judged(&whole, &limits),
        (vec![Cause::TooManyHeaderFields], 0)
    );
    let limits = limits.header_fields(100_002);
    assert_eq!(judged(&whole, &limits), (vec![Cause::Verified], 1));
    assert_eq!(
        judged(&whole, &limits.header_fields(100_001)),
        (vec![Cause::TooManyHeaderFields], 0)
    );
}

#[test]
fn a_hundred_thousand_fields_can_be_signed() {
    let message = [&b"X-Filler: 1\r\nSender: a\r\n".repeat(50_000)[..], MESSAGE].concat();
    let field = sign(&message, &[signer(key(ED25519))], now())
        .unwrap()
        .remove(0);
    assert_eq!(field.as_str().matches("Sender").count(), 50_000);
    for line in field.as_str().lines() {
        assert!(line.len() <= 78);
    }
}

#[test]
fn ten_thousand_signatures_cost_ten() {
    let signature = &sign(MESSAGE, &[signer(key(ED25519))], now()).unwrap()[0];
    let whole = [&signature.as_str().repeat(10_000).into_bytes()[..], MESSAGE].concat();
    let ten = |cause: Cause| {
        let mut causes = vec![cause; 10];
        causes.push(Cause::TooManySignatures);
        causes
    };
    let limits = VerifyLimits::default();
    assert_eq!(
        judged(&whole, &limits),
        (ten(Cause::TooManyHeaderFields), 0)
    );
    let limits = limits.header_fields(20_000);
    assert_eq!(judged(&whole, &limits), (ten(Cause::Verified), 10));
    assert_eq!(
        judged(&whole, &limits.signatures(0)),
        (vec![Cause::TooManySignatures], 0)
    );
}

#[test]
fn broken_signatures_count_as_well() {
    let whole = [
        &b"DKIM-Signature: v=1; nonsense\r\n".repeat(900)[..],
        &signed(MESSAGE, &[signer(key(ED25519))]),
    ]
    .concat();
    let (causes, lookups) = judged(&whole, &VerifyLimits::default());
    assert_eq!((causes.len(), lookups), (11, 0));
    assert_eq!(causes[10], Cause::TooManySignatures);
}

#[test]
fn ten_thousand_names_are_too_long_for_a_signature() {
    let names = format!("From{}", ":\r\n X-Not-There".repeat(10_000));
    let whole = crafted(&names, MESSAGE);
    let limits = VerifyLimits::default();
    assert_eq!(judged(&whole, &limits), (vec![Cause::SignatureTooLong], 0));
    let limits = limits.signature_octets(1_000_000);
    assert_eq!(judged(&whole, &limits), (vec![Cause::Verified], 1));
}

#[test]
fn the_most_that_the_limits_let_through_verifies() {
    let names = format!("From{}", ":a".repeat(3_900));
    let message = [&b"a: 1\r\n".repeat(980)[..], MESSAGE].concat();
    let one = crafted(&names, &message);
    let signature = &one[..one.len() - message.len()];
    assert!(signature.len() > 8_000);
    let whole = [&signature.repeat(10)[..], &message].concat();
    let (causes, lookups) = judged(&whole, &VerifyLimits::default());
    assert_eq!((causes, lookups), (vec![Cause::Verified; 10], 10));
}

#[test]
fn the_limit_of_a_signature_is_the_whole_field() {
    let whole = signed(MESSAGE, &[signer(key(ED25519))]);
    let octets = whole.len() - MESSAGE.len();
    let limits = |octets| VerifyLimits::default().signature_octets(octets);
    assert_eq!(judged(&whole, &limits(octets)).0, [Cause::Verified]);
    assert_eq!(
        judged(&whole, &limits(octets - 1)).0,
        [Cause::SignatureTooLong]
    );
}
