//! Fetching the key of a signature ([RFC 6376 §6.1.2](https://www.rfc-editor.org/rfc/rfc6376#section-6.1.2)).

use letterhead_dns::{DomainName, LookupErrorKind, RecordType, Resolver};

use crate::public_key_record::PublicKeyRecord;
use crate::selector::Selector;
use crate::verdict::Cause;

/// The one key record at `<selector>._domainkey.<domain>`.
///
/// TXT records that are no key records are passed over where one is: a wildcard may put an SPF record there. Two key
/// records have no defined meaning ([RFC 6376 §3.6.2.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.2.2)).
pub(crate) async fn key_record(
    domain: &DomainName,
    selector: &Selector,
    resolver: &dyn Resolver,
) -> Result<PublicKeyRecord, Cause> {
    let name = selector.record_name(domain).map_err(|_| Cause::KeyName)?;
    let answer = resolver
        .lookup(name.as_name(), RecordType::TXT)
        .await
        .map_err(|error| match error.kind() {
            LookupErrorKind::NoSuchName => Cause::NoKey,
            LookupErrorKind::Temporary => Cause::KeyLookupFailed,
            LookupErrorKind::Malformed => Cause::KeyLookupMalformed,
        })?;
    let mut found = None;
    let mut fault = Cause::NoKey;
    for text in answer.texts() {
        match PublicKeyRecord::parse(text) {
            Ok(_) if found.is_some() => return Err(Cause::SeveralKeys),
            Ok(record) => found = Some(record),
            Err(error) => fault = Cause::KeySyntax(error),
        }
    }
    found.ok_or(fault)
}
