//! A provider's report, read into events.

use std::borrow::Cow;

use serde_json::Value;

use crate::event::Event;
use crate::provider::document::{Documents, NotJson};
use crate::provider::reading_error::{ProviderReadingError, ProviderReadingErrorKind};
use crate::provider::reported::Reported;
use crate::provider::subscription::SubscriptionRequest;
use crate::provider::{Provider, mailgun, mailjet, oci, postmark, sendgrid, ses, sparkpost};

/// What a provider reports, read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderReading {
    /// One event for every recipient of every report, in their order; each as yet
    /// [unproven](crate::Proof::Unproven).
    pub events: Vec<Event>,
    /// How many more events there were beyond [`MAX_EVENTS`](Self::MAX_EVENTS).
    pub omitted: usize,
    /// The first request to confirm a subscription. It is reported and never followed.
    pub subscription: Option<SubscriptionRequest>,
}

impl ProviderReading {
    /// The most events that are read from one body.
    pub const MAX_EVENTS: usize = 10_000;
    /// The longest body that is read, in octets: 25 MiB.
    pub const MAX_INPUT: usize = 25 * 1024 * 1024;
    /// The most values (objects, arrays and what is in them) that are read from one document; a document of more is
    /// kept as one [unknown](crate::EventKind::Unknown) event. It bounds the memory that a body of nothing but commas takes.
    pub const MAX_VALUES: usize = 200_000;
}

/// Reads what a provider reports, without checking who sent it: every event is
/// [`Proof::Unproven`](crate::Proof::Unproven).
///
/// The body is one JSON document, an array of documents, or several documents one after another (JSON lines). A document
/// that is not understood becomes an event of the kind [`Unknown`](crate::EventKind::Unknown) with the provider's own name for
/// it, and the others are read nonetheless. Every event keeps the text that it was read from
/// ([`Event::raw`]).
///
/// ```
/// use letterhead_feedback::{EventKind, Permanence, Provider, read_events};
///
/// let body = br#"{"eventType":"Bounce","mail":{"messageId":"0100"},"bounce":{"bounceType":"Permanent",
///     "bounceSubType":"General","feedbackId":"f1","bouncedRecipients":[{"emailAddress":"joe@example.org",
///     "status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 no such user"}]}}"#;
/// let reading = read_events(Provider::Ses, body)?;
/// assert_eq!(reading.events[0].kind(), EventKind::Bounced(Permanence::Hard));
/// assert_eq!(reading.events[0].native_kind(), Some("Bounce/Permanent/General"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// When the body is longer than [`ProviderReading::MAX_INPUT`], is empty, is not JSON to its very end (what was cut off
/// on the way must be asked for again, not half read), or when not one of its documents is of this provider's shape.
pub fn read_events(
    provider: Provider,
    body: &[u8],
) -> Result<ProviderReading, ProviderReadingError> {
    let error = |kind| ProviderReadingError::new(provider, kind);
    if body.len() > ProviderReading::MAX_INPUT {
        return Err(error(ProviderReadingErrorKind::TooBig {
            octets: body.len(),
        }));
    }
    let mut reported = Reported::by(provider);
    let mut first_mismatch = None;
    let mut is_any_read = false;
    let mut documents = Documents::of(body);
    let mut number = 0;
    while let Some(text) = documents.next().map_err(|not_json| {
        let NotJson {
            line,
            column,
            source,
        } = not_json;
        error(ProviderReadingErrorKind::NotJson { line, column }).with_source(source)
    })? {
        number += 1;
        reported.begin(text);
        let parsed = if is_scalar(text) {
            Some(Value::Null)
        } else {
            parse(text)
        };
        let outcome = match parsed {
            Some(value) => read_document(provider, &value, &mut reported),
            None => Err(Mismatch::new("a document of moderate size and depth")),
        };
        match outcome {
            Ok(()) => is_any_read = true,
            Err(mismatch) => {
                reported.begin(text);
                reported.push_unknown();
                first_mismatch.get_or_insert((number, mismatch));
            }
        }
    }
    match first_mismatch {
        Some((document, mismatch)) if !is_any_read => {
            Err(error(ProviderReadingErrorKind::NotThisProvider {
                document,
                expected: mismatch.expected,
            }))
        }
        None if number == 0 && !documents.had_array() => {
            Err(error(ProviderReadingErrorKind::Empty))
        }
        _ => Ok(reported.into_reading()),
    }
}

/// A document that is not of the provider's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    expected: Cow<'static, str>,
}

impl Mismatch {
    /// With what was expected, and where: "an object with `eventType`".
    pub(crate) fn new(expected: impl Into<Cow<'static, str>>) -> Self {
        Self {
            expected: expected.into(),
        }
    }
}

/// Every module reads one document. It pushes an event for each recipient, one of the kind `Unknown` for what it does not
/// understand, and says `Mismatch` where the document is nothing that this provider writes.
fn read_document(
    provider: Provider,
    value: &Value,
    reported: &mut Reported,
) -> Result<(), Mismatch> {
    match provider {
        Provider::Ses => ses::read(value, reported),
        Provider::Oci => oci::read(value, reported),
        Provider::SendGrid => sendgrid::read(value, reported),
        Provider::Mailgun => mailgun::read(value, reported),
        Provider::Postmark => postmark::read(value, reported),
        Provider::Mailjet => mailjet::read(value, reported),
        Provider::SparkPost => sparkpost::read(value, reported),
    }
}

/// Whether this JSON is a number, a text or the like, and so no document of anyone's. There may be millions in a body; they
/// are not made into trees.
pub(crate) fn is_scalar(text: &[u8]) -> bool {
    !matches!(text.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The document as a tree, unless it is too deep or has too many values.
pub(crate) fn parse(text: &[u8]) -> Option<Value> {
    let commas = memchr::memchr_iter(b',', text).count();
    let brackets = memchr::memchr2_iter(b'[', b'{', text).count();
    if commas.saturating_add(brackets) > ProviderReading::MAX_VALUES {
        return None;
    }
    serde_json::from_slice(text).ok()
}
