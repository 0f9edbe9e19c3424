//! Whether receivers' rules are met.

use letterhead_dkim::DkimResult;
use letterhead_dmarc::{DmarcResult, Policy};
use letterhead_dns::Severity;
use letterhead_spf::SpfResult;

use super::code::Code;
use super::dmarc::DmarcPrediction;
use super::finding::{Finding, RuleSource};
use super::form::Unsubscription;
use super::inspection::Inspection;
use super::request::MailKind;
use super::signature_prediction::{Coverage, SignaturePrediction};
use super::spf::SpfPrediction;
use crate::profile::Amount;
use crate::receiver_policy::{MailClass, ReceiverPolicy, Requirement, Senders, Strength};

/// What the rules are held against.
#[derive(Clone, Copy)]
pub(super) struct Predicted<'a> {
    pub(super) spf: &'a SpfPrediction,
    pub(super) dkim: &'a [SignaturePrediction],
    pub(super) dmarc: &'a DmarcPrediction,
}

/// Whether a rule is met.
enum Outcome {
    Met,
    NotMet {
        problem: String,
        remedy: String,
    },
    /// It cannot be seen from here.
    Unknown {
        problem: String,
        remedy: String,
    },
}

/// Whether a rule is for this message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Applies {
    Yes,
    Maybe,
    No,
}

