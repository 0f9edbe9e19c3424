//! Oracle Cloud Infrastructure Email Delivery: the service logs of a domain, `outboundaccepted` and `outboundrelayed`.

mod meaning;
mod record;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::provider::document::Documents;
use crate::provider::field;
use crate::provider::reading::Mismatch;
use crate::provider::reported::Reported;
use crate::provider::several::Several;

/// Reads one document: a log record, or whatever it came in. A search of the logs puts it into `logContent` and those into
/// `results`; a stream holds it as `value` in base64.
pub(crate) fn read(value: &Value, reported: &mut Reported) -> Result<(), Mismatch> {
    unwrap(value, reported, MAX_WRAPPINGS)
}

fn unwrap(value: &Value, reported: &mut Reported, wrappings: usize) -> Result<(), Mismatch> {
    if record::is_one(value) {
        record::read(value, reported);
        return Ok(());
    }
    let Some(wrappings) = wrappings.checked_sub(1) else {
        return Err(Mismatch::new(EXPECTED));
    };
    for path in [&["logContent"][..], &["data", "logContent"]] {
        if let Some(content) = field::at(value, path).filter(|content| content.is_object()) {
            return unwrap(content, reported, wrappings);
        }
    }
    let inner = |value: &Value, reported: &mut Reported| unwrap(value, reported, wrappings);
    let mut several = Several::default();
    let lists = [&["results"][..], &["data", "results"], &["data"]];
    for result in lists.iter().flat_map(|path| field::list(value, path)) {
        several.read_value(result, reported, inner);
    }
    let streamed = field::text(value, &["value"]).and_then(|text| STANDARD.decode(text).ok());
    let streamed = streamed.unwrap_or_default();
    let mut documents = Documents::of(&streamed);
    // Where a message of the stream breaks off, what came before it is read.
    while let Ok(Some(text)) = documents.next() {
        several.read_text(text, reported, inner);
    }
    several.finish(reported, EXPECTED)
}

/// The stream's message, the search result, its data, the record.
const MAX_WRAPPINGS: usize = 4;

const EXPECTED: &str = "a log record of Email Delivery, an object with `data.action`, or such ones in `logContent`, `results` or `value`";
