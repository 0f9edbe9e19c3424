use std::fmt;

/// When in a session somebody is asked: the mailbox, as far as there is one, and its host always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Before the first reply. An answer that is not 2xx turns the client away, and behind 421 the connection is closed.
    Greeting,
    /// At EHLO. An answer of 2xx is all that the client hears of extensions.
    Ehlo,
    /// At HELO.
    Helo,
    /// At STARTTLS, before the handshake; 2xx begins it.
    StartTls,
    /// When a client has given name and password. With 334 the server asks for more, and again, whatever comes.
    Authentication,
    /// At MAIL. What has a [word](super::Behaviour#impl-FromStr-for-Behaviour) is the sender's address.
    Sender,
    /// At RCPT.
    Recipient,
    /// At DATA, instead of 354; the transaction stays open behind a refusal. A message that comes by BDAT is answered so
    /// after its first chunk, if this refuses it.
    Data,
    /// After each chunk behind BDAT but the last, which is the [end of data](Self::EndOfData). What refuses one refuses
    /// those behind it.
    Chunk,
    /// After the message's last octet, of mailboxes once for each recipient.
    EndOfData,
    /// At RSET.
    Reset,
    /// At QUIT; the connection is closed, whatever the answer.
    Quit,
}

impl Stage {
    /// All of them, in the order of a session.
    pub const ALL: [Self; 12] = [
        Self::Greeting,
        Self::Ehlo,
        Self::Helo,
        Self::StartTls,
        Self::Authentication,
        Self::Sender,
        Self::Recipient,
        Self::Data,
        Self::Chunk,
        Self::EndOfData,
        Self::Reset,
        Self::Quit,
    ];

    /// Whether it belongs to a message that is on its way.
    pub(crate) fn is_of_mail(self) -> bool {
        match self {
            Self::Sender | Self::Recipient | Self::Data | Self::Chunk | Self::EndOfData => true,
            Self::Greeting
            | Self::Ehlo
            | Self::Helo
            | Self::StartTls
            | Self::Authentication
            | Self::Reset
            | Self::Quit => false,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Greeting => "the greeting",
            Self::Ehlo => "EHLO",
            Self::Helo => "HELO",
            Self::StartTls => "STARTTLS",
            Self::Authentication => "AUTH",
            Self::Sender => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Chunk => "a chunk",
            Self::EndOfData => "end of data",
            Self::Reset => "RSET",
            Self::Quit => "QUIT",
        })
    }
}

/// Some of the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stages(u16);

impl Stages {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(u16::MAX);
    /// Those that mailboxes are asked at, of those that a session asks about only where that is wanted.
    pub(crate) const OF_MAILBOXES: Self = Self(1 << Stage::Data as u16 | 1 << Stage::Chunk as u16);

    pub(crate) fn of(stage: Stage) -> Self {
        Self(1 << stage as u16)
    }

    pub(crate) fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    pub(crate) fn of_mailboxes(self) -> Self {
        Self(self.0 & Self::OF_MAILBOXES.0)
    }

    pub(crate) fn contains(self, stage: Stage) -> bool {
        self.0 & Self::of(stage).0 != 0
    }
}
