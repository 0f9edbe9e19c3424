//! What somebody should know who publishes a plan.

use std::fmt;

use crate::word::Region;

/// What somebody should know who publishes a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanNotice {
    /// The SPF terms depend on where the region's hosts are, and nobody says where: the terms of every location are
    /// wanted.
    LocationUnknown {
        /// The region.
        region: Region,
    },
    /// The SPF terms depend on the region, and none is named: the terms of every location are wanted.
    NoRegion,
}

impl fmt::Display for PlanNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocationUnknown { region } => write!(
                f,
                "nobody says which SPF term the hosts of {region} are under, so the terms of every location are wanted"
            ),
            Self::NoRegion => f.write_str(
                "no region is named, so the SPF terms of every location are wanted; name one to have only its own",
            ),
        }
    }
}
