//! How text of strangers is put into a header field.

/// Printable ASCII of at most [`MAX_VALUE`] octets.
///
/// Whatever else is replaced and not left out, and a cut is marked: what is written for one address is then never
/// another address.
pub(crate) fn cleaned(text: &str) -> String {
    let printable = |character| match character {
        ' '..='~' => character,
        _ => REPLACEMENT,
    };
    let mut cleaned: String = text.chars().take(MAX_VALUE + 1).map(printable).collect();
    if cleaned.len() > MAX_VALUE {
        cleaned.truncate(MAX_VALUE - CUT.len());
        cleaned.push_str(CUT);
    }
    cleaned
}

/// A quoted string of text that is clean
/// ([RFC 5322 §3.2.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.4)).
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text, &['"', '\\']))
}

/// A comment of text that is clean ([RFC 5322 §3.2.2](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.2)).
pub(crate) fn comment(text: &str) -> String {
    format!("({})", escaped(text, &['(', ')', '\\']))
}

/// Whether the text is a dot-atom ([RFC 5322 §3.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3)).
pub(crate) fn is_dot_atom(text: &str) -> bool {
    is_dotted(text, b"!#$%&'*+-/=?^_`{|}~")
}

/// Whether the text is words with single dots between them, of letters, digits and these octets.
pub(crate) fn is_dotted(text: &str, others: &[u8]) -> bool {
    text.split('.').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || others.contains(&octet))
    })
}

/// The text with a line break before each space at which a line would otherwise grow past [`MAX_COLUMN`]; it begins at
/// this column. No line break comes before another space, so no line is blank.
pub(crate) fn folded(text: &str, column: usize) -> String {
    let mut folded = String::with_capacity(text.len() + text.len() / 32);
    let mut column = column;
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            if !word.is_empty() && column + 1 + word.len() > MAX_COLUMN {
                folded.push_str("\r\n");
                column = 0;
            }
            folded.push(' ');
            column += 1;
        }
        folded.push_str(word);
        column += word.len();
    }
    folded
}

fn escaped(text: &str, special: &[char]) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        if special.contains(&character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Escaped, quoted and with its key, a value of this length is shorter than the longest line, 998 octets.
pub(crate) const MAX_VALUE: usize = 400;

/// Lines should not be longer ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)).
pub(crate) const MAX_COLUMN: usize = 78;

/// Stands for a character that cannot be written.
const REPLACEMENT: char = '?';

/// Ends a value that was cut. No domain ends so, and none can be made to seem to end where the cut is.
const CUT: &str = "...";
