//! Where mail-auth is known to err.

use std::fmt;

/// An error of mail-auth 0.13, or a limit of how it is asked here. Everything that it says otherwise than the receiver is
/// looked up among these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KnownError {
    /// More than two void lookups are no permerror to it
    /// ([RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)).
    VoidLookups,
    /// It takes a lone label for a domain in a mechanism
    /// ([RFC 7208 §7.1](https://www.rfc-editor.org/rfc/rfc7208#section-7.1)).
    LoneLabel,
    /// It reads some addresses and terms that the grammar does not have
    /// ([RFC 7208 §12](https://www.rfc-editor.org/rfc/rfc7208#section-12)).
    LenientSyntax,
    /// Where includes nest, the result has the qualifier of the innermost one
    /// ([RFC 7208 §5.2](https://www.rfc-editor.org/rfc/rfc7208#section-5.2)).
    IncludeQualifier,
    /// It is asked through a cache, which cannot say that a name does not exist: `exists` matches every name.
    Exists,
    /// Lines of white space at the end of a relaxed body are hashed
    /// ([RFC 6376 §3.4.4](https://www.rfc-editor.org/rfc/rfc6376#section-3.4.4)).
    WhiteSpaceLines,
    /// It looks at the body before it looks for the key, so that a changed body fails where the key cannot be had
    /// ([RFC 6376 §6.1](https://www.rfc-editor.org/rfc/rfc6376#section-6.1)).
    BodyBeforeKey,
    /// It judges expiry by the clock of the machine, and not by the simulation's.
    MachineClock,
    /// A signature with SHA-1 or with a key of less than 1,024 bits may pass
    /// ([RFC 8301 §3](https://www.rfc-editor.org/rfc/rfc8301#section-3)).
    WeakSignature,
    /// A signature that does not cover From may pass
    /// ([RFC 6376 §5.4](https://www.rfc-editor.org/rfc/rfc6376#section-5.4)).
    FromNotSigned,
    /// Of several key records it takes the first that can be read
    /// ([RFC 6376 §3.6.2.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.2.2)).
    SeveralKeys,
    /// A signature of a domain that is testing its keys counts
    /// ([RFC 6376 §3.6.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1)).
    TestingKey,
    /// An author domain of one label has no policy
    /// ([RFC 9989 §4.10.1](https://www.rfc-editor.org/rfc/rfc9989#section-4.10.1)).
    TopLevelAuthor,
    /// A record without `p` is handled as one with an invalid policy
    /// ([RFC 9989 §4.7](https://www.rfc-editor.org/rfc/rfc9989#section-4.7)).
    MissingPolicy,
    /// A record with an invalid value of any tag is none
    /// ([RFC 9989 §4.8](https://www.rfc-editor.org/rfc/rfc9989#section-4.8)).
    InvalidTag,
    /// Of several records it takes the first
    /// ([RFC 9989 §4.10.1](https://www.rfc-editor.org/rfc/rfc9989#section-4.10.1)).
    SeveralRecords,
    /// The version may be written in either case
    /// ([RFC 9989 §4.7](https://www.rfc-editor.org/rfc/rfc9989#section-4.7)).
    VersionCase,
    /// It looks above the author domain before it needs to, so that a lookup that fails there decides
    /// ([RFC 9989 §4.10.2](https://www.rfc-editor.org/rfc/rfc9989#section-4.10.2)).
    WalksFirst,
    /// It is asked through a cache, which cannot say that the author domain does not exist: `np` never applies.
    NonExistentDomain,
    /// DMARC rests on SPF and DKIM, and one of them differs by a known error.
    Follows,
}

impl fmt::Display for KnownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::VoidLookups => "it has no limit on void lookups (RFC 7208 §4.6.4)",
            Self::LoneLabel => "it takes a lone label for a domain (RFC 7208 §7.1)",
            Self::LenientSyntax => "it reads terms that the grammar does not have (RFC 7208 §12)",
            Self::IncludeQualifier => {
                "where includes nest it takes the innermost qualifier (RFC 7208 §5.2)"
            }
            Self::Exists => "asked through a cache, every name exists",
            Self::WhiteSpaceLines => {
                "it hashes lines of white space at the end of a relaxed body (RFC 6376 §3.4.4)"
            }
            Self::BodyBeforeKey => "it looks at the body before the key (RFC 6376 §6.1)",
            Self::MachineClock => "it judges expiry by the clock of the machine",
            Self::WeakSignature => "it takes weak keys and hashes (RFC 8301 §3)",
            Self::FromNotSigned => "From need not be signed (RFC 6376 §5.4)",
            Self::SeveralKeys => "it takes the first of several keys (RFC 6376 §3.6.2.2)",
            Self::TestingKey => "signatures that are being tested count (RFC 6376 §3.6.1)",
            Self::TopLevelAuthor => {
                "an author domain of one label has no policy (RFC 9989 §4.10.1)"
            }
            Self::MissingPolicy => "a record without p has an invalid policy (RFC 9989 §4.7)",
            Self::InvalidTag => "a record with an invalid value is none (RFC 9989 §4.8)",
            Self::SeveralRecords => "it takes the first of several records (RFC 9989 §4.10.1)",
            Self::VersionCase => "the case of the version does not matter to it (RFC 9989 §4.7)",
            Self::WalksFirst => "it looks above the author domain first (RFC 9989 §4.10.2)",
            Self::NonExistentDomain => "asked through a cache, every domain exists",
            Self::Follows => "it follows from SPF or DKIM",
        })
    }
}
