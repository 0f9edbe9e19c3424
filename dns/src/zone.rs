//! Records in memory, as a resolver: for tests and simulations.
//!
//! The text form is the master file of [RFC 1035 §5.1](https://www.rfc-editor.org/rfc/rfc1035#section-5.1), read as
//! octets:
//!
//! - names and strings hold any octet, as `\X` or `\DDD`; strings are quoted or not; comments; parentheses across lines;
//! - an entry that begins with white space belongs to the owner before it;
//! - time to live and class come in either order and may both be missing. Times take units (`1h30m`). A missing time to
//!   live is that of `$TTL` ([RFC 2308 §4](https://www.rfc-editor.org/rfc/rfc2308#section-4)), without one the last
//!   time to live that was written, and at first [`Zone::DEFAULT_TTL`];
//! - `$ORIGIN`, `$TTL` and `@` are understood; `$INCLUDE` is refused, because reading a zone opens no files;
//! - A, AAAA, CNAME, MX, NS, PTR, SOA and TXT have their own form. SPF (type 99) is read as strings like TXT and kept as
//!   octets. Every other type, and each of these too, takes the generic form `\# length hex` of
//!   [RFC 3597 §5](https://www.rfc-editor.org/rfc/rfc3597#section-5), and a type without mnemonic is `TYPEnnn`;
//! - a comment line `;fault NAME TYPE servfail`, or with `timeout` or `nxdomain`, makes that lookup fail;
//!   the type ANY stands for all.
//!
//! Only class IN is known. There are no zone cuts: a [`Zone`] may hold the names of many domains, and NS records are
//! data like any other.

mod error;
mod fields;
mod lexer;
mod lookup;
mod name_hasher;
mod reader;
mod record_reader;
mod record_set;
#[cfg(test)]
mod tests;
mod time;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::hash::BuildHasherDefault;
use std::str::FromStr;

pub use self::error::{ZoneError, ZoneErrorKind};
use self::name_hasher::NameHasher;
use self::record_set::RecordSet;
use crate::name::Name;
use crate::record::{Record, RecordData, RecordType};
use crate::wire;

/// Records in memory, and faults on demand; a [`Resolver`](crate::Resolver) that never waits.
///
/// A name does not exist only if neither it nor any name below it has a record
/// ([RFC 8020](https://www.rfc-editor.org/rfc/rfc8020)). Wildcards follow
/// [RFC 4592](https://www.rfc-editor.org/rfc/rfc4592). Aliases are followed for up to [`Zone::MAX_ALIASES`] steps; more,
/// and a loop, is a temporary failure. Where a name has several CNAMEs, the first in canonical order counts. The time to
/// live of an answer is the lowest on the way to it; that of an answer without records comes from the nearest SOA
/// record above the name, zero if there is none.
///
/// `Display` writes one record a line with absolute names, then the faults; reading that back gives the same zone.
///
/// ```
/// use letterhead_dns::{Name, RecordType, Resolver, Zone, block_on_ready};
///
/// let zone: Zone = r#"
/// $ORIGIN example.org.
/// @     300 IN MX  10 mail
/// mail  300 IN A   192.0.2.1
/// *.dyn 300 IN TXT "v=spf1 -all"
/// ;fault broken TXT servfail
/// "#
/// .parse()?;
/// let name: Name = "host.dyn.example.org".parse()?;
/// let answer = block_on_ready(zone.lookup(&name, RecordType::TXT)).expect("ready at once")?;
/// assert_eq!(answer.texts().next().as_deref(), Some(&b"v=spf1 -all"[..]));
///
/// let broken: Name = "broken.example.org".parse()?;
/// let failure = block_on_ready(zone.lookup(&broken, RecordType::TXT)).expect("ready at once");
/// assert!(failure.is_err_and(|error| error.is_temporary()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Zone {
    /// No node and no set in it is empty.
    nodes: HashMap<Name, Node, BuildHasherDefault<NameHasher>>,
    /// The names of the nodes in canonical order, so that what is below a name follows it.
    order: BTreeSet<Name>,
    faults: BTreeMap<Name, BTreeMap<RecordType, Fault>>,
}

/// The records of one name.
type Node = BTreeMap<RecordType, RecordSet>;

/// What goes wrong when a name is looked up.
///
/// Either way the lookup fails at once with [`LookupErrorKind::Temporary`](crate::LookupErrorKind::Temporary); the fault
/// is the source of that error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The server says that it failed.
    #[error("the server failed (SERVFAIL)")]
    ServFail,
    /// No answer comes.
    #[error("no answer came in time")]
    Timeout,
    /// The server says that the name does not exist, whatever stands there.
    #[error("the server says that there is no such name (NXDOMAIN)")]
    NoSuchName,
}

