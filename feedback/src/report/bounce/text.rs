//! A bounce in words, read.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use letterhead_mail::EmailAddress;

use super::line::{Candidate, Shape, candidates, expanded_from};
use super::phrases::Signs;
use super::region::Region;
use super::reply_in_text::reply;
use super::words::{MAX_WORDS, Reach, Subject, Words};
use crate::report::returned_message::ReturnedMessage;

/// What the words of a bounce come to.
#[derive(Debug, Default)]
pub(crate) struct BounceText {
    pub(crate) signs: Signs,
    /// The recipients that it names, in its order.
    pub(crate) recipients: Vec<TextRecipient>,
    /// Why, where no recipient is named.
    pub(crate) words: Option<String>,
    /// What of the returned message's header stands in the text.
    pub(crate) returned: ReturnedMessage,
    /// Whether the text announces or holds the returned message.
    pub(crate) has_returned: bool,
}

/// A recipient, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextRecipient {
    pub(crate) address: EmailAddress,
    /// The address that it came from by forwarding.
    pub(crate) original: Option<EmailAddress>,
    /// Why.
    pub(crate) words: Option<String>,
}

impl BounceText {
    /// Reads a text. `own` are the addresses of the mail it stands in: its author and who it came to.
    pub(crate) fn read(text: &str, own: &[EmailAddress]) -> Self {
        let region = Region::of(text);
        let signs = Signs::of(joined(&region.lines).as_bytes());
        let recipients = recipients(&region, own);
        let words = match recipients.is_empty() {
            true => Words::of(&region.lines)
                .about_all()
                .map(|words| with_link(words, &region.lines)),
            false => None,
        };
        Self {
            signs,
            recipients,
            words,
            returned: region.returned,
            has_returned: region.has_returned,
        }
    }

    /// What is said of this recipient; of any where there is only one.
    pub(crate) fn words_about(&self, address: Option<&EmailAddress>) -> Option<&str> {
        let about = self
            .recipients
            .iter()
            .find(|recipient| Some(&recipient.address) == address);
        match (about, self.recipients.as_slice()) {
            (Some(recipient), _) => recipient.words.as_deref(),
            (None, []) => self.words.as_deref(),
            (None, [only]) if address.is_none() => only.words.as_deref(),
            _ => None,
        }
    }
}

/// The words with the first link of the text: whose help page it is says more than a sentence in any language.
fn with_link(words: String, lines: &[&str]) -> String {
    let mut tokens = lines.iter().flat_map(|line| line.split_whitespace());
    match tokens.find(|token| token.contains("://") && token.len() <= MAX_LINK) {
        Some(link) if !words.contains("://") => format!("{words} {link}"),
        _ => words,
    }
}

/// The longest link that is kept, in octets.
const MAX_LINK: usize = 255;

/// The lines with single spaces between their words, without what is quoted from elsewhere.
fn joined(lines: &[&str]) -> String {
    let mut out = String::new();
    for line in lines {
        let quoted = line.starts_with('>') && !line.starts_with(">>>");
        if quoted || out.len() > MAX_JOINED {
            continue;
        }
        for word in line.split_whitespace() {
            out.push_str(word);
            out.push(' ');
        }
    }
    out
}

/// A candidate with what follows it.
#[derive(Debug)]
struct Block {
    address: EmailAddress,
    original: Option<EmailAddress>,
    shape: Shape,
    line: usize,
    words: String,
}

fn recipients(region: &Region<'_>, own: &[EmailAddress]) -> Vec<TextRecipient> {
    let blocks = blocks(&region.lines);
    let chosen = choose(&blocks, own, &region.returned);
    let words = Words::of(&region.lines);
    let alike = chosen.iter().all(|block| block.words.is_empty());
    let reach = match chosen.len() {
        0 | 1 => Reach::Report,
        2..=MAX_SEARCHED if alike => Reach::Report,
        2..=MAX_SEARCHED => Reach::Mention,
        _ => Reach::Own,
    };
    let reading = |block: &&Block| TextRecipient {
        address: block.address.clone(),
        original: block.original.clone(),
        words: words.about(Subject {
            address: &block.address,
            line: block.line,
            own: &block.words,
            reach,
        }),
    };
    chosen.iter().map(reading).collect()
}

