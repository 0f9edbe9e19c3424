//! Mail straight to the hosts of its recipients' domains.
//!
//! - [`MailExchangers`]: where mail for a domain goes ([RFC 5321 §5.1](https://www.rfc-editor.org/rfc/rfc5321#section-5.1)).
//! - [`AddressGuard`]: which addresses it may go to.

mod exchangers;
mod families;
mod guard;
mod join;
mod network;
mod no_route;
mod own_hosts;
mod route_settings;
mod shuffle;
mod status;

pub use exchangers::{MailExchanger, MailExchangers};
pub use families::AddressFamilies;
pub use guard::{AddressGuard, AddressKind, RefusedAddress};
pub use network::{IpNetwork, IpNetworkError};
pub use no_route::{NoRoute, NoRouteReason};
pub use own_hosts::OwnHosts;
pub use route_settings::RouteSettings;
