//! What DMARC will say.

use letterhead_dkim::DkimResult;
use letterhead_dmarc::{
    Alignment, AlignmentMode, DkimEvidence, DmarcResult, EvidenceResult, Mechanism, Origin, Policy,
    SpfEvidence, Verdict, evaluate, lint_published,
};
use letterhead_dns::{DomainName, Severity};
use serde::Serialize;

use super::code::Code;
use super::finding::{Finding, RuleSource};
use super::inspection::Inspection;
use super::mail_from::MailFromSource;
use super::signature_prediction::{SignatureMaker, SignaturePrediction, Standing};
use super::spf::SpfPrediction;
use super::text::{as_optional_text, as_text};
use crate::authenticate::spf_evidence;
use crate::organization::is_same_organization;
use crate::profile::{Coverage, SignatureRule};
use crate::subject::Subject;

/// What DMARC will say of the From domain ([RFC 9989](https://www.rfc-editor.org/rfc/rfc9989)).
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct DmarcPrediction {
    /// The result; `None` where it is not known, or From names no one domain.
    #[serde(serialize_with = "as_optional_text")]
    pub result: Option<DmarcResult>,
    /// The From domain.
    #[serde(serialize_with = "as_optional_text")]
    pub domain: Option<DomainName>,
    /// The domain whose policy applies, without `_dmarc`.
    #[serde(serialize_with = "as_optional_text")]
    pub policy_domain: Option<DomainName>,
    /// What is asked for mail of the From domain that fails, whatever becomes of this one.
    #[serde(serialize_with = "as_optional_text")]
    pub policy: Option<Policy>,
    /// What is asked for this message.
    #[serde(serialize_with = "as_optional_text")]
    pub disposition: Option<Policy>,
    /// What passes and speaks for the From domain, or would where a policy applied.
    pub aligned: Vec<AlignedIdentifier>,
    /// Why.
    pub cause: String,
}

/// A domain that passes and speaks for the From domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AlignedIdentifier {
    /// The mechanism that it passes.
    #[serde(serialize_with = "as_text")]
    pub mechanism: Mechanism,
    /// The domain.
    #[serde(serialize_with = "as_text")]
    pub domain: DomainName,
    /// How close a match the policy asks for: `relaxed` or `strict`.
    pub mode: String,
}

