//! What is to be published, as a master file.

use std::fmt;

use letterhead_dns::Record;

use super::{DiffRow, DnsDiff, SpfChange, Status, Superfluous};
use crate::dns_plan::{PlannedData, TTL, write_heading, write_notices};
use crate::one_line::OneLine;
use crate::profile::Purpose;

pub(super) struct ZoneText<'a>(pub(super) &'a DnsDiff);

impl fmt::Display for ZoneText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // They are about the SPF terms.
        if !is_settled(self.0) {
            write_notices(f, &self.0.plan.notices)?;
        }
        for row in self.0.rows() {
            write_row(f, row)?;
        }
        write_spf(f, self.0)?;
        self.0
            .superfluous()
            .iter()
            .try_for_each(|extra| write_superfluous(f, extra))
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
    if let Some(problem) = &row.problem {
        writeln!(f, "; {}", OneLine(problem))?;
    }
    match &row.status {
        Status::Unknown(error) => {
            writeln!(f, "; not known: {}", OneLine(&error.to_string()))?;
            writeln!(f, "; {record}")?;
        }
        Status::Wrong(found) | Status::Conflicting(found) => {
            let what = if row.publish.is_some() {
                "REPLACE"
            } else {
                "is now"
            };
            for data in found {
                let present = Record::new(record.name.clone(), TTL, data.clone());
                writeln!(f, "; {what} {present}")?;
            }
        }
        Status::Present | Status::Missing | Status::Awaiting => {}
    }
    match &row.publish {
        Some(record) => writeln!(f, "{record}"),
        None => Ok(()),
    }
}

fn is_settled(diff: &DnsDiff) -> bool {
    matches!(diff.spf, SpfChange::NotNeeded)
        || matches!(diff.spf, SpfChange::Present { .. }) && diff.spf_notices.is_empty()
}

fn write_spf(f: &mut fmt::Formatter<'_>, diff: &DnsDiff) -> fmt::Result {
    if is_settled(diff) {
        return Ok(());
    }
    let plan = &diff.plan;
    write_heading(f, Purpose::Spf, plan.spf_necessity(), plan.spf_note())?;
    for notice in &diff.spf_notices {
        writeln!(f, "; {}", OneLine(&notice.to_string()))?;
    }
    match &diff.spf {
        SpfChange::Replace { current, .. } => writeln!(f, "; REPLACE {}", diff.txt(current))?,
        SpfChange::Blocked { current, problem } => {
            writeln!(f, "; {}", OneLine(problem))?;
            for record in current {
                writeln!(f, "; is now {} TXT \"{}\"", diff.owner(), OneLine(record))?;
            }
        }
        SpfChange::Unknown(error) => writeln!(f, "; not known: {}", OneLine(&error.to_string()))?,
        SpfChange::Awaiting => {
            for term in &plan.spf {
                writeln!(
                    f,
                    "; merge into the SPF record of {}: {}",
                    plan.domain, term.text
                )?;
            }
        }
        SpfChange::New { .. } | SpfChange::NotNeeded | SpfChange::Present { .. } => {}
    }
    match diff.spf_record() {
        Some(record) => writeln!(f, "{record}"),
        None => Ok(()),
    }
}

fn write_superfluous(f: &mut fmt::Formatter<'_>, extra: &Superfluous) -> fmt::Result {
    writeln!(
        f,
        "; {}, superfluous: {}",
        extra.purpose,
        OneLine(&extra.note)
    )?;
    writeln!(
        f,
        "; is now {} TXT \"{}\"",
        extra.name,
        OneLine(&extra.text)
    )
}
