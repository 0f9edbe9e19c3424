//! What a session offers in its answer to EHLO.

use std::fmt;

use letterhead_transport::smtp::Extensions;

use super::{AuthOffer, Protection, ServerSession, TlsOffer};

/// An extension of SMTP that a session knows. Each can be [hidden](super::SessionConfig::hide).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Extension {
    /// SIZE ([RFC 1870](https://www.rfc-editor.org/rfc/rfc1870)). Hidden, the limit still holds.
    Size,
    /// PIPELINING ([RFC 2920](https://www.rfc-editor.org/rfc/rfc2920)). Hidden, commands that come along with earlier
    /// ones are still carried out, and told in the transcript: whether they are seen together is a matter of luck, so a
    /// refusal would be one too.
    Pipelining,
    /// 8BITMIME ([RFC 6152](https://www.rfc-editor.org/rfc/rfc6152)).
    EightBitMime,
    /// SMTPUTF8 ([RFC 6531](https://www.rfc-editor.org/rfc/rfc6531)).
    SmtpUtf8,
    /// CHUNKING ([RFC 3030](https://www.rfc-editor.org/rfc/rfc3030)). Hidden, BDAT ends the session, since its octets
    /// would be read as commands. BINARYMIME is never offered.
    Chunking,
    /// DSN ([RFC 3461](https://www.rfc-editor.org/rfc/rfc3461)).
    Dsn,
    /// ENHANCEDSTATUSCODES ([RFC 2034](https://www.rfc-editor.org/rfc/rfc2034)). Hidden, replies have none, those of the
    /// host's decisions neither.
    EnhancedStatusCodes,
    /// STARTTLS ([RFC 3207](https://www.rfc-editor.org/rfc/rfc3207)), where there is [TLS](super::TlsOffer) and it is not
    /// in use yet.
    StartTls,
    /// AUTH ([RFC 4954](https://www.rfc-editor.org/rfc/rfc4954)), as far as it is [offered](super::AuthOffer).
    Auth,
    /// REQUIRETLS ([RFC 8689](https://www.rfc-editor.org/rfc/rfc8689)), under TLS only.
    RequireTls,
}

impl Extension {
    /// All of them, in the order of the answer to EHLO.
    pub const ALL: [Self; 10] = [
        Self::Size,
        Self::Pipelining,
        Self::EightBitMime,
        Self::SmtpUtf8,
        Self::Chunking,
        Self::Dsn,
        Self::EnhancedStatusCodes,
        Self::StartTls,
        Self::Auth,
        Self::RequireTls,
    ];

    /// The word for it in the answer to EHLO.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Size => "SIZE",
            Self::Pipelining => "PIPELINING",
            Self::EightBitMime => "8BITMIME",
            Self::SmtpUtf8 => "SMTPUTF8",
            Self::Chunking => "CHUNKING",
            Self::Dsn => "DSN",
            Self::EnhancedStatusCodes => "ENHANCEDSTATUSCODES",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::RequireTls => "REQUIRETLS",
        }
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.keyword())
    }
}

impl ServerSession {
    pub(super) fn extensions(&self) -> Extensions {
        let offered = Extension::ALL.into_iter();
        offered.filter(|extension| self.offers(*extension)).fold(
            Extensions::new(),
            |extensions, extension| {
                let arguments = match extension {
                    Extension::Size => self.config.maximum_octets.to_string(),
                    Extension::Auth => "PLAIN LOGIN".to_owned(),
                    _ => String::new(),
                };
                extensions.with(extension.keyword(), &arguments)
            },
        )
    }

    /// Whether the answer to EHLO names it, as things stand.
    pub(super) fn offers(&self, extension: Extension) -> bool {
        let is_there = match extension {
            Extension::StartTls => {
                self.config.tls == TlsOffer::StartTls && self.protection == Protection::Plaintext
            }
            Extension::Auth => match self.config.auth {
                AuthOffer::None => false,
                AuthOffer::UnderTls => self.protection == Protection::Tls,
                AuthOffer::Always => true,
            },
            Extension::RequireTls => self.protection == Protection::Tls,
            _ => true,
        };
        is_there && !self.hides(extension)
    }

    /// Whether it is hidden, so that the session does not know what belongs to it.
    pub(super) fn hides(&self, extension: Extension) -> bool {
        self.config.hidden.contains(&extension)
    }
}
