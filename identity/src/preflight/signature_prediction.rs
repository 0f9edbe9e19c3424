//! What is known beforehand of one signature.

use letterhead_dkim::DkimResult;
use letterhead_dns::DomainName;
use serde::Serialize;

use super::text::as_optional_text;

/// A signature that the message will carry.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct SignaturePrediction {
    /// The signing domain, where it is known.
    #[serde(serialize_with = "as_optional_text")]
    pub domain: Option<DomainName>,
    /// The selector, where it is known.
    pub selector: Option<String>,
    /// Who makes it.
    pub made_by: SignatureMaker,
    /// What verification will find; `None` where that is not known.
    #[serde(serialize_with = "as_optional_text")]
    pub result: Option<DkimResult>,
    /// Why.
    pub cause: String,
    /// Whether receivers may count it.
    pub standing: Standing,
    /// The key's algorithm, such as `rsa-sha256`, where it is known.
    pub algorithm: Option<String>,
    /// The key's size in bits, where it is known.
    pub key_bits: Option<usize>,
    /// Whether it covers the two fields of one-click unsubscription where the message has them; `None` where that is not
    /// known.
    #[serde(skip)]
    pub(super) covers_unsubscribe: Option<Coverage>,
}

/// Who makes a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SignatureMaker {
    /// Whoever made the message: it is there already.
    Message,
    /// The application, before it submits.
    Sender,
    /// The provider, after submission.
    Provider,
}

/// Whether receivers may count a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Standing {
    /// They do.
    Counts,
    /// The key's domain says that it is testing, which makes its mail as if it were not signed
    /// ([RFC 6376 §3.6.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1)).
    Testing,
}

/// Whether the fields of one-click unsubscription are covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coverage {
    Covered,
    LeftOut,
}

impl SignaturePrediction {
    /// Whether it will verify and count.
    #[must_use]
    pub fn is_pass(&self) -> bool {
        self.result == Some(DkimResult::Pass) && self.standing == Standing::Counts
    }

    /// Domain and selector, as far as they are known.
    pub(super) fn name(&self) -> String {
        let domain = self
            .domain
            .as_ref()
            .map_or_else(|| "a signature".to_owned(), ToString::to_string);
        match &self.selector {
            Some(selector) => format!("{domain} ({selector})"),
            None => domain,
        }
    }
}

impl Coverage {
    /// Whether all of the fields are.
    pub(super) fn of_fields(is_covered: impl Fn(&str) -> bool) -> Self {
        if UNSUBSCRIBE.iter().all(|name| is_covered(name)) {
            Self::Covered
        } else {
            Self::LeftOut
        }
    }
}

/// The fields that a signature must cover for one-click unsubscription
/// ([RFC 8058 §4](https://www.rfc-editor.org/rfc/rfc8058#section-4)).
const UNSUBSCRIBE: [&str; 2] = ["List-Unsubscribe", "List-Unsubscribe-Post"];