/// The candidates in their order, the listed ones with the lines that belong to them.
fn blocks(lines: &[&str]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // The blocks that the next lines belong to, and how far their own line is indented.
    let mut open: Option<(usize, usize)> = None;
    for (index, line) in lines.iter().enumerate() {
        if line.trim().is_empty() || line.starts_with("---") {
            open = None;
            continue;
        }
        let indent = indent(line);
        let continues = open.filter(|(_, column)| indent > *column);
        if let Some(original) = expanded_from(line) {
            // Without an address in front of it, it was a program or a file that failed.
            let first = open.map_or(blocks.len(), |(first, _)| first);
            if first == blocks.len() && blocks.len() < MAX_BLOCKS {
                blocks.push(origin(original, index));
                open = Some((first, indent));
                continue;
            }
            for block in blocks.iter_mut().skip(first) {
                block.original = Some(original.clone());
            }
            continue;
        }
        let found = match line.contains('@') && blocks.len() < MAX_BLOCKS {
            true => candidates(line),
            false => Vec::new(),
        };
        let begins = |found: &Candidate<'_>| found.shape <= Shape::Opening;
        if continues.is_none() && found.iter().any(begins) {
            let first = blocks.len();
            for candidate in &found {
                // A second address in the line of a first is its repetition, unless both are listed.
                if candidate.shape <= Shape::Opening {
                    blocks.push(block(candidate, index, candidate.after));
                }
            }
            open = Some((first, indent));
            continue;
        }
        if let Some((first, _)) = open {
            for block in blocks.iter_mut().skip(first) {
                add(&mut block.words, line);
            }
            continue;
        }
        for candidate in &found {
            blocks.push(block(candidate, index, candidate.after));
        }
    }
    blocks
}

fn block(candidate: &Candidate<'_>, line: usize, words: &str) -> Block {
    let mut block = Block {
        address: candidate.address.clone(),
        original: None,
        shape: candidate.shape,
        line,
        words: String::new(),
    };
    add(
        &mut block.words,
        words.trim_start_matches([':', '.', ',', ';', ' ', '>']),
    );
    block
}

fn origin(address: EmailAddress, line: usize) -> Block {
    Block {
        address,
        original: None,
        shape: Shape::Listed,
        line,
        words: String::new(),
    }
}

fn add(words: &mut String, line: &str) {
    let line = line.trim();
    if line.is_empty() || words.len() > MAX_WORDS {
        return;
    }
    if !words.is_empty() {
        words.push(' ');
    }
    words.push_str(line);
}

fn indent(line: &str) -> usize {
    let column = |sum: usize, c: char| if c == '\t' { sum + 8 } else { sum + 1 };
    line.chars()
        .take_while(|c| c.is_whitespace())
        .fold(0, column)
}

/// Of all candidates those that are surest, each once: what the mail is itself from and to only where nobody else is
/// named, and the addresses of postmasters and the like only behind all others.
fn choose<'a>(
    blocks: &'a [Block],
    own: &[EmailAddress],
    returned: &ReturnedMessage,
) -> Vec<&'a Block> {
    let is_own = |block: &Block| own.contains(&block.address);
    let is_role = |block: &Block| {
        let local = block.address.local_part().to_ascii_lowercase();
        ROLES.contains(&local.as_str()) && !returned.recipients.contains(&block.address)
    };
    let passes: [&dyn Fn(&Block) -> bool; 3] = [
        &|block| !is_own(block) && !is_role(block),
        &|block| !is_own(block),
        &|_| true,
    ];
    for (pass, accepts) in passes.iter().enumerate() {
        for shape in Shape::ALL {
            // The mail's own addresses count only where they are listed.
            if pass == 2 && shape > Shape::Named {
                break;
            }
            let of_shape = blocks.iter().filter(|block| block.shape == shape);
            let chosen = distinct(of_shape.filter(|block| accepts(block)));
            if chosen.is_empty() {
                continue;
            }
            // Sentences also name others; the returned message knows whom it was sent to.
            if shape >= Shape::Named && chosen.len() > 1 {
                let known = chosen.iter().copied();
                let known: Vec<&Block> = known
                    .filter(|block| returned.recipients.contains(&block.address))
                    .collect();
                if !known.is_empty() {
                    return known;
                }
                return chosen.into_iter().take(1).collect();
            }
            return chosen;
        }
    }
    Vec::new()
}

/// Each address once: where it is named several times, where a reply is quoted.
fn distinct<'a>(blocks: impl Iterator<Item = &'a Block>) -> Vec<&'a Block> {
    let mut places: HashMap<&EmailAddress, usize> = HashMap::new();
    let mut distinct: Vec<&Block> = Vec::new();
    for block in blocks {
        match places.entry(&block.address) {
            Entry::Vacant(place) => {
                place.insert(distinct.len());
                distinct.push(block);
            }
            Entry::Occupied(place) => {
                let Some(earlier) = distinct.get_mut(*place.get()) else {
                    continue;
                };
                if reply(&earlier.words).is_none() && reply(&block.words).is_some() {
                    *earlier = block;
                }
            }
        }
    }
    distinct
}

/// Local parts that are named to be written to, in lower case.
const ROLES: &[&str] = &[
    "postmaster",
    "mailer-daemon",
    "abuse",
    "support",
    "helpdesk",
    "hostmaster",
    "webmaster",
    "noreply",
    "no-reply",
    "admin",
    "administrator",
    "root",
    "mailadmin",
];

/// The most recipients for which the whole report is searched.
const MAX_SEARCHED: usize = 50;
/// The most candidates that are read from a text.
const MAX_BLOCKS: usize = 12_000;
/// The most octets of a report that are searched for phrases.
const MAX_JOINED: usize = 64 * 1024;
