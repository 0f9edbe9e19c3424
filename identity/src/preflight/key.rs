//! Whether the key of a signature is published.

use letterhead_dkim::lint::code::Code as KeyCode;
use letterhead_dkim::{
    DkimResult, HeaderName, PublicKey, PublicKeyRecord, Publication, Signer, check_published, lint,
};
use letterhead_dns::{
    DomainName, LookupErrorKind, Name, Record, RecordData, RecordType, Severity, Txt,
};

use super::code::Code;
use super::finding::{Finding, RuleSource};
use super::inspection::Inspection;
use super::signature_prediction::{Coverage, Standing};
use crate::authorization::ExpectedSignature;
use crate::dns_plan::{DnsPlan, PlannedData};
use crate::identity::Identity;
use crate::profile::{MadeBy, Purpose, SignatureRule};
use crate::subject::Subject;

/// A key, and what receivers will make of its signatures.
pub(super) struct KeyPrediction {
    pub(super) selector: Option<String>,
    pub(super) result: Option<DkimResult>,
    pub(super) cause: String,
    pub(super) standing: Standing,
    pub(super) algorithm: Option<String>,
    pub(super) bits: Option<usize>,
    pub(super) covers_unsubscribe: Option<Coverage>,
}

impl KeyPrediction {
    pub(super) fn given(cause: &str) -> Self {
        Self::new(Some(DkimResult::Pass), cause)
    }

    fn new(result: Option<DkimResult>, cause: impl Into<String>) -> Self {
        Self {
            selector: None,
            result,
            cause: cause.into(),
            standing: Standing::Counts,
            algorithm: None,
            bits: None,
            covers_unsubscribe: None,
        }
    }

    fn of_key(mut self, key: &PublicKey) -> Self {
        self.algorithm = Some(key.algorithm().to_string());
        self.bits = Some(key.bits());
        self
    }
}

