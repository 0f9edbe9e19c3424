use super::Values;

/// Text with the names of values in braces.
pub(super) struct Template<'a>(pub(super) &'a str);

impl Template<'_> {
    /// The text with the first of each value put in; a name without value stays as it is, braces included.
    pub(super) fn fill(&self, values: &Values) -> String {
        let mut filled = String::with_capacity(self.0.len());
        let mut rest = self.0;
        while let Some((before, name, after)) = next_placeholder(rest) {
            filled.push_str(before);
            match values.get(name).and_then(|several| several.first()) {
                Some(value) => filled.push_str(value),
                None => {
                    filled.push('{');
                    filled.push_str(name);
                    filled.push('}');
                }
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// The names in braces that `text` still has. An SPF macro such as `%{i}` is none of them.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
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
