use std::num::NonZeroU32;
use std::sync::Arc;

use super::index::Index;

/// Texts that many rows share, each kept once and as long as a row has it.
#[derive(Debug, Default)]
pub(super) struct Interned {
    texts: Vec<Option<Text>>,
    index: Index,
    /// Places where no text is any more.
    free: Vec<u32>,
}

#[derive(Debug)]
struct Text {
    text: Arc<str>,
    users: usize,
}

impl Interned {
    /// The number of the text, with one user more.
    pub(super) fn take(&mut self, text: &str) -> Option<NonZeroU32> {
        let texts = &self.texts;
        let is_it = |place| octets(texts, place) == text.as_bytes();
        if let Some(place) = self.index.find(text.as_bytes(), is_it) {
            self.entry(place)?.users += 1;
            return number(place);
        }
        let known = Text {
            text: text.into(),
            users: 1,
        };
        let place = match self.free.pop() {
            Some(place) => {
                *self.slot(place)? = Some(known);
                place
            }
            None => {
                let place = u32::try_from(self.texts.len()).ok()?;
                self.texts.push(Some(known));
                place
            }
        };
        let texts = &self.texts;
        self.index
            .insert(text.as_bytes(), place, |other| octets(texts, other));
        number(place)
    }

    /// One user less.
    pub(super) fn release(&mut self, number: NonZeroU32) {
        let place = place(number);
        let Some(entry) = self.entry(place) else {
            return;
        };
        entry.users -= 1;
        if entry.users > 0 {
            return;
        }
        let texts = &self.texts;
        let text = octets(texts, place);
        self.index.remove(text, place, |other| octets(texts, other));
        self.free.push(place);
        if let Some(slot) = self.slot(place) {
            *slot = None;
        }
    }

    pub(super) fn text(&self, number: NonZeroU32) -> Option<&Arc<str>> {
        text(&self.texts, place(number))
    }

    fn entry(&mut self, place: u32) -> Option<&mut Text> {
        self.slot(place)?.as_mut()
    }

    fn slot(&mut self, place: u32) -> Option<&mut Option<Text>> {
        self.texts.get_mut(usize::try_from(place).ok()?)
    }
}

fn text(texts: &[Option<Text>], place: u32) -> Option<&Arc<str>> {
    let text = texts.get(usize::try_from(place).ok()?)?.as_ref()?;
    Some(&text.text)
}

fn octets(texts: &[Option<Text>], place: u32) -> &[u8] {
    text(texts, place).map_or(&[], |text| text.as_bytes())
}

/// Numbers are from 1.
fn number(place: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(place.checked_add(1)?)
}

fn place(number: NonZeroU32) -> u32 {
    number.get() - 1
}

#[cfg(test)]
mod tests {
    use super::Interned;

    #[test]
    fn a_text_is_kept_once_and_while_it_is_used() {
        let mut interned = Interned::default();
        let one = interned.take("a").unwrap();
        assert_eq!(interned.take("a"), Some(one));
        let other = interned.take("b").unwrap();
        assert_ne!(one, other);
        interned.release(one);
        assert_eq!(interned.text(one).map(AsRef::as_ref), Some("a"));
        interned.release(one);
        assert_eq!(interned.text(one), None);
        assert_eq!(interned.take("c"), Some(one));
        assert_eq!(interned.text(other).map(AsRef::as_ref), Some("b"));
        assert_eq!(interned.texts.len(), 2);
    }
}
