//! Records as forms of DNS providers have them: without quotes, escapes of names and final dots.

use letterhead_dns::RecordData;

pub(super) fn plain(data: &RecordData) -> String {
    match data {
        RecordData::Cname(target) => undotted(&target.to_string()).to_owned(),
        RecordData::Txt(text) => printable(&text.joined()),
        RecordData::Mx {
            preference,
            exchange,
        } => format!("{preference} {}", undotted(&exchange.to_string())),
        other => other.to_string(),
    }
}

/// A name without the dot that ends it; the root is nothing but that dot.
pub(super) fn undotted(name: &str) -> &str {
    match name.strip_suffix('.') {
        Some("") | None => name,
        Some(undotted) => undotted,
    }
}

/// Octets that cannot be printed as a master file escapes them.
pub(super) fn printable(octets: &[u8]) -> String {
    octets
        .iter()
        .map(|octet| match octet {
            b' '..=b'~' => char::from(*octet).to_string(),
            other => format!("\\{other:03}"),
        })
        .collect()
}
