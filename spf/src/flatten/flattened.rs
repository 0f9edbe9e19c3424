//! A policy after it was flattened.

use std::fmt;
use std::time::Duration;

use letterhead_dns::{DomainName, Txt};

/// A flattened policy. `Display` writes it as a master file in the order in which to publish it, the risk as a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flattened {
    /// The record of the domain. Publish it after the parts, or it includes what is not there.
    pub record: FlatRecord,
    /// The records that it includes.
    pub parts: Vec<FlatRecord>,
    /// How many terms count as lookups in the worst case, as published.
    pub lookups_before: usize,
    /// How many would count with these records.
    pub lookups: usize,
    /// Terms that stay: what they match depends on the sender, or they were to be kept.
    pub kept: Vec<String>,
    /// What is left out: terms that match nobody, and explanations that another record would give in its own name.
    pub dropped: Vec<String>,
    /// Names below the domain that its record includes now and will not any more. Remove them some days later.
    pub obsolete: Vec<DomainName>,
    /// The shortest time to live of what was copied; `None` where nothing was looked up but the record itself.
    pub refresh_within: Option<Duration>,
}

impl Flattened {
    /// The records in the order in which to publish them.
    pub fn records(&self) -> impl Iterator<Item = &FlatRecord> {
        self.parts.iter().chain([&self.record])
    }

    /// What to keep in mind when publishing this.
    #[must_use]
    pub fn risk(&self) -> String {
        match self.refresh_within {
            None => {
                String::from("nothing was copied from other names, so nothing can become outdated")
            }
            Some(ttl) => format!(
                "a copy of what the DNS said when it was made: publish it anew at least every {} seconds, the shortest time to live of what was copied, or mail from addresses that were added since will fail",
                ttl.as_secs()
            ),
        }
    }
}

impl fmt::Display for Flattened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "; {}", self.risk())?;
        for record in self.records() {
            for text in &record.replaces {
                writeln!(f, "; replaces \"{}\"", text.escape_debug())?;
            }
            // Resolvers may keep the copy for as long as the originals.
            let ttl = self
                .refresh_within
                .map_or(3600, |ttl| ttl.as_secs().max(60));
            let text = Txt::split(record.text.as_bytes());
            writeln!(f, "{} {ttl} IN TXT {text}", record.name.as_name())?;
        }
        for name in &self.obsolete {
            writeln!(f, "; {} is not needed after that", name.as_name())?;
        }
        Ok(())
    }
}

/// A record of a flattened policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlatRecord {
    /// Where to publish it.
    pub name: DomainName,
    /// Its text.
    pub text: String,
    /// The SPF records that are there now.
    pub replaces: Vec<String>,
}
