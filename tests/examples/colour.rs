//! Colours go to a terminal, and to nothing else.

use std::process::Command;

use crate::{example, run, text};

const ARGUMENTS: [&str; 6] = [
    "--zone",
    "examples/policies.zone",
    "--ip",
    "192.0.2.10",
    "--mail-from",
    "ada@yourcompany.example",
];

/// What the example prints on a terminal, which `script` of util-linux makes; `None` where it is missing.
fn on_a_terminal(name: &str, arguments: &[&str], no_colour: &str) -> Option<String> {
    let command = format!("{} {}", example(name).display(), arguments.join(" "));
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("NO_COLOR", no_colour)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output();
    match output {
        Ok(output) => Some(text(&output.stdout).to_owned()),
        Err(_) => {
            eprintln!("skipped: script of util-linux is not installed");
            None
        }
    }
}

#[test]
fn a_verdict_has_its_colour_on_a_terminal_only() {
    let piped = run("check_host", &ARGUMENTS);
    assert!(text(&piped.stdout).starts_with("result: pass\n"));
    let Some(shown) = on_a_terminal("check_host", &ARGUMENTS, "") else {
        return;
    };
    assert!(shown.contains("result: \x1b[32mpass\x1b[0m"), "{shown}");
    let without = shown.replace("\x1b[32m", "").replace("\x1b[0m", "");
    assert_eq!(without.replace("\r\n", "\n"), text(&piped.stdout));
    let plain = on_a_terminal("check_host", &ARGUMENTS, "1").unwrap_or_default();
    assert!(!plain.contains('\x1b'), "{plain}");
}
