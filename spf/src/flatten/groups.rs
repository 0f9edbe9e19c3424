//! Networks and kept terms in the order in which they decide.

use crate::address_set::AddressSet;
use crate::record::term::{Directive, Mechanism, Qualifier};

/// The addresses matched so far, in as few groups as their qualifiers and the kept terms between them allow.
#[derive(Debug)]
pub(super) struct Groups {
    items: Vec<Item>,
    /// The addresses no group has.
    remaining: AddressSet,
}

/// What stands at one place of the record.
#[derive(Debug)]
pub(super) enum Item {
    Networks(Networks),
    /// A term as it was written, and how many lookups it costs.
    Kept {
        qualifier: Qualifier,
        text: String,
        lookups: usize,
    },
}

/// Addresses that get the same result.
#[derive(Debug)]
pub(super) struct Networks {
    pub(super) qualifier: Qualifier,
    /// Those that no term before matches.
    taken: AddressSet,
    /// All that the terms name. What is more than `taken` is matched before, so either may be written.
    named: AddressSet,
}

impl Groups {
    pub(super) fn new() -> Self {
        Self {
            items: Vec::new(),
            remaining: AddressSet::all(),
        }
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    /// Whether some of these addresses are in no group yet.
    pub(super) fn leave(&self, addresses: &AddressSet) -> bool {
        !self.remaining.intersection(addresses).is_empty()
    }

    /// A term matches these addresses. Terms of one qualifier may change places, so it joins the networks of its
    /// qualifier where no other stands between.
    pub(super) fn add(&mut self, qualifier: Qualifier, addresses: &AddressSet) {
        let taken = self.remaining.intersection(addresses);
        if taken.is_empty() {
            return;
        }
        self.remaining = self.remaining.difference(&taken);
        let same = self.items.iter_mut().rev();
        let mut same = same.take_while(|item| item.qualifier() == qualifier);
        let group = same.find_map(|item| match item {
            Item::Networks(networks) => Some(networks),
            Item::Kept { .. } => None,
        });
        match group {
            Some(group) => {
                group.taken = group.taken.union(&taken);
                group.named = group.named.union(addresses);
            }
            None => self.items.push(Item::Networks(Networks {
                qualifier,
                taken,
                named: addresses.clone(),
            })),
        }
    }

    /// A term stays as it is.
    pub(super) fn keep(&mut self, qualifier: Qualifier, text: &str, lookups: usize) {
        self.items.push(Item::Kept {
            qualifier,
            text: text.to_owned(),
            lookups,
        });
    }

    /// Whatever is left gets this result, so that networks at the end need not say so.
    pub(super) fn end(&mut self, qualifier: Qualifier) {
        while let Some(Item::Networks(last)) = self.items.last()
            && last.qualifier == qualifier
        {
            self.items.pop();
        }
    }
}

impl Item {
    fn qualifier(&self) -> Qualifier {
        match self {
            Self::Networks(networks) => networks.qualifier,
            Self::Kept { qualifier, .. } => *qualifier,
        }
    }
}

impl Networks {
    /// The terms that say so, the fewest.
    pub(super) fn terms(&self) -> Vec<String> {
        let (taken, named) = (self.written(&self.taken), self.written(&self.named));
        if named.len() < taken.len() {
            named
        } else {
            taken
        }
    }

    fn written(&self, set: &AddressSet) -> Vec<String> {
        let ip4 = set.ip4_networks().map(Mechanism::Ip4);
        let ip6 = set.ip6_networks().map(Mechanism::Ip6);
        ip4.chain(ip6)
            .map(|mechanism| Directive::new(self.qualifier, mechanism).to_string())
            .collect()
    }
}
