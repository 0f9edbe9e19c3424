//! Lists of words kept as text, one item a line under the name of its section in brackets; `#` begins a comment.

/// A text in sections.
#[derive(Debug)]
pub(crate) struct WordList(&'static str);

impl WordList {
    pub(crate) const fn of(text: &'static str) -> Self {
        Self(text)
    }

    /// The items with the names of their sections, in order.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let mut section = "";
        let lines = self.0.lines().map(str::trim);
        lines.filter_map(move |line| {
            if line.is_empty() || line.starts_with('#') {
                return None;
            }
            let name = line
                .strip_prefix('[')
                .and_then(|name| name.strip_suffix(']'));
            if let Some(name) = name {
                section = name;
                return None;
            }
            Some((section, line))
        })
    }

    /// The items of one section.
    pub(crate) fn section(&self, name: &str) -> Vec<&'static str> {
        let items = self.items().filter(|(section, _)| *section == name);
        items.map(|(_, item)| item).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::WordList;

    #[test]
    fn items_stand_under_their_section() {
        let list = WordList::of("# a list\n[x y]\none\n\n# two\ntwo words \n[z]\nthree\n");
        assert_eq!(list.section("x y"), ["one", "two words"]);
        assert_eq!(list.section("z"), ["three"]);
        assert_eq!(list.section("none"), [""; 0]);
    }
}
