//! The DKIM signatures of two copies of a message.

use std::time::SystemTime;

use letterhead_dkim::{Cause, DkimResult, Signature, Verdict, VerifyLimits, verify};
use letterhead_dns::{DomainName, Finding, Resolver};
use letterhead_mail::Message;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::code::Code;
use super::fields::values;
use crate::authenticate::author_domain;
use crate::organization::is_same_organization;

/// A signature and what verification found in either copy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayedSignature {
    /// The signing domain.
    pub domain: DomainName,
    /// The selector.
    pub selector: String,
    /// What was found before; `None` for a signature that was made on the way.
    pub before: Option<DkimResult>,
    /// What was found after; `None` for a signature that is gone.
    pub after: Option<DkimResult>,
}

impl Serialize for RelayedSignature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = |result: Option<DkimResult>| result.map(|result| result.to_string());
        let mut signature = serializer.serialize_struct("RelayedSignature", 4)?;
        signature.serialize_field("domain", &self.domain)?;
        signature.serialize_field("selector", &self.selector)?;
        signature.serialize_field("before", &text(self.before))?;
        signature.serialize_field("after", &text(self.after))?;
        signature.end()
    }
}

/// Verifies both copies, and adds what follows to the findings.
pub(super) async fn compare(
    before: &Message,
    after: &Message,
    resolver: &dyn Resolver,
    now: SystemTime,
    findings: &mut Vec<Finding<Code>>,
) -> Vec<RelayedSignature> {
    let limits = VerifyLimits::default();
    let was = verify(before.as_bytes(), resolver, now, &limits).await;
    let is = verify(after.as_bytes(), resolver, now, &limits).await;
    let author = author_domain(after).ok();
    let mut held_by_author = None;
    let mut is_not_judged = false;
    for verdict in is.iter().filter(|verdict| !verdict.is_testing()) {
        let is_open = verdict.result() == DkimResult::TempError;
        if held_by_author.is_some() || !(verdict.is_pass() || is_open) {
            continue;
        }
        match aligns(verdict.domain(), author.as_ref(), resolver).await {
            Some(true) if verdict.is_pass() => held_by_author = Some(verdict),
            Some(true) | None => is_not_judged = true,
            Some(false) => {}
        }
    }
    let copies = Copies {
        before,
        after,
        signed_again: held_by_author.and_then(Verdict::domain),
    };

    let mut rows = Vec::new();
    for verdict in &was {
        let Some(signature) = verdict.signature() else {
            continue;
        };
        let later = is.iter().find(|other| is_same(signature, other));
        rows.push(row(signature, Some(verdict), later));
        findings.extend(copies.of_earlier(signature, verdict, later));
    }
    for verdict in &is {
        let Some(signature) = verdict.signature() else {
            continue;
        };
        if was.iter().any(|other| is_same(signature, other)) {
            continue;
        }
        rows.push(row(signature, None, Some(verdict)));
        findings.extend(of_new(signature, verdict));
    }
    if held_by_author.is_none() && !is_not_judged {
        findings.push(Finding::new(
            Code::NoAuthorSignature,
            author.map(|domain| domain.to_string()).unwrap_or_default(),
            "the message leaves without a signature of its author's domain that holds",
            "let the server sign outgoing mail, or let the provider do it, and see that the signature gets through",
        ));
    }
    rows
}

/// The two copies, and who signed the second.
struct Copies<'a> {
    before: &'a Message,
    after: &'a Message,
    /// The domain of a signature that holds and is the author's.
    signed_again: Option<&'a DomainName>,
}

