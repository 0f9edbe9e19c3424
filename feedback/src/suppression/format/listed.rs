use std::time::SystemTime;

use super::LineErrorKind;
use crate::event::{Event, EventId};
use crate::suppression::moment::Moment;
use crate::suppression::{Coverage, Suppression, SuppressionKey, SuppressionReason};
use crate::text;

/// A suppression as a list has it: it does not say whose it is, and may not say since when.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedSuppression {
    /// Whom it is about.
    pub key: SuppressionKey,
    /// For which mail.
    pub coverage: Coverage,
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: Option<SystemTime>,
    /// Until when.
    pub until: Option<SystemTime>,
    /// The event that it rests on.
    pub event: Option<EventId>,
    /// Words that explain it.
    pub note: Option<String>,
}

/// A field of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Address,
    Reason,
    Stream,
    Provider,
    Since,
    Until,
    Event,
    Note,
}

impl Field {
    /// In the order of columns.
    pub(super) const ALL: [Self; 8] = [
        Self::Address,
        Self::Reason,
        Self::Stream,
        Self::Provider,
        Self::Since,
        Self::Until,
        Self::Event,
        Self::Note,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Reason => "reason",
            Self::Stream => "stream",
            Self::Provider => "provider",
            Self::Since => "since",
            Self::Until => "until",
            Self::Event => "event",
            Self::Note => "note",
        }
    }

    /// The field of this name, ours or a provider's, whatever its case and what stands between its words.
    pub(super) fn named(name: &str) -> Option<Self> {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        let name: String = letters.map(|c| c.to_ascii_lowercase()).collect();
        Some(match name.as_str() {
            "address" | "emailaddress" | "email" | "recipient" => Self::Address,
            "reason" => Self::Reason,
            "stream" => Self::Stream,
            "provider" => Self::Provider,
            "since" | "lastupdatetime" | "timecreated" | "createdat" => Self::Since,
            "until" | "expires" => Self::Until,
            "event" => Self::Event,
            "note" | "errordetail" | "diagnostic" => Self::Note,
            _ => return None,
        })
    }

    fn place(self) -> usize {
        let mut all = Self::ALL.iter();
        all.position(|field| *field == self).unwrap_or(0)
    }
}

/// The texts of one row; what is empty is not there.
#[derive(Debug, Default)]
pub(super) struct Fields([Option<String>; 8]);

impl Fields {
    pub(super) fn of(suppression: &Suppression) -> Self {
        let coverage = suppression.scope().coverage();
        let evidence = suppression.evidence();
        let mut fields = Self::default();
        let mut set = |field, text: Option<String>| fields.set(field, text.unwrap_or_default());
        set(Field::Address, Some(suppression.key().to_string()));
        set(Field::Reason, Some(suppression.reason().to_string()));
        set(
            Field::Stream,
            coverage.stream.as_ref().map(ToString::to_string),
        );
        set(
            Field::Provider,
            coverage.provider.map(|provider| provider.to_string()),
        );
        set(Field::Since, Some(suppression.since_moment().to_string()));
        set(
            Field::Until,
            suppression.until_moment().map(|until| until.to_string()),
        );
        set(Field::Event, Some(evidence.event().to_string()));
        set(Field::Note, evidence.diagnostic().map(str::to_owned));
        fields
    }

    pub(super) fn get(&self, field: Field) -> Option<&str> {
        self.0.get(field.place())?.as_deref()
    }

    /// Of two of one name the first that says something counts.
    pub(super) fn set(&mut self, field: Field, text: String) {
        if let Some(own) = self.0.get_mut(field.place())
            && own.is_none()
            && !text.is_empty()
        {
            *own = Some(text);
        }
    }

    pub(super) fn read(&self) -> Result<ListedSuppression, LineErrorKind> {
        let address = self.get(Field::Address).map(str::trim);
        let address = address.ok_or(LineErrorKind::NoAddress)?;
        let reason = match self.get(Field::Reason) {
            None => SuppressionReason::Manual,
            Some(word) => SuppressionReason::of_listing(word)
                .ok_or_else(|| LineErrorKind::Reason(excerpt(word)))?,
        };
        let stream = self.get(Field::Stream).map(|stream| {
            let error = |_| LineErrorKind::Stream(excerpt(stream));
            stream.parse().map_err(error)
        });
        let provider = self.get(Field::Provider).map(|name| {
            let error = |_| LineErrorKind::Provider(excerpt(name));
            name.trim().to_ascii_lowercase().parse().map_err(error)
        });
        let event = self.get(Field::Event).map(|id| {
            let error = |_| LineErrorKind::Event(excerpt(id));
            id.trim().parse().map_err(error)
        });
        let note = self.get(Field::Note);
        Ok(ListedSuppression {
            key: key(address)?,
            coverage: Coverage::new(stream.transpose()?, provider.transpose()?),
            reason,
            since: self.time(Field::Since)?,
            until: self.time(Field::Until)?,
            event: event.transpose()?,
            note: note.and_then(|note| text::shown(note, Event::MAX_DIAGNOSTIC)),
        })
    }

    fn time(&self, field: Field) -> Result<Option<SystemTime>, LineErrorKind> {
        let Some(text) = self.get(field) else {
            return Ok(None);
        };
        match text.trim().parse::<Moment>() {
            Ok(moment) => Ok(Some(moment.time())),
            Err(_) => Err(LineErrorKind::Time {
                field: field.name(),
                text: excerpt(text),
            }),
        }
    }
}

fn key(text: &str) -> Result<SuppressionKey, LineErrorKind> {
    if text.starts_with(':') {
        return text.parse().map_err(|_| LineErrorKind::Hash);
    }
    let address = text.parse().map_err(LineErrorKind::Address)?;
    Ok(SuppressionKey::from(&address))
}

/// As much as an error message should have of it.
fn excerpt(text: &str) -> String {
    text::shown(text, 64).unwrap_or_default()
}
