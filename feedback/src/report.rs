//! Mail that comes back, read.

mod auto_reply;
mod bounce;
mod complaint;
mod context;
mod delivery_status;
mod disposition;
mod feedback_report;
mod field_group;
mod mail_text;
mod notification_mail;
pub(crate) mod part;
mod returned_message;
pub(crate) mod typed_value;

use std::borrow::Cow;
use std::sync::Arc;

use letterhead_mail::EmailAddress;

use crate::event::Event;
use crate::event_list::EventList;
use crate::report::bounce::{Author, BounceText, Returned};
use crate::report::context::Context;
use crate::report::part::Part;
use crate::text;

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
    /// The addresses that the mail itself came to, as its header says (Delivered-To, X-Original-To, Envelope-To, To and
    /// the like), each once and at most 16 of them: among them the return path that the message was sent with.
    pub delivered_to: Vec<EmailAddress>,
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
    /// A bounce in words only: recognised by who wrote it and by what it says.
    TextBounce,
    /// A sending provider's notification ([`read_events`](crate::read_events)) that came by mail.
    ProviderNotification,
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
    let given = raw.get(..Reading::MAX_INPUT).unwrap_or(raw);
    let mut reading = read_mail(given, MAX_NESTING);
    if reading.events.is_empty() {
        return reading;
    }
    let raw: Arc<[u8]> = Arc::from(given);
    let events = reading.events.into_iter();
    reading.events = events.map(|event| event.with_raw(raw.clone())).collect();
    reading
}

/// Reads a mail; what is forwarded in it only as deep as this.
fn read_mail(raw: &[u8], nesting: usize) -> Reading {
    let raw = with_line_feeds(raw);
    let message = Part::read(&raw);
    let header = message.header();
    let is_report = message.essence() == "multipart/report";
    let is_status_report = is_report && message.report_type() == Some("delivery-status");
    let leaves = message.leaves();
    let mut author = Author::of(header);
    author.no_return |= has_null_separator(&raw);
    if is_status_report {
        author.weight = author.weight.max(2);
        author.subject = author.subject.max(1);
    }

    let find = |accepts: fn(&str) -> bool| leaves.iter().find(|part| accepts(part.essence()));
    // A person who passes a report on is not its author.
    let is_passed_on = author.is_answer && !author.may_be_mail_system() && !is_report;
    let status = find(is_delivery_status)
        .filter(|_| !is_passed_on)
        .map(Part::decoded)
        .or_else(|| {
            let may_be = author.may_be_mail_system() && find(is_other_report).is_none();
            let mut candidates = leaves.iter().filter(|_| may_be);
            candidates.find_map(Part::disguised_status)
        });
    // What the mail says itself, and the message that it returns with all behind it.
    let first_returned = leaves.iter().position(Part::is_returned);
    let (own, returned) = leaves
        .split_at_checked(first_returned.unwrap_or(leaves.len()))
        .unwrap_or((&leaves, &[]));
    let text = (status.is_some() || author.may_be_mail_system()).then(|| bounce_text(own, &author));
    let (words, text) = text.unzip();
    let context = Context::of(header, returned, &author, text.as_ref());
    let returned = match returned {
        [] => Returned::Missing,
        _ => Returned::Attached,
    };
    let mut events = EventList::up_to(Reading::MAX_EVENTS);
    let kind = if let Some(status) = status {
        delivery_status::read(&status, &context, text.as_ref(), &mut events);
        if let Some(text) = text.as_ref().filter(|_| events.is_empty()) {
            bounce::read(&author, text, &context, &mut events);
        }
        ReportKind::DeliveryStatus
    } else if let Some(part) = find(|essence| essence == "message/feedback-report") {
        feedback_report::read(&part.decoded(), &leaves, &context, &mut events);
        ReportKind::Feedback
    } else if let Some(part) = find(is_disposition_notification) {
        disposition::read(&part.decoded(), &context, &mut events);
        ReportKind::DispositionNotification
    } else if let Some(reported) = notification_mail::read(header, &leaves) {
        for event in reported {
            events.push_with(|| event);
        }
        ReportKind::ProviderNotification
    } else if let Some(event) = complaint::read(header, &leaves, &context) {
        events.push_with(|| event);
        ReportKind::Feedback
    } else if let Some(reading) = forwarded(&leaves, text.as_ref(), nesting) {
        return Reading {
            delivered_to: author.delivered_to,
            ..reading
        };
    } else if let Some(text) = text
        .as_ref()
        .filter(|text| bounce::is_bounce(&author, text, returned))
    {
        if let Some(fields) = words.as_deref().and_then(bounce::status_fields_in) {
            delivery_status::read(fields.as_bytes(), &context, Some(text), &mut events);
        }
        if events.is_empty() {
            bounce::read(&author, text, &context, &mut events);
        }
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
        delivered_to: author.delivered_to,
    }
}

/// What the mail itself says, and what that comes to as a bounce: the texts of its own parts, plain ones before those with
/// markup.
fn bounce_text(own: &[Part<'_>], author: &Author) -> (String, BounceText) {
    let (marked_up, plain): (Vec<&Part<'_>>, Vec<&Part<'_>>) =
        own.iter().partition(|part| part.essence() == "text/html");
    let read = |parts: Vec<&Part<'_>>| {
        let texts: Vec<String> = parts
            .into_iter()
            .filter_map(Part::text)
            .take(MAX_TEXTS)
            .collect();
        texts.join("\n")
    };
    let mut words = read(plain);
    if words.trim().is_empty() {
        words = read(marked_up);
    }
    let text = BounceText::read(&words, &author.own);
    (words, text)
}

/// What is said by a report that a mail system could not read and passes on as a whole. A report that a person attaches is
/// not read: anyone can attach anything.
fn forwarded(leaves: &[Part<'_>], text: Option<&BounceText>, nesting: usize) -> Option<Reading> {
    let nesting = nesting.checked_sub(1)?;
    text.filter(|text| text.signs.is_forwarded)?;
    let attached = leaves
        .iter()
        .find(|part| part.essence() == "message/rfc822")?;
    let reading = read_mail(&attached.decoded(), nesting);
    (reading.kind != ReportKind::NotAReport).then_some(reading)
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

/// Whether the line that separates mails in a mailbox file stands in front and names the null sender or a mailer daemon.
fn has_null_separator(raw: &[u8]) -> bool {
    let Some(sender) = raw.strip_prefix(b"From ") else {
        return false;
    };
    let sender = sender.trim_ascii_start();
    let mut null_senders = ["<>", "MAILER-DAEMON"].iter();
    null_senders.any(|name| text::begins_with(sender, *name))
}

fn is_other_report(essence: &str) -> bool {
    essence == "message/feedback-report" || is_disposition_notification(essence)
}

/// How deep reports are followed that mail systems forward.
const MAX_NESTING: usize = 1;
/// The most texts of one mail that are read.
const MAX_TEXTS: usize = 4;