impl Inspection<'_> {
    pub(super) async fn dmarc(
        &mut self,
        spf: &SpfPrediction,
        signatures: &[SignaturePrediction],
    ) -> DmarcPrediction {
        let Some(author) = self.author.clone() else {
            return DmarcPrediction {
                result: None,
                domain: None,
                policy_domain: None,
                policy: None,
                disposition: None,
                aligned: Vec::new(),
                cause: "From does not name one domain".to_owned(),
            };
        };
        for found in lint_published(&author, self.resolver).await {
            let inner = found.code;
            let finding = Finding::of_record(Code::DmarcRecord, RuleSource::rfc(9989, "4"), found);
            self.add(match inner {
                letterhead_dmarc::Code::LookupFailed => Finding {
                    code: Code::LookupFailed,
                    ..finding
                },
                // Mail is taken all the same by who does not ask for a policy.
                letterhead_dmarc::Code::NoRecord => finding.severity(Severity::Warning),
                _ => finding,
            });
        }
        // What is not known is first taken to fail, then to pass: where both come to the same, it does not matter.
        let evidence = |open| (spf_of(spf, open), dkim_of(signatures, open));
        let judge = async |open| {
            let (spf, dkim) = evidence(open);
            evaluate(&author, spf.as_ref(), &dkim, self.resolver).await
        };
        let verdict = judge(EvidenceResult::Fail).await;
        let best = judge(EvidenceResult::Pass).await;
        let is_known = verdict.result() == best.result();
        let aligned = self.aligned(&verdict, &author).await;
        let disposition = is_known.then(|| verdict.disposition());
        let prediction = DmarcPrediction {
            result: is_known.then(|| verdict.result()),
            domain: Some(author.clone()),
            policy_domain: verdict.policy_domain().cloned(),
            policy: verdict.requested_policy(),
            disposition,
            cause: if is_known {
                cause(&verdict, &aligned)
            } else {
                "it depends on what is not known: the sending hosts, or a key".to_owned()
            },
            aligned,
        };
        self.judge_dmarc(&prediction, &author);
        self.check_terms(&prediction, spf, &author);
        prediction
    }

    /// What passes and speaks for the author domain, each once; where no policy applies, by the relaxed comparison that is
    /// the default.
    async fn aligned(&self, verdict: &Verdict, author: &DomainName) -> Vec<AlignedIdentifier> {
        let mut aligned: Vec<AlignedIdentifier> = Vec::new();
        for identifier in verdict.identifiers() {
            let is_aligned = match identifier.mode() {
                Some(_) => identifier.alignment() == Alignment::Aligned,
                None if verdict.result() == DmarcResult::None => {
                    is_same_organization(author, identifier.domain(), self.resolver).await
                        == Some(true)
                }
                // Which alignment is asked for could not be looked up.
                None => false,
            };
            let mode = identifier.mode().unwrap_or(AlignmentMode::Relaxed);
            let is_known = aligned.iter().any(|known| {
                known.mechanism.to_string() == identifier.mechanism().to_string()
                    && known.domain == *identifier.domain()
            });
            if is_aligned && !is_known && identifier.result() == EvidenceResult::Pass {
                aligned.push(AlignedIdentifier {
                    mechanism: identifier.mechanism().clone(),
                    domain: identifier.domain().clone(),
                    mode: mode.to_string(),
                });
            }
        }
        aligned
    }

    fn judge_dmarc(&mut self, prediction: &DmarcPrediction, author: &DomainName) {
        let (code, source, problem) = match prediction.result {
            Some(DmarcResult::Pass) => return,
            // What could not be looked up is a finding already.
            Some(DmarcResult::TempError | DmarcResult::PermError) => return,
            Some(DmarcResult::None) if !prediction.aligned.is_empty() => return,
            Some(DmarcResult::None) => (
                Code::NothingAligns,
                RuleSource::rfc(9989, "4.4"),
                "no policy applies, and under any policy the message would fail".to_owned(),
            ),
            Some(DmarcResult::Fail) => {
                let disposition = prediction.disposition.unwrap_or(Policy::None);
                (
                    Code::DmarcFails,
                    RuleSource::rfc(9989, "5.3"),
                    format!(
                        "nothing that passes speaks for it, and its policy asks for {disposition}"
                    ),
                )
            }
            None => (
                Code::DmarcUnknown,
                RuleSource::rfc(9989, "5.3"),
                prediction.cause.clone(),
            ),
        };
        let remedy = self.alignment_remedy(author);
        let mut finding = Finding::new(code, source, problem, remedy).about(author);
        if prediction.result.is_some() {
            finding.sources.extend(self.alignment_sources());
        }
        self.add(finding);
    }

    /// The terms are for the envelope sender's domain, and that is the provider's.
    fn check_terms(
        &mut self,
        prediction: &DmarcPrediction,
        spf: &SpfPrediction,
        author: &DomainName,
    ) {
        let is_aligned = prediction
            .aligned
            .iter()
            .any(|aligned| aligned.mechanism == Mechanism::Spf);
        if spf.mail_from != MailFromSource::Provider || is_aligned {
            return;
        }
        let terms: Vec<&str> = self
            .plan
            .iter()
            .flat_map(|plan| plan.spf())
            .map(|planned| planned.text.as_str())
            .collect();
        let (Some(source), Some(domain)) = (self.terms_source(), &spf.domain) else {
            return;
        };
        if terms.is_empty() {
            return;
        }
        let severity = match prediction.result {
            Some(DmarcResult::Pass) => Severity::Advice,
            _ => Severity::Warning,
        };
        let mut finding = Finding::new(
            Code::SpfTermsDoNotAlign,
            source,
            format!(
                "`{}` in its SPF record never makes DMARC pass: SPF is asked about {domain}, which does not align",
                terms.join(" ")
            ),
            self.alignment_remedy(author),
        )
        .about(author)
        .severity(severity);
        finding.sources.extend(self.alignment_sources());
        self.add(finding);
    }

    /// What the profile has to make mail align.
    fn alignment_remedy(&self, author: &DomainName) -> String {
        let profile = self.request.profile;
        let mut ways = Vec::new();
        if let Some(rule) = self.own_domain_rule() {
            let mut kinds = profile.identities().iter();
            let takes_domains = kinds.any(|kind| kind.covers != Coverage::ExactAddress);
            ways.push(match (&self.request.identity.subject, &rule.switch) {
                (_, Some(switch)) => {
                    format!("turn on {switch}, once the records for it are published")
                }
                (Subject::Address(_), None) if takes_domains => format!(
                    "register {author} as a domain, because mail of a single address is not signed for it"
                ),
                (Subject::Domain(_) | Subject::Address(_), None) => {
                    format!("have mail signed with a published key of {author}")
                }
            });
        }
        match profile.return_path() {
            Some(path) => {
                if let Some(custom) = &path.custom {
                    ways.push(format!(
                        "set {custom} to a domain below {author} and publish its records, so that SPF aligns"
                    ));
                }
            }
            None => ways.push(format!(
                "use an envelope sender at {author} and authorise the sending hosts in its SPF record"
            )),
        }
        if ways.is_empty() {
            ways.push(format!("sign with a key of {author}"));
        }
        ways.join(", or ")
    }

    fn own_domain_rule(&self) -> Option<&SignatureRule> {
        let mut rules = self.request.profile.signatures().iter();
        rules.find(|rule| rule.domain == SignatureRule::IDENTITY_DOMAIN)
    }

    fn alignment_sources(&self) -> Vec<RuleSource> {
        let profile = self.request.profile;
        let path = profile.return_path().map(|path| &path.source);
        let signature = self.own_domain_rule().map(|rule| &rule.source);
        let mut sources: Vec<RuleSource> = path
            .into_iter()
            .chain(signature)
            .map(|name| RuleSource::profile(profile, name))
            .collect();
        sources.dedup();
        sources
    }
}

