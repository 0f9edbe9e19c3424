//! Text that is shared instead of copied.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A part of a text, or all of it. Parts and clones share the octets: the domains of a record are parts of its text, and
/// so are the names of the records that they lead to.
#[derive(Clone)]
pub(crate) struct Text {
    whole: Arc<str>,
    start: u32,
    end: u32,
}

impl Text {
    /// The part of this range; nothing where the range is not one of the text, or ends behind 4 GiB.
    pub(crate) fn part(whole: &Arc<str>, range: Range<usize>) -> Self {
        Self {
            whole: Arc::clone(whole),
            start: offset(range.start),
            end: offset(range.end),
        }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        let range = self.start as usize..self.end as usize;
        self.whole.get(range).unwrap_or_default()
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
        let end = offset(whole.len());
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

/// Offsets of half the size, because records are lists of texts. None that is read is as long as that.
fn offset(octets: usize) -> u32 {
    u32::try_from(octets).unwrap_or(u32::MAX)
}
