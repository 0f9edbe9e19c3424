//! How the known errors of DKIM are recognised, in the signature of one field.

use std::time::SystemTime;

use letterhead_dkim::{BodyCanonicalization, Cause, DkimResult, Signature, SignatureError};
use letterhead_mail::Message;

use super::{Scene, texts};

fn cause<'a>(scene: &Scene<'a>, field: usize) -> Option<&'a Cause> {
    let verdict = scene.ours.dkim.get(field)?;
    Some(verdict.cause())
}

fn signature<'a>(scene: &Scene<'a>, field: usize) -> Option<&'a Signature> {
    scene.ours.dkim.get(field)?.signature()
}

fn their_result(scene: &Scene<'_>, field: usize) -> Option<DkimResult> {
    scene.theirs.dkim.get(field)?.result
}

fn holds_there(scene: &Scene<'_>, field: usize) -> bool {
    their_result(scene, field) == Some(DkimResult::Pass)
}

pub(super) fn left_out(scene: &Scene<'_>, field: usize) -> bool {
    matches!(cause(scene, field), Some(Cause::SignatureSyntax(_)))
        && their_result(scene, field).is_none()
}

pub(super) fn no_limits(scene: &Scene<'_>, field: usize) -> bool {
    // The last verdict stands for all signatures below it as well.
    let cause = cause(scene, field).or_else(|| Some(scene.ours.dkim.last()?.cause()));
    matches!(
        cause,
        Some(Cause::TooManySignatures | Cause::SignatureTooLong | Cause::TooManyHeaderFields)
    )
}

pub(super) fn third_party(scene: &Scene<'_>, field: usize) -> bool {
    let mut fields = scene.brought.message.headers_named("DKIM-Signature");
    let value = fields.nth(field).map(|field| field.unfolded());
    value.is_some_and(|value| value.contains("atps=")) && !holds_there(scene, field)
}

/// Tags without a fault are what [RFC 6376 §6.1.1](https://www.rfc-editor.org/rfc/rfc6376#section-6.1.1) wants; a signature
/// without these faults may hold there or not be known for now.
pub(super) fn lax_signature(scene: &Scene<'_>, field: usize) -> bool {
    let Some(Cause::SignatureSyntax(error)) = cause(scene, field) else {
        return false;
    };
    matches!(
        error,
        SignatureError::TagList(_)
            | SignatureError::Missing("v" | "a")
            | SignatureError::Invalid(
                "a" | "h" | "c" | "d" | "s" | "i" | "l" | "t" | "x" | "z" | "q" | "b" | "bh"
            )
            | SignatureError::Version
            | SignatureError::Query
            | SignatureError::ExpiresBeforeSigned
            | SignatureError::IdentifierOutsideDomain
    )
}

pub(super) fn withdrawn_algorithm(scene: &Scene<'_>, field: usize) -> bool {
    matches!(cause(scene, field), Some(Cause::AlgorithmNotUsable))
}

pub(super) fn unsigned_from(scene: &Scene<'_>, field: usize) -> bool {
    matches!(cause(scene, field), Some(Cause::FromNotSigned))
}

pub(super) fn lax_key_record(scene: &Scene<'_>, field: usize) -> bool {
    matches!(cause(scene, field), Some(Cause::KeySyntax(_))) && holds_there(scene, field)
}

pub(super) fn key_restrictions(scene: &Scene<'_>, field: usize) -> bool {
    let cause = cause(scene, field);
    matches!(
        cause,
        Some(Cause::HashNotAllowed | Cause::ServiceNotAllowed)
    ) && holds_there(scene, field)
}

pub(super) fn zero_length(scene: &Scene<'_>, field: usize) -> bool {
    let length = signature(scene, field).and_then(Signature::body_length);
    length == Some(0)
}

pub(super) fn short_body(scene: &Scene<'_>, field: usize) -> bool {
    matches!(cause(scene, field), Some(Cause::BodyShorterThanSigned)) && holds_there(scene, field)
}

/// Here a tag of another case is one that nobody knows; where that leaves a required one missing, it is a fault of grammar.
pub(super) fn tag_case(scene: &Scene<'_>, field: usize) -> bool {
    let mut fields = scene.brought.message.headers_named("DKIM-Signature");
    let value = fields.nth(field).map(|field| field.unfolded());
    value.is_some_and(|value| {
        let mut names = value.split(';').filter_map(|tag| tag.split_once('='));
        names.any(|(name, _)| {
            let name = name.trim();
            let small = name.to_ascii_lowercase();
            small != name && TAGS.contains(&small.as_str())
        })
    })
}

/// The tags that mail-auth reads.
const TAGS: &[&str] = &[
    "v", "a", "b", "bh", "c", "d", "h", "i", "l", "s", "t", "x", "z", "r", "atps", "atpsh",
];

pub(super) fn length_before(scene: &Scene<'_>, field: usize) -> bool {
    let length = signature(scene, field).and_then(Signature::body_length);
    length.is_some_and(|length| length > 0)
}

pub(super) fn zero_expiry(scene: &Scene<'_>, field: usize) -> bool {
    let expiry = signature(scene, field).and_then(Signature::expires_at);
    expiry == Some(SystemTime::UNIX_EPOCH)
}

pub(super) fn several_ats(scene: &Scene<'_>, field: usize) -> bool {
    let identifier = signature(scene, field).and_then(Signature::agent_or_user_identifier);
    identifier.is_some_and(|identifier| identifier.local_part().contains(&b'@'))
}

pub(super) fn several_keys(scene: &Scene<'_>, field: usize) -> bool {
    let records = signature(scene, field).and_then(|signature| {
        let name = signature
            .domain()
            .prepend(&format!("{}._domainkey", signature.selector()));
        texts(scene, &name.ok()?).ok()
    });
    records.is_some_and(|records| records.len() > 1)
}

/// It has `neutral` for a body that was changed, and for little else.
pub(super) fn body_first(scene: &Scene<'_>, field: usize) -> bool {
    matches!(cause(scene, field), Some(Cause::KeyLookupFailed))
        && their_result(scene, field) == Some(DkimResult::Neutral)
}

pub(super) fn no_field(scene: &Scene<'_>) -> bool {
    let header = scene.brought.message.header_bytes();
    let mut lines = header.split(|octet| *octet == b'\n');
    lines.any(|line| {
        let is_folded = matches!(line.first(), Some(b' ' | b'\t'));
        !is_folded && !line.trim_ascii().is_empty() && !line.contains(&b':')
    })
}

pub(super) fn spaced_name(scene: &Scene<'_>, _: usize) -> bool {
    let header = scene.brought.message.header_bytes();
    let mut lines = header.split(|octet| *octet == b'\n');
    lines.any(|line| {
        let name = line.split(|octet| *octet == b':').next();
        let is_field = !line.first().is_some_and(u8::is_ascii_whitespace);
        is_field
            && name.is_some_and(|name| name.last().is_some_and(|last| matches!(last, b' ' | b'\t')))
    })
}

pub(super) fn white_space_lines(scene: &Scene<'_>, field: usize) -> bool {
    let is_relaxed = signature(scene, field).is_some_and(|signature| {
        signature.canonicalization().body() == BodyCanonicalization::Relaxed
    });
    is_relaxed && ends_in_white_space_lines(scene.brought.message)
}

fn ends_in_white_space_lines(message: &Message) -> bool {
    let lines = message.body().split(|octet| *octet == b'\n');
    let mut empty = lines
        .rev()
        .take_while(|line| line.iter().all(u8::is_ascii_whitespace));
    empty.any(|line| line.iter().any(|octet| matches!(octet, b' ' | b'\t')))
}
