//! What a session noticed and did not refuse.

use std::fmt;

use letterhead_transport::smtp::DataFinding;

/// Something that a client did and a stricter server may refuse; it stands in the
/// [transcript](super::Transcript::findings).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The message was taken although its content holds this
    /// ([`LinePolicy::AcceptAndReport`](super::LinePolicy::AcceptAndReport)).
    Content(DataFinding),
    /// A command was sent before the reply to an earlier one, and PIPELINING is
    /// [hidden](super::SessionConfig::hide). That it is not told of a client does not acquit it: what comes late is
    /// not seen.
    UnofferedPipelining,
    /// The message was taken although it has octets outside ASCII, and the client announced neither `BODY=8BITMIME` nor,
    /// for its header, SMTPUTF8 ([`LinePolicy::AcceptAndReport`](super::LinePolicy::AcceptAndReport)).
    UnannouncedOctets,
    /// ORCPT names an address that is not one of mail
    /// ([RFC 3461 §4.2](https://www.rfc-editor.org/rfc/rfc3461#section-4.2)). The recipient was taken, the name is not in
    /// the envelope.
    ForeignOriginalRecipient {
        /// The parameter's value, made printable where it is shown.
        value: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content(finding) => write!(f, "the content holds a {finding}"),
            Self::UnofferedPipelining => f.write_str("pipelined, which was not offered"),
            Self::UnannouncedOctets => f.write_str("octets outside ASCII were not announced"),
            Self::ForeignOriginalRecipient { value } => {
                write!(
                    f,
                    "no address of mail, so not kept: ORCPT={}",
                    value.escape_debug()
                )
            }
        }
    }
}
