//! How the value of Authentication-Results is written.

use std::fmt;

use super::{AuthenticationResults, MethodResult};

/// Every result begins a line, and a line that would grow past 78 columns folds before its next property.
pub(super) fn write(f: &mut fmt::Formatter<'_>, results: &AuthenticationResults) -> fmt::Result {
    f.write_str(results.authserv_id.as_str())?;
    if results.results.is_empty() {
        return f.write_str("; none");
    }
    for result in &results.results {
        f.write_str(";\r\n")?;
        let mut column = 0;
        for item in items(result) {
            if column > 0 && column + 1 + item.len() > MAX_COLUMN {
                f.write_str("\r\n")?;
                column = 0;
            }
            write!(f, " {item}")?;
            column += 1 + item.len();
        }
    }
    Ok(())
}

fn items(result: &MethodResult) -> Vec<String> {
    let mut items = vec![format!("{}={}", result.method, result.result())];
    if let Some(reason) = result.reason_text() {
        items.push(format!("reason={}", quoted(reason)));
    }
    items.extend(result.properties.iter().map(|property| {
        let value = property.value();
        let value = if is_plain(value) {
            value.to_owned()
        } else {
            quoted(value)
        };
        format!("{}.{}={value}", property.kind, property.name())
    }));
    items
}

/// A token, or an address or domain of the plainest kind; anything else is quoted.
fn is_plain(value: &str) -> bool {
    let mut sides = value.splitn(2, '@');
    let is_token = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&b))
    };
    !value.is_empty() && !value.ends_with('@') && sides.all(is_token)
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

const MAX_COLUMN: usize = 78;
