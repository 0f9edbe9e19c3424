//! What mail-auth finds.

use std::net::IpAddr;

use letterhead_dns::block_on_ready;
use letterhead_mail::DomainName;
use mail_auth::dkim::DkimError;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcOutput, DmarcResult, Error,
    MessageAuthenticator, Parameters, SpfResult,
};

use super::SignatureOpinion;
use super::answers::{Answers, NamesOf};
use crate::dns::SimulatedDns;
use crate::session::ReceivedMessage;

/// Its opinion.
pub(super) struct Other {
    pub(super) spf: &'static str,
    /// Of every signature that it can read.
    pub(super) dkim: Vec<OtherSignature>,
    pub(super) dmarc: String,
}

/// Its opinion on a signature.
pub(super) struct OtherSignature {
    pub(super) opinion: SignatureOpinion,
    /// It takes the signature for one that has expired.
    pub(super) is_expired: bool,
}

/// Judges a message by mail-auth; `None` where it would wait, or cannot read the message at all.
pub(super) fn judge(
    dns: &SimulatedDns,
    client: IpAddr,
    received: &ReceivedMessage,
    receiver: &DomainName,
) -> Option<Other> {
    // It has no server to ask: what the caches do not answer has failed.
    let servers = ResolverConfig::default();
    let judge = MessageAuthenticator::new(servers, ResolverOpts::default()).ok()?;
    let answers = Answers(dns);
    let names = NamesOf { dns, client };
    let sender = received.envelope.sender().to_string();
    let helo = received.client_name.as_str();
    let host = receiver.as_str();
    let asked = if sender.is_empty() {
        SpfParameters::verify_ehlo(client, helo, host)
    } else {
        SpfParameters::verify_mail_from(client, helo, host, &sender)
    };
    let spf = block_on_ready(judge.check_host(ask(asked, &answers, &names)))?;
    let message = AuthenticatedMessage::parse(received.message.as_bytes())?;
    let dkim = ask(&message, &answers, &names);
    let dkim = block_on_ready(judge.verify_dkim(dkim))?;
    let checked = sender.rsplit_once('@').map_or(helo, |(_, domain)| domain);
    let dmarc = DmarcParameters::new(&message, &dkim, checked, &spf);
    let dmarc = ask(dmarc, &answers, &names);
    let dmarc = block_on_ready(judge.verify_dmarc(dmarc))?;
    Some(Other {
        spf: spf_word(spf.result()),
        dkim: dkim.iter().filter_map(opinion).collect(),
        dmarc: dmarc_words(&dmarc),
    })
}

type Asked<'a, P> =
    Parameters<'a, P, Answers<'a>, Answers<'a>, Answers<'a>, Answers<'a>, NamesOf<'a>>;

/// With every cache.
fn ask<'a, P>(params: P, answers: &'a Answers<'a>, names: &'a NamesOf<'a>) -> Asked<'a, P> {
    Parameters {
        params,
        cache_txt: Some(answers),
        cache_mx: Some(answers),
        cache_ptr: Some(names),
        cache_ipv4: Some(answers),
        cache_ipv6: Some(answers),
    }
}

fn opinion(output: &DkimOutput<'_>) -> Option<OtherSignature> {
    let signature = output.signature()?;
    let (result, error) = match output.result() {
        DkimResult::Pass => ("pass", None),
        DkimResult::Neutral(error) => ("neutral", Some(error)),
        DkimResult::Fail(error) => ("fail", Some(error)),
        DkimResult::PermError(error) => ("permerror", Some(error)),
        DkimResult::TempError(error) => ("temperror", Some(error)),
        DkimResult::None => ("none", None),
    };
    Some(OtherSignature {
        opinion: SignatureOpinion {
            domain: signature.d.clone(),
            selector: signature.s.clone(),
            result: result.to_owned(),
        },
        is_expired: matches!(error, Some(Error::Dkim(DkimError::SignatureExpired))),
    })
}

fn spf_word(result: SpfResult) -> &'static str {
    match result {
        SpfResult::Pass => "pass",
        SpfResult::Fail => "fail",
        SpfResult::SoftFail => "softfail",
        SpfResult::Neutral => "neutral",
        SpfResult::TempError => "temperror",
        SpfResult::PermError => "permerror",
        SpfResult::None => "none",
    }
}

fn dmarc_words(output: &DmarcOutput) -> String {
    let result = match output.result() {
        DmarcResult::Pass => "pass",
        DmarcResult::Fail(_) => "fail",
        DmarcResult::TempError(_) => "temperror",
        DmarcResult::PermError(_) => "permerror",
        DmarcResult::None => "none",
    };
    match output.dmarc_record() {
        Some(_) if result != "none" => format!("{result} ({})", output.policy()),
        _ => result.to_owned(),
    }
}
