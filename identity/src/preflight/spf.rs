//! What SPF will say.

use std::net::IpAddr;

use letterhead_dns::{DomainName, Severity};
use letterhead_spf::check::reason::Reason;
use letterhead_spf::{Audit, Directive, Limits, Query, SpfResult, audit_for, check_host};
use serde::Serialize;

use super::code::Code;
use super::finding::{Finding, RuleSource};
use super::inspection::Inspection;
use super::mail_from::{MailFrom, MailFromSource};
use super::text::{as_optional_text, as_text};
use crate::profile::Necessity;

/// What SPF will say of the envelope sender.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SpfPrediction {
    /// The result: the worst of the hosts'; `None` where it is not known.
    #[serde(serialize_with = "as_optional_text")]
    pub result: Option<SpfResult>,
    /// The domain that is checked; `None` where it is not known.
    #[serde(serialize_with = "as_optional_text")]
    pub domain: Option<DomainName>,
    /// Whose envelope sender it is.
    pub mail_from: MailFromSource,
    /// What the result rests on.
    pub basis: SpfBasis,
    /// Why.
    pub cause: String,
    /// The hosts that were checked, each by itself.
    pub hosts: Vec<HostPrediction>,
}

/// What a predicted SPF result rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SpfBasis {
    /// The addresses that were named.
    Hosts,
    /// The addresses that the profile's SPF terms stand for.
    ProviderTerms,
    /// The record, which gives every host the same result.
    Record,
    /// The provider publishes the record, and is believed.
    Given,
    /// Nothing: the hosts are not known.
    Nothing,
}

/// What SPF will say of one host.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct HostPrediction {
    /// The host's address.
    #[serde(serialize_with = "as_text")]
    pub address: IpAddr,
    /// The result.
    #[serde(serialize_with = "as_text")]
    pub result: SpfResult,
    /// Why.
    pub cause: String,
}

