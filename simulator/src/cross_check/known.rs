//! What mail-auth 0.13 is known to do otherwise than the standards say, or than a receiver does where they leave it open.

mod dkim;
mod dmarc;
mod spf;

use std::fmt;

use letterhead_dns::{DomainName, LookupError, RecordType};
use letterhead_identity::Authenticated;

use super::{Brought, Difference, SecondOpinion};

/// One of the known errors of mail-auth 0.13. `Display` writes [its sentence](Self::sentence) and [rule](Self::rule).
///
#[doc = include_str!("known_errors.md")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KnownError {
    /// SPF: no limit for lookups that find nothing.
    VoidLookups,
    /// SPF: a single label is a domain.
    LoneLabel,
    /// SPF: records that break the grammar.
    LaxSpfRecord,
    /// SPF: modifiers with a value that it does not read.
    ModifierValues,
    /// SPF: IPv4 clients in IPv6 networks.
    MappedAddress,
    /// SPF: the wrong qualifier where includes are nested.
    NestedInclude,
    /// SPF: one of several records.
    SeveralSpfRecords,
    /// SPF: names of the client.
    ClientNames,
    /// DKIM: lines of white space at the end of a body.
    WhiteSpaceLines,
    /// DKIM: signatures that break the grammar.
    LaxSignature,
    /// DKIM: signatures without a result.
    LeftOut,
    /// DKIM and DMARC: headers with lines that are no fields.
    NoField,
    /// DKIM: changed bodies whose key cannot be had.
    BodyFirst,
    /// DKIM: white space before the colon of a field.
    SpacedName,
    /// DKIM: key records that break the grammar.
    LaxKeyRecord,
    /// DKIM: SHA-1.
    WithdrawnAlgorithm,
    /// DKIM: From that is not signed.
    UnsignedFrom,
    /// DKIM: keys for something else.
    KeyRestrictions,
    /// DKIM: `l=0`.
    ZeroLength,
    /// DKIM: bodies shorter than was signed.
    ShortBody,
    /// DKIM: other `l=`.
    LengthBefore,
    /// DKIM: `x=0`.
    ZeroExpiry,
    /// DKIM: `i=` with more than one `@`.
    SeveralAts,
    /// DKIM: the case of tag names.
    TagCase,
    /// DKIM: any number of signatures, of any length.
    NoLimits,
    /// DKIM: one of several keys.
    SeveralKeys,
    /// DKIM: signatures of third parties.
    ThirdParty,
    /// DMARC: keys in test.
    TestingKey,
    /// DMARC: author domains of one label.
    LoneAuthorDomain,
    /// DMARC: records without a policy.
    NoPolicy,
    /// DMARC: records with a bad value.
    InvalidValue,
    /// DMARC: the case of the version.
    VersionCase,
    /// DMARC: one of several records.
    SeveralDmarcRecords,
    /// DMARC: failing lookups above the record.
    WalkFirst,
    /// DMARC: author domains whose existence is not known.
    UnknownExistence,
    /// DMARC: From fields that are repeated or cannot be read.
    FromField,
}

impl KnownError {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|known| known.error)
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        self.entry().map_or("", |known| known.sentence)
    }

    /// What says how it should be: a section of a standard.
    #[must_use]
    pub fn rule(self) -> &'static str {
        self.entry().map_or("", |known| known.rule)
    }

    fn entry(self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| known.error == self)
    }
}

/// `it knows no limit for lookups that find nothing (RFC 7208 §4.6.4)`
impl fmt::Display for KnownError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.sentence(), self.rule())
    }
}

/// All there is to a difference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) brought: &'a Brought<'a>,
    pub(super) ours: &'a Authenticated,
    pub(super) theirs: &'a SecondOpinion,
}

/// The error that a difference comes from.
pub(super) fn explanation(scene: &Scene<'_>, difference: &Difference) -> Option<KnownError> {
    let mut known = KNOWN.iter();
    let known = known.find(|known| match (known.sign, difference) {
        (Sign::Spf(is_it), Difference::Spf { .. }) => is_it(scene),
        (Sign::Dkim(is_it), Difference::Dkim { field, .. }) => is_it(scene, *field),
        (Sign::Dmarc(is_it), Difference::Dmarc { .. })
        | (Sign::Header(is_it), Difference::Dkim { .. } | Difference::Dmarc { .. }) => is_it(scene),
        _ => false,
    });
    known.map(|known| known.error)
}

