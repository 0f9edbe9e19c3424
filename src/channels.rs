//! Which routes a message may take, where it does not say so itself.

use std::collections::BTreeMap;

use letterhead_dns::DomainName;
use letterhead_identity::Subject;
use letterhead_mail::{EmailAddress, TenantId};

use crate::outgoing::Outgoing;

/// The channels of every tenant: by which routes its mail leaves, those of an identity before those of the tenant, and
/// those before everybody's.
///
/// An application that lets its tenants choose, between a mail server that is there for all, a server of their own and a
/// verified domain at a provider, keeps the choice here and sends [by channel](Outgoing::by_channel). The receipt says
/// [which route](crate::Receipt::route) it was.
///
/// ```
/// use letterhead::Channels;
///
/// let acme = "acme".parse()?;
/// let channels = Channels::new()
///     .everybody(["default"])
///     .tenant(&acme, ["external", "default"])
///     .identity(&acme, "news.yourcompany.example".parse()?, ["advanced"]);
/// let routes = |from: &str| channels.routes(&acme, &from.parse().ok()?);
/// assert_eq!(routes("weekly@news.yourcompany.example"), Some(&["advanced".to_owned()][..]));
/// assert_eq!(routes("billing@yourcompany.example"), Some(&["external".to_owned(), "default".to_owned()][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Channels {
    everybody: Option<Vec<String>>,
    tenants: BTreeMap<TenantId, Vec<String>>,
    identities: BTreeMap<TenantId, BTreeMap<Subject, Vec<String>>>,
}

impl Channels {
    /// No channels: every message has to name its route.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For all for whom nothing else is said: these routes, the first that takes the message.
    #[must_use]
    pub fn everybody<R: Into<String>>(mut self, routes: impl IntoIterator<Item = R>) -> Self {
        self.everybody = Some(routes.into_iter().map(Into::into).collect());
        self
    }

    /// For mail of this tenant.
    #[must_use]
    pub fn tenant<R: Into<String>>(
        mut self,
        tenant: &TenantId,
        routes: impl IntoIterator<Item = R>,
    ) -> Self {
        let routes = routes.into_iter().map(Into::into).collect();
        self.tenants.insert(tenant.clone(), routes);
        self
    }

    /// For mail of this tenant from an address, or from any at a domain or below it; the closest one counts.
    #[must_use]
    pub fn identity<R: Into<String>>(
        mut self,
        tenant: &TenantId,
        identity: Subject,
        routes: impl IntoIterator<Item = R>,
    ) -> Self {
        let routes = routes.into_iter().map(Into::into).collect();
        let identities = self.identities.entry(tenant.clone()).or_default();
        identities.insert(identity, routes);
        self
    }

    /// The routes for mail of this tenant from this address; `None` where nothing is said.
    #[must_use]
    pub fn routes(&self, tenant: &TenantId, from: &EmailAddress) -> Option<&[String]> {
        let of_identity = self
            .identities
            .get(tenant)
            .and_then(|identities| of_address(identities, from));
        of_identity
            .or_else(|| self.tenants.get(tenant))
            .or(self.everybody.as_ref())
            .map(Vec::as_slice)
    }

    /// The routes that a message may take, in order.
    pub(crate) fn of(&self, outgoing: &Outgoing) -> Vec<String> {
        if !outgoing.routes.is_empty() {
            return outgoing.routes.clone();
        }
        let authors = outgoing.message.authors().unwrap_or_default();
        let first = authors.first();
        let routes = first.and_then(|first| self.routes(&outgoing.tenant, first.address()));
        routes.unwrap_or_default().to_vec()
    }
}

fn of_address<'a>(
    identities: &'a BTreeMap<Subject, Vec<String>>,
    from: &EmailAddress,
) -> Option<&'a Vec<String>> {
    let exact = identities.get(&Subject::Address(from.clone()));
    exact.or_else(|| {
        let domain = from.domain_name()?;
        let covering = identities
            .iter()
            .filter_map(|(subject, routes)| match subject {
                Subject::Domain(own) if domain.is_at_or_below(own) => Some((own, routes)),
                _ => None,
            });
        let closest = covering.max_by_key(|(own, _): &(&DomainName, _)| own.labels().count());
        closest.map(|(_, routes)| routes)
    })
}
