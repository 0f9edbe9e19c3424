//! The mails that come back: delivery status notifications, feedback reports, disposition notifications and automatic
//! answers, well written and, on demand, badly.
//!
//! The reports are `multipart/report` ([RFC 6522](https://www.rfc-editor.org/rfc/rfc6522)). All are written out octet by
//! octet, so that the same arguments, time and entropy give the same mail.

pub mod auto_reply;
mod container;
mod date;
pub mod delivery_status;
pub mod disposition_notification;
mod encoded_text;
pub mod feedback_report;
pub mod malformed;
mod recipient_status;

pub use auto_reply::{AutoReply, Manners};
pub use delivery_status::{Action, DeliveryStatusNotification, RecipientStatus};
pub use disposition_notification::{DispositionNotification, DispositionType};
pub use feedback_report::{FeedbackReport, FeedbackType};
pub use malformed::{Malformation, MalformationError};

pub(crate) use date::{date_time, iso_8601};
