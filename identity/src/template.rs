//! Text with the names of values in braces.

use std::borrow::Cow;

/// Text with the names of values in braces.
pub(crate) struct Template<'a>(pub(crate) &'a str);

/// What stands in the place of a name.
pub(crate) enum Slot<'v> {
    Value(&'v str),
    /// There is no value yet; this is what people know it by.
    Awaited(String),
}

/// A template with its values. They are put in once and never read again, so a brace in a value is just a brace.
pub(crate) struct Filled {
    pub(crate) text: String,
    /// What is awaited, in the order of the text, where it stands in braces.
    pub(crate) missing: Vec<String>,
}

impl Template<'_> {
    pub(crate) fn fill<'v, E>(
        &self,
        slot_of: impl Fn(&str) -> Result<Slot<'v>, E>,
    ) -> Result<Filled, E> {
        let mut missing = Vec::new();
        let text = self.replace(|name| {
            Ok(match slot_of(name)? {
                Slot::Value(value) => Cow::Borrowed(value),
                Slot::Awaited(known_as) => {
                    let shown = format!("{{{known_as}}}");
                    if !missing.contains(&known_as) {
                        missing.push(known_as);
                    }
                    Cow::Owned(shown)
                }
            })
        })?;
        Ok(Filled { text, missing })
    }

    /// The text with what stands in the place of each name.
    pub(crate) fn replace<'v, E>(
        &self,
        mut value_of: impl FnMut(&str) -> Result<Cow<'v, str>, E>,
    ) -> Result<String, E> {
        let mut text = String::with_capacity(self.0.len());
        let mut rest = self.0;
        while let Some((before, name, after)) = next_placeholder(rest) {
            text.push_str(before);
            text.push_str(&value_of(name)?);
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }
}

/// The text before the first name and after the last; `None` where there is no name.
pub(crate) fn around(text: &str) -> Option<(&str, &str)> {
    let (before, _, mut after) = next_placeholder(text)?;
    while let Some((_, _, rest)) = next_placeholder(after) {
        after = rest;
    }
    Some((before, after))
}

/// The names in braces. An SPF macro such as `%{i}` is none of them.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, name, after) = next_placeholder(rest)?;
        rest = after;
        Some(name)
    })
}

/// Text before the next placeholder, its name, and the text after it.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find('{')?;
        let (before, at) = text.split_at_checked(open)?;
        let (name, after) = at.strip_prefix('{')?.split_once('}')?;
        if !before.ends_with('%') && !name.is_empty() {
            return Some((before, name, after));
        }
        from = open + 1;
    }
}

/// The value that every template has without defining it: the identity's domain.
pub(crate) const DOMAIN: &str = "domain";

/// The value that every template has where the profile has regions: the identity's.
pub(crate) const REGION: &str = "region";
