//! What an identity keeps of the link that was mailed for it.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// The link that an identity waits for: no other confirms it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AwaitedLink {
    /// SHA-256 of its random part, so that a stolen store confirms nothing.
    pub digest: String,
    /// Until when it can be used.
    pub expires: SystemTime,
}
