use letterhead_transport::smtp::ServerReply;

/// An answer in a form that no server should give it, for clients to show what they make of it. What the server means by it
/// is known all the same, and it goes on so: where 421 is meant, the connection is closed behind these octets, be they half a
/// reply or 354.
///
/// ```
/// use letterhead_simulator::behaviour::{Act, Behaviour, RawReply, Stage, When};
/// use letterhead_mail::ReplyCode;
/// use letterhead_transport::smtp::ServerReply;
///
/// let refused = ServerReply::new(ReplyCode::NOT_AVAILABLE, "4.3.2".parse().ok(), "come back later");
/// let behaviour = Behaviour::new()
///     .rule(Stage::Recipient, When::Always, Act::Raw(RawReply::line_feeds(refused.clone())))
///     .rule(Stage::Ehlo, When::FirstAttempts(1), Act::Raw(RawReply::new(refused, b"ada\x00\xff\r\n")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct RawReply {
    meant: ServerReply,
    octets: Vec<u8>,
}

impl RawReply {
    /// These octets instead of what is meant.
    pub fn new(meant: ServerReply, octets: impl Into<Vec<u8>>) -> Self {
        let octets = octets.into();
        Self { meant, octets }
    }

    /// The code and nothing else: `250` and CRLF. Clients have to take it
    /// ([RFC 5321 §4.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.2)).
    pub fn bare(meant: ServerReply) -> Self {
        let octets = format!("{}\r\n", meant.code());
        Self::new(meant, octets)
    }

    /// Lines that end in LF alone.
    pub fn line_feeds(meant: ServerReply) -> Self {
        let mut octets = meant.to_bytes();
        octets.retain(|octet| *octet != b'\r');
        Self::new(meant, octets)
    }

    /// A line without code, with octets outside UTF-8 and a NUL.
    pub fn garbage(meant: ServerReply) -> Self {
        Self::new(meant, b"\xff\xfe\0what?\r\n")
    }

    /// Text that is not UTF-8 behind the code.
    pub fn latin(meant: ServerReply) -> Self {
        let octets = [meant.code().to_string().as_bytes(), b" k\xf6nnte sein\r\n"].concat();
        Self::new(meant, octets)
    }

    /// A first line with a code of another class than the last one, which is meant.
    pub fn disagreeing(meant: ServerReply) -> Self {
        let other = if meant.code().is_completion() {
            "550"
        } else {
            "250"
        };
        let first = format!("{other}-one thing\r\n");
        let octets = [first.as_bytes(), &meant.to_bytes()].concat();
        Self::new(meant, octets)
    }

    /// One line with so many octets of text; the standard ends lines at 512
    /// ([RFC 5321 §4.5.3.1.5](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.5)).
    pub fn long_line(meant: ServerReply, octets: usize) -> Self {
        let line = format!("{} {}\r\n", meant.code(), "x".repeat(octets));
        Self::new(meant, line)
    }

    /// So many octets or a few more, in good lines. All of it is written at once, so this bounds nothing.
    pub fn long(meant: ServerReply, octets: usize) -> Self {
        let line = format!("{}-{}\r\n", meant.code(), "x".repeat(70));
        let mut all = line.repeat(octets / line.len()).into_bytes();
        all.extend(meant.to_bytes());
        Self::new(meant, all)
    }

    /// The reply as it should be, and this behind it without being asked.
    pub fn followed_by(meant: ServerReply, octets: &[u8]) -> Self {
        let octets = [&meant.to_bytes(), octets].concat();
        Self::new(meant, octets)
    }

    /// What the server means.
    #[must_use]
    pub fn meant(&self) -> &ServerReply {
        &self.meant
    }

    /// What it writes.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
}