impl Inspection<'_> {
    pub(super) fn check_receivers(&mut self, predicted: Predicted<'_>) {
        for receiver in self.request.receivers {
            self.check_freemail(receiver);
            for requirement in receiver.requirements() {
                let applies = self.applies(receiver, requirement);
                if applies == Applies::No {
                    continue;
                }
                let outcome = self.outcome(receiver, requirement, predicted);
                let (code, severity, problem, remedy) =
                    match (outcome, applies, requirement.strength) {
                        (Outcome::Met, _, _) => continue,
                        (Outcome::Unknown { problem, remedy }, _, _) => {
                            (Code::ReceiverRuleUnknown, Severity::Advice, problem, remedy)
                        }
                        (Outcome::NotMet { problem, remedy }, applies, strength) => {
                            let severity = match (strength, applies) {
                                (Strength::Advised, _) => Severity::Advice,
                                (Strength::Required, Applies::Yes) => Severity::Error,
                                (Strength::Required, _) => Severity::Warning,
                            };
                            (Code::ReceiverRule, severity, problem, remedy)
                        }
                    };
                let source = RuleSource::receiver(receiver, &requirement.source);
                self.add(
                    Finding::new(code, source, problem, remedy)
                        .detail(&requirement.rule)
                        .severity(severity),
                );
            }
            self.check_complaints(receiver);
        }
    }

    fn applies(&self, receiver: &ReceiverPolicy, requirement: &Requirement) -> Applies {
        let threshold = receiver.bulk().map(|bulk| bulk.from);
        let by_volume = match (requirement.senders, self.request.daily_volume, threshold) {
            (Senders::All, _, _) => Applies::Yes,
            (Senders::Bulk, Some(volume), Some(Amount::Known(from))) => {
                if volume >= from {
                    Applies::Yes
                } else {
                    Applies::No
                }
            }
            (Senders::Bulk, _, _) => Applies::Maybe,
        };
        let by_kind = match (requirement.mail, self.request.kind) {
            (MailClass::All, _) | (MailClass::Promotional, Some(MailKind::Promotional)) => {
                Applies::Yes
            }
            (MailClass::Promotional, Some(MailKind::Transactional)) => Applies::No,
            (MailClass::Promotional, None) => Applies::Maybe,
        };
        match (by_volume, by_kind) {
            (Applies::No, _) | (_, Applies::No) => Applies::No,
            (Applies::Yes, Applies::Yes) => Applies::Yes,
            _ => Applies::Maybe,
        }
    }

    fn outcome(
        &self,
        receiver: &ReceiverPolicy,
        requirement: &Requirement,
        predicted: Predicted<'_>,
    ) -> Outcome {
        let Predicted { spf, dkim, dmarc } = predicted;
        let spf_passes = match spf.result {
            Some(SpfResult::Pass) => Some(true),
            None | Some(SpfResult::TempError) => None,
            Some(_) => Some(false),
        };
        let dkim_passes = if dkim.iter().any(SignaturePrediction::is_pass) {
            Some(true)
        } else if dkim
            .iter()
            .any(|signature| matches!(signature.result, None | Some(DkimResult::TempError)))
        {
            None
        } else {
            Some(false)
        };
        let remedy = requirement.remedy();
        match requirement.rule.as_str() {
            "spf" => decided(spf_passes, "SPF does not pass", &remedy),
            "dkim" => decided(dkim_passes, "no DKIM signature passes", &remedy),
            "spf-or-dkim" => decided(
                either(spf_passes, dkim_passes),
                "neither SPF nor DKIM passes",
                &remedy,
            ),
            "dmarc" => self.dmarc_outcome(requirement, dmarc),
            "alignment" => decided(
                match dmarc.result {
                    _ if !dmarc.aligned.is_empty() => Some(true),
                    Some(DmarcResult::Fail | DmarcResult::None) => Some(false),
                    _ => None,
                },
                "neither the domain of SPF nor that of a signature aligns with From",
                &remedy,
            ),
            "reverse-dns" => match self.request.hosts {
                [] => unknown(
                    "the addresses that send are not known here",
                    "make sure that each has a name in reverse DNS that leads back to it",
                ),
                _ => decided(
                    Some(
                        !self
                            .findings
                            .iter()
                            .any(|finding| finding.code == Code::ReverseDns),
                    ),
                    "a sending host has no name in reverse DNS that leads back to it",
                    &remedy,
                ),
            },
            "message-format" => decided(
                Some(!self.has_form_error()),
                "the message is not in the form of RFC 5322",
                &remedy,
            ),
            "no-mailbox-from" => decided(
                Some(!self.is_freemail(receiver)),
                "From is at a domain of the receiver's own mailboxes",
                &remedy,
            ),
            "list-unsubscribe" => decided(
                Some(Unsubscription::of(self.request.message) != Unsubscription::None),
                "there is no List-Unsubscribe field with an address",
                &remedy,
            ),
            "one-click-unsubscribe" => decided(
                Some(Unsubscription::of(self.request.message) == Unsubscription::OneClick),
                "unsubscribing takes more than one click",
                &remedy,
            ),
            "one-click-signed" => self.one_click_signed(dkim, &remedy),
            "key-bits" => key_bits(requirement, dkim),
            "honour-unsubscribe" => {
                let problem = match requirement.hours {
                    Some(_) => {
                        "whether unsubscription is honoured in time cannot be seen in a message"
                    }
                    None => "whether unsubscription is honoured cannot be seen in a message",
                };
                unknown(problem, &remedy)
            }
            "tls" => unknown(
                "whether the sending hosts use TLS cannot be seen in a message",
                &remedy,
            ),
            _ => unknown("this rule is not one that is looked at here", &remedy),
        }
    }

    fn dmarc_outcome(&self, requirement: &Requirement, dmarc: &DmarcPrediction) -> Outcome {
        let is_unknown = self
            .findings
            .iter()
            .any(|finding| finding.code == Code::LookupFailed)
            && dmarc.policy.is_none();
        if is_unknown {
            return unknown(
                "the policy could not be looked up",
                "try again when the DNS answers",
            );
        }
        let wanted = requirement.policy.as_deref().unwrap_or("none");
        let least = wanted.parse().unwrap_or(Policy::None);
        let is_met = dmarc.policy.is_some_and(|policy| policy >= least);
        decided(
            Some(is_met),
            &format!("the From domain has no DMARC policy of at least p={wanted}"),
            &requirement.remedy(),
        )
    }

    /// [RFC 8058 §4](https://www.rfc-editor.org/rfc/rfc8058#section-4): a signature that holds covers both fields.
    fn one_click_signed(&self, dkim: &[SignaturePrediction], remedy: &str) -> Outcome {
        if Unsubscription::of(self.request.message) != Unsubscription::OneClick {
            // There is nothing to cover, which another rule says.
            return Outcome::Met;
        }
        let covers = |wanted: Option<Coverage>| {
            let mut signatures = dkim.iter().filter(|signature| signature.is_pass());
            signatures.any(|signature| signature.covers_unsubscribe == wanted)
        };
        if covers(Some(Coverage::Covered)) {
            Outcome::Met
        } else if covers(None) || dkim.iter().any(|signature| signature.result.is_none()) {
            unknown(
                "whether the provider's signature covers List-Unsubscribe and List-Unsubscribe-Post is not known",
                "look for both in `h=` of a first message",
            )
        } else {
            not_met(
                "no signature that passes covers both List-Unsubscribe and List-Unsubscribe-Post",
                remedy,
            )
        }
    }

    fn check_freemail(&mut self, receiver: &ReceiverPolicy) {
        if !self.is_freemail(receiver) {
            return;
        }
        let Some(author) = self.author.clone() else {
            return;
        };
        self.add(
            Finding::new(
                Code::FreemailFrom,
                RuleSource::receiver(receiver, &receiver.mailboxes().source),
                "anyone can have a mailbox there, and mail from it through other servers is taken for forged",
                "write a From address at a domain of yours",
            )
            .about(author),
        );
    }

    fn is_freemail(&self, receiver: &ReceiverPolicy) -> bool {
        let domains = &receiver.mailboxes().domains;
        self.author
            .as_ref()
            .is_some_and(|author| domains.iter().any(|domain| author.is_at_or_below(domain)))
    }

    fn check_complaints(&mut self, receiver: &ReceiverPolicy) {
        let (Some(rate), Some(rule)) = (self.request.complaint_rate, receiver.complaint_rate())
        else {
            return;
        };
        let (severity, problem) = match (rule.limit, rule.good) {
            (Some(limit), _) if rate >= limit => (
                Severity::Error,
                format!(
                    "{} of recipients complain, and {} is the limit",
                    Percent(rate),
                    Percent(limit)
                ),
            ),
            (_, Some(good)) if rate >= good => (
                Severity::Warning,
                format!(
                    "{} of recipients complain, and it should stay below {}",
                    Percent(rate),
                    Percent(good)
                ),
            ),
            _ => return,
        };
        let source = RuleSource::receiver(receiver, &rule.source);
        self.add(
            Finding::new(
                Code::ReceiverRule,
                source,
                problem,
                "write to fewer who did not ask for it, and stop for those who complain",
            )
            .detail("complaint-rate")
            .severity(severity),
        );
    }
}

