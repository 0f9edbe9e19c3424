//! Mail that comes back, read.

use std::borrow::Cow;

use crate::context::Context;
use crate::event::Event;
use crate::event_list::EventList;
use crate::field_group::FieldGroup;
use crate::part::Part;
use crate::{auto_reply, complaint, delivery_status, disposition, feedback_report};

/// What a mail turned out to be, and what it reports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// What kind of mail it is.
    pub kind: ReportKind,
    /// One event for every recipient it reports on, in its order; each as yet
    /// [unproven](crate::Proof::Unproven).
    pub events: Vec<Event>,
    /// How many more recipients it reports on beyond [`MAX_EVENTS`](Self::MAX_EVENTS).
    pub omitted: usize,
}

impl Reading {
    /// The most events that are read from one mail. A sender that puts more recipients than this into one message is
    /// unknown; a forged report could put in millions.
    pub const MAX_EVENTS: usize = 10_000;
    /// How much of a mail is looked at, in octets: 25 MiB. A report's own fields come first; what is cut off is the end
    /// of the returned message.
    pub const MAX_INPUT: usize = 25 * 1024 * 1024;
}

/// What kind of mail came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportKind {
    /// A delivery status notification ([RFC 3464](https://www.rfc-editor.org/rfc/rfc3464)): bounced, delayed or
    /// delivered, per recipient.
    DeliveryStatus,
    /// Feedback in the abuse reporting format ([RFC 5965](https://www.rfc-editor.org/rfc/rfc5965)), or a complaint that
    /// only attaches the message.
    Feedback,
    /// A disposition notification ([RFC 8098](https://www.rfc-editor.org/rfc/rfc8098)): what the recipient's mail
    /// program did with the message. Never a bounce.
    DispositionNotification,
    /// An automatic answer ([RFC 3834](https://www.rfc-editor.org/rfc/rfc3834)).
    AutoReply,
    /// A bounce in words only, recognised by who wrote it. No events are read from it.
    TextBounce,
    /// Ordinary mail.
    NotAReport,
}

/// Reads a mail that came to a return path, a feedback address or a reply address.
///
/// Any octets may be given, with line ends of any kind; ordinary mail and noise are
/// [`NotAReport`](ReportKind::NotAReport). A report that is attached to another mail is not that mail's own and is not
/// read. The memory used is bounded by the input, of which the first [`Reading::MAX_INPUT`] octets are read.
///
/// ```
/// use letterhead_feedback::{EventKind, Permanence, ReportKind, read_report};
///
/// let raw = b"From: MAILER-DAEMON@mx.example.org\r\n\
///     Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
///     --b\r\nContent-Type: message/delivery-status\r\n\r\n\
///     Reporting-MTA: dns; mx.example.org\r\n\r\n\
///     Final-Recipient: rfc822; joe@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
///     --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <1@mail.example.com>\r\n\r\n--b--\r\n";
/// let reading = read_report(raw);
/// assert_eq!(reading.kind, ReportKind::DeliveryStatus);
/// assert_eq!(reading.events[0].kind(), EventKind::Bounced(Permanence::Hard));
/// assert_eq!(reading.events[0].message_id(), Some("<1@mail.example.com>"));
/// ```
#[must_use]
pub fn read_report(raw: &[u8]) -> Reading {
    let raw = raw.get(..Reading::MAX_INPUT).unwrap_or(raw);
    let raw = with_line_feeds(raw);
    let message = Part::read(&raw);
    let header = message.header();
    let essence = message.essence().to_owned();
    let report_type = message.report_type().map(str::to_owned);
    let leaves = message.leaves();

    let context = Context::of(header, &leaves);
    let find = |accepts: fn(&str) -> bool| leaves.iter().find(|part| accepts(part.essence()));
    let mut events = EventList::up_to(Reading::MAX_EVENTS);
    let kind = if let Some(part) = find(is_delivery_status) {
        delivery_status::read(&part.decoded(), &context, &mut events);
        ReportKind::DeliveryStatus
    } else if let Some(part) = find(|essence| essence == "message/feedback-report") {
        feedback_report::read(&part.decoded(), &leaves, &context, &mut events);
        ReportKind::Feedback
    } else if let Some(part) = find(is_disposition_notification) {
        disposition::read(&part.decoded(), &context, &mut events);
        ReportKind::DispositionNotification
    } else if let Some(event) = complaint::read(header, &leaves, &context) {
        events.push_with(|| event);
        ReportKind::Feedback
    } else if is_from_a_mail_system(header)
        || (essence == "multipart/report" && report_type.as_deref() == Some("delivery-status"))
    {
        ReportKind::TextBounce
    } else if let Some(event) = auto_reply::read(header, &context) {
        events.push_with(|| event);
        ReportKind::AutoReply
    } else {
        ReportKind::NotAReport
    };
    let (events, omitted) = events.into_parts();
    Reading {
        kind,
        events,
        omitted,
    }
}

/// Octets whose lines end with LF or CRLF. Only where there is no LF at all is CR taken for a line end.
fn with_line_feeds(raw: &[u8]) -> Cow<'_, [u8]> {
    if raw.contains(&b'\n') || !raw.contains(&b'\r') {
        return Cow::Borrowed(raw);
    }
    let line_feed = |byte: &u8| if *byte == b'\r' { b'\n' } else { *byte };
    Cow::Owned(raw.iter().map(line_feed).collect())
}

fn is_delivery_status(essence: &str) -> bool {
    matches!(
        essence,
        "message/delivery-status" | "message/global-delivery-status"
    )
}

fn is_disposition_notification(essence: &str) -> bool {
    matches!(
        essence,
        "message/disposition-notification" | "message/global-disposition-notification"
    )
}

/// Whether the header is that of a bounce: written by a mailer daemon, naming failed recipients, or by a postmaster who
/// wants no answer.
fn is_from_a_mail_system(header: FieldGroup<'_>) -> bool {
    let from = header
        .value("From")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let no_answer = header.value("Return-Path").is_some_and(|path| path == "<>");
    header.value("X-Failed-Recipients").is_some()
        || from.contains("mailer-daemon")
        || (from.contains("postmaster@") && no_answer)
}