fn spf_of(spf: &SpfPrediction, open: EvidenceResult) -> Option<SpfEvidence> {
    let result = spf.result.map_or(open, spf_evidence);
    Some(SpfEvidence::assertion(
        spf.domain.clone()?,
        result,
        Origin::Caller,
    ))
}

/// A provider signs with one of its keys and nobody knows which, so that all of them have to be right; the application signs
/// with each.
fn dkim_of(signatures: &[SignaturePrediction], open: EvidenceResult) -> Vec<DkimEvidence> {
    let result = |prediction: &SignaturePrediction| match prediction.result {
        None => open,
        Some(DkimResult::Pass) => EvidenceResult::Pass,
        Some(DkimResult::Fail | DkimResult::Neutral | DkimResult::Policy) => EvidenceResult::Fail,
        Some(DkimResult::TempError) => EvidenceResult::TempError,
        Some(DkimResult::PermError) => EvidenceResult::PermError,
    };
    let counting = signatures
        .iter()
        .filter(|prediction| prediction.standing == Standing::Counts);
    let mut evidence: Vec<DkimEvidence> = Vec::new();
    let mut provider: Vec<(&DomainName, EvidenceResult)> = Vec::new();
    for prediction in counting {
        let Some(domain) = &prediction.domain else {
            continue;
        };
        let found = result(prediction);
        if prediction.made_by != SignatureMaker::Provider {
            let selector = prediction.selector.as_deref().unwrap_or_default();
            evidence.push(DkimEvidence::assertion(
                domain.clone(),
                selector,
                found,
                Origin::Caller,
            ));
            continue;
        }
        match provider.iter_mut().find(|(known, _)| *known == domain) {
            Some((_, known)) if *known == EvidenceResult::Pass => *known = found,
            Some(_) => {}
            None => provider.push((domain, found)),
        }
    }
    evidence.extend(
        provider.into_iter().map(|(domain, found)| {
            DkimEvidence::assertion(domain.clone(), "", found, Origin::Caller)
        }),
    );
    evidence
}

fn cause(verdict: &Verdict, aligned: &[AlignedIdentifier]) -> String {
    if let Some(error) = verdict.lookup_error() {
        return error.to_string();
    }
    let by: Vec<String> = aligned
        .iter()
        .map(|aligned| {
            format!(
                "{} {} aligned ({})",
                aligned.mechanism, aligned.domain, aligned.mode
            )
        })
        .collect();
    match by.as_slice() {
        [] => "nothing that passes speaks for it".to_owned(),
        _ => by.join(", "),
    }
}
