//! What is wrong with a published key, and what to do about it.

use std::fmt;

/// Something that a domain's owner should know about a key record.
///
/// `Display` is one line: severity, code, text, problem and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of finding it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// The part of the record it is about, or empty where it is about the whole.
    pub text: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    pub(super) fn new(
        code: Code,
        text: &[u8],
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity: code.severity(),
            text: excerpt(text),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.severity, self.code)?;
        if !self.text.is_empty() {
            write!(f, " `{}`", self.text.escape_debug())?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}

/// How bad a finding is.
#[expect(
    clippy::exhaustive_enums,
    reason = "callers decide by it, and a fourth level would be a new meaning"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Advice,
    /// Some receivers may not verify signatures, or treat them in another way than is meant.
    Warning,
    /// No signature of this key verifies.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Advice => "advice",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $severity:ident;)*) => {
        /// What kind of finding it is; `Display` writes the code that tools can rely on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as text.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// How bad it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)*
                }
            }
        }
    };
}

codes! {
    /// There is no key record at the name.
    NoRecord = "no-record", Error;
    /// More than one key record at the name, which has no defined meaning.
    SeveralRecords = "several-records", Error;
    /// A text at the name that is no key record.
    ForeignText = "foreign-text", Advice;
    /// A text at the name that looks like the rest of a key: the record was published in pieces.
    Scattered = "scattered", Error;
    /// The record is no list of tags.
    Syntax = "syntax", Error;
    /// Backslashes in the data, left over from a zone file.
    Backslash = "backslash", Error;
    /// Quotation marks in the data, left over from a zone file.
    Quote = "quote", Error;
    /// `v=` is missing.
    NoVersion = "no-version", Advice;
    /// `v=` is not the first tag.
    VersionNotFirst = "version-not-first", Error;
    /// `v=` is not `DKIM1`.
    Version = "version", Error;
    /// `k=` is not a key type that anyone verifies.
    KeyType = "key-type", Error;
    /// `p=` is missing.
    NoKey = "no-key", Error;
    /// `p=` is empty: the key is withdrawn.
    Revoked = "revoked", Warning;
    /// `p=` holds white space.
    KeyWhiteSpace = "key-white-space", Advice;
    /// `p=` is not Base64.
    KeyEncoding = "key-encoding", Error;
    /// The key ends early: a part of the text is missing.
    KeyCut = "key-cut", Error;
    /// There is more behind the key: too much text was joined.
    KeyTrailing = "key-trailing", Error;
    /// `p=` holds a private key, which everyone can read.
    PrivateKey = "private-key", Error;
    /// The RSA key is a bare `RSAPublicKey` and not a `SubjectPublicKeyInfo`.
    Pkcs1 = "pkcs1", Warning;
    /// The Ed25519 key is wrapped into DER and not its 32 octets.
    Ed25519Wrapped = "ed25519-wrapped", Error;
    /// The key is not of the type that `k=` says.
    KeyTypeMismatch = "key-type-mismatch", Error;
    /// `p=` holds no public key.
    NotAKey = "not-a-key", Error;
    /// An RSA key below 1024 bits, which receivers never verify.
    RsaTooSmall = "rsa-too-small", Error;
    /// An RSA key below 2048 bits.
    RsaSmall = "rsa-small", Advice;
    /// An RSA key of 4096 bits.
    RsaLong = "rsa-long", Advice;
    /// An RSA key above 4096 bits, which receivers need not verify.
    RsaTooLong = "rsa-too-long", Warning;
    /// `t=y`: receivers may treat signed mail as unsigned.
    Testing = "testing", Warning;
    /// `t=` holds a flag without meaning.
    UnknownFlag = "unknown-flag", Advice;
    /// `s=` does not include mail.
    ServiceNotEmail = "service-not-email", Error;
    /// `h=` does not include SHA-256.
    HashWithoutSha256 = "hash-without-sha256", Error;
    /// `h=` includes SHA-1, which is withdrawn.
    Sha1 = "sha1", Advice;
    /// `g=`, which is withdrawn and limits the key for old receivers.
    Granularity = "granularity", Warning;
    /// `n=` is not quoted-printable.
    Notes = "notes", Error;
    /// A tag without meaning.
    UnknownTag = "unknown-tag", Advice;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Text for people: keys are long, so the middle is left out.
fn excerpt(text: &[u8]) -> String {
    let whole = String::from_utf8_lossy(text);
    let count = whole.chars().count();
    if count <= LONGEST {
        return whole.into_owned();
    }
    let start: String = whole.chars().take(LONGEST / 2).collect();
    let end: String = whole.chars().skip(count - LONGEST / 4).collect();
    format!("{start}…{end}")
}

/// In characters.
const LONGEST: usize = 64;
