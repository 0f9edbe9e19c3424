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
        "550 <joe@example.org>: suppression list",
        "host mx.example.org[192.0.2.1] said: 550 recipient suppressed (in reply to RCPT TO command)",
        "smtp;554 address is suppressed",
        "Remote host said: 550 address suppressed",
        "smtp; 550 address has been suppressed",
        "550 <joe@example.org>: globally suppressed",
        "host mx.example.org[192.0.2.1] said: 550 did not send to this address because it for suppression (in reply to RCPT TO command)",
        "smtp;554 bounced address",
        "Remote host said: 550 previously bounced",
        "smtp; 550 unsubscribed address",
        "550 <joe@example.org>: hbounced",
        "host mx.example.org[192.0.2.1] said: 550 hard bounced previously (in reply to RCPT TO command)",
        "smtp;554 amazon ses did not send",
        "Remote host said: 550 has suppressed sending to this address",
    ],
}];
