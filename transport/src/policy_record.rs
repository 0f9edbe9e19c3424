//! TXT records that hold a version and fields: `v=STSv1; id=2026;`.

use letterhead_dns::Answer;

/// The fields of the single record of this version at a name. `None` where there is no such record, where there are
/// several, and where it cannot be read: for all of these the standards say that nothing is published
/// ([RFC 8461 §3.1](https://www.rfc-editor.org/rfc/rfc8461#section-3.1),
/// [RFC 8460 §3](https://www.rfc-editor.org/rfc/rfc8460#section-3)).
pub(crate) fn fields<'a>(answer: &'a Answer, version: &str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut records = answer.texts().filter_map(|text| {
        let fields = text.strip_prefix(version.as_bytes())?;
        let start = fields.iter().position(|octet| !is_space(*octet))?;
        fields.get(start..)?.strip_prefix(b";")
    });
    let record = records.next()?;
    if records.next().is_some() || !record.is_ascii() {
        return None;
    }
    let text = str::from_utf8(record).ok()?.trim_matches(SPACE);
    let text = text.strip_suffix(';').unwrap_or(text);
    text.split(';').map(field).collect()
}

/// A field, `name=value`. White space stands around it, not within.
fn field(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.trim_matches(SPACE).split_once('=')?;
    (is_name(name) && is_value(value)).then_some((name, value))
}

/// Whether this is the name of a field: up to 32 letters, digits and, behind the first of these, `_`, `-` and `.`.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-' | b'.'))
}

/// A value here may hold `=`, as URIs do, and white space, as lists do between their items.
fn is_value(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|octet| octet.is_ascii_graphic() || is_space(octet))
}

fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

pub(crate) const SPACE: [char; 2] = [' ', '\t'];

#[cfg(test)]
mod tests {
    use letterhead_dns::{Answer, RecordData, Txt};

    use super::fields;

    fn answer(records: &[&str]) -> Answer {
        let text = |record: &&str| RecordData::Txt(Txt::split(record.as_bytes()));
        Answer::new(records.iter().map(text).collect())
    }

    #[test]
    fn one_record_of_the_version_is_read() {
        let two = [("id", "1"), ("x.y", "a=b")];
        for (records, expected) in [
            (&["v=X1; id=1; x.y=a=b"][..], Some(&two[..])),
            (&["v=X1;id=1;x.y=a=b;"], Some(&two)),
            (&["v=X1 \t;\tid=1 ; x.y=a=b ; "], Some(&two)),
            (
                &["v=X1; id=1; x.y=a=b", "v=spf1 -all", "v=X11; id=2"],
                Some(&two),
            ),
            (&["v=X1; id=1", "v=X1; id=1"], None),
            (&["v=X1; id=1", "v=X1;"], None),
            (&["v=x1; id=1"], None),
            (&[" v=X1; id=1"], None),
            (&["v=X1"], None),
            (&["v=X1;"], None),
            (&["v=X1;;"], None),
            (&["v=X1; id=1;; x=y"], None),
            (&["v=X1; id"], None),
            (&["v=X1; id="], None),
            (&["v=X1; =1"], None),
            (&["v=X1; i d=1"], None),
            (&["v=X1; id =1"], None),
            (&["v=X1; id=\u{e9}"], None),
            (&["v=X1; id=\u{7f}"], None),
            (&[], None),
        ] {
            assert_eq!(
                fields(&answer(records), "v=X1").as_deref(),
                expected,
                "{records:?}"
            );
        }
    }
}
