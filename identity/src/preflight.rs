//! What receivers will find in a message, before it is sent.
//!
//! [`preflight()`] predicts SPF, DKIM and DMARC from the profile, the identity's values and the DNS, with the very code that
//! [`authenticate()`](crate::authenticate()) judges a received message with, and says what is in the way. It changes
//! nothing and sends nothing, so it runs as well against the live DNS as in a build over a zone file.
//!
//! What is not known stays unknown: a result is `None` where it depends on something nobody has said, and a lookup that
//! fails is a finding of its own and never a fail.
//!
//! # Rules of receivers
//!
//! These words of a [`Requirement`](crate::receiver_policy::Requirement) are looked at:
//!
//! | rule | is met when |
//! |---|---|
//! | `spf`, `dkim`, `spf-or-dkim` | it passes, or one of them does |
//! | `dmarc` | a policy applies, at least the `policy` named |
//! | `alignment` | something that passes speaks for the From domain |
//! | `reverse-dns` | each sending host has a name that leads back to it |
//! | `message-format` | fields and lines are as [RFC 5322](https://www.rfc-editor.org/rfc/rfc5322) has them |
//! | `no-mailbox-from` | From is not at a domain of the receiver's own mailboxes |
//! | `list-unsubscribe`, `one-click-unsubscribe` | the fields are there, as [RFC 8058](https://www.rfc-editor.org/rfc/rfc8058) has them |
//! | `one-click-signed` | a signature that passes covers them |
//! | `key-bits` | no RSA key is shorter than the `minimum` |
//! | `tls`, `honour-unsubscribe`, any other | never known here; the finding says what to see to |
//!
//! ```
//! use std::time::SystemTime;
//! use letterhead_dns::{Zone, block_on_ready};
//! use letterhead_identity::{NewIdentity, PreflightRequest, Profile, Subject, preflight};
//! use letterhead_mail::{LineEndings, Message};
//!
//! // Mail of a tenant that has registered a single address only.
//! let profile = Profile::built_in("zuora-advanced")?;
//! let address: Subject = "billing@yourcompany.example".parse()?;
//! let identity = NewIdentity::new("acme".parse()?, profile.id().clone(), address)
//!     .environment("production".parse()?)
//!     .to_identity(&profile, SystemTime::UNIX_EPOCH)?;
//! let message = "From: billing@yourcompany.example\nTo: bob@example.net\nSubject: Your bill\n\nHello\n";
//! let message = Message::from_bytes(message, LineEndings::Normalise)?;
//! let zone: Zone = r#"
//! yourcompany.example.        IN TXT "v=spf1 include:amazonses.com ~all"
//! _dmarc.yourcompany.example. IN TXT "v=DMARC1; p=reject"
//! amazonses.com.              IN TXT "v=spf1 ip4:199.255.192.0/22 -all"
//! "#.parse()?;
//!
//! let request = PreflightRequest::new(&profile, &identity, &message, SystemTime::UNIX_EPOCH);
//! let found = block_on_ready(preflight(&request, &zone)).expect("a zone in memory answers at once");
//! // SPF and DKIM pass, both for the provider's domain, and neither speaks for the From domain.
//! assert_eq!(found.dmarc.result, Some(letterhead_dmarc::DmarcResult::Fail));
//! assert!(found.to_string().contains("error dmarc-fails yourcompany.example"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod code;
mod dkim;
pub mod dmarc;
pub mod finding;
mod form;
mod inspection;
mod key;
pub mod mail_from;
mod receivers;
mod report;
pub mod request;
mod sender;
pub mod signature_prediction;
pub mod spf;
mod text;

use letterhead_dns::{Resolver, Severity};
use serde::Serialize;

use crate::authenticate::author_domain;
use crate::dns_plan::DnsPlan;
use crate::profile::ProfileId;
use crate::subject::Subject;

pub use code::Code;
pub use dmarc::{AlignedIdentifier, DmarcPrediction};
pub use finding::{Finding, RuleSource};
pub use form::Unsubscription;
pub use mail_from::MailFromSource;
pub use request::{MailKind, PreflightRequest};
pub use signature_prediction::{SignatureMaker, SignaturePrediction, Standing};
pub use spf::{HostPrediction, SpfBasis, SpfPrediction};

use inspection::Inspection;
use receivers::Predicted;

/// Predicts what receivers will find in the message, and says what is in the way.
pub async fn preflight(request: &PreflightRequest<'_>, resolver: &dyn Resolver) -> Preflight {
    let mut inspection = Inspection {
        request,
        resolver,
        author: author_domain(request.message).ok(),
        plan: None,
        diff: None,
        findings: Vec::new(),
    };
    Box::pin(inspection.make_plan()).await;
    inspection.check_identity();
    inspection.check_form();
    let mail_from = Box::pin(inspection.mail_from()).await;
    let spf = Box::pin(inspection.spf(&mail_from)).await;
    let dkim = Box::pin(inspection.dkim()).await;
    let dmarc = Box::pin(inspection.dmarc(&spf, &dkim)).await;
    Box::pin(inspection.check_reverse_dns()).await;
    inspection.check_authentication(&spf, &dkim);
    inspection.check_receivers(Predicted {
        spf: &spf,
        dkim: &dkim,
        dmarc: &dmarc,
    });
    let mut findings = inspection.findings;
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Preflight {
        profile: request.profile.id().clone(),
        identity: request.identity.subject.clone(),
        spf,
        dkim,
        dmarc,
        findings,
    }
}

/// What receivers will find in a message. `Display` is a report for people, `Serialize` the same for programs.
#[derive(Debug, Clone, Serialize)]
#[must_use]
#[non_exhaustive]
pub struct Preflight {
    /// The rules it is sent under.
    pub profile: ProfileId,
    /// The identity it is sent under.
    pub identity: Subject,
    /// What SPF will say.
    pub spf: SpfPrediction,
    /// The signatures: first those that the message comes with, then those to be made.
    pub dkim: Vec<SignaturePrediction>,
    /// What DMARC will say.
    pub dmarc: DmarcPrediction,
    /// What is in the way and what to know, the worst first.
    pub findings: Vec<Finding>,
}

impl Preflight {
    /// Whether no finding is an error.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.severity < Severity::Error)
    }
}

impl Inspection<'_> {
    async fn make_plan(&mut self) {
        let request = self.request;
        match DnsPlan::new(request.profile, std::slice::from_ref(request.identity)) {
            Ok(plan) => {
                self.diff = Some(plan.diff(self.resolver).await);
                self.plan = Some(plan);
            }
            Err(error) => self.add(
                Finding::new(
                    Code::Values,
                    RuleSource::rfc(1035, "3.3"),
                    error.to_string(),
                    "correct the identity's values",
                )
                .about(&request.identity.subject),
            ),
        }
    }
}
