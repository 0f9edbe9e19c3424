//! Who must not be written to again.

mod entry;
mod key;
mod list;
mod memory;
mod policy;
mod store;

pub use entry::{Evidence, Suppression, SuppressionReason, SuppressionReasonError};
pub use key::SuppressionKey;
pub use list::{Decision, Ignored, SuppressionList};
pub use memory::InMemorySuppressionStore;
pub use policy::SuppressionPolicy;
pub use store::{
    Applied, Change, ChangeAction, Cursor, Page, StoreError, StoreErrorKind, SuppressionStore,
};
