//! Which words of a bounce say why.

use std::sync::LazyLock;

use letterhead_mail::EmailAddress;

use super::reply_in_text::{reply, status};
use super::word_list::WordList;

/// The lines of a report, and where in them servers are quoted.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    lines: &'a [&'a str],
    /// The lines that hold a reply.
    replies: Vec<usize>,
    /// What is said of all recipients alike.
    of_all: Option<&'a str>,
}

/// Whom words are sought for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) address: &'a EmailAddress,
    /// The line that it stands in.
    pub(crate) line: usize,
    /// What follows it there.
    pub(crate) own: &'a str,
    pub(crate) reach: Reach,
}

/// How far words may stand from the address that they are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everything is about this recipient, or about all alike.
    Report,
    /// Only what names the address.
    Mention,
    /// Only what follows it.
    Own,
}

impl<'a> Words<'a> {
    pub(crate) fn of(lines: &'a [&'a str]) -> Self {
        let holds_reply =
            |line: &&str| !line.trim_start().starts_with(">>>") && reply(line).is_some();
        let found = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| holds_reply(line));
        Self {
            lines,
            replies: found.map(|(index, _)| index).take(MAX_REPLIES).collect(),
            of_all: lines
                .iter()
                .take(LINES_OF_START)
                .find_map(|line| of_all(line)),
        }
    }

    /// The words about a recipient: what follows its address, with the reply of a server if one is quoted elsewhere;
    /// else what is said to be the reason; else what stands around it.
    pub(crate) fn about(&self, subject: Subject<'_>) -> Option<String> {
        let words = self.about_one(subject);
        match (self.of_all, words) {
            (Some(of_all), Some(words)) => kept(&format!("{of_all} {words}")),
            (of_all, words) => words.or_else(|| of_all.map(str::to_owned)),
        }
    }

    fn about_one(&self, subject: Subject<'_>) -> Option<String> {
        let own = subject.own.trim();
        if reply(own).is_some() || subject.reach == Reach::Own {
            return kept(own);
        }
        let address = subject.address.to_string();
        let mentions = |index: &&usize| self.line(**index).contains(&address);
        let is_answer = |index: &&usize| self.line(**index).trim_start().starts_with("<<<");
        let mut quoted = match subject.reach {
            // In the transcript of a session, what the server answered says more than what was made of it.
            Reach::Report => self.replies.iter().find(is_answer),
            _ => None,
        };
        quoted = quoted.or_else(|| self.replies.iter().find(mentions));
        if quoted.is_none() && subject.reach == Reach::Report {
            quoted = self.replies.first();
        }
        if let Some(index) = quoted {
            let said = self.paragraph(*index, LINES_OF_REPLY);
            return match *index == subject.line {
                true => kept(&said),
                false => kept(&format!("{own} {said}")),
            };
        }
        if !own.is_empty() {
            return kept(own);
        }
        if subject.reach == Reach::Mention {
            return None;
        }
        self.reason()
            .or_else(|| self.with_status())
            .or_else(|| self.before(subject.line))
            .or_else(|| self.after(subject.line))
            .or_else(|| kept(self.line(subject.line)))
    }

    /// The words of a report that names nobody.
    pub(crate) fn about_all(&self) -> Option<String> {
        let said = self
            .replies
            .first()
            .map(|index| self.paragraph(*index, LINES_OF_REPLY));
        said.and_then(|said| kept(&said))
            .or_else(|| self.reason())
            .or_else(|| self.with_status())
            .or_else(|| self.after(0))
    }

    fn line(&self, index: usize) -> &'a str {
        self.lines.get(index).copied().unwrap_or_default()
    }

    /// What follows words that announce a reason, in their line or in the next ones.
    fn reason(&self) -> Option<String> {
        for (index, line) in self.lines.iter().enumerate() {
            let line = line.trim().trim_matches(['-', '=', '*', ' ']);
            let lower = line.to_lowercase();
            let Some(cue) = REASONS.iter().find(|cue| lower.contains(*cue)) else {
                continue;
            };
            let at = lower.find(cue).map(|at| at + cue.len());
            let rest = at.and_then(|at| line.get(at..)).unwrap_or_default();
            let rest = rest.trim_matches([':', ' ', '.', '-']);
            if rest.split_whitespace().count() > 1 {
                return kept(&format!("{rest} {}", self.rest_of_paragraph(index + 1)));
            }
            if cue.ends_with(':') || rest.is_empty() {
                // Where nothing follows this line nothing follows a later one.
                return self.after(index);
            }
        }
        None
    }

    /// The first line with a status code.
    fn with_status(&self) -> Option<String> {
        let index = self.lines.iter().position(|line| status(line).is_some())?;
        kept(&self.paragraph(index, LINES_OF_REPLY))
    }

    /// What stands directly before a line in its paragraph, unless it only announces it.
    fn before(&self, line: usize) -> Option<String> {
        let above = self.lines.get(..line)?;
        let start = above
            .iter()
            .rposition(|line| is_gap(line))
            .map_or(0, |gap| gap + 1);
        let said = above.get(start..)?.join(" ");
        let announces = said.trim_end().ends_with(':') || said.contains('@');
        kept(&said).filter(|_| !announces)
    }

    /// The next paragraph that says something.
    fn after(&self, line: usize) -> Option<String> {
        let mut index = line + 1;
        while index < self.lines.len() {
            let paragraph = self.rest_of_paragraph(index);
            let length = paragraph.split_whitespace().count();
            if length > 1 && !paragraph.starts_with("Hello ") {
                return kept(&paragraph);
            }
            let below = self.lines.get(index..)?;
            index += below.iter().position(|line| is_gap(line))? + 1;
        }
        None
    }

    fn rest_of_paragraph(&self, line: usize) -> String {
        self.paragraph(line, LINES_OF_PARAGRAPH)
    }

    fn paragraph(&self, line: usize, limit: usize) -> String {
        let below = self.lines.get(line..).unwrap_or_default();
        let lines: Vec<&str> = below
            .iter()
            .take_while(|line| !is_gap(line))
            .take(limit)
            .map(|line| line.trim())
            .collect();
        lines.join(" ")
    }
}

