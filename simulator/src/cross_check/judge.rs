//! Asking mail-auth.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use letterhead_dkim::DkimResult;
use letterhead_dmarc::{DmarcResult, Policy};
use letterhead_dns::{RecordType, block_on_ready};
use letterhead_identity::Authenticated;
use letterhead_mail::{DomainName, Message, ReversePath};
use letterhead_spf::SpfResult;
use mail_auth::dkim::Signature;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::TokioResolver;
use mail_auth::hickory_resolver::config::{ResolveHosts, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::net::runtime::TokioRuntimeProvider;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DmarcOutput, MessageAuthenticator, SpfOutput, dmarc,
};
use rustls::{ClientConfig, RootCertStore};

use super::answers::{Answers, AuthorDomain, Purpose};
use super::{DmarcOpinion, NoSecondOpinion, SecondOpinion, compare, dkim_fields};
use crate::dns::SimulatedDns;

/// A mail as it was brought, and what it is judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brought<'a> {
    pub(crate) message: &'a Message,
    pub(crate) sender: &'a ReversePath,
    pub(crate) client: IpAddr,
    pub(crate) client_name: &'a str,
    pub(crate) receiver: &'a DomainName,
    pub(crate) now: SystemTime,
    pub(crate) dns: &'a SimulatedDns,
}

/// mail-auth with a resolver that has nobody to ask: a question that comes to it fails at once, without a packet.
#[derive(Clone)]
pub(crate) struct SecondJudge {
    resolver: TokioResolver,
}

impl fmt::Debug for SecondJudge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecondJudge(…)")
    }
}

impl SecondJudge {
    pub(crate) fn new() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let nobody = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
        let mut options = ResolverOpts::default();
        options.use_hosts_file = ResolveHosts::Never;
        options.cache_size = 0;
        options.attempts = 0;
        // It would read the machine's certificates for connections that it never makes.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let resolver = TokioResolver::builder_with_config(nobody, TokioRuntimeProvider::default())
            .with_options(options)
            .with_tls_config(tls)
            .build()?;
        Ok(Self { resolver })
    }

    /// What mail-auth finds, and where that differs from what the receiver found.
    pub(crate) fn opinion(
        &self,
        brought: &Brought<'_>,
        ours: &Authenticated,
    ) -> Result<SecondOpinion, NoSecondOpinion> {
        let octets = brought.message.as_bytes();
        let message = AuthenticatedMessage::parse_with_opts(octets, None, false);
        let mut message = message.ok_or(NoSecondOpinion::Unreadable)?;
        dkim_fields::set_time(&mut message, brought.now);
        let case = Case {
            judge: self,
            brought,
            message: &message,
        };
        let spf = case.spf()?;
        let answers = Answers::new(brought.dns, Purpose::Dkim, brought.client);
        let judge = self.mail_auth();
        let verified = judge.verify_dkim(answers.parameters(&message));
        let dkim = block_on_ready(verified).ok_or(NoSecondOpinion::NotReady)?;
        let mut opinion = SecondOpinion {
            spf: spf_result(spf.result()),
            dkim: dkim_fields::opinions(&message, &dkim),
            dmarc: case.dmarc(&spf, &dkim)?,
            disagreements: Vec::new(),
        };
        let by_ours = case.dmarc_by(ours)?;
        opinion.disagreements = compare::disagreements(brought, ours, &opinion, by_ours);
        Ok(opinion)
    }

    fn mail_auth(&self) -> MessageAuthenticator {
        MessageAuthenticator(self.resolver.clone())
    }
}

struct Case<'a> {
    judge: &'a SecondJudge,
    brought: &'a Brought<'a>,
    message: &'a AuthenticatedMessage<'a>,
}

