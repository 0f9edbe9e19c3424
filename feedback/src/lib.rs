//! What comes back after mail was sent, and who must not be written to again.
//!
//! - [`read_report`]: a mail that came back, read: delivery status notifications, complaints, automatic answers. What is
//!   not a report is said to be none.
//! - [`read_events`]: what a sending [`Provider`] reports in its JSON, read. Verify who sent it first: [`SnsVerifier`] for
//!   Amazon SES, [`SendGridKey`], [`MailgunKey`], and [`WebhookSecret`] for those that sign nothing.
//! - [`Event`]: one model for whatever comes back, whoever reports it: what happened ([`EventKind`]), to whom, about which
//!   message, why ([`Reason`]), and how far it is proven ([`Proof`]).
//! - [`SuppressionList`]: the rules over a [`SuppressionStore`]: who may not be written to, and what an event changes
//!   about that ([`SuppressionPolicy`], [`Decision`]). Lists are exported and imported by [`ListFormat`].
//! - [`ReturnPath`] and [`ComplaintTokens`]: texts in what is sent, made with [`TokenKeys`], that prove whom a report is
//!   about when they come back ([`Mailing`]). [`Unsubscribe`]: the header fields of one-click unsubscription, and what is
//!   made of a request.
//! - [`Reputation`]: bounce and complaint rates of every identity against thresholds, and a gate before sending.
//!
//! Anyone can write a report, so reading one proves nothing. The default policy acts on [`Proof::KnownMessage`] and
//! above: give every message a [return path of its own](ReturnPath) and let what comes back [prove](Mailing::prove) itself,
//! or look up the event's [Message-ID](Event::message_id) and its [addressee](Event::addressee) among what was sent, and
//! raise the proof if both are there.
//!
//! Non-goals: receiving mail, storing events, deciding what to do about an automatic answer.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::SystemTime;
//!
//! use letterhead_feedback::{
//!     Decision, InMemorySuppressionStore, Proof, SuppressionList, SuppressionPolicy, SuppressionReason, SuppressionScope,
//!     read_report,
//! };
//!
//! let bounce = b"From: MAILER-DAEMON@mx.example.org\r\n\
//!     Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
//!     --b\r\nContent-Type: message/delivery-status\r\n\r\n\
//!     Reporting-MTA: dns; mx.example.org\r\n\r\n\
//!     Final-Recipient: rfc822; joe@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
//!     --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <1@mail.example.com>\r\n\r\n--b--\r\n";
//! let sent = |message_id: &str, to: &str| message_id == "<1@mail.example.com>" && to == "joe@example.org";
//!
//! # let run = async {
//! let list = SuppressionList::new(Arc::new(InMemorySuppressionStore::new()), SuppressionPolicy::default());
//! let tenant = "acme".parse()?;
//! for mut event in read_report(bounce).events {
//!     if let (Some(message_id), Some(to)) = (event.message_id(), event.addressee()) {
//!         if sent(message_id, &to.to_string()) {
//!             event = event.with_proof(Proof::KnownMessage);
//!         }
//!     }
//!     let decision = list.record(&tenant, &event, SystemTime::UNIX_EPOCH).await?;
//!     assert_eq!(decision, Decision::Suppressed(SuppressionReason::HardBounce));
//! }
//! let mail = SuppressionScope::new(tenant);
//! let screening = list.check(&mail, &["Joe@example.org".parse()?], SystemTime::UNIX_EPOCH).await?;
//! assert_eq!(screening.suppressed.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # };
//! # letterhead_dns::block_on_ready(run).ok_or("a store in memory is ready at once")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//!
//! Everything public is at the root. Inside: `report` (mail that comes back: which kind it is, one file a format, `bounce` for
//! those in words), `provider` (what providers report, and what proves it), `diagnosis` (why a message was not delivered),
//! `event` and `event_list`, `date_time`, `base32`, `attempt` (what sending itself says), `arrival`, `attribution` and `sent_log` (whose mail it was),
//! `suppression`, `token` (what all tokens have in common, and those for complaints), `return_path`, `unsubscribe`,
//! `reputation`.
//!
//! # Features
//!
//! None.
#![warn(
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unimplemented,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit
)]

mod arrival;
mod attempt;
mod attribution;
mod base32;
mod date_time;
mod diagnosis;
mod event;
mod event_list;
mod origin;
mod provider;
mod report;
mod reputation;
mod return_path;
mod sent_log;
mod suppression;
mod text;
mod token;
mod unsubscribe;

pub use arrival::{Arrival, FeedbackLoops};
pub use attribution::Attribution;
pub use event::{Event, EventId, EventIdError, EventKind, Permanence, Proof, Reason};
pub use provider::{
    MailgunKey, MailgunKeyError, Provider, ProviderError, ProviderReading, ProviderReadingError,
    ProviderReadingErrorKind, ReplayGuard, Seen, SendGridKey, SendGridKeyError, SnsError,
    SnsErrorKind, SnsMessage, SnsMessageKind, SnsSource, SnsSourceError, SnsVerifier,
    SubscriptionRequest, SubscriptionRequestKind, WebhookError, WebhookSecret, WebhookSecretError,
    read_events,
};
pub use report::{Reading, ReportKind, read_report};
pub use reputation::{
    Observed, PerMillion, PerMillionError, Reputation, ReputationMetric, ReputationPaused,
    ReputationPolicy, ReputationStanding, ReputationState, ReputationThreshold,
    SimulatedRecipients, Uncounted, Volume,
};
pub use return_path::{
    IssuedReturnPath, ReturnPath, ReturnPathError, ReturnPathForm, ReturnPathId, ReturnPathIdError,
    ReturnPathToken, Separator,
};
pub use sent_log::{InMemorySentLog, SentLog, SentMessage, SentName};
pub use suppression::{
    Applied, BreakerRule, Change, ChangeAction, Coverage, Cursor, Decision, EraseError, Erasure,
    Evidence, Exempt, HeldBounce, Ignored, Import, InMemorySuppressionStore, KeyHasher,
    KeyHasherError, Lift, LineError, LineErrorKind, ListFormat, ListReader, ListedSuppression,
    Listing, Page, Passage, ProviderEntries, Revoked, Screening, SoftBounceRule, StoreError,
    StoreErrorKind, Suppression, SuppressionFilter, SuppressionKey, SuppressionKeyError,
    SuppressionList, SuppressionPolicy, SuppressionReason, SuppressionReasonError,
    SuppressionRecord, SuppressionScope, SuppressionStore,
};
pub use token::{
    ComplaintTokens, Mailing, RepeatedTokenKey, TokenError, TokenKey, TokenKeyId, TokenKeyIdError,
    TokenKeys, TokenTooLong,
};
pub use unsubscribe::{
    Subscription, Unsubscribe, UnsubscribeError, UnsubscribeFields, UnsubscribeFieldsError,
    UnsubscribeUrlError,
};

/// The README's example, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
