//! The policies that come with the library: the one place in code that names receivers.

use super::{ReceiverPolicy, ReceiverPolicyError};

/// Name and text of each file.
pub(super) const FILES: &[(&str, &str)] = &[
    ("google", include_str!("../../receivers/google.toml")),
    ("microsoft", include_str!("../../receivers/microsoft.toml")),
    ("yahoo", include_str!("../../receivers/yahoo.toml")),
];

pub(super) fn load(name: &str) -> Result<ReceiverPolicy, ReceiverPolicyError> {
    match FILES.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => ReceiverPolicy::from_toml(text),
        None => Err(ReceiverPolicyError::NotBuiltIn {
            name: name.to_owned(),
        }),
    }
}
