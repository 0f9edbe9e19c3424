//! Which signatures a message will carry, and whether they will verify.

use letterhead_dkim::{DkimResult, VerifyLimits};
use letterhead_dns::DomainName;
use letterhead_mail::EmailAddress;

use super::code::Code;
use super::finding::{Finding, RuleSource};
use super::inspection::Inspection;
use super::key::KeyPrediction;
use super::signature_prediction::{Coverage, SignatureMaker, SignaturePrediction, Standing};
use crate::authorization::{ExpectedSignature, signatures};
use crate::identity::Identity;
use crate::profile::{MadeBy, SignatureRule};
use crate::subject::Subject;
use crate::verification::Verification;

impl Inspection<'_> {
    pub(super) async fn dkim(&mut self) -> Vec<SignaturePrediction> {
        let mut predictions = self.own_signatures().await;
        let from = match self.request.message.authors() {
            Ok(authors) => authors.first().map(|author| author.address().clone()),
            Err(_) => None,
        };
        if let Some(from) = from {
            for expected in self.expected(&from) {
                predictions.extend(self.expected_signature(&expected).await);
            }
        }
        let source = RuleSource::rfc(6376, "3.5");
        if predictions.is_empty() {
            self.add(Finding::new(
                Code::NotSigned,
                source,
                "neither the message nor the profile has a DKIM signature for it",
                "sign it, or register an identity that is signed for",
            ));
        } else if let Some(domain) = ed25519_only(&predictions) {
            self.add(
                Finding::new(
                    Code::Ed25519Only,
                    RuleSource::rfc(8463, "5"),
                    "its only keys are Ed25519 ones, which many receivers do not verify",
                    "sign with an RSA key as well",
                )
                .about(domain),
            );
        }
        predictions
    }

    /// The signatures that the rules give once the identities are verified.
    fn expected(&self, from: &EmailAddress) -> Vec<ExpectedSignature> {
        let verified = |identity: &Identity| Identity {
            verification: Verification::default(),
            disabled: None,
            ..identity.clone()
        };
        let others: Vec<Identity> = self.request.others.iter().map(verified).collect();
        let identity = verified(self.request.identity);
        signatures(self.request.profile, &identity, &others, from)
    }

    /// Those that the message has.
    async fn own_signatures(&mut self) -> Vec<SignaturePrediction> {
        let request = self.request;
        let verdicts = letterhead_dkim::verify(
            request.message.as_bytes(),
            self.resolver,
            request.now,
            &VerifyLimits::default(),
        )
        .await;
        let headers = request.profile.headers();
        let rewritten = headers.map_or(&[][..], |headers| headers.overwritten.as_slice());
        let mut predictions = Vec::with_capacity(verdicts.len());
        for verdict in &verdicts {
            let signature = verdict.signature();
            let signed = |name: &str| {
                let mut names = signature.iter().flat_map(|signature| signature.headers());
                names.any(|signed| signed.as_str().eq_ignore_ascii_case(name))
            };
            let mut prediction = SignaturePrediction {
                domain: verdict.domain().cloned(),
                selector: verdict.selector().map(ToString::to_string),
                made_by: SignatureMaker::Message,
                result: Some(verdict.result()),
                cause: verdict.cause().to_string(),
                standing: if verdict.is_testing() {
                    Standing::Testing
                } else {
                    Standing::Counts
                },
                algorithm: verdict.algorithm().map(|algorithm| algorithm.to_string()),
                key_bits: verdict.key_bits(),
                covers_unsubscribe: Some(Coverage::of_fields(signed)),
            };
            let replaced = rewritten.iter().find(|name| signed(name.as_str()));
            let about = prediction.name();
            match (verdict.is_pass(), replaced, headers) {
                (true, Some(name), Some(headers)) => {
                    prediction.result = Some(DkimResult::Fail);
                    prediction.cause = format!("the provider replaces {name}, which it covers");
                    let source = RuleSource::profile(request.profile, &headers.source);
                    self.add(
                        Finding::new(
                            Code::SignatureRewritten,
                            source,
                            prediction.cause.clone(),
                            format!("leave {name} out of the signature, or let the provider sign"),
                        )
                        .about(about),
                    );
                }
                (true, _, _) => {}
                (false, _, _) => {
                    self.add(
                        Finding::new(
                            Code::SignatureBroken,
                            RuleSource::rfc(6376, "6.1"),
                            format!("{}: {}", verdict.result(), verdict.cause()),
                            "sign the message again in the form in which it leaves, or leave the signature away",
                        )
                        .about(about),
                    );
                }
            }
            predictions.push(prediction);
        }
        predictions
    }

    async fn expected_signature(
        &mut self,
        expected: &ExpectedSignature,
    ) -> Vec<SignaturePrediction> {
        let (made_by, coverage) = match expected.made_by {
            MadeBy::Sender => (SignatureMaker::Sender, self.default_coverage()),
            MadeBy::Provider => (SignatureMaker::Provider, None),
        };
        let keys = if self.is_providers_own(&expected.domain) {
            let source = self.signature_source(|rule| rule.domain == expected.domain.as_str());
            self.add(
                Finding::new(
                    Code::TakenAsGiven,
                    source,
                    "that its signatures verify is taken as given, because the domain is the provider's",
                    "look at the Authentication-Results of a first message",
                )
                .about(&expected.domain)
                .detail("dkim"),
            );
            vec![KeyPrediction::given("the key is the provider's to publish")]
        } else {
            self.keys(expected).await
        };
        let predictions = keys.into_iter().map(|key| SignaturePrediction {
            domain: Some(expected.domain.clone()),
            selector: key.selector,
            made_by,
            result: key.result,
            cause: key.cause,
            standing: key.standing,
            algorithm: key.algorithm,
            key_bits: key.bits,
            covers_unsubscribe: key.covers_unsubscribe.or(coverage),
        });
        predictions.collect()
    }

    /// Whether a rule names the domain itself, or the identity of that domain is the provider's.
    fn is_providers_own(&self, domain: &DomainName) -> bool {
        let request = self.request;
        let owned = request.profile.identities().iter().any(|rule| {
            let mut owned = rule.provider_owned.iter().filter_map(Subject::domain);
            owned.any(|owned| owned == domain)
        });
        let mut rules = request.profile.signatures().iter();
        owned || rules.any(|rule| rule.domain == domain.as_str())
    }

    pub(super) fn signature_source(&self, is_meant: impl Fn(&SignatureRule) -> bool) -> RuleSource {
        let profile = self.request.profile;
        let mut rules = profile.signatures().iter();
        match rules.find(|rule| is_meant(rule)) {
            Some(rule) => RuleSource::profile(profile, &rule.source),
            None => RuleSource::rfc(6376, "3.5"),
        }
    }

    /// What this library signs where nothing else is said: everything of a list, but for what the provider replaces.
    fn default_coverage(&self) -> Option<Coverage> {
        Some(Coverage::of_fields(|name| !self.is_replaced(name)))
    }
}

/// The domain of the application's signatures, if all of their keys are known to be Ed25519 ones.
fn ed25519_only(predictions: &[SignaturePrediction]) -> Option<&DomainName> {
    let sent = predictions
        .iter()
        .filter(|prediction| prediction.made_by != SignatureMaker::Provider);
    let passing = || sent.clone().filter(|prediction| prediction.is_pass());
    let is_ed25519 = |prediction: &SignaturePrediction| {
        prediction.algorithm.as_deref() == Some("ed25519-sha256")
    };
    let others = predictions
        .iter()
        .any(|prediction| prediction.made_by == SignatureMaker::Provider && prediction.is_pass());
    if others || !passing().all(is_ed25519) {
        return None;
    }
    passing().next()?.domain.as_ref()
}
