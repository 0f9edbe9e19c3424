//! How the hosts of a domain are chosen.

use std::num::NonZeroUsize;

use super::guard::AddressGuard;
use super::own_hosts::OwnHosts;
use crate::address_families::AddressFamilies;

/// How the hosts that take a domain's mail are chosen, and how many.
#[derive(Debug, Clone)]
pub struct RouteSettings {
    pub(super) own: OwnHosts,
    pub(super) guard: AddressGuard,
    pub(super) families: AddressFamilies,
    pub(super) max_hosts: NonZeroUsize,
    pub(super) max_addresses: NonZeroUsize,
}

impl Default for RouteSettings {
    fn default() -> Self {
        Self {
            own: OwnHosts::default(),
            guard: AddressGuard::default(),
            families: AddressFamilies::default(),
            max_hosts: const { NonZeroUsize::new(10).unwrap() },
            max_addresses: const { NonZeroUsize::new(4).unwrap() },
        }
    }
}

impl RouteSettings {
    /// The hosts that are ours; none by default.
    #[must_use]
    pub fn with_own(mut self, own: OwnHosts) -> Self {
        self.own = own;
        self
    }

    /// Which addresses may be connected to; by default those of the public internet.
    #[must_use]
    pub fn with_guard(mut self, guard: AddressGuard) -> Self {
        self.guard = guard;
        self
    }

    /// IPv4 or IPv6; by default both, IPv6 first.
    #[must_use]
    pub fn with_families(mut self, families: AddressFamilies) -> Self {
        self.families = families;
        self
    }

    /// How many of a domain's hosts are looked at, those of the best preference first; 10 by default. With few, a domain
    /// whose first hosts are down waits; with many, one that lists dead hosts keeps an attempt busy.
    #[must_use]
    pub fn with_max_hosts(mut self, most: NonZeroUsize) -> Self {
        self.max_hosts = most;
        self
    }

    /// How many addresses of each host are tried; 4 by default.
    #[must_use]
    pub fn with_max_addresses(mut self, most: NonZeroUsize) -> Self {
        self.max_addresses = most;
        self
    }
}
