//! Other libraries' messages and transports for ours, and ours for theirs.
//!
//! Each library has a feature of its own, off by default, that adds a module and changes nothing else:
//!
//! | feature | adds |
//! |---|---|
//! | `lettre` | [`lettre`]: its messages, its transports as ours, ours as its |
//! | `tower` | [`tower`]: our transports as services, services as our transports |
//!
//! These libraries have not reached 1.0, and their types are in the signatures here, because that is what an adapter is
//! for. They are nowhere else, so who leaves the features off never meets them; who turns one on moves to a new release
//! of the library when this crate does.

#[cfg(feature = "lettre")]
pub mod lettre;
#[cfg(feature = "tower")]
pub mod tower;
