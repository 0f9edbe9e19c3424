//! The tags of a key record.

use letterhead_dns::{Finding, Severity};

use crate::algorithm::Algorithm;
use crate::lint::code::Code;
use crate::lint::excerpt::finding;
use crate::lint::key_data;
use crate::public_key_record::{PublicKeyRecord, items};
use crate::quoted_printable;
use crate::tag_list::{self, Tag, TagListError, TagListErrorKind};

/// What is wrong with one text that is, or was meant as, a key record.
pub(super) fn lint(text: &[u8]) -> Vec<Finding<Code>> {
    let readable = PublicKeyRecord::parse(text).is_ok();
    let escaped = !readable && text.contains(&b'\\');
    let quoted = !readable && text.contains(&b'"');
    let mut findings = Vec::new();
    if escaped {
        findings.push(finding(
            Code::Backslash,
            text,
            "the data holds backslashes, which only zone files need",
            "remove every backslash; the DNS itself escapes nothing",
        ));
    }
    if quoted {
        findings.push(finding(
            Code::Quote,
            text,
            "the data holds quotation marks, which only zone files need",
            "remove them; where the console wants several strings, give each its own field or none",
        ));
    }
    if escaped || quoted {
        // What else is wrong shows in the text as it was meant.
        findings.extend(in_tags(&unquoted(text)));
    } else {
        findings.extend(in_tags(text));
    }
    findings
}

fn in_tags(text: &[u8]) -> Vec<Finding<Code>> {
    let tags = match tag_list::parse(text) {
        Ok(tags) => tags,
        Err(error) => return vec![no_list(text, error)],
    };
    let find = |name: &str| tags.iter().find(|tag| tag.name == name.as_bytes());
    let mut findings = version(&tags);
    let key_type = match find("k") {
        None => Some(Algorithm::RsaSha256),
        Some(tag) => match tag.value.to_ascii_lowercase().as_slice() {
            b"rsa" => Some(Algorithm::RsaSha256),
            b"ed25519" => Some(Algorithm::Ed25519Sha256),
            _ => {
                findings.push(of_tag(
                    Code::KeyType,
                    tag,
                    "no receiver knows this key type",
                    "write `k=rsa` or `k=ed25519`, after the key",
                ));
                None
            }
        },
    };
    match (find("p"), key_type) {
        (None, _) => findings.push(finding(
            Code::NoKey,
            text,
            "the record has no `p=`",
            "add `p=` with the public key",
        )),
        (Some(tag), Some(key_type)) => findings.extend(key_data::lint(key_type, tag.value)),
        (Some(_), None) => {}
    }
    findings.extend(tags.iter().flat_map(restriction));
    findings
}

fn no_list(text: &[u8], error: TagListError) -> Finding<Code> {
    let remedy = match error.kind() {
        TagListErrorKind::NoEquals => "write `name=value` between semicolons",
        TagListErrorKind::Name => {
            "tag names are letters, digits and underscores; look for a stray character"
        }
        TagListErrorKind::Value => "remove the control character",
        TagListErrorKind::LineEnd => "remove the line break",
        TagListErrorKind::Duplicate => "leave each tag once; two records may have been joined",
    };
    finding(Code::Syntax, text, error.to_string(), remedy)
}

fn version(tags: &[Tag<'_>]) -> Vec<Finding<Code>> {
    let position = tags.iter().position(|tag| tag.name == b"v");
    let Some((position, tag)) = position.and_then(|at| Some((at, tags.get(at)?))) else {
        return vec![finding(
            Code::NoVersion,
            b"",
            "the record does not say `v=DKIM1`, and some receivers and consoles look for it",
            "begin the record with `v=DKIM1;`",
        )];
    };
    let mut findings = Vec::new();
    if tag.value != b"DKIM1" {
        findings.push(of_tag(
            Code::Version,
            tag,
            "receivers discard a record of another version",
            "write `v=DKIM1`, in capital letters",
        ));
    }
    if position > 0 {
        findings.push(of_tag(
            Code::VersionNotFirst,
            tag,
            "receivers discard a record in which `v=` is not the first tag",
            "move `v=DKIM1` to the front",
        ));
    }
    findings
}

/// The tags beside version, type and key.
fn restriction(tag: &Tag<'_>) -> Vec<Finding<Code>> {
    let holds = |wanted: &[u8]| items(tag.value).any(|item| item.eq_ignore_ascii_case(wanted));
    match tag.name {
        b"v" | b"k" | b"p" => Vec::new(),
        b"t" => flags(tag),
        b"s" if holds(b"email") || holds(b"*") => Vec::new(),
        b"s" => vec![of_tag(
            Code::ServiceNotEmail,
            tag,
            "the key is not for mail",
            "remove `s=`, or write `s=email`",
        )],
        b"h" if !holds(b"sha256") => vec![of_tag(
            Code::HashWithoutSha256,
            tag,
            "the key does not allow SHA-256, the only hash in use",
            "remove `h=`, or write `h=sha256`",
        )],
        b"h" if holds(b"sha1") => vec![of_tag(
            Code::Sha1,
            tag,
            "SHA-1 is withdrawn",
            "remove `h=`, or write `h=sha256`",
        )],
        b"h" => Vec::new(),
        b"n" if quoted_printable::decode(tag.value).is_some() => Vec::new(),
        b"n" => vec![of_tag(
            Code::Notes,
            tag,
            "the notes are not quoted-printable",
            "remove `n=`",
        )],
        b"g" => {
            let mut finding = of_tag(
                Code::Granularity,
                tag,
                "`g=` is withdrawn, and old receivers accept only the local parts it names",
                "remove `g=`",
            );
            if tag.value == b"*" {
                finding.severity = Severity::Advice;
            }
            vec![finding]
        }
        _ => vec![of_tag(
            Code::UnknownTag,
            tag,
            "the tag means nothing to receivers; names are told apart by case",
            "remove it, or correct its name",
        )],
    }
}

fn flags(tag: &Tag<'_>) -> Vec<Finding<Code>> {
    let mut findings = Vec::new();
    for flag in items(tag.value).filter(|flag| !flag.is_empty()) {
        if flag.eq_ignore_ascii_case(b"y") {
            findings.push(of_tag(
                Code::Testing,
                tag,
                "the domain says that it is testing DKIM, and receivers may treat its signed mail as unsigned",
                "take `y` out of `t=` once signatures verify",
            ));
        } else if !flag.eq_ignore_ascii_case(b"s") {
            findings.push(of_tag(
                Code::UnknownFlag,
                tag,
                "the flag means nothing to receivers",
                "remove it; flags are `y` and `s`",
            ));
        }
    }
    findings
}

fn of_tag(code: Code, tag: &Tag<'_>, problem: &str, remedy: &str) -> Finding<Code> {
    let text = [tag.name, b"=", tag.value].concat();
    finding(code, &text, problem, remedy)
}

/// Without backslashes, quotation marks, and what lies between two strings.
fn unquoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        match octet {
            b'\\' => {}
            b'"' => {
                if let Some(next) = after.trim_ascii_start().strip_prefix(b"\"") {
                    rest = next;
                }
            }
            other => out.push(*other),
        }
    }
    out
}
