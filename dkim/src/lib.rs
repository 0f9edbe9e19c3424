//! DKIM: sign in one pass with several keys, verify with reasons.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::{Duration, SystemTime};
//! use letterhead_dkim::{KeySpec, PrivateKey, PublicKeyRecord, Signer, VerifyLimits, sign, verify};
//! use letterhead_dns::{Zone, block_on_ready};
//!
//! let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
//! let key = Arc::new(PrivateKey::generate(KeySpec::Rsa2048)?);
//! let zone = format!("2026a._domainkey.example.org. 300 IN TXT {}", PublicKeyRecord::for_key(&key).to_txt());
//! let zone: Zone = zone.parse()?;
//!
//! let message = "From: a@example.org\r\nSubject: Hello\r\n\r\nHello!\r\n";
//! let signer = Signer::new("example.org".parse()?, "2026a".parse()?, key);
//! let signatures = sign(message.as_bytes(), &[signer], now)?;
//! let signed = format!("{}{message}", signatures[0]);
//!
//! let verdicts = block_on_ready(verify(signed.as_bytes(), &zone, now, &VerifyLimits::default()));
//! assert!(verdicts.unwrap()[0].is_pass());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! - Keys: [`PrivateKey`] reads, makes and writes them; [`SigningKey`] is the seam for keys elsewhere;
//!   [`PublicKeyRecord`] is what the DNS publishes for a [`Selector`].
//! - Keys through their lives: [`KeyRing`] introduces, switches and retires the keys of a domain by a
//!   [`RotationSchedule`], so that no signature is ever without its key; [`check_published`] tells whether the
//!   published record is that of the private key, and [`lint()`] what is wrong with the texts at its name.
//! - Signing: [`sign`] with one or more [`Signer`]s; [`prepare()`] and [`Prepared::finish`] are its two halves, for a
//!   key in an HSM or a KMS; [`SignerSource`] gives the signers of the moment; [`PreparedBody`] hashes one body for
//!   many headers, and [`BodyPreparer`] one that arrives in chunks; [`HeaderPolicy`] says what is covered;
//!   [`expired_signatures`] tells what a message that has lain for long must not be sent with.
//! - Verifying: [`verify()`] gives a [`Verdict`] for each signature, with a [`DkimResult`] and a [`Cause`];
//!   [`ResultClause`] is what it adds to Authentication-Results.
//! - Parts: [`Signature`], [`Canonicalization`], [`BodyHasher`].
//!
//! Protocol: RFC 6376, 8301 (no SHA-1, no small RSA keys), 8463 (Ed25519), 8616 (internationalised mail).
//!
//! # What it does not do
//!
//! It never writes `l=` or `z=`, since both weaken a signature. Unless asked for by name it signs with no RSA key below
//! 2048 bits (and holds none in memory at all), with Ed25519 only beside RSA, and with no expiry that mail in a queue
//! would outlive. It does not verify `rsa-sha1`, does not change messages (bring them to CRLF first), holds no cache of
//! keys and judges no alignment; that is DMARC's. It verifies no ARC
//! ([RFC 8617](https://www.rfc-editor.org/rfc/rfc8617)) and makes none: an ARC-Message-Signature looks like a
//! DKIM-Signature and is not one, so it is passed over here.
//!
//! # Features
//!
//! None of its own. Unicode in `d=`, `s=` and `i=` is understood when `letterhead-dns` has its feature `idna`.
#![warn(
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unimplemented,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit
)]

mod agent_identifier;
pub mod algorithm;
mod base64_text;
mod body_hash;
mod body_preparer;
mod canonical_body;
mod canonical_header;
pub mod canonicalization;
mod der;
mod domain_name;
mod expired_signature;
mod hash_input;
mod header_field;
pub mod header_name;
pub mod header_policy;
mod key;
mod key_error;
mod key_lookup;
pub mod key_ring;
pub mod lint;
mod long_values;
mod names_left;
mod pem;
mod prepared;
mod public_key;
mod public_key_record;
mod publication;
mod query_method;
mod quoted_printable;
mod result_clause;
mod scan;
mod selector;
mod sign_error;
mod signature;
mod signature_header;
mod signature_template;
mod signature_writer;
mod signed_names;
mod signer;
mod signer_source;
mod space_runs;
pub mod tag_list;
mod verdict;
mod verify;
mod verify_limits;

pub use agent_identifier::AgentOrUserIdentifier;
pub use algorithm::{Algorithm, Digest};
pub use body_hash::{BodyHash, BodyHasher, PreparedBody};
pub use body_preparer::BodyPreparer;
pub use canonicalization::{BodyCanonicalization, Canonicalization, HeaderCanonicalization};
pub use expired_signature::{ExpiredSignature, expired_signatures};
pub use header_name::HeaderName;
pub use header_policy::{HeaderPolicy, HeaderPolicyError};
pub use key::{KeySpec, PrivateKey, SigningKey};
pub use key_error::{KeyError, KeyFormat};
pub use key_ring::KeyRing;
pub use key_ring::error::KeyRingError;
pub use key_ring::live_signers::LiveSigners;
pub use key_ring::schedule::RotationSchedule;
pub use key_ring::state::KeyRingState;
pub use lint::lint;
pub use prepared::{Prepared, SigningRequest, check_templates, prepare, prepare_with_body};
pub use public_key::PublicKey;
pub use public_key_record::{KeyRecordError, PublicKeyRecord};
pub use publication::{Publication, PublicationCheck, PublicationError, check_published};
pub use result_clause::ResultClause;
pub use selector::Selector;
pub use sign_error::SignError;
pub use signature::{Signature, SignatureError};
pub use signature_header::SignatureHeader;
pub use signature_template::SignatureTemplate;
pub use signer::{Signer, sign, sign_with_body};
pub use signer_source::SignerSource;
pub use verdict::{Cause, DkimResult, Verdict};
pub use verify::verify;
pub use verify_limits::VerifyLimits;

/// The README's example, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
