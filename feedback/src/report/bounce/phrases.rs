//! Sentences that mail systems write into bounces. They stand in `data/phrases.txt`; to teach a new one takes one line there
//! and one sample in `tests/mails/bounces`.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::word_list::WordList;

/// What a sentence says of the mail it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Only a mail system writes this, and only into a bounce.
    Certain,
    /// A bounce says this, and people who talk about one.
    Likely,
    /// A bounce may say this, and so may other mail.
    Hint,
    /// It was given up.
    Final,
    /// It was not given up.
    Delayed,
    /// It arrived.
    Delivered,
    /// It was handed on to a system that does not report.
    Relayed,
    /// It holds a bounce that somebody's mail system could not read.
    Forwarded,
}

/// The signs in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Signs {
    /// 3 of a sentence that is [certain](Sign::Certain), 2 of a [likely](Sign::Likely) one, 1 of a [hint](Sign::Hint).
    pub(crate) weight: u8,
    pub(crate) is_final: bool,
    pub(crate) is_delayed: bool,
    pub(crate) is_delivered: bool,
    pub(crate) is_relayed: bool,
    pub(crate) is_forwarded: bool,
}

impl Signs {
    /// Reads a text of which white space is single spaces.
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut signs = Self::default();
        let Some(matcher) = PHRASES.matcher.as_ref() else {
            return signs;
        };
        for found in matcher.find_overlapping_iter(text) {
            let Some(sign) = PHRASES.signs.get(found.pattern().as_usize()) else {
                continue;
            };
            let weight = match sign {
                Sign::Certain => 3,
                Sign::Likely => 2,
                Sign::Hint => 1,
                Sign::Final => {
                    signs.is_final = true;
                    1
                }
                Sign::Delayed => {
                    signs.is_delayed = true;
                    2
                }
                Sign::Delivered => {
                    signs.is_delivered = true;
                    2
                }
                Sign::Relayed => {
                    signs.is_relayed = true;
                    2
                }
                Sign::Forwarded => {
                    signs.is_forwarded = true;
                    0
                }
            };
            signs.weight = signs.weight.max(weight);
        }
        signs
    }
}

/// The sentences, and what finds them.
struct Phrases {
    signs: Vec<Sign>,
    /// `None` would take more text than an automaton holds, which a test rules out.
    matcher: Option<AhoCorasick>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let items = WordList::of(include_str!("data/phrases.txt")).items();
    let (signs, texts): (Vec<Sign>, Vec<&str>) = items
        .filter_map(|(section, text)| Some((sign(section)?, text)))
        .unzip();
    let mut builder = AhoCorasick::builder();
    Phrases {
        signs,
        matcher: builder.ascii_case_insensitive(true).build(texts).ok(),
    }
});

fn sign(section: &str) -> Option<Sign> {
    let found = SECTIONS.iter().find(|(name, _)| *name == section);
    found.map(|(_, sign)| *sign)
}

const SECTIONS: &[(&str, Sign)] = &[
    ("certain", Sign::Certain),
    ("likely", Sign::Likely),
    ("hint", Sign::Hint),
    ("final", Sign::Final),
    ("delayed", Sign::Delayed),
    ("delivered", Sign::Delivered),
    ("relayed", Sign::Relayed),
    ("forwarded", Sign::Forwarded),
];

#[cfg(test)]
mod tests {
    use super::{SECTIONS, Signs, WordList};

    #[test]
    fn every_phrase_can_be_found() {
        for (section, phrase) in WordList::of(include_str!("data/phrases.txt")).items() {
            assert!(
                SECTIONS.iter().any(|(name, _)| *name == section),
                "{section}"
            );
            let text = format!("x {phrase} y");
            assert_ne!(Signs::of(text.as_bytes()), Signs::default(), "{phrase}");
            let words: Vec<&str> = phrase.split_whitespace().collect();
            assert_eq!(words.join(" "), phrase);
        }
    }

    #[test]
    fn signs_add_up() {
        let text = b"THIS IS A WARNING MESSAGE ONLY. A Message Could Not Be Delivered To x";
        let signs = Signs::of(text);
        assert!(signs.is_delayed && !signs.is_final);
        assert_eq!(signs.weight, 2);
        assert_eq!(Signs::of(b"Hello"), Signs::default());
    }
}
