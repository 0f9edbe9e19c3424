//! What a channel has of the vendor whose servers carry its mail.

use super::section::Sections;
use super::{
    AllowList, Coverage, IdentityRule, Purpose, RecordTemplate, SignatureRule, SignatureWhen,
};

/// The channel's sections with the vendor's records, terms, signatures, values, switches and credentials before its own:
/// mail that passes through both needs those of both.
///
/// A channel's identity stands for its domain at the vendor, which does not know the channel's kinds.
pub(super) fn add(channel: &Sections, vendor: &Sections) -> Sections {
    let mut own = channel.clone();
    let mut vendor = vendor.clone();
    if let Some(kinds) = &channel.identity {
        for record in vendor.record.iter_mut().flatten() {
            take_over(record, kinds);
        }
        for signature in vendor.signature.iter_mut().flatten() {
            sign_for(signature, kinds);
        }
    }
    put_before(&mut own.record, vendor.record);
    put_before(&mut own.spf, vendor.spf);
    put_before(&mut own.signature, vendor.signature);
    put_before(&mut own.value, vendor.value);
    put_before(&mut own.switch, vendor.switch);
    // Whoever runs the servers says how one signs in to them.
    if let (Some(own), Some(theirs)) = (&mut own.credential, &vendor.credential) {
        own.retain(|rule| theirs.iter().all(|other| other.kind != rule.kind));
    }
    put_before(&mut own.credential, vendor.credential);
    if let (Some(own), Some(theirs)) = (&mut own.relay, vendor.relay)
        && matches!(own.ip_allow_list, AllowList::Maybe | AllowList::Unknown)
    {
        own.ip_allow_list = theirs.ip_allow_list;
    }
    own
}

/// A record for kinds that the channel does not have is for all that it has.
fn take_over(record: &mut RecordTemplate, kinds: &[IdentityRule]) {
    let is_planned = match &record.kinds {
        Some(named) => named
            .iter()
            .all(|name| kinds.iter().any(|rule| rule.kind == *name)),
        None => has_domains(kinds) || !matches!(record.purpose, Purpose::Dkim | Purpose::Ownership),
    };
    if !is_planned {
        record.kinds = Some(kinds.iter().map(|rule| rule.kind.clone()).collect());
    }
}

/// Where the channel has no domains, it cannot know whether the vendor has the domain, so that it always expects a
/// signature for it.
fn sign_for(signature: &mut SignatureRule, kinds: &[IdentityRule]) {
    if signature.when == SignatureWhen::DomainIdentity && !has_domains(kinds) {
        signature.when = SignatureWhen::Always;
    }
}

fn has_domains(kinds: &[IdentityRule]) -> bool {
    kinds
        .iter()
        .any(|rule| rule.covers != Coverage::ExactAddress)
}

fn put_before<T>(own: &mut Option<Vec<T>>, theirs: Option<Vec<T>>) {
    if let Some(mut rows) = theirs {
        rows.extend(own.take().unwrap_or_default());
        *own = Some(rows);
    }
}
