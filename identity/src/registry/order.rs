//! In which order identities are listed.

use crate::identity::Identity;

/// An order of identities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ListOrder {
    /// By address or domain, as text, from the first letter on.
    #[default]
    BySubject,
    /// By address or domain, from the last letter on.
    BySubjectDescending,
    /// The oldest first; of the same age, by address or domain.
    ByCreation,
    /// The newest first; of the same age, by address or domain.
    ByCreationDescending,
}

impl ListOrder {
    /// Puts identities into this order.
    pub fn sort(self, identities: &mut [Identity]) {
        // Stable, on identities that are sorted by key: what is equal here stays so.
        identities.sort_by_cached_key(|identity| identity.subject.to_string());
        match self {
            Self::BySubject => {}
            Self::BySubjectDescending => identities.reverse(),
            Self::ByCreation => identities.sort_by_key(|identity| identity.created),
            Self::ByCreationDescending => {
                identities.sort_by_key(|identity| std::cmp::Reverse(identity.created));
            }
        }
    }
}
