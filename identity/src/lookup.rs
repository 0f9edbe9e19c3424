//! Asking for the records of a name.

use letterhead_dns::{LookupError, Name, RecordData, RecordType, Resolver};

/// The records of one type; none where the name does not exist.
pub(crate) async fn records_at(
    name: &Name,
    record_type: RecordType,
    resolver: &dyn Resolver,
) -> Result<Vec<RecordData>, LookupError> {
    match resolver.lookup(name, record_type).await {
        Ok(answer) => Ok(answer.records().to_vec()),
        Err(error) if error.is_no_such_name() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
