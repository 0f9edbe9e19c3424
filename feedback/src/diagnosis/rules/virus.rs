//! What a machine takes for a virus.

use super::super::rule::Rule;
#[cfg(test)]
use super::Samples;
#[cfg(test)]
use crate::event::Permanence;
use crate::event::Reason;

pub(super) const RULES: &[Rule] = &[
    Rule::says("virus", Reason::VIRUS),
    Rule::says("contains viruses", Reason::VIRUS),
    Rule::says("infected", Reason::VIRUS),
    Rule::says("malware", Reason::VIRUS),
    Rule::says("trojan", Reason::VIRUS),
    Rule::says("worm", Reason::VIRUS),
    Rule::says("clamav", Reason::VIRUS),
    Rule::says("clamd", Reason::VIRUS),
    Rule::says("eicar", Reason::VIRUS),
    Rule::says("ransomware", Reason::VIRUS),
    Rule::says("w32", Reason::VIRUS),
    Rule::says("signature detected", Reason::VIRUS).and("virus"),
    Rule::says("antivirus", Reason::VIRUS),
    Rule::says("schadsoftware", Reason::VIRUS),
    Rule::says("вирус", Reason::VIRUS),
    Rule::says("病毒", Reason::VIRUS),
    Rule::says("ウイルス", Reason::VIRUS),
    Rule::names("ofr_515", Reason::VIRUS),
    Rule::names("ib704", Reason::VIRUS),
    Rule::names("viruscheck", Reason::VIRUS),
];

#[cfg(test)]
pub(super) const SAMPLES: &[Samples] = &[Samples {
    reason: Reason::VIRUS,
    permanence: Permanence::Soft,
    said: &[
        "Remote host said: 550 virus",
        "smtp; 550 contains viruses",
        "550 <joe@example.org>: infected",
        "host mx.example.org[192.0.2.1] said: 550 malware (in reply to RCPT TO command)",
        "smtp;554 trojan",
        "Remote host said: 550 worm",
        "smtp; 550 clamav",
        "550 <joe@example.org>: clamd",
        "host mx.example.org[192.0.2.1] said: 550 eicar (in reply to RCPT TO command)",
        "smtp;554 ransomware",
        "Remote host said: 550 w32",
        "smtp; 550 signature detected for virus",
        "550 <joe@example.org>: antivirus",
        "host mx.example.org[192.0.2.1] said: 550 schadsoftware (in reply to RCPT TO command)",
        "smtp;554 вирус",
        "Remote host said: 550 病毒",
        "smtp; 550 ウイルス",
        "550 OFR_515",
        "smtp.secureserver.net|552 refused IB704",
        "550 VirusCheck",
    ],
}];
