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
        "550 <joe@example.org>: virus",
        "host mx.example.org[192.0.2.1] said: 550 contains viruses (in reply to RCPT TO command)",
        "smtp;554 infected",
        "Remote host said: 550 malware",
        "smtp; 550 trojan",
        "550 <joe@example.org>: worm",
        "host mx.example.org[192.0.2.1] said: 550 clamav (in reply to RCPT TO command)",
        "smtp;554 clamd",
        "Remote host said: 550 eicar",
        "smtp; 550 ransomware",
        "550 <joe@example.org>: w32",
        "host mx.example.org[192.0.2.1] said: 550 signature detected for virus (in reply to RCPT TO command)",
        "smtp;554 antivirus",
        "Remote host said: 550 schadsoftware",
        "smtp; 550 вирус",
        "550 <joe@example.org>: 病毒",
        "host mx.example.org[192.0.2.1] said: 550 ウイルス (in reply to RCPT TO command)",
        "550 OFR_515",
        "smtp.secureserver.net|552 refused IB704",
        "550 VirusCheck",
    ],
}];
