//! What is to be published, as a master file.

use std::fmt;

use letterhead_dns::Record;

use super::{DiffRow, DnsDiff, SpfChange, Status};
use crate::dns_plan::{OneLine, PlannedData, TTL, write_heading};
use crate::profile::Purpose;

pub(super) struct ZoneText<'a>(pub(super) &'a DnsDiff);

impl fmt::Display for ZoneText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.0.rows() {
            write_row(f, row)?;
        }
        write_spf(f, self.0)
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, row: &DiffRow) -> fmt::Result {
    if matches!(row.status, Status::Present) {
        return Ok(());
    }
    let planned = &row.planned;
    write_heading(
        f,
        planned.purpose,
        planned.necessity,
        planned.note.as_deref(),
    )?;
    let PlannedData::Ready(record) = &planned.data else {
        return writeln!(f, "{}", planned.data);
    };
    match &row.status {
        Status::Unknown(error) => {
            writeln!(f, "; not known: {}", OneLine(&error.to_string()))?;
            writeln!(f, "; {record}")
        }
        Status::Wrong(found) if planned.purpose == Purpose::Dmarc => {
            writeln!(
                f,
                "; what is there is no policy that applies; put it right, or leave one of several"
            )?;
            found.iter().try_for_each(|data| {
                let present = Record::new(record.name.clone(), TTL, data.clone());
                writeln!(f, "; is now {present}")
            })
        }
        Status::Wrong(found) | Status::Conflicting(found) => {
            for data in found {
                let present = Record::new(record.name.clone(), TTL, data.clone());
                writeln!(f, "; REPLACE {present}")?;
            }
            writeln!(f, "{record}")
        }
        Status::Present | Status::Missing | Status::Awaiting => writeln!(f, "{record}"),
    }
}

fn write_spf(f: &mut fmt::Formatter<'_>, diff: &DnsDiff) -> fmt::Result {
    if matches!(diff.spf, SpfChange::NotNeeded)
        || matches!(diff.spf, SpfChange::Present { .. }) && diff.spf_notices.is_empty()
    {
        return Ok(());
    }
    write_heading(
        f,
        Purpose::Spf,
        diff.spf_necessity,
        diff.spf_note.as_deref(),
    )?;
    for notice in &diff.spf_notices {
        writeln!(f, "; {}", OneLine(&notice.to_string()))?;
    }
    match &diff.spf {
        SpfChange::Replace { current, .. } => writeln!(f, "; REPLACE {}", diff.txt(current))?,
        SpfChange::Blocked { current, problem } => {
            writeln!(f, "; {}", OneLine(problem))?;
            for record in current {
                writeln!(f, "; is now {} TXT \"{}\"", diff.owner, OneLine(record))?;
            }
        }
        SpfChange::Unknown(error) => writeln!(f, "; not known: {}", OneLine(&error.to_string()))?,
        SpfChange::Awaiting => writeln!(f, "; awaits a value")?,
        SpfChange::New { .. } | SpfChange::NotNeeded | SpfChange::Present { .. } => {}
    }
    match diff.spf_record() {
        Some(record) => writeln!(f, "{record}"),
        None => Ok(()),
    }
}
