//! Which fields the names of `h=` select.

use std::cell::Cell;

use crate::header_field::HeaderField;

/// The fields of a message that `h=` has not selected yet, from the bottom up
/// ([RFC 6376 §5.4.2](https://www.rfc-editor.org/rfc/rfc6376#section-5.4.2)).
///
/// They are in chains of fields with names of one length and first letter, so that a name that is not there, as about half
/// of them are not, is compared with hardly any.
pub(crate) struct NamesLeft<'a, 'm> {
    fields: &'a [HeaderField<'m>],
    /// The lowest field of each chain.
    lowest: [Link; CHAINS],
    /// What is above each field in its chain.
    above: &'a [Link],
}

/// The number of a field, counted from one; zero where a chain ends.
type Link = Cell<usize>;

/// Room for the chains of fields.
pub(crate) struct Links {
    few: [Link; FEW],
    many: Vec<Link>,
}

impl Links {
    /// Room for so many fields.
    #[inline]
    pub(crate) fn for_fields(count: usize) -> Self {
        let many = if count > FEW { count } else { 0 };
        Self {
            few: [const { Cell::new(0) }; FEW],
            many: vec![Cell::new(0); many],
        }
    }

    fn room(&self) -> &[Link] {
        if self.many.is_empty() {
            &self.few
        } else {
            &self.many
        }
    }
}

impl<'a, 'm> NamesLeft<'a, 'm> {
    /// All fields but the signature itself, which is not one of those that `h=` can name
    /// (<https://www.rfc-editor.org/rfc/rfc6376#section-3.5>).
    #[inline]
    pub(crate) fn of(
        fields: &'a [HeaderField<'m>],
        signature: &HeaderField<'_>,
        links: &'a Links,
    ) -> Self {
        let lowest = [const { Cell::new(0) }; CHAINS];
        let above = links.room();
        for (index, (field, above)) in fields.iter().zip(above).enumerate() {
            if field.has_name()
                && !field.is_same(signature)
                && let Some(lowest) = lowest.get(chain(field.name()))
            {
                above.set(lowest.replace(index + 1));
            }
        }
        Self {
            fields,
            lowest,
            above,
        }
    }

    /// The lowest field of this name, which is not left afterwards.
    #[inline]
    pub(crate) fn take_last(&self, name: &[u8]) -> Option<&'a HeaderField<'m>> {
        let mut link = self.lowest.get(chain(name))?;
        loop {
            let index = link.get().checked_sub(1)?;
            let (field, above) = (self.fields.get(index)?, self.above.get(index)?);
            let own = field.name();
            if own.len() == name.len() && (own == name || own.eq_ignore_ascii_case(name)) {
                link.set(above.get());
                return Some(field);
            }
            link = above;
        }
    }
}

/// In which chain fields of this name are, whatever its case.
#[inline]
fn chain(name: &[u8]) -> usize {
    // Only this bit tells the cases of a letter apart.
    let first = name.first().map_or(0, |first| first | 0x20);
    // Lengths spread names of the same letter as far as there are chains.
    (usize::from(first) + 8 * name.len()) % CHAINS
}

const CHAINS: usize = 32;

/// So many fields cost no allocation.
const FEW: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header_field::RawMessage;

    #[test]
    fn fields_of_a_name_are_taken_once_each_from_the_bottom_up() {
        for others in [0, 3, FEW, 3 * FEW] {
            let header = |round: u8| {
                let noise: String = (0..others).map(|n| format!("X{n}: {n}\r\n")).collect();
                format!(
                    "To: {round}\r\nTa: x{round}\r\nSIGNATURE: {round}\r\n{noise}tO : {round}\r\n"
                )
            };
            let text = header(1) + &header(2);
            let message = RawMessage::split(text.as_bytes());
            let fields = message.fields();
            let signature = fields.iter().rfind(|field| field.is_named("Signature"));
            let links = Links::for_fields(fields.len());
            let left = NamesLeft::of(fields, signature.unwrap(), &links);
            let take = |name| {
                left.take_last(str::as_bytes(name))
                    .map(|field| field.value().trim_ascii())
            };
            assert_eq!(take("ta"), Some(&b"x2"[..]));
            for expected in [&b"2"[..], b"2", b"1", b"1"] {
                assert_eq!(take("TO"), Some(expected));
            }
            assert_eq!(take("to"), None);
            assert_eq!(take("signature"), Some(&b"1"[..]));
            assert_eq!(take("signature"), None);
            assert_eq!(take("TA"), Some(&b"x1"[..]));
            assert_eq!((take(""), take("none")), (None, None));
        }
    }
}
