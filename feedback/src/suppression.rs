//! Who must not be written to again.

mod breaker;
mod change;
mod decision;
mod entry;
mod filter;
mod format;
mod hasher;
mod key;
mod list;
mod memory;
mod moment;
mod policy;
mod reason;
mod record;
mod scope;
mod screening;
mod store;
mod store_error;

pub use breaker::{BreakerRule, HeldBounce};
pub use change::{Applied, Change, ChangeAction};
pub use decision::{Decision, Ignored};
pub use entry::{Evidence, Suppression};
pub use filter::SuppressionFilter;
pub use format::{LineError, LineErrorKind, ListFormat, ListReader, ListedSuppression};
pub use hasher::{KeyHasher, KeyHasherError};
pub use key::{SuppressionKey, SuppressionKeyError};
pub use list::{EraseError, Erasure, Import, Listing, Revoked, SuppressionList};
pub use memory::InMemorySuppressionStore;
pub use policy::{Exempt, ProviderEntries, SuppressionPolicy};
pub use reason::{SuppressionReason, SuppressionReasonError};
pub use record::{Lift, SoftBounceRule, SuppressionRecord};
pub use scope::{Coverage, SuppressionScope};
pub use screening::{Passage, Screening};
pub use store::{Cursor, Page, SuppressionStore};
pub use store_error::{StoreError, StoreErrorKind};
