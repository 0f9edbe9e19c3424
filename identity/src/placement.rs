//! Where an identity belongs within its tenant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::word::text_types;

text_types! { is_label, LabelError:
    /// The part of a provider's account that an identity is kept in, by the provider's id of it.
    Compartment;
    /// The brand that an identity speaks for.
    Brand;
    /// What a set of credentials is known by; not the secret, nor the user name.
    CredentialId;
    /// The user of a provider's account that credentials were issued for.
    UserId;
}

/// The longest label in octets, as long as the ids of cloud providers may be.
const MAX_LABEL: usize = 255;

/// Text that is no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to 255 visible ASCII characters")]
#[non_exhaustive]
pub struct LabelError;

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_LABEL && text.bytes().all(|b| b.is_ascii_graphic())
}
