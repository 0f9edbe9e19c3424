//! Values that records are made of.

use std::collections::BTreeMap;

use crate::profile::id::ProfileId;

/// Values that records are made of: name to one value, or several where there is a record for each.
pub type Values = BTreeMap<String, Vec<String>>;

/// The longest value in octets: several times the key record of the largest RSA key that can sign.
pub const MAX_VALUE: usize = 4096;

/// Checks values that come from outside, so that each stays within its record and within its line of zone-file text.
///
/// # Errors
///
/// The first value that is empty, too long, or not printable ASCII.
pub fn check_values(values: &Values) -> Result<(), ValueError> {
    values.iter().try_for_each(|(name, several)| {
        several
            .iter()
            .try_for_each(|value| check_value(name, value))
    })
}

fn check_value(name: &str, value: &str) -> Result<(), ValueError> {
    let name = || name.escape_debug().to_string();
    if value.is_empty() {
        return Err(ValueError::Empty { name: name() });
    }
    if value.len() > MAX_VALUE {
        return Err(ValueError::TooLong {
            name: name(),
            octets: value.len(),
        });
    }
    match value
        .bytes()
        .position(|octet| !matches!(octet, b' '..=b'~'))
    {
        Some(offset) => Err(ValueError::NotPrintable {
            name: name(),
            offset,
        }),
        None => Ok(()),
    }
}

/// Why text is no value for a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The profile's records are not made of anything of this name.
    #[error("{profile} knows no value named {name}; it knows: {}", known.join(", "))]
    UnknownName {
        /// The profile.
        profile: ProfileId,
        /// What was given.
        name: String,
        /// The names it knows.
        known: Vec<String>,
    },
    /// Not as many as there must be.
    #[error("{given} values of {name} were given, and there must be {expected}")]
    WrongCount {
        /// The value's name.
        name: String,
        /// How many there must be.
        expected: usize,
        /// How many there are.
        given: usize,
    },
    /// Of several different ones, two are the same.
    #[error("the value {value} of {name} is given twice, and all of them must differ")]
    Repeated {
        /// The value's name.
        name: String,
        /// What is there twice.
        value: String,
    },
    /// There is nothing in it.
    #[error("a value of {name} is empty; leave it out until it is known")]
    Empty {
        /// The value's name.
        name: String,
    },
    /// More than [`MAX_VALUE`] octets.
    #[error("a value of {name} has {octets} octets, and at most {MAX_VALUE} are allowed")]
    TooLong {
        /// The value's name.
        name: String,
        /// How many there are.
        octets: usize,
    },
    /// A control character, a line end or something outside ASCII.
    #[error(
        "a value of {name} has something at octet {offset} that is not printable ASCII; names are written in A-labels"
    )]
    NotPrintable {
        /// The value's name.
        name: String,
        /// Counted from 0.
        offset: usize,
    },
}
