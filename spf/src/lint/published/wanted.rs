//! Whether the senders that are wanted pass.

use letterhead_dns::Finding;

use super::super::{not_authorised, publish};
use crate::audit::{Audit, Branch, BranchTerm, WantedSender};
use crate::limits::Limits;
use crate::lint::code::Code;
use crate::merge::{contradiction, merge};
use crate::record::term::{Directive, Mechanism, Qualifier, Term};

impl Audit {
    pub(super) fn wanted_directives(&self) -> impl Iterator<Item = Directive> {
        self.wanted.iter().map(|sender| sender.directive.clone())
    }

    /// Wanted senders that do not pass, and the record with which they do.
    pub(super) fn missing_senders(&self) -> Vec<Finding<Code>> {
        let Some(record) = &self.tree.record else {
            return Vec::new();
        };
        let missing: Vec<&WantedSender> = self
            .wanted
            .iter()
            .filter(|sender| !self.authorises(sender))
            .collect();
        let mut findings = Vec::new();
        let mut to_add = Vec::new();
        let in_front = self.in_front();
        for sender in missing {
            match obstacle(sender, &in_front) {
                Some(obstacle) => findings.extend([
                    Finding::new(
                        Code::NotAuthorised,
                        sender.directive.to_string(),
                        format!(
                            "`{obstacle}` stands in front and does not pass it, or not all of it"
                        ),
                        format!("remove `{obstacle}`, and see that a term passes it"),
                    ),
                    Finding::new(
                        Code::Contradicted,
                        &obstacle,
                        format!("it does not pass `{}`, which is wanted", sender.directive),
                        String::from("remove it"),
                    ),
                ]),
                None => to_add.push(sender),
            }
        }
        let wanted: Vec<Directive> = to_add
            .iter()
            .map(|sender| sender.directive.clone())
            .collect();
        let remedy = match merge(Some(record.as_str()), &wanted) {
            Ok(merged) => {
                let cost = to_add
                    .iter()
                    .fold(self.tree.cost, |cost, sender| cost + sender.found.cost);
                let limit = Limits::default().lookups();
                if cost.lookups > limit {
                    format!(
                        "remove or flatten other terms first: with what is missing, {} terms would cause lookups and {limit} are allowed",
                        cost.lookups
                    )
                } else {
                    publish(&merged.record)
                }
            }
            Err(error) => error.to_string(),
        };
        findings.extend(not_authorised(&wanted, &remedy));
        findings
    }

    /// Whether the policy passes the sender: all its addresses, or by the very term it asks for.
    fn authorises(&self, sender: &WantedSender) -> bool {
        let found = &sender.found;
        let is_known = !found.depends_on_sender && !found.addresses.is_empty();
        if is_known && self.authorised().covers(&found.addresses) {
            return true;
        }
        // Hosts that cannot be found now may be there later.
        !is_known && passes(&self.tree, &sender.directive)
    }

    /// The directives of the domain's own record before `all`, and what they come to.
    fn in_front(&self) -> Vec<(&Directive, &BranchTerm)> {
        let terms = self.tree.terms.iter();
        let directives =
            terms.filter_map(|term| Some((self.tree.published(term)?.directive()?, term)));
        directives
            .filter(|(directive, _)| *directive.mechanism() != Mechanism::All)
            .collect()
    }
}

/// The term of a record that does not pass the sender, or some of it, before another passes all of it.
fn obstacle(sender: &WantedSender, in_front: &[(&Directive, &BranchTerm)]) -> Option<String> {
    let directives = in_front.iter().map(|(directive, _)| *directive);
    if let Some((_, directive)) = contradiction(&sender.directive, directives) {
        return Some(directive.to_string());
    }
    let wanted = &sender.found.addresses;
    let (directive, _) = in_front.iter().find(|(directive, term)| {
        if directive.qualifier() == Qualifier::Pass {
            term.addresses.covers(wanted)
        } else {
            !term.addresses.intersection(wanted).is_empty()
        }
    })?;
    (directive.qualifier() != Qualifier::Pass).then(|| directive.to_string())
}

/// Whether a record passes what the directive names, by itself or by one it includes, before something else decides.
fn passes(branch: &Branch, wanted: &Directive) -> bool {
    // Without a domain a mechanism names that of its own record.
    let is_relative = matches!(
        wanted.mechanism(),
        Mechanism::A(_) | Mechanism::Mx(_) | Mechanism::Ptr(_)
    ) && wanted.mechanism().domain().is_none();
    for term in &branch.terms {
        let nested = term.nested.as_deref();
        let below = || !is_relative && nested.is_some_and(|nested| passes(nested, wanted));
        match branch.published(term).map(Term::directive) {
            Some(None) => return below(),
            Some(Some(directive))
                if directive.mechanism().covers(wanted.mechanism()) || below() =>
            {
                return directive.qualifier() == Qualifier::Pass;
            }
            Some(Some(_)) | None => {}
        }
    }
    false
}