/// The texts at a name; a failing lookup is an error.
fn texts(scene: &Scene<'_>, name: &DomainName) -> Result<Vec<Vec<u8>>, LookupError> {
    match scene.brought.dns.answer(name.as_name(), RecordType::TXT) {
        Ok(answer) => Ok(answer.texts().map(<[u8]>::to_vec).collect()),
        Err(error) if error.is_no_such_name() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

struct Known {
    error: KnownError,
    sentence: &'static str,
    rule: &'static str,
    sign: Sign,
}

/// How the error is recognised.
#[derive(Clone, Copy)]
enum Sign {
    Spf(fn(&Scene<'_>) -> bool),
    /// Of the signature in this field.
    Dkim(fn(&Scene<'_>, usize) -> bool),
    Dmarc(fn(&Scene<'_>) -> bool),
    /// Of the header, and so of all that is read from it.
    Header(fn(&Scene<'_>) -> bool),
    /// It shows in DMARC alone, by the evidence that counts.
    Inherited,
}

const KNOWN: &[Known] = &[
    Known {
        error: KnownError::VoidLookups,
        sentence: "it knows no limit for lookups that find nothing",
        rule: "RFC 7208 §4.6.4",
        sign: Sign::Spf(spf::void_lookups),
    },
    Known {
        error: KnownError::LoneLabel,
        sentence: "it takes a single label for a domain in a mechanism",
        rule: "RFC 7208 §7.1",
        sign: Sign::Spf(spf::lone_label),
    },
    Known {
        error: KnownError::LaxSpfRecord,
        sentence: "it takes records that break the grammar: numbers too large, mechanisms that there are not, octets that no term has",
        rule: "RFC 7208 §4.6",
        sign: Sign::Spf(spf::lax_record),
    },
    Known {
        error: KnownError::ModifierValues,
        sentence: "it takes no record with a modifier whose value is empty or has a slash, or is not what RFC 6652 has for rp and rr",
        rule: "RFC 7208 §6",
        sign: Sign::Spf(spf::modifier_values),
    },
    Known {
        error: KnownError::MappedAddress,
        sentence: "it looks for an IPv4 client in ip6 networks as well, as an IPv4-mapped address",
        rule: "RFC 7208 §5",
        sign: Sign::Spf(spf::mapped_address),
    },
    Known {
        error: KnownError::NestedInclude,
        sentence: "where includes are nested it takes the qualifier of the innermost one that matches",
        rule: "RFC 7208 §5.2",
        sign: Sign::Spf(spf::nested_include),
    },
    Known {
        error: KnownError::SeveralSpfRecords,
        sentence: "of several SPF records it takes the first that it can read",
        rule: "RFC 7208 §4.5",
        sign: Sign::Spf(spf::several_spf_records),
    },
    Known {
        error: KnownError::ClientNames,
        sentence: "it does not take the very name that ptr asks for, and counts each name of the client as a lookup",
        rule: "RFC 7208 §5.5",
        sign: Sign::Spf(spf::client_names),
    },
    Known {
        error: KnownError::LeftOut,
        sentence: "it says nothing about a signature that lacks a tag or whose Base64 is broken",
        rule: "RFC 6376 §6.1.1",
        sign: Sign::Dkim(dkim::left_out),
    },
    Known {
        error: KnownError::NoLimits,
        sentence: "it verifies any number of signatures of any length, where a receiver protects itself",
        rule: "RFC 6376 §6.1",
        sign: Sign::Dkim(dkim::no_limits),
    },
    Known {
        error: KnownError::ThirdParty,
        sentence: "it lets an unpublished third-party authorization (atps=) keep a signature from holding",
        rule: "RFC 6376 §3.5",
        sign: Sign::Dkim(dkim::third_party),
    },
    Known {
        error: KnownError::LaxSignature,
        sentence: "it takes signatures that break the grammar: holes in h=, repeated tags, values that a tag does not have",
        rule: "RFC 6376 §3.5",
        sign: Sign::Dkim(dkim::lax_signature),
    },
    Known {
        error: KnownError::WithdrawnAlgorithm,
        sentence: "it takes rsa-sha1",
        rule: "RFC 8301 §3.1",
        sign: Sign::Dkim(dkim::withdrawn_algorithm),
    },
    Known {
        error: KnownError::UnsignedFrom,
        sentence: "it takes signatures that do not cover From",
        rule: "RFC 6376 §5.4",
        sign: Sign::Dkim(dkim::unsigned_from),
    },
    Known {
        error: KnownError::LaxKeyRecord,
        sentence: "it takes key records that break the grammar: v= that is not first, text that is no tag",
        rule: "RFC 6376 §3.6.1",
        sign: Sign::Dkim(dkim::lax_key_record),
    },
    Known {
        error: KnownError::KeyRestrictions,
        sentence: "it does not look at the hashes and services that a key is for",
        rule: "RFC 6376 §3.6.1",
        sign: Sign::Dkim(dkim::key_restrictions),
    },
    Known {
        error: KnownError::ZeroLength,
        sentence: "it takes l=0, under which no body is signed, for a signature of the whole body",
        rule: "RFC 6376 §3.5",
        sign: Sign::Dkim(dkim::zero_length),
    },
    Known {
        error: KnownError::ShortBody,
        sentence: "it takes a body that is shorter than l= says",
        rule: "RFC 6376 §3.5",
        sign: Sign::Dkim(dkim::short_body),
    },
    Known {
        error: KnownError::TagCase,
        sentence: "it takes tag names in any case",
        rule: "RFC 6376 §3.2",
        sign: Sign::Dkim(dkim::tag_case),
    },
    Known {
        error: KnownError::LengthBefore,
        sentence: "it counts the octets of l= before the body is brought to its canonical form",
        rule: "RFC 6376 §3.7",
        sign: Sign::Dkim(dkim::length_before),
    },
    Known {
        error: KnownError::ZeroExpiry,
        sentence: "it takes x=0 for a signature that does not expire",
        rule: "RFC 6376 §3.5",
        sign: Sign::Dkim(dkim::zero_expiry),
    },
    Known {
        error: KnownError::SeveralAts,
        sentence: "it takes what follows the first of several @ in i= for the domain",
        rule: "RFC 6376 §3.5",
        sign: Sign::Dkim(dkim::several_ats),
    },
    Known {
        error: KnownError::SeveralKeys,
        sentence: "of several keys of a selector it tries the first",
        rule: "RFC 6376 §6.1.2",
        sign: Sign::Dkim(dkim::several_keys),
    },
    Known {
        error: KnownError::BodyFirst,
        sentence: "it compares the body before it asks for the key, so that a changed body is judged where the key cannot be had for now",
        rule: "RFC 6376 §6.1.2",
        sign: Sign::Dkim(dkim::body_first),
    },
    Known {
        error: KnownError::SpacedName,
        sentence: "it finds no field whose name has white space behind it",
        rule: "RFC 6376 §3.4.2",
        sign: Sign::Dkim(dkim::spaced_name),
    },
    Known {
        error: KnownError::WhiteSpaceLines,
        sentence: "in a relaxed body it keeps lines of white space at the end, which are empty",
        rule: "RFC 6376 §3.4.4",
        sign: Sign::Dkim(dkim::white_space_lines),
    },
    Known {
        error: KnownError::TestingKey,
        sentence: "it lets a signature count whose key says t=y",
        rule: "RFC 6376 §3.6.1",
        sign: Sign::Inherited,
    },
    Known {
        error: KnownError::FromField,
        sentence: "it judges a message with two From fields, or one that breaks the grammar",
        rule: "RFC 9989 §5.3.1",
        sign: Sign::Dmarc(dmarc::from_field),
    },
    Known {
        error: KnownError::LoneAuthorDomain,
        sentence: "it takes no author domain of one label",
        rule: "RFC 9989 §4.10.1",
        sign: Sign::Dmarc(dmarc::lone_author_domain),
    },
    Known {
        error: KnownError::WalkFirst,
        sentence: "it walks up before it looks at the author domain's own record, so that a failing lookup above decides",
        rule: "RFC 9989 §4.10.1",
        sign: Sign::Dmarc(dmarc::walk_first),
    },
    Known {
        error: KnownError::SeveralDmarcRecords,
        sentence: "of several DMARC records it takes the first that it can read",
        rule: "RFC 9989 §4.10",
        sign: Sign::Dmarc(dmarc::several_dmarc_records),
    },
    Known {
        error: KnownError::VersionCase,
        sentence: "it takes the version in any case",
        rule: "RFC 9989 §4.7",
        sign: Sign::Dmarc(dmarc::version_case),
    },
    Known {
        error: KnownError::InvalidValue,
        sentence: "it takes no record with a value that a tag does not have",
        rule: "RFC 9989 §4.8",
        sign: Sign::Dmarc(dmarc::invalid_value),
    },
    Known {
        error: KnownError::NoPolicy,
        sentence: "it takes a record without p for one whose p is no policy, and not for one of p=none",
        rule: "RFC 9989 §4.7",
        sign: Sign::Dmarc(dmarc::no_policy),
    },
    Known {
        error: KnownError::UnknownExistence,
        sentence: "it asks for an address to see whether an author domain exists, and where that fails takes it for one that does",
        rule: "RFC 9989 §4.7",
        sign: Sign::Dmarc(dmarc::unknown_existence),
    },
    Known {
        error: KnownError::NoField,
        sentence: "it takes a header line without a colon for the beginning of the next field",
        rule: "RFC 5322 §2.2",
        sign: Sign::Header(dkim::no_field),
    },
];
