//! A bounded map that forgets what was not asked for the longest.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroUsize;

/// Values by key, at most so many. Where there is no room, the one that was not asked for the longest goes; finding it
/// takes a look at each.
#[derive(Debug)]
pub(crate) struct RecentlyUsed<K, V> {
    entries: HashMap<K, Entry<V>>,
    most: NonZeroUsize,
    uses: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    used: u64,
}

impl<K: Eq + Hash + Clone, V> RecentlyUsed<K, V> {
    pub(crate) fn new(most: NonZeroUsize) -> Self {
        Self {
            entries: HashMap::new(),
            most,
            uses: 0,
        }
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.uses += 1;
        let entry = self.entries.get_mut(key)?;
        entry.used = self.uses;
        Some(&mut entry.value)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.uses += 1;
        let used = self.uses;
        if !self.entries.contains_key(&key) && self.entries.len() >= self.most.get() {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.entries.remove(&oldest);
            }
        }
        self.entries.insert(key, Entry { value, used });
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) {
        self.entries.retain(|_, entry| keep(&entry.value));
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::RecentlyUsed;

    #[test]
    fn what_was_not_asked_for_the_longest_goes() {
        let mut map = RecentlyUsed::new(NonZeroUsize::new(2).unwrap());
        map.insert("a", 1);
        map.insert("b", 2);
        assert_eq!(map.get("a"), Some(&mut 1));
        map.insert("c", 3);
        assert_eq!(map.get("b"), None);
        assert_eq!(map.get("a"), Some(&mut 1));
        // A value that is replaced takes no room.
        map.insert("a", 4);
        assert_eq!(map.get("c"), Some(&mut 3));
        assert_eq!(map.get("a"), Some(&mut 4));
        map.retain(|value| *value > 3);
        assert_eq!(map.get("c"), None);
        assert_eq!(map.get("a"), Some(&mut 4));
    }
}