impl Inspection<'_> {
    pub(super) async fn spf(&mut self, mail_from: &MailFrom) -> SpfPrediction {
        let prediction = match (&mail_from.domain, mail_from.source) {
            (Some(domain), MailFromSource::Provider) => self.of_provider(mail_from, domain).await,
            (Some(domain), _) => self.of_domain(mail_from, domain).await,
            (None, MailFromSource::Application) => SpfPrediction {
                result: Some(SpfResult::None),
                basis: SpfBasis::Record,
                ..unknown(mail_from, "an envelope sender at an address has no policy")
            },
            (None, _) => unknown(
                mail_from,
                "no domain is known that could be checked; say what the hosts call themselves",
            ),
        };
        self.judge(&prediction);
        self.check_author_policy(mail_from).await;
        prediction
    }

    /// The return path may be at any domain below the one that is known, so only a pass says something.
    async fn of_provider(&mut self, mail_from: &MailFrom, domain: &DomainName) -> SpfPrediction {
        let hosts = self.check_hosts(mail_from, self.request.hosts).await;
        if let Some(path) = self.request.profile.return_path() {
            self.add(
                Finding::new(
                    Code::TakenAsGiven,
                    RuleSource::profile(self.request.profile, &path.source),
                    "that SPF passes for the provider's envelope sender is taken as given, because its records are the provider's",
                    "look at the Authentication-Results of a first message",
                )
                .about(domain)
                .detail("spf"),
            );
        }
        let all_pass = !hosts.is_empty() && hosts.iter().all(|host| host.result == SpfResult::Pass);
        SpfPrediction {
            result: Some(SpfResult::Pass),
            domain: Some(domain.clone()),
            mail_from: mail_from.source,
            basis: if all_pass {
                SpfBasis::Hosts
            } else {
                SpfBasis::Given
            },
            cause: "the provider authorises its own hosts".to_owned(),
            hosts: if all_pass { hosts } else { Vec::new() },
        }
    }

    async fn of_domain(&mut self, mail_from: &MailFrom, domain: &DomainName) -> SpfPrediction {
        let audit = audit_for(domain, &self.wanted_terms(), self.resolver).await;
        for found in audit.lint() {
            let is_lookup = found.code == letterhead_spf::Code::LookupFailed;
            let code = if is_lookup {
                Code::LookupFailed
            } else {
                Code::SpfRecord
            };
            let is_advice =
                found.code == letterhead_spf::Code::NotAuthorised && self.is_advised(&found.text);
            let finding = Finding::of_record(code, RuleSource::rfc(7208, "4"), found);
            self.add(if is_advice {
                finding.severity(Severity::Warning)
            } else {
                finding
            });
        }
        let prediction = |result, basis, cause: String, hosts| SpfPrediction {
            result,
            domain: Some(domain.clone()),
            mail_from: mail_from.source,
            basis,
            cause,
            hosts,
        };
        if !self.request.hosts.is_empty() {
            let hosts = self.check_hosts(mail_from, self.request.hosts).await;
            let (result, cause) = worst(&hosts);
            return prediction(result, SpfBasis::Hosts, cause, hosts);
        }
        if let Some(problem) = &audit.tree.problem {
            let result = match problem {
                Reason::NoRecord => Some(SpfResult::None),
                Reason::SeveralRecords(_) | Reason::Syntax(_) => Some(SpfResult::PermError),
                Reason::Lookup(_) => Some(SpfResult::TempError),
                _ => None,
            };
            return prediction(result, SpfBasis::Record, problem.to_string(), Vec::new());
        }
        let hosts = self.check_hosts(mail_from, &samples(&audit)).await;
        if hosts.is_empty() {
            return unknown(
                mail_from,
                "the profile names no hosts whose addresses are known",
            );
        }
        let (result, cause) = worst(&hosts);
        prediction(result, SpfBasis::ProviderTerms, cause, hosts)
    }

    async fn check_hosts(&self, mail_from: &MailFrom, hosts: &[IpAddr]) -> Vec<HostPrediction> {
        let domain = mail_from.domain.as_ref();
        let helo = self.request.helo.or_else(|| domain.map(DomainName::as_str));
        let mut checked = Vec::with_capacity(hosts.len());
        for &address in hosts {
            let query = Query::mail_from(address, &mail_from.address, helo.unwrap_or_default())
                .with_now(self.request.now);
            let verdict = check_host(&query, self.resolver, &Limits::default()).await;
            checked.push(HostPrediction {
                address,
                result: verdict.result,
                cause: verdict.decided_by().to_string(),
            });
        }
        checked
    }

    /// Whether a term is one that the profile can do without.
    fn is_advised(&self, term: &str) -> bool {
        let mut rules = self.request.profile.spf().iter();
        rules.any(|rule| rule.term == term && rule.necessity == Necessity::Advised)
    }

    /// The terms that stand for the provider's hosts, as far as they are known.
    fn wanted_terms(&self) -> Vec<Directive> {
        let terms = self.plan.iter().flat_map(|plan| plan.spf());
        terms.filter_map(|planned| planned.term.clone()).collect()
    }

    fn judge(&mut self, prediction: &SpfPrediction) {
        let (code, remedy) = match prediction.result {
            Some(SpfResult::Pass) => return,
            // The lookup that failed is a finding already.
            Some(SpfResult::TempError) => return,
            Some(SpfResult::Fail | SpfResult::PermError) => (
                Code::SpfFails,
                "authorise the sending hosts in that domain's record",
            ),
            Some(SpfResult::None | SpfResult::Neutral | SpfResult::SoftFail) => (
                Code::SpfWeak,
                "authorise the sending hosts in that domain's record",
            ),
            None => (Code::SpfUnknown, "name the sending hosts' addresses"),
        };
        let problem = match prediction.result {
            Some(result) => format!("{result}: {}", prediction.cause),
            None => prediction.cause.clone(),
        };
        let mut finding = Finding::new(code, RuleSource::rfc(7208, "2.6"), problem, remedy);
        if let Some(domain) = &prediction.domain {
            finding = finding.about(domain);
        }
        self.add(finding);
    }

    /// Whom the From domain's own policy authorises, where the envelope sender is at another.
    async fn check_author_policy(&mut self, mail_from: &MailFrom) {
        let Some(author) = self.author.clone() else {
            return;
        };
        if mail_from.domain.as_ref() == Some(&author)
            && mail_from.source != MailFromSource::Provider
        {
            return;
        }
        let audit = audit_for(&author, &self.wanted_terms(), self.resolver).await;
        if matches!(audit.tree.problem, Some(Reason::NoRecord)) {
            self.add(
                Finding::new(
                    Code::FromSpfMissing,
                    RuleSource::rfc(7208, "3"),
                    "the From domain has no SPF record, so that anyone can use it as envelope sender",
                    self.proposal(),
                )
                .about(&author),
            );
            return;
        }
        for found in audit.lint() {
            let (severity, inner) = (found.severity, found.code);
            let source = self.terms_source();
            let finding = match inner {
                letterhead_spf::Code::LookupFailed => {
                    Finding::of_record(Code::LookupFailed, RuleSource::rfc(7208, "4.4"), found)
                }
                letterhead_spf::Code::NotAuthorised => Finding::of_record(
                    Code::FromSpfRecord,
                    source.unwrap_or_else(|| RuleSource::rfc(7208, "4.6")),
                    found,
                )
                .severity(if self.is_required() {
                    Severity::Warning
                } else {
                    Severity::Advice
                }),
                _ => Finding::of_record(Code::FromSpfRecord, RuleSource::rfc(7208, "4.6"), found)
                    .severity(severity.min(Severity::Warning)),
            };
            self.add(finding);
        }
    }

    fn is_required(&self) -> bool {
        let mut terms = self.plan.iter().flat_map(|plan| plan.spf());
        terms.any(|planned| planned.necessity == Necessity::Required)
    }

    pub(super) fn terms_source(&self) -> Option<RuleSource> {
        let profile = self.request.profile;
        let rule = profile.spf().first()?;
        Some(RuleSource::profile(profile, &rule.source))
    }

    fn proposal(&self) -> String {
        let wanted = self.wanted_terms();
        match letterhead_spf::merge(None, &wanted) {
            Ok(merged) if !wanted.is_empty() => format!(
                "publish `{}`, with all others that send for the domain",
                merged.record
            ),
            _ => "publish one that names all who send for the domain".to_owned(),
        }
    }
}

