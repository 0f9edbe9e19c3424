//! Which octets may stand where, by table: every octet of every record passes here.

/// A visible ASCII character that stands for itself: not the percent sign.
pub(crate) fn is_literal(octet: u8) -> bool {
    class(octet) & LITERAL != 0
}

/// A character of a modifier's name.
pub(crate) fn is_in_name(octet: u8) -> bool {
    class(octet) & IN_NAME != 0
}

/// A character of a top label.
pub(crate) fn is_in_label(octet: u8) -> bool {
    class(octet) & IN_LABEL != 0
}

/// A visible ASCII character.
pub(crate) fn is_visible(octet: u8) -> bool {
    class(octet) != 0
}

/// The classes of an octet; none where it can stand in no term.
fn class(octet: u8) -> u8 {
    CLASSES.get(usize::from(octet)).copied().unwrap_or_default()
}

const VISIBLE: u8 = 1;
const LITERAL: u8 = 2;
const IN_NAME: u8 = 4;
const IN_LABEL: u8 = 8;

static CLASSES: [u8; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses what is out of bounds"
)]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut octet = b'!';
    while octet <= b'~' {
        let mut class = VISIBLE;
        if octet != b'%' {
            class |= LITERAL;
        }
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.') {
            class |= IN_NAME;
        }
        if octet.is_ascii_alphanumeric() || octet == b'-' {
            class |= IN_LABEL;
        }
        classes[octet as usize] = class;
        octet += 1;
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::{is_in_label, is_in_name, is_literal, is_visible};

    #[test]
    fn the_table_says_what_the_grammar_says() {
        for octet in 0..=u8::MAX {
            assert_eq!(is_visible(octet), octet.is_ascii_graphic());
            assert_eq!(is_literal(octet), octet.is_ascii_graphic() && octet != b'%');
            let in_label = octet.is_ascii_alphanumeric() || octet == b'-';
            assert_eq!(is_in_label(octet), in_label);
            let in_name = octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
            assert_eq!(is_in_name(octet), in_name);
        }
    }
}
