//! What a machine takes for a virus.

use super::super::rule::Rule;
#[cfg(test)]
use super::Samples;
#[cfg(test)]
use crate::event::Permanence;
use crate::event::Reason;

pub(super) const RULES: &[Rule] = &[
    Rule::says("- virus:", Reason::VIRUS).surely(),
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
    Rule::names("ofr_515", Reason::VIRUS).surely(),
    Rule::names("ib704", Reason::VIRUS),
    Rule::names("viruscheck", Reason::VIRUS),
];

#[cfg(test)]
pub(super) const SAMPLES: &[Samples] = &[Samples {
    reason: Reason::VIRUS,
    permanence: Permanence::Soft,
    said: &[
        "554 5.7.0 Reject, id=1-2 - VIRUS: Eicar",
        "host mx.example.org[192.0.2.1] said: 550 virus (in reply to RCPT TO command)",
        "smtp;554 contains viruses",
        "Remote host said: 550 infected",
        "smtp; 550 malware",
        "550 <joe@example.org>: trojan",
        "host mx.example.org[192.0.2.1] said: 550 worm (in reply to RCPT TO command)",
        "smtp;554 clamav",
        "Remote host said: 550 clamd",
        "smtp; 550 eicar",
        "550 <joe@example.org>: ransomware",
        "host mx.example.org[192.0.2.1] said: 550 w32 (in reply to RCPT TO command)",
        "smtp;554 signature detected for virus",
        "Remote host said: 550 antivirus",
        "smtp; 550 schadsoftware",
        "550 <joe@example.org>: вирус",
        "host mx.example.org[192.0.2.1] said: 550 病毒 (in reply to RCPT TO command)",
        "smtp;554 ウイルス",
        "550 OFR_515",
        "smtp.secureserver.net|552 refused IB704",
        "550 VirusCheck",
    ],
}];