fn unknown(mail_from: &MailFrom, cause: &str) -> SpfPrediction {
    SpfPrediction {
        result: None,
        domain: mail_from.domain.clone(),
        mail_from: mail_from.source,
        basis: SpfBasis::Nothing,
        cause: cause.to_owned(),
        hosts: Vec::new(),
    }
}

/// The provider's addresses, one of each family for each result that the policy has for some of them: a check of each finds
/// what the limits of a check do to it.
fn samples(audit: &Audit) -> Vec<IpAddr> {
    let wanted = audit.wanted.iter().map(|wanted| &wanted.found.addresses);
    let coverage = &audit.tree.coverage;
    let results = [
        &coverage.pass,
        &coverage.fail,
        &coverage.softfail,
        &coverage.neutral,
        &coverage.error,
    ];
    let mut samples = Vec::new();
    for addresses in wanted {
        for with_result in results {
            let found = addresses.intersection(with_result);
            let ip4 = found.ip4_networks().next();
            let ip6 = found.ip6_networks().next();
            let firsts = [
                ip4.map(|network| IpAddr::V4(network.address())),
                ip6.map(|network| IpAddr::V6(network.address())),
            ];
            for first in firsts.into_iter().flatten() {
                if !samples.contains(&first) {
                    samples.push(first);
                }
            }
        }
    }
    samples
}

/// The result that is furthest from a pass, and why. What could not be found out goes before what is certain only where
/// nothing is worse.
fn worst(hosts: &[HostPrediction]) -> (Option<SpfResult>, String) {
    let rank = |result: SpfResult| match result {
        SpfResult::Pass => 0,
        SpfResult::TempError => 1,
        SpfResult::None => 2,
        SpfResult::Neutral => 3,
        SpfResult::SoftFail => 4,
        SpfResult::PermError => 5,
        SpfResult::Fail => 6,
    };
    match hosts.iter().max_by_key(|host| rank(host.result)) {
        Some(host) => (
            Some(host.result),
            format!("{} from {}", host.cause, host.address),
        ),
        None => (None, String::new()),
    }
}
