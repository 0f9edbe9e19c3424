//! What surrounds the machine-readable part of a report.

use std::time::SystemTime;

use letterhead_mail::EmailAddress;

use crate::field_group::FieldGroup;
use crate::part::Part;
use crate::{text, typed_value};

/// What a report says outside its machine-readable part.
#[derive(Debug)]
pub(crate) struct Context {
    /// When the report was written.
    pub(crate) date: Option<SystemTime>,
    /// The Message-ID of the message it is about.
    pub(crate) message_id: Option<String>,
    /// The one recipient that the header names as failed.
    pub(crate) failed_recipient: Option<EmailAddress>,
}

impl Context {
    /// What the header of the report and the message it returns say.
    pub(crate) fn of(header: FieldGroup<'_>, leaves: &[Part<'_>]) -> Self {
        let returned = leaves.iter().find(|part| is_returned(part.essence()));
        let returned = returned.and_then(|part| {
            let header = FieldGroup::header_of(&part.decoded())
                .0
                .value("Message-ID")?;
            text::message_id(&header)
        });
        // A report answers the message it is about; where the message is not returned, that is the only trace of it.
        let answered = || {
            header
                .value("In-Reply-To")
                .and_then(|value| text::message_id(&value))
        };
        let referred = || {
            let references = header.value("References")?;
            let last = references
                .rsplit_once('<')
                .map(|(_, last)| format!("<{last}"))?;
            text::message_id(&last)
        };
        Self {
            date: header
                .value("Date")
                .and_then(|date| typed_value::time(&date)),
            message_id: returned.or_else(answered).or_else(referred),
            failed_recipient: header
                .value("X-Failed-Recipients")
                .and_then(|value| value.trim().parse().ok()),
        }
    }
}

/// Whether such a part is the message that a report is about, whole or its header.
pub(crate) fn is_returned(essence: &str) -> bool {
    matches!(
        essence,
        "message/rfc822"
            | "message/global"
            | "text/rfc822-headers"
            | "message/rfc822-headers"
            | "message/global-headers"
    )
}
