//! Records in a file.

use letterhead::dns::Zone;

/// The zone in this file.
pub(crate) fn zone(path: &str) -> Result<Zone, String> {
    let text = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    Zone::parse(&text).map_err(|error| format!("{path}: {error}"))
}
