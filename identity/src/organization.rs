//! Which domains belong together.

use letterhead_dmarc::organizational_domain;
use letterhead_dns::{DomainName, Resolver};

/// Whether two domains have one organizational domain, which is what relaxed alignment asks for
/// ([RFC 9989 §4.10.2](https://www.rfc-editor.org/rfc/rfc9989#section-4.10.2)); `None` where that could not be looked up.
pub(crate) async fn is_same_organization(
    one: &DomainName,
    other: &DomainName,
    resolver: &dyn Resolver,
) -> Option<bool> {
    if one == other {
        return Some(true);
    }
    let one = organizational_domain(one, resolver).await.ok()?;
    let other = organizational_domain(other, resolver).await.ok()?;
    Some(one.domain() == other.domain())
}
