//! What can be wrong with a published key.

letterhead_dns::finding_codes! {
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
    Notes = "notes", Warning;
    /// A tag without meaning.
    UnknownTag = "unknown-tag", Advice;
}
