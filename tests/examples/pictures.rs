//! `pictures`: what the documents show is what is drawn.

use std::fs;
use std::path::Path;

use crate::{run, run_with};

#[test]
fn the_tree_of_records_in_the_documents_is_the_one_that_is_drawn() {
    let drawn = Path::new(env!("CARGO_TARGET_TMPDIR")).join("spf-tree.svg");
    let output = run("pictures", &["--spf", drawn.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let shown = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures/spf-tree.svg");
    assert!(
        fs::read_to_string(drawn).unwrap() == fs::read_to_string(shown).unwrap(),
        "run `cargo run --example pictures -- --spf docs/pictures/spf-tree.svg`"
    );
}

/// As criterion prints it: a name and a time in one line, or in two where the name is long.
fn measured() -> String {
    let short = ["raw key operation/rsa-2048", "sign 2 KB/rsa-2048"];
    let long = ["sign 12 KB/rsa-2048", "sign 200 KB/rsa-2048"];
    let short: String = short
        .iter()
        .map(|name| format!("{name}  time:   [249.0 µs 250.0 µs 251.0 µs]\n"))
        .collect();
    let long: String = long
        .iter()
        .map(|name| format!("{name}\n      time:   [0.4 ms 0.5 ms 0.6 ms]\n"))
        .collect();
    let other = short
        .replace("rsa-2048", "ed25519")
        .replace("250.0 µs", "6.25 µs")
        + &long.replace("rsa-2048", "ed25519");
    format!("Benchmarking\n{short}{long}{other}")
}

#[test]
fn signatures_a_second_are_drawn_as_the_bench_measured_them() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("signing.svg");
    let arguments = [
        "--signing",
        file.to_str().unwrap(),
        "--machine",
        "a machine",
    ];
    let output = run_with("pictures", &arguments, measured().as_bytes());
    assert!(output.status.success(), "{output:?}");
    let drawn = fs::read_to_string(file).unwrap();
    for text in [
        "a machine",
        "4 000 (100 %)",
        "2 000 (50 %)",
        "160 000 (100 %)",
        "2 000 (1 %)",
    ] {
        assert!(drawn.contains(text), "{text} is not in {drawn}");
    }
}

#[test]
fn what_is_no_output_of_the_bench_is_told_and_draws_nothing() {
    let whole = measured();
    let cut = whole.split_once("sign 200 KB").unwrap().0;
    for measured in ["", cut] {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-signing.svg");
        let arguments = ["--signing", file.to_str().unwrap(), "--machine", "none"];
        let output = run_with("pictures", &arguments, measured.as_bytes());
        assert!(!output.status.success(), "{output:?}");
        assert!(!file.exists());
    }
}
