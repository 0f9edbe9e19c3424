//! TLS reports: telling a domain how TLS to its hosts went
//! ([RFC 8460](https://www.rfc-editor.org/rfc/rfc8460)).
//!
//! - [`TlsReportRecord`]: where a domain wants to be told.
//! - [`TlsResults`]: counts what happened, by domain, day and policy.
//! - [`TlsReport`]: what a domain is told about a day, as JSON.
//!
//! Non-goals: sending the reports. The application sends them, as mail of its own or by a POST, where the record says; a report
//! sent by mail has to be delivered whatever becomes of TLS
//! ([RFC 8460 §3](https://www.rfc-editor.org/rfc/rfc8460#section-3)), so it says `TLS-Required: No`.

mod day;
mod policy;
mod record;
mod report;
mod result_type;
mod results;

pub use day::UtcDay;
pub use policy::ReportedPolicy;
pub use record::{ReportDestination, TlsReportRecord};
pub use report::{TlsReport, TlsReporter};
pub use result_type::TlsResultType;
pub use results::{TlsResults, TlsSessionFailure};
