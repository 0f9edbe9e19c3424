use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Texts that many rows share, each kept once and as long as a row has it.
#[derive(Debug, Default)]
pub(super) struct Interned {
    texts: Vec<Option<Text>>,
    numbers: HashMap<Arc<str>, NonZeroU32>,
    free: Vec<NonZeroU32>,
}

#[derive(Debug)]
struct Text {
    text: Arc<str>,
    users: usize,
}

impl Interned {
    /// The number of the text, with one user more.
    pub(super) fn take(&mut self, text: &str) -> Option<NonZeroU32> {
        if let Some(number) = self.numbers.get(text).copied() {
            self.entry(number)?.users += 1;
            return Some(number);
        }
        let text: Arc<str> = text.into();
        let known = Text {
            text: text.clone(),
            users: 1,
        };
        let number = match self.free.pop() {
            Some(number) => {
                *self.texts.get_mut(place(number))? = Some(known);
                number
            }
            None => {
                self.texts.push(Some(known));
                NonZeroU32::new(u32::try_from(self.texts.len()).ok()?)?
            }
        };
        self.numbers.insert(text, number);
        Some(number)
    }

    /// One user less.
    pub(super) fn release(&mut self, number: NonZeroU32) {
        let Some(entry) = self.entry(number) else {
            return;
        };
        entry.users -= 1;
        if entry.users == 0 {
            let text = entry.text.clone();
            self.numbers.remove(&text);
            self.free.push(number);
            if let Some(slot) = self.texts.get_mut(place(number)) {
                *slot = None;
            }
        }
    }

    pub(super) fn text(&self, number: NonZeroU32) -> Option<&Arc<str>> {
        let text = self.texts.get(place(number))?.as_ref()?;
        Some(&text.text)
    }

    fn entry(&mut self, number: NonZeroU32) -> Option<&mut Text> {
        self.texts.get_mut(place(number))?.as_mut()
    }
}

/// Numbers are from 1.
fn place(number: NonZeroU32) -> usize {
    usize::try_from(number.get() - 1).unwrap_or(usize::MAX)
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
