//! Whether the identity, and the channel, let the message go.

use std::net::IpAddr;

use letterhead_dkim::DkimResult;
use letterhead_dns::{DomainName, LookupError, RecordData, RecordType, Severity};
use letterhead_spf::SpfResult;

use super::code::Code;
use super::finding::{Finding, RuleSource};
use super::inspection::Inspection;
use super::signature_prediction::SignaturePrediction;
use super::spf::SpfPrediction;
use crate::dns_plan::{PlannedData, Status};
use crate::lookup::records_at;
use crate::profile::{AuthenticationMethod, Necessity, Needs, Purpose};

impl Inspection<'_> {
    pub(super) fn check_identity(&mut self) {
        let request = self.request;
        let (profile, identity) = (request.profile, request.identity);
        let Some(rule) = profile.identity(&identity.kind) else {
            return self.add(
                Finding::new(
                    Code::NotAuthorised,
                    RuleSource::rfc(5322, "3.6.2"),
                    format!(
                        "{} has no identities of the kind {}",
                        profile.id(),
                        identity.kind
                    ),
                    "register it under another kind or profile",
                )
                .about(&identity.subject),
            );
        };
        let source = RuleSource::profile(profile, &rule.source);
        if identity.disabled.is_some() {
            self.add(
                Finding::new(
                    Code::Disabled,
                    source.clone(),
                    "it was turned off",
                    "turn it on again",
                )
                .about(&identity.subject),
            );
        }
        let missing: Vec<String> = identity
            .verification
            .missing_to_send(rule)
            .map(|(proof, state)| format!("{proof} {state}"))
            .collect();
        if !missing.is_empty() {
            self.add(
                Finding::new(
                    Code::NotVerified,
                    source.clone(),
                    format!(
                        "mail is refused until it is verified ({})",
                        missing.join(", ")
                    ),
                    "verify it; what is predicted here is for the time after that",
                )
                .about(&identity.subject),
            );
        }
        for author in request.message.authors().unwrap_or_default() {
            let from = author.address();
            if let Some(denied) = profile.denial(from.domain_name()) {
                self.add(
                    Finding::new(
                        Code::NotAuthorised,
                        RuleSource::profile(profile, &denied.source),
                        format!("nobody may send as addresses at {} here", denied.domain),
                        "write a From address of yours",
                    )
                    .about(from),
                );
            } else if identity.covers(from, rule).is_none() {
                self.add(
                    Finding::new(
                        Code::NotAuthorised,
                        source.clone(),
                        format!("{} does not cover it", identity.subject),
                        "send under an identity that covers it, or register one",
                    )
                    .about(from),
                );
            }
        }
        self.check_ownership();
    }

    /// Records that are required beside those of keys, SPF and the envelope sender, which have findings of their own.
    fn check_ownership(&mut self) {
        let rows = self.diff.as_ref().map_or(&[][..], |diff| diff.rows());
        let mut findings = Vec::new();
        for row in rows {
            let planned = &row.planned;
            if planned.purpose != Purpose::Ownership || planned.necessity != Necessity::Required {
                continue;
            }
            findings.push(match &row.status {
                Status::Present => continue,
                Status::Unknown(error) => Finding::lookup_failed(error),
                status => {
                    let remedy = match &planned.data {
                        PlannedData::Ready(record) => format!("publish `{record}`"),
                        PlannedData::Awaiting { missing, .. } => {
                            format!("find out {}", missing.join(", "))
                        }
                    };
                    Finding::new(
                        Code::RecordMissing,
                        self.ownership_source(),
                        format!("the record that proves ownership is {status}"),
                        remedy,
                    )
                }
            });
        }
        for finding in findings {
            self.add(finding);
        }
    }

    fn ownership_source(&self) -> RuleSource {
        let profile = self.request.profile;
        let mut records = profile.records().iter();
        match records.find(|record| record.purpose == Purpose::Ownership) {
            Some(record) => RuleSource::profile(profile, &record.source),
            None => RuleSource::rfc(1034, "3.6"),
        }
    }

    /// What the channel asks its senders to set up.
    pub(super) fn check_authentication(
        &mut self,
        spf: &SpfPrediction,
        signatures: &[SignaturePrediction],
    ) {
        let profile = self.request.profile;
        let Some(authentication) = profile.authentication() else {
            return;
        };
        let author = self.author.clone();
        let speaks = |domain: &DomainName| {
            let author = author.as_ref();
            author.is_some_and(|author| {
                author.is_at_or_below(domain) || domain.is_at_or_below(author)
            })
        };
        let state = |method: &AuthenticationMethod| match method {
            AuthenticationMethod::Spf => match spf.result {
                Some(SpfResult::Pass) => State::Is,
                None | Some(SpfResult::TempError) => State::MayBe,
                Some(_) => State::IsNot,
            },
            AuthenticationMethod::Dkim => {
                let own = || {
                    signatures
                        .iter()
                        .filter(|signature| signature.domain.as_ref().is_some_and(speaks))
                };
                if own().any(SignaturePrediction::is_pass) {
                    State::Is
                } else if own()
                    .any(|signature| matches!(signature.result, None | Some(DkimResult::TempError)))
                {
                    State::MayBe
                } else {
                    State::IsNot
                }
            }
        };
        let in_state = |wanted: State| -> Vec<String> {
            let methods = authentication.of.iter();
            methods
                .filter(|method| state(method) == wanted)
                .map(ToString::to_string)
                .collect()
        };
        let (is, may_be, is_not) = (
            in_state(State::Is),
            in_state(State::MayBe),
            in_state(State::IsNot),
        );
        let severity = match authentication.needs {
            Needs::Any if !is.is_empty() => Severity::Advice,
            Needs::Any if !may_be.is_empty() => Severity::Warning,
            Needs::Any => Severity::Error,
            Needs::All if is_not.is_empty() => Severity::Warning,
            Needs::All => Severity::Error,
        };
        let missing: Vec<String> = is_not.into_iter().chain(may_be).collect();
        if missing.is_empty() {
            return;
        }
        let asked = match authentication.needs {
            Needs::Any => "at least one way of authentication is asked for, and both are better",
            Needs::All => "every way of authentication is asked for",
        };
        self.add(
            Finding::new(
                Code::Authentication,
                RuleSource::profile(profile, &authentication.source),
                format!("{asked}; {} is not known to pass", missing.join(" and ")),
                "set it up for the From domain",
            )
            .severity(severity),
        );
    }

    /// Whether the address of each host has a name that leads back to it.
    pub(super) async fn check_reverse_dns(&mut self) {
        for &address in self.request.hosts {
            let problem = match self.reverse_dns(address).await {
                Ok(None) => continue,
                Ok(Some(problem)) => problem,
                Err(error) => {
                    self.add(Finding::lookup_failed(&error));
                    continue;
                }
            };
            self.add(
                Finding::new(
                    Code::ReverseDns,
                    RuleSource::rfc(8601, "3"),
                    problem,
                    "publish a PTR record with the host's name, and the host's address at that name",
                )
                .about(address),
            );
        }
    }

    async fn reverse_dns(&self, address: IpAddr) -> Result<Option<String>, LookupError> {
        let Ok(reverse) = reverse_name(address).parse() else {
            return Ok(Some("its reverse name cannot be written".to_owned()));
        };
        let pointers = records_at(&reverse, RecordType::PTR, self.resolver).await?;
        let mut names = Vec::new();
        for pointer in &pointers {
            let RecordData::Ptr(name) = pointer else {
                continue;
            };
            let family = match address {
                IpAddr::V4(_) => RecordType::A,
                IpAddr::V6(_) => RecordType::AAAA,
            };
            let back = records_at(name, family, self.resolver).await?;
            if back.iter().any(|record| record.address() == Some(address)) {
                return Ok(None);
            }
            names.push(name.to_string());
        }
        Ok(Some(match names.as_slice() {
            [] => "it has no name in reverse DNS".to_owned(),
            _ => format!("its name {} does not lead back to it", names.join(", ")),
        }))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Is,
    MayBe,
    IsNot,
}

/// The name that an address has in reverse DNS ([RFC 1035 §3.5](https://www.rfc-editor.org/rfc/rfc1035#section-3.5),
/// [RFC 3596 §2.5](https://www.rfc-editor.org/rfc/rfc3596#section-2.5)).
fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let nibbles = address
                .octets()
                .into_iter()
                .rev()
                .map(|octet| format!("{:x}.{:x}.", octet & 15, octet >> 4));
            format!("{}ip6.arpa", nibbles.collect::<String>())
        }
    }
}
