/// How far it is proven that an event is true, weakest first.
///
/// Anyone can send a mail that looks like a bounce or a complaint; acting on it lets a stranger stop the mail to any
/// address. So reading a report gives [`Unproven`](Self::Unproven), and whoever checks raises it with
/// [`Event::with_proof`](crate::Event::with_proof).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Proof {
    /// Somebody says so.
    Unproven,
    /// The caller looked it up: the report quotes a Message-ID (or an envelope id) that was really sent to the event's
    /// [addressee](crate::Event::addressee). Whoever forged it has at least seen the message.
    KnownMessage,
    /// The report carries a valid DKIM signature of the domain that runs the feedback loop.
    FeedbackLoop,
    /// The report came to a return path that only the recipient's side has seen, and its token is one of ours
    /// ([RFC 5321 §3.6.3](https://www.rfc-editor.org/rfc/rfc5321#section-3.6.3) has the report go there).
    ReturnPath,
    /// It carries a token of ours that only the recipient's side has seen: in the header of the returned message, or as
    /// what an unsubscription was asked for with. As strong as [`ReturnPath`](Self::ReturnPath).
    Token,
    /// The sending provider's notification carries its valid signature, or came with the secret it was given.
    Provider,
    /// Nobody reported it: a server said so to us, in our own session.
    Witnessed,
}

impl Proof {
    /// A stable name, such as `return-path`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unproven => "unproven",
            Self::KnownMessage => "known-message",
            Self::FeedbackLoop => "feedback-loop",
            Self::ReturnPath => "return-path",
            Self::Token => "token",
            Self::Provider => "provider",
            Self::Witnessed => "witnessed",
        }
    }
}

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
