//! Which TXT record is the SPF record.

use crate::record::Record;
use crate::record::parse_error::ParseError;
use crate::record::parser;

/// Picks the SPF record from the TXT records of a name, each with its strings joined
/// ([RFC 7208 §4.5](https://www.rfc-editor.org/rfc/rfc7208#section-4.5)).
///
/// Records that do not begin with `v=spf1` and a space or the end are of no concern to SPF. Domains publish one; two
/// are an error whatever they say.
pub fn select<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Selection {
    let mut candidates = texts
        .into_iter()
        .filter(|text| parser::has_version(text.as_ref()));
    let Some(first) = candidates.next() else {
        return Selection::None;
    };
    match candidates.count() {
        0 => match Record::try_from(first.as_ref()) {
            Ok(record) => Selection::One(record),
            Err(error) => Selection::Invalid(error),
        },
        more => Selection::Several(more + 1),
    }
}

/// What the TXT records of a name say about SPF.
#[expect(
    clippy::exhaustive_enums,
    reason = "evaluation has a different result for each"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// No SPF record: the result is none.
    None,
    /// One, and it is valid.
    One(Record),
    /// One with a syntax error: the result is permerror.
    Invalid(ParseError),
    /// This many, more than one: the result is permerror.
    Several(usize),
}

#[cfg(test)]
mod tests {
    use super::{Selection, select};

    #[test]
    fn only_the_exact_version_makes_a_record() {
        for other in [
            "",
            "v=spf",
            "v=spf10",
            "v=spf1x",
            "v=spf1\t-all",
            "v=spf1-all",
            " v=spf1",
            "v = spf1",
            "\"v=spf1\"",
            "spf2.0/pra",
            "v=spf2 -all",
            "v=spf1.",
            "v=DMARC1",
        ] {
            assert_eq!(select([other]), Selection::None, "{other}");
        }
        for record in ["v=spf1", "v=spf1 ", "V=SPF1 -all", "v=Spf1  mx"] {
            assert!(matches!(select([record]), Selection::One(_)), "{record}");
        }
    }

    #[test]
    fn two_records_are_an_error_even_when_alike_or_broken() {
        assert_eq!(
            select(["v=spf1 -all", "v=spf1 -all"]),
            Selection::Several(2)
        );
        assert_eq!(
            select(["x", "v=spf1 -all", "v=spf10", "v=spf1 ??"]),
            Selection::Several(2)
        );
        assert!(matches!(select(["x", "v=spf1 ??"]), Selection::Invalid(_)));
    }
}
