//! A capacity plan for people.

use std::fmt;
use std::time::Duration;

use super::{CapacityPlan, CapacityRow, NotKnown, Quantity, Verdict};
use crate::profile::Amount;

/// A table: one line a limit, those that would be passed with the events that need most of it.
impl fmt::Display for CapacityPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.profile)?;
        if let Some(tier) = &self.tier {
            write!(f, ", {tier}")?;
        }
        writeln!(f)?;
        let mut lines = vec![["limit", "planned", "verdict", "source"].map(str::to_owned)];
        lines.extend(self.rows.iter().map(cells));
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths = [width(0), width(1), width(2)];
        for [limit, planned, verdict, source] in &lines {
            let [first, second, third] = widths;
            let line = format!("{limit:first$}  {planned:>second$}  {verdict:third$}  {source}");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn cells(row: &CapacityRow) -> [String; 4] {
    let source = row.source.as_ref();
    [
        row.limit(),
        row.planned.to_string(),
        row.outcome(),
        source.map_or_else(String::new, |source| {
            format!("{} as of {}", source.url, source.as_of)
        }),
    ]
}

impl CapacityRow {
    /// `2000 messages in 24 hours (user)`; with no number, `messages in 24 hours: unknown (user)`.
    fn limit(&self) -> String {
        let (unit, window, per) = (self.unit, self.window, self.per);
        match self.maximum {
            Amount::Known(maximum) => format!("{maximum} {unit} {window} ({per})"),
            Amount::Unlimited | Amount::Unknown => {
                format!("{unit} {window}: {} ({per})", self.maximum)
            }
        }
    }

    fn outcome(&self) -> String {
        match self.verdict {
            Verdict::Within => "within".to_owned(),
            Verdict::ByTransport => "kept by the transport".to_owned(),
            Verdict::Unknown {
                because: NotKnown::Limit,
            } => "unknown: the limit is not known".to_owned(),
            Verdict::Unknown {
                because: NotKnown::Plan,
            } => "unknown: the plan does not say".to_owned(),
            Verdict::Over {
                by,
                reached_after,
                takes_at_limit,
            } => {
                let mut text = format!("over by {by}");
                if let Some(after) = reached_after {
                    text += &format!(", reached after {}", Time(after));
                    text += &match takes_at_limit {
                        Some(time) => format!(", takes {} at the limit", Time(time)),
                        None => ", never done at the limit".to_owned(),
                    };
                }
                text + &self.causes()
            }
        }
    }

    /// The events that have a share, the largest first.
    fn causes(&self) -> String {
        let amount = |quantity: Quantity| match quantity {
            Quantity::Exactly(amount) | Quantity::AtMost(amount) => amount,
            Quantity::NotKnown => 0,
        };
        let mut shares: Vec<_> = self.events.iter().collect();
        shares.retain(|share| amount(share.planned) > 0);
        shares.sort_by_key(|share| std::cmp::Reverse(amount(share.planned)));
        let shares: Vec<String> = shares
            .iter()
            .map(|share| format!("{} {}", share.event, share.planned))
            .collect();
        format!(" ({})", shares.join(", "))
    }
}

/// The limit, what is planned under it, and what comes of that, in one line.
impl fmt::Display for CapacityRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [limit, planned, outcome, source] = cells(self);
        write!(f, "{limit}: {planned} planned, {outcome}; {source}")
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(amount) => amount.fmt(f),
            Self::AtMost(amount) => f.pad(&format!("at most {amount}")),
            Self::NotKnown => f.pad("not said"),
        }
    }
}

/// A length of time by its two largest units: `2 d 3 h`.
struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_secs();
        let mut parts = Vec::new();
        for (length, unit) in [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")] {
            if rest / length > 0 {
                parts.push(format!("{} {unit}", rest / length));
                rest %= length;
            }
        }
        parts.truncate(2);
        if parts.is_empty() {
            return f.write_str("less than 1 s");
        }
        f.write_str(&parts.join(" "))
    }
}
