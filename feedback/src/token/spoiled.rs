//! Tokens that came back spoiled, for tests.

/// Every text that a token becomes when one character of it is another, when it is cut at either end, and when
/// something follows it. A character in another case is not another one.
pub(crate) fn spoiled(token: &str) -> Vec<String> {
    let characters: Vec<char> = token.chars().collect();
    let text = |characters: &[char]| characters.iter().collect::<String>();
    let mut texts = Vec::new();
    for place in 0..characters.len() {
        texts.push(text(&characters[..place]));
        texts.push(text(&characters[place + 1..]));
        for other in ('a'..='z').chain('0'..='9').chain(['=', '-', ' ']) {
            let mut changed = characters.clone();
            changed[place] = other;
            if changed != characters {
                texts.push(text(&changed));
            }
        }
    }
    let more = ["a", "aa", "aaaaaaaa", "=", " ", "\0"];
    texts.extend(more.map(|more| format!("{token}{more}")));
    texts
}
