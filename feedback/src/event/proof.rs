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
    /// The caller verified a secret that no third party has: a signature over the provider's notification, or a signed
    /// token in the return path that the report was sent to.
    Authenticated,
}
