//! Signatures a second, as the bench measured them.

use std::collections::BTreeMap;

use crate::drawing::{BLUE, Drawing, FAINT, INK, PALE};

const BAR: f64 = 18.0;
const NAMES: f64 = 170.0;
const LONGEST: f64 = 360.0;

/// The bars of one key, and the case of the bench that each is of.
const KEYS: [(&str, [(&str, &str); 4]); 2] = [
    (
        "RSA-2048",
        [
            ("the key alone", "raw key operation/rsa-2048"),
            ("mail of 2 KB", "sign 2 KB/rsa-2048"),
            ("mail of 12 KB", "sign 12 KB/rsa-2048"),
            ("mail of 200 KB", "sign 200 KB/rsa-2048"),
        ],
    ),
    (
        "Ed25519",
        [
            ("the key alone", "raw key operation/ed25519"),
            ("mail of 2 KB", "sign 2 KB/ed25519"),
            ("mail of 12 KB", "sign 12 KB/ed25519"),
            ("mail of 200 KB", "sign 200 KB/ed25519"),
        ],
    ),
];

pub(crate) fn picture(output: &str, machine: &str) -> Result<String, String> {
    let seconds = times(output);
    let mut drawing = Drawing::default();
    let head = "DKIM signatures a second, on one core";
    drawing.text([16.0, 28.0], INK, head);
    drawing.text([16.0, 46.0], FAINT, machine);
    let mut y = 78.0;
    for (key, cases) in KEYS {
        drawing.text([16.0, y], INK, key);
        y += 10.0;
        let mut raw = None;
        for (name, case) in cases {
            let time = seconds.get(case);
            let rate = 1.0 / time.ok_or_else(|| format!("the bench says nothing of {case:?}"))?;
            let whole = *raw.get_or_insert(rate);
            let share = rate / whole;
            let fill = if share < 1.0 || name.starts_with("mail") {
                BLUE
            } else {
                PALE
            };
            drawing.text([28.0, y + BAR - 5.0], INK, name);
            drawing.rectangle([NAMES, y], [(LONGEST * share).max(2.0), BAR], fill, fill);
            let label = format!("{} ({:.0} %)", thousands(rate), 100.0 * share);
            drawing.text([NAMES + LONGEST * share + 8.0, y + BAR - 5.0], INK, &label);
            y += BAR + 6.0;
        }
        y += 30.0;
    }
    Ok(drawing.finish(head))
}

/// Seconds for each case, from criterion's lines: a name, and in the same line or the next `time: [low middle high]`.
fn times(output: &str) -> BTreeMap<String, f64> {
    let mut times = BTreeMap::new();
    let mut name = "";
    for line in output.lines() {
        let Some((before, after)) = line.split_once("time:") else {
            name = line.trim();
            continue;
        };
        let case = if before.trim().is_empty() {
            name
        } else {
            before.trim()
        };
        let mut words = after
            .trim()
            .trim_matches(['[', ']'])
            .split_whitespace()
            .skip(2);
        let number = words.next().and_then(|number| number.parse::<f64>().ok());
        let unit = match words.next() {
            Some("ns") => 1e-9,
            Some("µs") => 1e-6,
            Some("ms") => 1e-3,
            _ => continue,
        };
        if let Some(number) = number {
            times.insert(case.to_owned(), number * unit);
        }
    }
    times
}

/// `12 345`.
fn thousands(rate: f64) -> String {
    let digits = format!("{rate:.0}");
    let head = digits.len() % 3;
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 3 == head % 3 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}
