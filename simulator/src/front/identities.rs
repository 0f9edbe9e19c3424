//! Which From addresses the provider takes.

use std::collections::BTreeSet;

use letterhead_identity::Subject;
use letterhead_identity::profile::{Case, Coverage, IdentityRule, PlusLabels};
use letterhead_mail::{DomainName, EmailAddress};

use super::{FrontHost, issued};
use crate::dns::SimulatedDns;

/// Whether a verified identity covers the address.
pub(super) fn covers(host: &FrontHost, dns: &SimulatedDns, from: &EmailAddress) -> bool {
    let is_covered = |subject: &Subject| {
        let rules = host.front.profile.identities().iter();
        rules
            .into_iter()
            .any(|rule| rule_covers(rule, subject, from))
    };
    let verified = host.lock().verified.clone();
    verified.iter().any(is_covered)
        || covering_domains(host, from)
            .any(|domain| issued::published(host, dns, &domain).is_some())
}

/// The domains that cover the address, the closest first.
pub(super) fn covering_domains(
    host: &FrontHost,
    from: &EmailAddress,
) -> impl Iterator<Item = DomainName> {
    let customers = host.lock();
    let verified = customers
        .verified
        .iter()
        .filter_map(|subject| match subject {
            Subject::Domain(domain) => Some(domain),
            Subject::Address(_) => None,
        });
    let domains: BTreeSet<DomainName> = customers.issued.keys().chain(verified).cloned().collect();
    drop(customers);
    let mut domains: Vec<DomainName> = domains.into_iter().collect();
    domains.retain(|domain| {
        let subject = Subject::Domain(domain.clone());
        let rules = host.front.profile.identities().iter();
        rules
            .into_iter()
            .any(|rule| rule_covers(rule, &subject, from))
    });
    domains.sort_by_key(|domain| std::cmp::Reverse(domain.labels().count()));
    domains.into_iter()
}

fn rule_covers(rule: &IdentityRule, subject: &Subject, from: &EmailAddress) -> bool {
    match (subject, rule.covers) {
        (Subject::Address(address), Coverage::ExactAddress) => is_same(rule, address, from),
        (Subject::Domain(domain), Coverage::Domain) => from.domain_name() == Some(domain),
        (Subject::Domain(domain), Coverage::DomainAndSubdomains) => from
            .domain_name()
            .is_some_and(|name| name.is_at_or_below(domain)),
        _ => false,
    }
}

fn is_same(rule: &IdentityRule, registered: &EmailAddress, from: &EmailAddress) -> bool {
    let from = match rule.plus_labels {
        PlusLabels::Covered if registered.label().is_none() => from.without_label(),
        _ => from.clone(),
    };
    match rule.case {
        Case::Insensitive => {
            registered.domain() == from.domain()
                && registered.local_part().to_lowercase() == from.local_part().to_lowercase()
        }
        _ => *registered == from,
    }
}