/// The line, if it states a reason for all recipients that follow.
fn of_all(line: &str) -> Option<&str> {
    let line = line.trim();
    let lower = line.to_lowercase();
    let found = REASONS_OF_ALL.iter().any(|words| lower.starts_with(words));
    found.then_some(line)
}

fn is_gap(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with("---") || line.starts_with("===")
}

fn kept(words: &str) -> Option<String> {
    let words = words.trim();
    let end = words
        .char_indices()
        .nth(MAX_WORDS)
        .map_or(words.len(), |(end, _)| end);
    let words = words.get(..end)?;
    words
        .chars()
        .any(char::is_alphanumeric)
        .then(|| words.to_owned())
}

/// What announces a reason.
static REASONS: LazyLock<Vec<&str>> =
    LazyLock::new(|| WordList::of(include_str!("data/reasons.txt")).section("cue"));

/// How lines begin that state a reason for all recipients that follow.
static REASONS_OF_ALL: LazyLock<Vec<&str>> =
    LazyLock::new(|| WordList::of(include_str!("data/reasons.txt")).section("of all"));

/// How many lines are looked at for a reason that holds for all.
const LINES_OF_START: usize = 12;
/// The most characters of words that are kept.
pub(crate) const MAX_WORDS: usize = 2_000;
/// The most lines with replies that are remembered.
const MAX_REPLIES: usize = 100;
/// How many lines a reply may have.
const LINES_OF_REPLY: usize = 8;
/// How many lines of a paragraph are taken.
const LINES_OF_PARAGRAPH: usize = 6;
