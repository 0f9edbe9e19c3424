//! Block lists, by name.

use super::super::rule::Rule;
#[cfg(test)]
use super::Samples;
#[cfg(test)]
use crate::event::Permanence;
use crate::event::Reason;

pub(super) const RULES: &[Rule] = &[
    Rule::names("spamhaus", Reason::BLOCKED).surely(),
    Rule::names("spamcop", Reason::BLOCKED).surely(),
    Rule::names("sorbs.net", Reason::BLOCKED).surely(),
    Rule::names("barracudacentral.org", Reason::BLOCKED).surely(),
    Rule::names("barracudanetworks.com/reputation", Reason::BLOCKED).surely(),
    Rule::names("uceprotect", Reason::BLOCKED).surely(),
    Rule::names("abusix", Reason::BLOCKED).surely(),
    Rule::names("abuseat.org", Reason::BLOCKED).surely(),
    Rule::names("psbl.surriel.com", Reason::BLOCKED).surely(),
    Rule::names("njabl", Reason::BLOCKED).surely(),
    Rule::names("manitu.net", Reason::BLOCKED).surely(),
    Rule::names("mailspike", Reason::BLOCKED).surely(),
    Rule::names("invaluement", Reason::BLOCKED).surely(),
    Rule::names("spfbl.net", Reason::BLOCKED).surely(),
    Rule::names("backscatterer.org", Reason::BLOCKED).surely(),
    Rule::names("spamrats.com", Reason::BLOCKED).surely(),
    Rule::names("dnswl", Reason::BLOCKED).and("block").surely(),
    Rule::names("trendmicro.com", Reason::BLOCKED).surely(),
    Rule::names("mail-abuse.com", Reason::BLOCKED).surely(),
    Rule::names("ipcheck.proofpoint.com", Reason::BLOCKED).surely(),
    Rule::names("sophos.com", Reason::BLOCKED)
        .and("blocked")
        .surely(),
    Rule::names("junkmailfilter.com", Reason::BLOCKED).surely(),
    Rule::names("truncate.gbudb.net", Reason::BLOCKED).surely(),
    Rule::names("hostkarma", Reason::BLOCKED).surely(),
];

#[cfg(test)]
pub(super) const SAMPLES: &[Samples] = &[Samples {
    reason: Reason::BLOCKED,
    permanence: Permanence::Soft,
    said: &[
        "Remote host said: 550 spamhaus",
        "smtp; 550 spamcop",
        "550 see http://dnsbl.sorbs.net/",
        "550 see http://www.barracudacentral.org/rbl",
        "550 see http://www.barracudanetworks.com/reputation/?pr=1",
        "550 see http://www.uceprotect.net/",
        "550 see https://lookup.abusix.com/",
        "550 see http://cbl.abuseat.org/",
        "550 see http://psbl.surriel.com/",
        "550 NJABL",
        "550 see http://www.dnsbl.manitu.net/",
        "550 see http://mailspike.org/",
        "550 see https://www.invaluement.com/",
        "550 see https://spfbl.net/",
        "550 see http://www.backscatterer.org/",
        "550 see http://www.spamrats.com/",
        "550 block by DNSWL",
        "550 see https://servicecentral.trendmicro.com/",
        "550 see http://www.mail-abuse.com/cgi-bin/lookup",
        "554 see https://ipcheck.proofpoint.com/?ip=192.0.2.1",
        "550 blocked, see https://www.sophos.com",
        "550 see http://junkmailfilter.com",
        "550 see truncate.gbudb.net",
        "550 hostkarma",
    ],
}];