impl Copies<'_> {
    /// What became of a signature that was there before.
    fn of_earlier(
        &self,
        signature: &Signature,
        was: &Verdict,
        is: Option<&Verdict>,
    ) -> Option<Finding<Code>> {
        let name = name(signature);
        match was.result() {
            DkimResult::Pass => {}
            DkimResult::TempError => return Some(not_judged(name)),
            DkimResult::Fail | DkimResult::Neutral | DkimResult::Policy | DkimResult::PermError => {
                return Some(Finding::new(
                    Code::SignatureFailedBefore,
                    name,
                    format!(
                        "the signature did not hold when the message was handed over: {}",
                        was.cause()
                    ),
                    "compare a message as the provider hands it over, and see that the provider's records are published",
                ));
            }
        }
        let (code, problem) = match is.map(Verdict::result) {
            Some(DkimResult::Pass) => return None,
            Some(DkimResult::TempError) => return Some(not_judged(name)),
            None => (
                Code::SignatureRemoved,
                "the signature held and is gone".to_owned(),
            ),
            Some(_) => (
                Code::SignatureBroken,
                format!(
                    "the signature held and does not any more: {}",
                    is.map(|verdict| self.told(signature, verdict.cause()))
                        .unwrap_or_default()
                ),
            ),
        };
        Some(match self.signed_again {
            Some(domain) => Finding::new(
                Code::SignatureReplaced,
                name,
                problem,
                format!("nothing has to be done: a signature of {domain} holds"),
            ),
            None => Finding::new(
                code,
                name,
                problem,
                "keep the server from changing what is signed, or let it sign again with a key of the author's domain",
            ),
        })
    }

    /// The cause, with the fields that changed.
    fn told(&self, signature: &Signature, cause: &Cause) -> String {
        if *cause != Cause::SignatureMismatch {
            return cause.to_string();
        }
        let mut changed: Vec<&str> = Vec::new();
        for name in signature.headers() {
            let name = name.as_str();
            let is_told = changed.iter().any(|told| told.eq_ignore_ascii_case(name));
            if !is_told && values(self.before, name) != values(self.after, name) {
                changed.push(name);
            }
        }
        if changed.is_empty() {
            "a signed header field was changed in its white space or order".to_owned()
        } else {
            format!("signed header fields were changed: {}", changed.join(", "))
        }
    }
}

/// What is to be said of a signature that was made on the way.
fn of_new(signature: &Signature, is: &Verdict) -> Option<Finding<Code>> {
    match is.result() {
        DkimResult::Pass => None,
        DkimResult::TempError => Some(not_judged(name(signature))),
        DkimResult::Fail | DkimResult::Neutral | DkimResult::Policy | DkimResult::PermError => {
            Some(Finding::new(
                Code::NewSignatureFails,
                name(signature),
                format!(
                    "a signature that was made on the way does not hold: {}",
                    is.cause()
                ),
                "let the server sign last, and publish the key that it signs with",
            ))
        }
    }
}

fn not_judged(name: String) -> Finding<Code> {
    Finding::new(
        Code::SignatureNotJudged,
        name,
        "the key of the signature could not be looked up now",
        "check again later",
    )
}

fn row(signature: &Signature, was: Option<&Verdict>, is: Option<&Verdict>) -> RelayedSignature {
    RelayedSignature {
        domain: signature.domain().clone(),
        selector: signature.selector().to_string(),
        before: was.map(Verdict::result),
        after: is.map(Verdict::result),
    }
}

fn name(signature: &Signature) -> String {
    format!("d={}; s={}", signature.domain(), signature.selector())
}

/// Whether the verdict is on this signature, by what no relay rewrites without making it another one.
fn is_same(signature: &Signature, verdict: &Verdict) -> bool {
    verdict.signature().is_some_and(|other| {
        other.domain() == signature.domain()
            && other.selector() == signature.selector()
            && other.signature() == signature.signature()
    })
}

/// Whether the signing domain is of the author's organisation, as DMARC's relaxed alignment has it
/// ([RFC 9989 §4.10.2](https://www.rfc-editor.org/rfc/rfc9989#section-4.10.2)); `None` where a lookup fails.
async fn aligns(
    signer: Option<&DomainName>,
    author: Option<&DomainName>,
    resolver: &dyn Resolver,
) -> Option<bool> {
    let (Some(signer), Some(author)) = (signer, author) else {
        return Some(false);
    };
    is_same_organization(signer, author, resolver).await
}
