//! The mails that come back: delivery status notifications and feedback reports.
//!
//! Both are `multipart/report` ([RFC 6522](https://www.rfc-editor.org/rfc/rfc6522)) written out octet by octet, so that
//! the same arguments, time and entropy give the same mail.

mod container;
mod date;
pub mod delivery_status;
pub mod feedback_report;

pub use delivery_status::{Action, DeliveryStatusNotification, RecipientStatus};
pub use feedback_report::{FeedbackReport, FeedbackType};

pub(crate) use date::{date_time, iso_8601};
