//! The table of requirements: every row is there, and what it points to exists.

use std::collections::BTreeMap;
use std::path::Path;

/// The rows that state prose, with nothing in them that could be computed or refused.
const PROSE: &[&str] = &[
    "Z0-07", "Z1-07", "Z2-01", "ZD-02", "ZD-07", "ZD-37", "OC-02", "OC-04", "OC-09", "OC-19",
    "OC-53", "OC-71",
];

/// Every id there is: a prefix, the last number, and how many digits a number has.
const SERIES: &[(&str, usize, usize)] = &[
    ("Z0-", 41, 2),
    ("Z1-", 31, 2),
    ("Z2-", 11, 2),
    ("ZD-", 72, 2),
    ("OC-", 74, 2),
    ("OC-E", 22, 2),
    ("OC-C", 9, 1),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(root().join(path)).ok()
}

struct Row {
    demand: String,
    place: String,
    shown_by: String,
}

fn rows() -> BTreeMap<String, Row> {
    let text = read("docs/requirements.md").expect("docs/requirements.md is there");
    let mut rows = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", id, demand, place, shown_by, ""] = cells.as_slice() else {
            continue;
        };
        if !SERIES.iter().any(|(prefix, ..)| id.starts_with(prefix)) {
            continue;
        }
        let row = Row {
            demand: (*demand).to_owned(),
            place: (*place).to_owned(),
            shown_by: (*shown_by).to_owned(),
        };
        assert!(
            rows.insert((*id).to_owned(), row).is_none(),
            "{id} is there twice"
        );
    }
    rows
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_row_is_there_once() {
    let rows = rows();
    let mut wanted = Vec::new();
    for (prefix, last, digits) in SERIES {
        wanted.extend((1..=*last).map(|number| format!("{prefix}{number:0digits$}")));
    }
    let missing: Vec<&String> = wanted.iter().filter(|id| !rows.contains_key(*id)).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    let unknown: Vec<&String> = rows.keys().filter(|id| !wanted.contains(id)).collect();
    assert!(unknown.is_empty(), "unknown: {unknown:?}");
    for (id, row) in &rows {
        assert!(!row.demand.is_empty(), "{id} does not say what it asks");
    }
}

#[test]
fn every_place_exists() {
    for (id, row) in rows() {
        let mut places = quoted(&row.place).peekable();
        assert!(
            places.peek().is_some(),
            "{id} does not say where it is done"
        );
        for place in places {
            assert!(root().join(place).exists(), "{id}: there is no {place}");
        }
    }
}

#[test]
fn every_test_exists_and_only_prose_has_none() {
    for (id, row) in rows() {
        if row.shown_by == "only documented" {
            assert!(PROSE.contains(&id.as_str()), "{id} needs a test");
            continue;
        }
        assert!(
            !PROSE.contains(&id.as_str()),
            "{id} has a test; it is not only prose"
        );
        let mut tests = quoted(&row.shown_by).peekable();
        assert!(tests.peek().is_some(), "{id} names no test");
        for test in tests {
            let (path, name) = test
                .split_once("::")
                .unwrap_or_else(|| panic!("{id}: {test} is not path::name"));
            let text = read(path).unwrap_or_else(|| panic!("{id}: there is no {path}"));
            let function = format!("fn {name}(");
            let at = text
                .find(&function)
                .unwrap_or_else(|| panic!("{id}: {path} has no {name}"));
            let before = &text[..at];
            let attributes = &before[before.rfind("\n\n").unwrap_or(0)..];
            let is_test = attributes.contains("test]") || before.contains("proptest!");
            assert!(is_test, "{id}: {test} is not a test");
        }
    }
}