fn key_bits(requirement: &Requirement, dkim: &[SignaturePrediction]) -> Outcome {
    let Some(minimum) = requirement.minimum else {
        return Outcome::Met;
    };
    // The strength of an Ed25519 key is not told by its bits.
    let is_rsa = |signature: &&SignaturePrediction| {
        signature.is_pass() && signature.algorithm.as_deref() != Some("ed25519-sha256")
    };
    let bits = dkim
        .iter()
        .filter(is_rsa)
        .map(|signature| signature.key_bits);
    let mut is_open = false;
    for bits in bits {
        match bits.and_then(|bits| u64::try_from(bits).ok()) {
            Some(bits) if bits < minimum => {
                return not_met(
                    &format!("a key has {bits} bits, and {minimum} are asked for"),
                    &requirement.remedy(),
                );
            }
            Some(_) => {}
            None => is_open = true,
        }
    }
    if is_open {
        unknown(
            "the length of the provider's key is not known here",
            &format!("see that it has at least {minimum} bits"),
        )
    } else {
        Outcome::Met
    }
}

fn decided(is_met: Option<bool>, problem: &str, remedy: &str) -> Outcome {
    match is_met {
        Some(true) => Outcome::Met,
        Some(false) => not_met(problem, remedy),
        None => unknown(&format!("it is not known whether {problem}"), remedy),
    }
}

fn either(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn not_met(problem: &str, remedy: &str) -> Outcome {
    Outcome::NotMet {
        problem: problem.to_owned(),
        remedy: remedy.to_owned(),
    }
}

fn unknown(problem: &str, remedy: &str) -> Outcome {
    Outcome::Unknown {
        problem: problem.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// A part of 1 as people write it.
struct Percent(f64);

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} %", self.0 * 100.0)
    }
}