impl Case<'_> {
    /// Again for each name without addresses that comes up, until there is none that it was not told of.
    fn spf(&self) -> Result<SpfOutput, NoSecondOpinion> {
        let brought = self.brought;
        let sender = brought.sender.to_string();
        let receiver = brought.receiver.as_str();
        let answers = Answers::new(brought.dns, Purpose::Spf, brought.client);
        let mut judge = self.judge.mail_auth();
        for _ in 0..MOST_NAMES {
            let before = answers.missed();
            let (client, name) = (brought.client, brought.client_name);
            let asked = SpfParameters::verify_mail_from(client, name, receiver, &sender);
            let checked = block_on_ready(judge.check_host(answers.parameters(asked)));
            let checked = checked.ok_or(NoSecondOpinion::NotReady)?;
            if answers.missed() == before {
                return Ok(checked);
            }
            judge.0.set_hosts(Arc::new(answers.hosts()));
        }
        Err(NoSecondOpinion::NotReady)
    }

    fn dmarc(
        &self,
        spf: &SpfOutput,
        dkim: &[DkimOutput<'_>],
    ) -> Result<DmarcOpinion, NoSecondOpinion> {
        let brought = self.brought;
        let purpose = Purpose::Dmarc(self.author_domain());
        let answers = Answers::new(brought.dns, purpose, brought.client);
        let checked = checked_domain(brought);
        let asked = DmarcParameters::new(self.message, dkim, &checked, spf);
        let judge = self.judge.mail_auth();
        let judged = judge.verify_dmarc(answers.parameters(asked));
        let judged = block_on_ready(judged).ok_or(NoSecondOpinion::NotReady)?;
        Ok(dmarc_opinion(&judged))
    }

    /// What it makes of what the receiver found by SPF and DKIM.
    fn dmarc_by(&self, ours: &Authenticated) -> Result<DmarcOpinion, NoSecondOpinion> {
        let spf = SpfOutput::new(checked_domain(self.brought));
        let spf = spf.with_result(their_spf_result(ours.spf.result));
        let counted = ours.dkim.iter().filter(|verdict| !verdict.is_testing());
        let found: Vec<(DkimResult, Signature)> = counted
            .filter_map(|verdict| {
                let signature = Signature {
                    d: verdict.domain()?.to_string(),
                    ..Signature::default()
                };
                Some((verdict.result(), signature))
            })
            .collect();
        let dkim: Vec<DkimOutput<'_>> = found
            .iter()
            .map(|(result, signature)| their_dkim_output(*result).with_signature(signature))
            .collect();
        self.dmarc(&spf, &dkim)
    }

    /// By the question that mail-auth asks.
    fn author_domain(&self) -> AuthorDomain {
        let domain = self.message.from.first();
        let domain = domain.and_then(|author| author.rsplit_once('@'));
        let domain = domain.and_then(|(_, domain)| domain.parse::<DomainName>().ok());
        let is_missing = domain.is_some_and(|domain| {
            let answer = self.brought.dns.answer(domain.as_name(), RecordType::A);
            answer.is_err_and(|error| error.is_no_such_name())
        });
        if is_missing {
            AuthorDomain::IsMissing
        } else {
            AuthorDomain::Exists
        }
    }
}

/// The domain that SPF is checked of.
fn checked_domain(brought: &Brought<'_>) -> String {
    match brought.sender {
        ReversePath::Null => brought.client_name.to_owned(),
        ReversePath::Address(address) => address.domain().to_string(),
    }
}

fn spf_result(result: mail_auth::SpfResult) -> SpfResult {
    match result {
        mail_auth::SpfResult::Pass => SpfResult::Pass,
        mail_auth::SpfResult::Fail => SpfResult::Fail,
        mail_auth::SpfResult::SoftFail => SpfResult::SoftFail,
        mail_auth::SpfResult::Neutral => SpfResult::Neutral,
        mail_auth::SpfResult::TempError => SpfResult::TempError,
        mail_auth::SpfResult::PermError => SpfResult::PermError,
        mail_auth::SpfResult::None => SpfResult::None,
    }
}

fn their_spf_result(result: SpfResult) -> mail_auth::SpfResult {
    match result {
        SpfResult::Pass => mail_auth::SpfResult::Pass,
        SpfResult::Fail => mail_auth::SpfResult::Fail,
        SpfResult::SoftFail => mail_auth::SpfResult::SoftFail,
        SpfResult::Neutral => mail_auth::SpfResult::Neutral,
        SpfResult::TempError => mail_auth::SpfResult::TempError,
        SpfResult::PermError => mail_auth::SpfResult::PermError,
        SpfResult::None => mail_auth::SpfResult::None,
    }
}

fn their_dkim_output<'x>(result: DkimResult) -> DkimOutput<'x> {
    match result {
        DkimResult::Pass => DkimOutput::pass(),
        DkimResult::TempError => DkimOutput::temp_err(mail_auth::Error::Dns(
            mail_auth::DnsError::Resolver(String::new()),
        )),
        DkimResult::Fail | DkimResult::Neutral | DkimResult::Policy | DkimResult::PermError => {
            DkimOutput::fail(mail_auth::Error::ParseError)
        }
    }
}

fn dmarc_opinion(output: &DmarcOutput) -> DmarcOpinion {
    let policy = match output.policy() {
        dmarc::Policy::None | dmarc::Policy::Unspecified => Policy::None,
        dmarc::Policy::Quarantine => Policy::Quarantine,
        dmarc::Policy::Reject => Policy::Reject,
    };
    DmarcOpinion {
        result: match output.result() {
            mail_auth::DmarcResult::Pass => DmarcResult::Pass,
            mail_auth::DmarcResult::Fail(_) => DmarcResult::Fail,
            mail_auth::DmarcResult::TempError(_) => DmarcResult::TempError,
            mail_auth::DmarcResult::PermError(_) => DmarcResult::PermError,
            mail_auth::DmarcResult::None => DmarcResult::None,
        },
        policy: output.dmarc_record().map(|_| policy),
    }
}

/// Names without addresses that one check of SPF can come by: ten terms, of which one can stand for ten exchangers, with an
/// address of either family each.
const MOST_NAMES: usize = 220;
