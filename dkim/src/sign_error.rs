//! Errors of signing.

use std::time::Duration;

use letterhead_dns::DomainName;

use crate::algorithm::Algorithm;
use crate::key_error::KeyError;

/// Why a message cannot be signed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// A CR or LF that is not part of a CRLF: relays would rewrite it and break the signature.
    #[error(
        "octet {offset} is a CR or LF that is not part of a CRLF; bring line ends into canonical form first"
    )]
    BareLineEnd {
        /// Where, in octets from the start of what was given.
        offset: usize,
    },
    /// A line of the header that is neither a field nor the continuation of one.
    #[error("the line at octet {offset} of the header is no header field")]
    HeaderSyntax {
        /// Where the line starts, in octets.
        offset: usize,
    },
    /// The message has no From field, which every signature must cover.
    #[error("the message has no From field")]
    NoFrom,
    /// The message has several From fields, which receivers refuse
    /// ([RFC 5322 §3.6](https://www.rfc-editor.org/rfc/rfc5322#section-3.6)).
    #[error("the message has several From fields")]
    SeveralFrom,
    /// The domain of `i=` is neither the signing domain nor below it.
    #[error("the domain of the agent or user identifier must be the signing domain or below it")]
    IdentifierOutsideDomain,
    /// The time of signing lies before 1970, or the expiry beyond what a tag can hold.
    #[error("the time of signing or of expiry cannot be written as seconds since 1970")]
    Time,
    /// The signature would expire while the message may still wait in a queue.
    #[error(
        "the signature would expire after {} seconds, while queued mail may wait for {}; set a longer expiry or none",
        .given.as_secs(), .least.as_secs()
    )]
    ExpiryTooShort {
        /// The life that was asked for.
        given: Duration,
        /// The shortest that is taken without asking for it by name:
        /// [`SignatureTemplate::SHORTEST_EXPIRY`](crate::SignatureTemplate::SHORTEST_EXPIRY).
        least: Duration,
    },
    /// The only signatures of this domain would be Ed25519, which not every receiver verifies.
    #[error(
        "{domain} would sign with Ed25519 only, which not every receiver verifies; sign with RSA as well, or allow Ed25519 alone"
    )]
    OnlyEd25519 {
        /// The signing domain.
        domain: DomainName,
    },
    /// The prepared body was not hashed under the canonicalisation of a signer.
    #[error("the prepared body was not hashed for the canonicalisation of signer {signer}")]
    BodyNotPrepared {
        /// Which signer, from 0.
        signer: usize,
    },
    /// A key could not sign.
    #[error("the key of signer {signer} could not sign")]
    Key {
        /// Which signer, from 0.
        signer: usize,
        /// Why.
        #[source]
        source: KeyError,
    },
    /// The RSA key of a signer has less than 2048 bits
    /// ([RFC 8301 §3.2](https://www.rfc-editor.org/rfc/rfc8301#section-3.2)).
    #[error(
        "the RSA key of signer {signer} has {bits} bits; sign with one of 2048 bits or more, or allow a small one by name \
         (dangerous_small_rsa_key)"
    )]
    SmallRsaKey {
        /// Which signer, from 0.
        signer: usize,
        /// The size that the length of its signature tells: in bits, up to whole octets.
        bits: usize,
    },
    /// There are not as many signatures as digests.
    #[error("{expected} signatures are needed, {given} were given")]
    SignatureCount {
        /// How many digests there are.
        expected: usize,
        /// How many signatures came back.
        given: usize,
    },
    /// A signature has a length the algorithm cannot give.
    #[error("the signature for signer {signer} has {octets} octets, which {algorithm} never has")]
    SignatureLength {
        /// Which signer, from 0.
        signer: usize,
        /// The algorithm it should be of.
        algorithm: Algorithm,
        /// The length in octets.
        octets: usize,
    },
}
