use std::fmt;

use crate::return_path::ReturnPathId;

/// A name that a message goes by in what comes back about it. Names of different kinds are never equal, whatever they say: a
/// report cannot pass the id of a return path, which may be guessed, for what a server called the message.
///
/// ```
/// use letterhead_feedback::SentName;
///
/// assert_eq!(SentName::message_id("<1@mail.example.com>").as_str(), "message-id:<1@mail.example.com>");
/// assert_ne!(SentName::message_id("4fB2"), SentName::of_server("4fB2"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SentName(Box<str>);

impl SentName {
    /// A Message-ID, angle brackets included: the sender's, or the provider's where that replaces it.
    #[must_use]
    pub fn message_id(message_id: &str) -> Self {
        Self::of("message-id", message_id)
    }

    /// What a server called it in its answer, as it stands there.
    #[must_use]
    pub fn of_server(id: &str) -> Self {
        Self::of("server", id)
    }

    /// The id of the return path of one of its recipients.
    #[must_use]
    pub fn return_path(id: ReturnPathId) -> Self {
        Self::of("return-path", &id.to_string())
    }

    /// The kind and the name: what a table of sent messages has its index on.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(kind: &str, name: &str) -> Self {
        Self(format!("{kind}:{name}").into())
    }
}

impl fmt::Display for SentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
