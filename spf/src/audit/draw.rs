//! The tree of a policy as text.

use std::fmt;

use super::{Audit, Branch};
use crate::address_set::AddressSet;
use crate::limits::Limits;

/// One line of totals, then each record with its terms, two spaces a level.
impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cost, limits) = (self.tree.cost, Limits::default());
        writeln!(
            f,
            "{}: {} of {} lookups; void lookups of {}: {} for IPv4, {} for IPv6; authorised: {}{}",
            self.domain,
            cost.lookups,
            limits.lookups(),
            limits.void_lookups(),
            cost.void_ip4,
            cost.void_ip6,
            Amount(self.authorised()),
            if self.depends_on_sender() {
                ", and more or fewer depending on the sender"
            } else {
                ""
            }
        )?;
        self.tree.draw(f, 2)
    }
}

impl Branch {
    fn draw(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        write!(f, "{:indent$}{}: ", "", self.domain.escape_debug())?;
        match (&self.record, &self.problem) {
            (Some(record), _) => {
                write!(f, "{} octets", record.as_str().len())?;
                if self.strings() > 1 {
                    write!(f, " in {} strings", self.strings())?;
                }
                if self.text_octets() > record.as_str().len() {
                    write!(f, ", {} at the name", self.text_octets())?;
                }
                writeln!(f, " \"{record}\"")?;
            }
            (None, Some(problem)) => writeln!(f, "{problem}")?,
            (None, None) => writeln!(f, "no record")?,
        }
        let indent = indent + 2;
        for term in &self.terms {
            write!(f, "{:indent$}{}", "", self.text_of(term))?;
            if let Some(provider) = term.provider {
                write!(f, " ({})", provider.name)?;
            }
            let mut between = ": ";
            if term.cost.lookups > 0 {
                let plural = if term.cost.lookups == 1 { "" } else { "s" };
                write!(f, ": {} lookup{plural}", term.cost.lookups)?;
                between = ", ";
            }
            let void = (term.cost.void_ip4, term.cost.void_ip6);
            if void != (0, 0) {
                write!(f, "{between}{} void for IPv4, {} for IPv6", void.0, void.1)?;
                between = ", ";
            }
            if !term.addresses.is_empty() {
                write!(f, "{between}{}", Amount(&term.addresses))?;
                between = ", ";
            }
            if term.depends_on_sender {
                write!(f, "{between}depends on the sender")?;
                between = ", ";
            }
            if let Some(problem) = &term.problem {
                write!(f, "{between}{problem}")?;
            }
            writeln!(f)?;
            if let Some(nested) = &term.nested {
                nested.draw(f, indent + 2)?;
            }
        }
        Ok(())
    }
}

/// How many addresses a set has. IPv6 addresses are counted by networks: their number says nothing to anybody.
struct Amount<'a>(&'a AddressSet);

impl fmt::Display for Amount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all_ip4 = self.0.covers(&AddressSet::all_ip4());
        let all_ip6 = self.0.covers(&AddressSet::all_ip6());
        if all_ip4 && all_ip6 {
            return f.write_str("every address");
        }
        let ip4 = match self.0.ip4_count() {
            0 => String::new(),
            _ if all_ip4 => String::from("every IPv4 address"),
            1 => String::from("1 IPv4 address"),
            count => format!("{count} IPv4 addresses"),
        };
        let ip6 = match self.0.ip6_networks().count() {
            0 => String::new(),
            _ if all_ip6 => String::from("every IPv6 address"),
            1 => String::from("1 IPv6 network"),
            count => format!("{count} IPv6 networks"),
        };
        match (ip4.is_empty(), ip6.is_empty()) {
            (true, true) => f.write_str("no address"),
            (false, false) => write!(f, "{ip4}, {ip6}"),
            _ => write!(f, "{ip4}{ip6}"),
        }
    }
}
