//! A password or key.

use std::fmt;

use zeroize::Zeroizing;

/// A password or key. It is wiped from memory when dropped, and shows itself only to who asks: it has no `Display`, is in
/// no `Debug` output and is never serialised.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The text is taken over, not copied, so that nothing of it is left behind.
impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
