//! The sending provider did not even try.

use super::super::rule::Rule;
#[cfg(test)]
use super::Samples;
#[cfg(test)]
use crate::event::Permanence;
use crate::event::Reason;

pub(super) const RULES: &[Rule] = &[
    Rule::says("suppression list", Reason::SUPPRESSED).surely(),
    Rule::says("recipient suppressed", Reason::SUPPRESSED).surely(),
    Rule::says("address is suppressed", Reason::SUPPRESSED).surely(),
    Rule::says("address suppressed", Reason::SUPPRESSED).surely(),
    Rule::says("address has been suppressed", Reason::SUPPRESSED).surely(),
    Rule::says("globally suppressed", Reason::SUPPRESSED).surely(),
    Rule::says(
        "did not send to this address because it",
        Reason::SUPPRESSED,
    )
    .and("suppression")
    .surely(),
    Rule::says("bounced address", Reason::SUPPRESSED).surely(),
    Rule::says("previously bounced", Reason::SUPPRESSED).surely(),
    Rule::says("unsubscribed address", Reason::SUPPRESSED).surely(),
    Rule::says("hbounced", Reason::SUPPRESSED).surely(),
    Rule::says("hard bounced previously", Reason::SUPPRESSED).surely(),
    Rule::says("amazon ses did not send", Reason::SUPPRESSED).surely(),
    Rule::says("has suppressed sending to this address", Reason::SUPPRESSED).surely(),
];

#[cfg(test)]
pub(super) const SAMPLES: &[Samples] = &[Samples {
    reason: Reason::SUPPRESSED,
    permanence: Permanence::Soft,
    said: &[
        "smtp;554 suppression list",
        "Remote host said: 550 recipient suppressed",
        "smtp; 550 address is suppressed",
        "550 <joe@example.org>: address suppressed",
        "host mx.example.org[192.0.2.1] said: 550 address has been suppressed (in reply to RCPT TO command)",
        "smtp;554 globally suppressed",
        "Remote host said: 550 did not send to this address because it for suppression",
        "smtp; 550 bounced address",
        "550 <joe@example.org>: previously bounced",
        "host mx.example.org[192.0.2.1] said: 550 unsubscribed address (in reply to RCPT TO command)",
        "smtp;554 hbounced",
        "Remote host said: 550 hard bounced previously",
        "smtp; 550 amazon ses did not send",
        "550 <joe@example.org>: has suppressed sending to this address",
    ],
}];
