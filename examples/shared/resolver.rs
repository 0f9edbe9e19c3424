//! Whom the commands ask: a zone file, or the resolver of the system.

#[path = "zone_file.rs"]
mod zone_file;

use std::error::Error;

use letterhead::dns::{HickoryResolver, Resolver};

/// The zone in this file; without one, the resolver of the system.
pub(crate) fn resolver(zone: Option<String>) -> Result<Box<dyn Resolver>, Box<dyn Error>> {
    let Some(path) = zone else {
        return Ok(Box::new(HickoryResolver::from_system()?));
    };
    Ok(Box::new(zone_file::zone(&path)?))
}
