//! How much of one connection the server lets be used.

use std::collections::HashSet;

use letterhead_mail::{AddressDomain, EmailAddress};

use crate::smtp::extension::Limits;

/// What of a connection's limits is used up.
#[derive(Debug, Default)]
pub(super) struct Spent {
    transactions: usize,
    /// Kept only where the server limits them.
    domains: HashSet<AddressDomain>,
}

impl Spent {
    /// Whether another transaction may begin.
    pub(super) fn allows_more(&self, limits: Limits) -> bool {
        limits
            .transactions
            .is_none_or(|most| self.transactions < most.get())
    }

    pub(super) fn begin_transaction(&mut self) {
        self.transactions += 1;
    }

    /// Whether a recipient at this domain may be named, which is then counted.
    pub(super) fn allows_domain_of(&mut self, recipient: &EmailAddress, limits: Limits) -> bool {
        let Some(most) = limits.recipient_domains else {
            return true;
        };
        if self.domains.contains(recipient.domain()) {
            return true;
        }
        if self.domains.len() >= most.get() {
            return false;
        }
        self.domains.insert(recipient.domain().clone())
    }
}
