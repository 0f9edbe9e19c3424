//! Text that is shared instead of copied.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A part of a text, or all of it. Parts and clones share the octets: the domains of a record are parts of its text, and
/// so are the names of the records that they lead to.
#[derive(Clone)]
pub(crate) struct Text {
    whole: Arc<str>,
    start: usize,
    end: usize,
}

impl Text {
    /// The part of this range; nothing where the range is not one of the text.
    pub(crate) fn part(whole: &Arc<str>, range: Range<usize>) -> Self {
        Self {
            whole: Arc::clone(whole),
            start: range.start,
            end: range.end,
        }
    }

    /// Without what stands behind this many octets.
    pub(crate) fn truncated(mut self, length: usize) -> Self {
        self.end = self.end.min(self.start + length);
        self
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.whole.get(self.start..self.end).unwrap_or_default()
    }
}

// Where in the whole it stands makes no difference.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl<T: Into<Arc<str>>> From<T> for Text {
    fn from(whole: T) -> Self {
        let whole = whole.into();
        let end = whole.len();
        Self {
            whole,
            start: 0,
            end,
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