impl Zone {
    /// The time to live, in seconds, of records in a text that has not named one yet.
    pub const DEFAULT_TTL: u32 = 3600;

    /// How many aliases a lookup follows.
    pub const MAX_ALIASES: usize = 8;

    /// A zone without records: every name is unknown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads master-file text; relative names are completed with the root until `$ORIGIN` says otherwise.
    ///
    /// # Errors
    ///
    /// The first entry that cannot be read, with its line.
    pub fn parse(text: &[u8]) -> Result<Self, ZoneError> {
        Self::parse_with_origin(text, &Name::ROOT)
    }

    /// Reads master-file text; relative names are completed with `origin` until `$ORIGIN` says otherwise.
    ///
    /// # Errors
    ///
    /// The first entry that cannot be read, with its line.
    pub fn parse_with_origin(text: &[u8], origin: &Name) -> Result<Self, ZoneError> {
        reader::read(text, origin)
    }

    /// Adds a record. The same name, type and value twice is one record with the later time to live.
    ///
    /// [`RecordData::Unknown`] of a type that has a variant of its own becomes that variant if the octets are valid for
    /// it. Otherwise it stays, and looking it up fails as malformed.
    pub fn insert(&mut self, mut record: Record) {
        if let RecordData::Unknown {
            record_type,
            octets,
        } = &record.data
            && let Some(known) = wire::decode(*record_type, octets)
        {
            record.data = known;
        }
        self.node_mut(&record.name)
            .entry(record.data.record_type())
            .or_default()
            .insert(record);
    }

    /// Takes out the records of this type at this very name.
    pub fn remove(&mut self, name: &Name, record_type: RecordType) -> Vec<Record> {
        let Some(node) = self.nodes.get_mut(name) else {
            return Vec::new();
        };
        let removed = node.remove(&record_type).unwrap_or_default();
        if node.is_empty() {
            self.nodes.remove(name);
            self.order.remove(name);
        }
        removed.into_records().collect()
    }

    /// The records in canonical order: by name, type and value
    /// ([RFC 4034 §6](https://www.rfc-editor.org/rfc/rfc4034#section-6)).
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.order
            .iter()
            .filter_map(|name| self.nodes.get(name))
            .flat_map(BTreeMap::values)
            .flat_map(RecordSet::records)
    }

    /// Whether there are records of this type, or a fault, at this very name.
    #[must_use]
    pub fn has(&self, name: &Name, record_type: RecordType) -> bool {
        self.nodes
            .get(name)
            .is_some_and(|types| types.contains_key(&record_type))
            || self.fault(name, record_type).is_some()
    }

    /// Makes the lookup of this type at this very name fail, also when an alias leads there; with [`RecordType::ANY`] the
    /// lookups of all types. Other types of the name are not affected, and the name comes into existence by its records
    /// only.
    pub fn set_fault(&mut self, name: Name, record_type: RecordType, fault: Fault) {
        self.faults
            .entry(name)
            .or_default()
            .insert(record_type, fault);
    }

    /// Ends a fault, and returns it if there was one.
    pub fn clear_fault(&mut self, name: &Name, record_type: RecordType) -> Option<Fault> {
        let types = self.faults.get_mut(name)?;
        let fault = types.remove(&record_type);
        if types.is_empty() {
            self.faults.remove(name);
        }
        fault
    }

    /// The faults set, by name and type.
    pub fn faults(&self) -> impl Iterator<Item = (&Name, RecordType, Fault)> {
        self.faults.iter().flat_map(|(name, types)| {
            types
                .iter()
                .map(move |(record_type, fault)| (name, *record_type, *fault))
        })
    }

    /// Adds the records and faults of another zone; where both have a fault for a name and type, the other's holds.
    pub fn extend(&mut self, other: Self) {
        for (name, node) in other.nodes {
            let own = self.node_mut(&name);
            for (record_type, records) in node {
                own.entry(record_type).or_default().extend(records);
            }
        }
        for (name, types) in other.faults {
            self.faults.entry(name).or_default().extend(types);
        }
    }

    fn node_mut(&mut self, name: &Name) -> &mut Node {
        self.order.insert(name.clone());
        self.nodes.entry(name.clone()).or_default()
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for record in self.records() {
            writeln!(f, "{record}")?;
        }
        for (name, record_type, fault) in self.faults() {
            let keyword = match fault {
                Fault::ServFail => SERVFAIL,
                Fault::Timeout => TIMEOUT,
                Fault::NoSuchName => NXDOMAIN,
            };
            writeln!(f, ";fault {name} {record_type} {keyword}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zone ")?;
        f.debug_list().entries(self.to_string().lines()).finish()
    }
}

const SERVFAIL: &str = "servfail";
const TIMEOUT: &str = "timeout";
const NXDOMAIN: &str = "nxdomain";
