//! The first thing that a session says.

use letterhead_transport::smtp::ServerReply;

/// How a session begins ([RFC 5321 §3.1](https://www.rfc-editor.org/rfc/rfc5321#section-3.1)).
///
/// ```
/// use letterhead_mail::ReplyCode;
/// use letterhead_simulator::session::{Greeting, ServerSession, ServerStep, SessionConfig};
/// use letterhead_transport::smtp::ServerReply;
///
/// let busy = ServerReply::new(ReplyCode::NOT_AVAILABLE, "4.3.2".parse().ok(), "come back later");
/// let config = SessionConfig::new("mx.example.org".parse()?).greeting(Greeting::HangUp(busy));
/// let mut session = ServerSession::new(config);
/// let ServerStep::Write(octets) = session.step() else { panic!("it has something to say") };
/// assert_eq!(octets, b"421 4.3.2 come back later\r\n");
/// assert!(matches!(session.step(), ServerStep::Close));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Greeting {
    /// 220 and the host's name.
    #[default]
    Standard,
    /// This reply, and the session goes on, whatever its code.
    Banner(ServerReply),
    /// This reply, and the connection is closed, as after 421.
    HangUp(ServerReply),
    /// This reply, and 503 to every command but QUIT, as the standard asks for behind 554.
    Refuse(ServerReply),
}
