//! TOML with variables over it, and where each key stands.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::given::Given;
use super::{Place, SettingsError};

/// What the names of our variables begin with.
const PREFIX: &str = "LETTERHEAD__";

/// Keys whose value in a variable is the secret itself.
const SECRETS: [&str; 2] = ["password", "pem"];

/// Settings as text.
pub(super) struct Text<'t> {
    file: Option<&'t Path>,
    toml: &'t str,
    /// All that are Unicode; what a secret is in may have any name.
    variables: BTreeMap<String, String>,
    /// Ours that are not.
    unreadable: Option<String>,
}

impl<'t> Text<'t> {
    pub(super) fn new<K: Into<OsString>, V: Into<OsString>>(
        file: Option<&'t Path>,
        toml: &'t str,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let mut text = Self {
            file,
            toml,
            variables: BTreeMap::new(),
            unreadable: None,
        };
        for (name, value) in variables {
            let Ok(name) = name.into().into_string() else {
                continue;
            };
            match value.into().into_string() {
                Ok(value) => {
                    text.variables.insert(name, value);
                }
                Err(_) if name.starts_with(PREFIX) => text.unreadable = Some(name),
                Err(_) => {}
            }
        }
        text
    }

    /// A path that stands in the text.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        let directory = self.file.and_then(Path::parent);
        directory.map_or_else(|| path.to_owned(), |directory| directory.join(path))
    }

    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The settings, and where they stand.
    pub(super) fn read(&self) -> Result<(Given, Places<'_>), SettingsError> {
        let mut places = Places {
            text: self,
            variables: Vec::new(),
            keys: Vec::new(),
        };
        if let Some(name) = &self.unreadable {
            return Err(SettingsError::Wrong {
                place: Place::Variable {
                    name: name.clone(),
                    key: key_of(name).join("."),
                },
                problem: "it is not UTF-8".to_owned(),
            });
        }
        let parsed = DeTable::parse(self.toml);
        let mut table = parsed.map_err(|error| places.wrong_toml(&error))?;
        for (name, value) in &self.variables {
            if !name.starts_with(PREFIX) {
                continue;
            }
            let key = key_of(name);
            // Beyond the text, two positions for each variable: what it says, and the tables that it is in.
            let start = self.toml.len() + 1 + 2 * places.variables.len();
            places.variables.push((name, key.join(".")));
            if !put(table.get_mut(), &key, name, value, start) {
                let problem = "it is no key, or below one that is no table".to_owned();
                return Err(places.wrong_at(start, problem));
            }
        }
        index(table.get_ref(), "", &mut places.keys);
        match Given::deserialize(Deserializer::from(table)) {
            Ok(given) => Ok((given, places)),
            Err(error) => Err(places.wrong_toml(&error)),
        }
    }
}

/// The parts of the key that a variable stands for.
fn key_of(name: &str) -> Vec<String> {
    let parts = name.strip_prefix(PREFIX).unwrap_or(name).split("__");
    parts.map(str::to_ascii_lowercase).collect()
}

/// Puts a variable's value into the table; false where its key cannot be there.
fn put<'v>(
    table: &mut DeTable<'v>,
    key: &[String],
    name: &'v str,
    value: &'v str,
    start: usize,
) -> bool {
    let Some((first, rest)) = key.split_first().filter(|(first, _)| !first.is_empty()) else {
        return false;
    };
    // Variables have no hyphens: a key of the file that differs in these alone is meant.
    let hyphened = first.replace('_', "-");
    let there = table.keys().map(|key| key.get_ref().to_string());
    let own: Vec<String> = there
        .filter(|key| *key == *first || *key == hyphened)
        .collect();
    let own = own.into_iter().next_back().unwrap_or_else(|| first.clone());
    let (span, of_table) = (start..start + 1, start + 1..start + 2);
    let text = |text| Spanned::new(span.clone(), DeValue::String(Cow::Borrowed(text)));
    if rest.is_empty() {
        let value = if SECRETS.contains(&first.as_str()) {
            let mut place = DeTable::new();
            place.insert(Spanned::new(span.clone(), Cow::Borrowed("env")), text(name));
            Spanned::new(span.clone(), DeValue::Table(place))
        } else {
            text(value)
        };
        // The key itself is replaced as well, with its place.
        table.remove(own.as_str());
        table.insert(Spanned::new(span.clone(), Cow::Owned(own)), value);
        return true;
    }
    if !table.contains_key(own.as_str()) {
        let below = Spanned::new(of_table.clone(), DeValue::Table(DeTable::new()));
        table.insert(Spanned::new(of_table, Cow::Owned(own.clone())), below);
    }
    match table.get_mut(own.as_str()).map(Spanned::get_mut) {
        Some(DeValue::Table(below)) => put(below, rest, name, value, start),
        _ => false,
    }
}

/// Where each key's name and value stand, the outer ones first.
fn index(table: &DeTable<'_>, above: &str, keys: &mut Vec<(String, Range<usize>, Range<usize>)>) {
    for (name, value) in table {
        let key = match above {
            "" => name.get_ref().to_string(),
            _ => format!("{above}.{}", name.get_ref()),
        };
        keys.push((key.clone(), name.span(), value.span()));
        if let DeValue::Table(below) = value.get_ref() {
            index(below, &key, keys);
        }
    }
}

/// Where things stand.
pub(super) struct Places<'t> {
    text: &'t Text<'t>,
    /// The variables that are ours, with their keys.
    variables: Vec<(&'t str, String)>,
    /// Each key with where its name and its value stand.
    keys: Vec<(String, Range<usize>, Range<usize>)>,
}

impl Places<'_> {
    /// Something is wrong with the value of this key.
    pub(super) fn wrong(&self, key: &str, problem: impl Into<String>) -> SettingsError {
        let mut known = self.keys.iter();
        let start = known.find(|(known, ..)| known == key);
        self.wrong_with(
            start.map_or(0, |(_, name, _)| name.start),
            key,
            problem.into(),
        )
    }

    fn wrong_toml(&self, error: &toml::de::Error) -> SettingsError {
        let start = error.span().map_or(0, |span| span.start);
        self.wrong_at(start, error.message().to_owned())
    }

    /// Something is wrong at a position.
    fn wrong_at(&self, start: usize, problem: String) -> SettingsError {
        // The innermost key there; the table of a header has the header's place.
        let there = self
            .keys
            .iter()
            .filter(|(_, name, value)| name.contains(&start) || value.contains(&start));
        let closest = there.min_by_key(|(key, _, value)| (value.len(), usize::MAX - key.len()));
        let key = closest.map_or_else(String::new, |(key, ..)| key.clone());
        self.wrong_with(start, &key, problem)
    }

    fn wrong_with(&self, start: usize, key: &str, problem: String) -> SettingsError {
        let beyond = start.checked_sub(self.text.toml.len() + 1);
        let variable = beyond.and_then(|position| self.variables.get(position / 2));
        let place = match variable {
            Some((name, own)) => Place::Variable {
                name: (*name).to_owned(),
                key: if key.is_empty() { own } else { key }.to_owned(),
            },
            None => {
                let before = self.text.toml.get(..start).unwrap_or(self.text.toml);
                let last = before.rsplit('\n').next().unwrap_or_default();
                Place::Text {
                    file: self.text.file.map(Path::to_owned),
                    line: before.matches('\n').count() + 1,
                    column: last.chars().count() + 1,
                    key: key.to_owned(),
                }
            }
        };
        SettingsError::Wrong { place, problem }
    }
}