impl Inspection<'_> {
    /// The keys that sign for a domain: the application's signers where there are some, else what the values describe.
    pub(super) async fn keys(&mut self, expected: &ExpectedSignature) -> Vec<KeyPrediction> {
        let domain = &expected.domain;
        if expected.made_by == MadeBy::Sender {
            let signers = self.request.signers;
            let own = signers
                .iter()
                .filter(|signer| signer.template().domain() == domain);
            let mut keys = Vec::new();
            for signer in own {
                keys.push(self.key_of(signer).await);
            }
            if !keys.is_empty() {
                return keys;
            }
        }
        let plan = self.holder(domain).and_then(|holder| {
            DnsPlan::new(self.request.profile, std::slice::from_ref(holder)).ok()
        });
        let mut keys = Vec::new();
        for planned in plan.iter().flat_map(DnsPlan::records) {
            let is_on = planned
                .switch
                .as_ref()
                .is_none_or(|switch| self.request.identity.switches.contains(switch));
            if planned.purpose != Purpose::Dkim || !is_on {
                continue;
            }
            keys.push(match &planned.data {
                PlannedData::Ready(record) => self.published(record).await,
                PlannedData::Awaiting { missing, .. } => self.awaited(domain, missing),
            });
        }
        if keys.is_empty() {
            let source =
                self.signature_source(|rule| rule.domain == SignatureRule::IDENTITY_DOMAIN);
            self.add(
                Finding::new(
                    Code::KeyUnknown,
                    source,
                    "nobody says where the key of its signatures is published",
                    "name the signers, or look at the headers of a first message",
                )
                .about(domain),
            );
            keys.push(KeyPrediction::new(None, "the key is not known"));
        }
        keys
    }

    /// The identity of a domain: that of the whole domain before those of its addresses.
    fn holder(&self, domain: &DomainName) -> Option<&Identity> {
        let all = || {
            [self.request.identity]
                .into_iter()
                .chain(self.request.others)
        };
        let is_whole = |identity: &&Identity| matches!(&identity.subject, Subject::Domain(own) if own == domain);
        all()
            .find(is_whole)
            .or_else(|| all().find(|identity| identity.subject.domain() == Some(domain)))
    }

    async fn key_of(&mut self, signer: &Signer) -> KeyPrediction {
        let template = signer.template();
        let mut key = match check_published(
            template.selector(),
            template.domain(),
            signer.key().as_ref(),
            self.resolver,
        )
        .await
        {
            Err(error) => KeyPrediction::new(Some(DkimResult::PermError), error.to_string()),
            Ok(check) => {
                let result = match check.verdict() {
                    Publication::Matches => Some(DkimResult::Pass),
                    Publication::OtherKey { .. } => Some(DkimResult::Fail),
                    Publication::LookupFailed {
                        kind: LookupErrorKind::Temporary,
                    } => Some(DkimResult::TempError),
                    // Receivers need not try more than one, and some do.
                    Publication::Several { .. } => None,
                    _ => Some(DkimResult::PermError),
                };
                let is_failed_lookup = matches!(check.verdict(), Publication::LookupFailed { .. });
                if !check.is_match() {
                    let code = if is_failed_lookup {
                        Code::LookupFailed
                    } else {
                        Code::KeyNotPublished
                    };
                    self.add(
                        Finding::new(
                            code,
                            RuleSource::rfc(6376, "3.6"),
                            check.verdict().to_string(),
                            check.remedy().unwrap_or_default(),
                        )
                        .about(check.name()),
                    );
                }
                let findings = check.findings().iter();
                let mut key =
                    KeyPrediction::new(result, check.verdict().to_string()).of_key(check.key());
                key.standing = standing(findings.clone().map(|finding| finding.code));
                for finding in findings.filter(|finding| finding.severity < Severity::Error) {
                    self.add(
                        Finding::of_record(
                            Code::KeyRecord,
                            RuleSource::rfc(6376, "3.6.1"),
                            finding.clone(),
                        )
                        .about(check.name()),
                    );
                }
                key
            }
        };
        key.selector = Some(template.selector().to_string());
        key.covers_unsubscribe = Some(Coverage::of_fields(|name| {
            let header: Result<HeaderName, _> = name.parse();
            header.is_ok_and(|header| template.covers(&header)) && !self.is_replaced(name)
        }));
        key
    }

    fn awaited(&mut self, domain: &DomainName, missing: &[String]) -> KeyPrediction {
        let missing = missing.join(", ");
        let source = self.signature_source(|rule| rule.domain == SignatureRule::IDENTITY_DOMAIN);
        self.add(
            Finding::new(
                Code::KeyAwaited,
                source,
                format!("{missing} is not known yet, so that no key can be published"),
                format!("register the identity and give it its {missing}"),
            )
            .about(domain),
        );
        KeyPrediction::new(None, format!("{missing} is not known yet"))
    }

    /// Whether the record is there, and its key can verify.
    async fn published(&mut self, planned: &Record) -> KeyPrediction {
        let mut key = self.look_up(planned).await;
        key.selector = selector(&planned.name);
        key
    }

    async fn look_up(&mut self, planned: &Record) -> KeyPrediction {
        let answer = match self.resolver.lookup(&planned.name, RecordType::TXT).await {
            Ok(answer) => answer,
            Err(error) => {
                return match error.kind() {
                    LookupErrorKind::NoSuchName => {
                        self.not_published(planned, "no key record is published")
                    }
                    LookupErrorKind::Temporary => {
                        self.add(Finding::lookup_failed(&error));
                        KeyPrediction::new(Some(DkimResult::TempError), error.to_string())
                    }
                    LookupErrorKind::Malformed => {
                        self.add(Finding::lookup_failed(&error));
                        KeyPrediction::new(Some(DkimResult::PermError), error.to_string())
                    }
                };
            }
        };
        let texts: Vec<Txt> = answer.txts().cloned().collect();
        if texts.is_empty() {
            return self.not_published(planned, "no key record is published");
        }
        let findings = lint(&texts);
        let standing = standing(findings.iter().map(|finding| finding.code));
        let mut is_broken = false;
        for finding in findings {
            is_broken |= finding.severity == Severity::Error;
            self.add(
                Finding::of_record(Code::KeyRecord, RuleSource::rfc(6376, "3.6.1"), finding)
                    .about(&planned.name),
            );
        }
        let records = || {
            texts
                .iter()
                .filter_map(|text| PublicKeyRecord::parse(text.octets()).ok())
        };
        let count = records().count();
        let Some(found) = records().next().filter(|_| count == 1 && !is_broken) else {
            let result = (count < 2).then_some(DkimResult::PermError);
            return KeyPrediction::new(result, "the published record verifies no signature");
        };
        let Some(public) = found.key() else {
            return self.not_published(planned, "the published record withdraws the key");
        };
        let is_planned = match &planned.data {
            RecordData::Cname(target) => answer.aliases().first() == Some(target),
            RecordData::Txt(text) => PublicKeyRecord::parse(text.octets())
                .is_ok_and(|wanted| wanted.key() == Some(public)),
            _ => false,
        };
        let mut key = if is_planned {
            KeyPrediction::new(Some(DkimResult::Pass), "the key is published")
        } else {
            let mut key = self.not_published(planned, "another key is published");
            key.result = Some(DkimResult::Fail);
            key
        };
        key.standing = standing;
        key.of_key(public)
    }

    fn not_published(&mut self, planned: &Record, problem: &str) -> KeyPrediction {
        self.add(
            Finding::new(
                Code::KeyNotPublished,
                RuleSource::rfc(6376, "3.6.2"),
                problem,
                format!("publish `{planned}`"),
            )
            .about(&planned.name),
        );
        KeyPrediction::new(Some(DkimResult::PermError), problem)
    }
}

fn standing(mut codes: impl Iterator<Item = KeyCode>) -> Standing {
    if codes.any(|code| code == KeyCode::Testing) {
        Standing::Testing
    } else {
        Standing::Counts
    }
}

/// What stands before `_domainkey`.
fn selector(name: &Name) -> Option<String> {
    let text = name.to_string();
    let (selector, _) = text.split_once("._domainkey.")?;
    Some(selector.to_owned())
}
