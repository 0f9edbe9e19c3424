//! A bad name.

use super::super::rule::Rule;
#[cfg(test)]
use super::Samples;
#[cfg(test)]
use crate::event::Permanence;
use crate::event::Reason;

pub(super) const RULES: &[Rule] = &[
    Rule::says("reputation", Reason::BAD_REPUTATION).surely(),
    Rule::says("senderbase", Reason::BAD_REPUTATION).surely(),
    Rule::says("senderscore", Reason::BAD_REPUTATION).surely(),
    Rule::says("sender score", Reason::BAD_REPUTATION).surely(),
    Rule::says("score below", Reason::BAD_REPUTATION).surely(),
    Rule::says("talosintelligence.com", Reason::BAD_REPUTATION).surely(),
    Rule::says("poor score", Reason::BAD_REPUTATION).surely(),
    Rule::names("senderbase.org", Reason::BAD_REPUTATION).surely(),
    Rule::names("talosintelligence.com/reputation", Reason::BAD_REPUTATION).surely(),
    Rule::names("p=lowreputation", Reason::BAD_REPUTATION).surely(),
    Rule::names("hl:rep", Reason::BAD_REPUTATION).surely(),
];

#[cfg(test)]
pub(super) const SAMPLES: &[Samples] = &[Samples {
    reason: Reason::BAD_REPUTATION,
    permanence: Permanence::Soft,
    said: &[
        "550 <joe@example.org>: reputation",
        "host mx.example.org[192.0.2.1] said: 550 senderbase (in reply to RCPT TO command)",
        "smtp;554 senderscore",
        "Remote host said: 550 sender score",
        "smtp; 550 score below",
        "550 see talosintelligence.com",
        "host mx.example.org[192.0.2.1] said: 550 poor score (in reply to RCPT TO command)",
        "550 see http://www.senderbase.org",
        "550 see https://www.talosintelligence.com/reputation",
        "550-5.7.1 x 550 5.7.1 https://support.google.com/mail/?p=LowReputation x-gsmtp",
        "550 HL:REP mx.example.org",
    ],
}];
