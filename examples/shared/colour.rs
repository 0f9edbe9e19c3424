//! Colours of what a command says, where a person reads it.

use std::io::IsTerminal as _;

const GOOD: &[&str] = &["pass", "present"];
const BAD: &[&str] = &["fail", "permerror", "error", "missing"];
const DOUBTFUL: &[&str] = &["softfail", "temperror", "warning", "replace", "superfluous"];

/// The text with the first word of each line that says how it stands in its colour: green, red or yellow. As it is where
/// it does not go to a terminal, or where [`NO_COLOR`](https://no-color.org) is set.
pub(crate) fn coloured(text: &impl ToString) -> String {
    let text = text.to_string();
    #[expect(
        clippy::disallowed_methods,
        reason = "an example reads its environment"
    )]
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if refused || !std::io::stdout().is_terminal() {
        return text;
    }
    text.split_inclusive('\n').map(line).collect()
}

fn line(line: &str) -> String {
    let words = line.split(|character: char| !character.is_ascii_alphanumeric());
    for word in words {
        let colour = match word {
            word if GOOD.contains(&word) => 32,
            word if BAD.contains(&word) => 31,
            word if DOUBTFUL.contains(&word) => 33,
            _ => continue,
        };
        // Words are parts of the line.
        let start = word.as_ptr().addr() - line.as_ptr().addr();
        let (before, rest) = line.split_at(start);
        let (word, after) = rest.split_at(word.len());
        return format!("{before}\x1b[{colour}m{word}\x1b[0m{after}");
    }
    line.to_owned()
}
