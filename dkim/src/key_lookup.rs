//! Fetching the key of a signature ([RFC 6376 §6.1.2](https://www.rfc-editor.org/rfc/rfc6376#section-6.1.2)).

use std::sync::Arc;

use letterhead_dns::{Answer, DomainName, LookupErrorKind, Name, RecordType, Resolver};

use crate::public_key::{PublicKey, Verifier};
use crate::public_key_record::PublicKeyRecord;
use crate::selector::Selector;
use crate::verdict::Cause;

/// A key record, and its key ready to verify.
pub(crate) struct PublishedKey {
    pub(crate) record: PublicKeyRecord,
    /// `None` where the key is withdrawn, or its numbers are none.
    pub(crate) verifier: Option<Verifier>,
}

/// The key records at `<selector>._domainkey.<domain>`, or why there is none. They are read once as long as the resolver
/// gives out the same answer.
pub(crate) async fn published_keys(
    domain: &DomainName,
    selector: &Selector,
    resolver: &dyn Resolver,
) -> Result<Arc<Result<Vec<PublishedKey>, Cause>>, Cause> {
    let selector = selector.labels().chain([&b"_domainkey"[..]]);
    let name =
        Name::from_labels(selector.chain(domain.as_name().labels())).map_err(|_| Cause::KeyName)?;
    let answer = match resolver.lookup_now(&name, RecordType::TXT) {
        Some(answer) => answer,
        None => resolver.lookup(&name, RecordType::TXT).await,
    };
    let answer = answer.map_err(|error| match error.kind() {
        LookupErrorKind::NoSuchName => Cause::NoKey,
        LookupErrorKind::Temporary => Cause::KeyLookupFailed,
        LookupErrorKind::Malformed => Cause::KeyLookupMalformed,
    })?;
    Ok(answer.derived(|_| read(&answer)))
}

/// TXT records that are no key records are passed over where one is: a wildcard may put an SPF record there.
fn read(answer: &Answer) -> Result<Vec<PublishedKey>, Cause> {
    let mut found = Vec::new();
    let mut fault = Cause::NoKey;
    for text in answer.texts() {
        match PublicKeyRecord::parse(text) {
            Ok(_) if found.len() == MOST_KEYS => return Err(Cause::SeveralKeys),
            Ok(record) => found.push(PublishedKey {
                verifier: record.key().and_then(PublicKey::verifier),
                record,
            }),
            Err(error) => fault = Cause::KeySyntax(error),
        }
    }
    if found.is_empty() {
        return Err(fault);
    }
    Ok(found)
}

/// How many key records of one selector are tried. One is what there should be
/// ([RFC 6376 §3.6.2.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.2.2)), and two are there when somebody changes keys
/// without changing selectors.
const MOST_KEYS: usize = 4;
