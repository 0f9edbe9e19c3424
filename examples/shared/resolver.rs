//! Whom the commands ask: a zone file, or the resolver of the system.

use std::error::Error;

use letterhead::dns::{HickoryResolver, Resolver, Zone};

/// The zone in this file; without one, the resolver of the system.
pub(crate) fn resolver(zone: Option<String>) -> Result<Box<dyn Resolver>, Box<dyn Error>> {
    let Some(path) = zone else {
        return Ok(Box::new(HickoryResolver::from_system()?));
    };
    let text = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
    let zone = Zone::parse(&text).map_err(|error| format!("{path}: {error}"))?;
    Ok(Box::new(zone))
}
