//! What a command plans for or judges, where a provider registers only one of addresses and domains.

use letterhead::identity::profile::Coverage;
use letterhead::identity::{Profile, Subject};
use letterhead::mail::EmailAddress;
use letterhead::mail::address::AddressError;

/// The subject that was named, if tenants can register such a one. Where they only register addresses, one of the domain:
/// `known`, or postmaster. Where they only register domains, that of the address.
pub(crate) fn registrable(
    profile: &Profile,
    named: Subject,
    known: Option<&EmailAddress>,
) -> Result<Subject, AddressError> {
    let mut rules = profile.identities().iter();
    let fits = rules.any(|rule| {
        let is_address = matches!(named, Subject::Address(_));
        rule.provider_owned.is_empty() && is_address == (rule.covers == Coverage::ExactAddress)
    });
    if fits {
        return Ok(named);
    }
    Ok(match named {
        Subject::Domain(domain) => match known {
            Some(address) if address.domain_name() == Some(&domain) => address.clone().into(),
            Some(_) | None => EmailAddress::new("postmaster", domain)?.into(),
        },
        Subject::Address(address) => match address.domain_name() {
            Some(domain) => domain.clone().into(),
            None => address.into(),
        },
    })
}
