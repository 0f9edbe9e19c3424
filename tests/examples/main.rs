//! The examples that are commands write what their users' scripts read.

mod colour;
mod dkim;
mod dmarc;
mod dns_plan;
mod pictures;
mod preflight;
mod read_report;
mod send;
mod simulator;
mod spf;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// The example, which `cargo test` builds beside the tests. With `--test` it builds none.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test runs from a file");
    let folder = test.ancestors().nth(2).expect("target/debug/deps");
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = folder.join("examples").join(file);
    assert!(
        path.exists(),
        "{} is not built; run `cargo test` without `--test`, or `cargo build --examples` first",
        path.display()
    );
    path
}

/// Runs it at the top of the checkout, with nothing on standard input.
fn run(name: &str, arguments: &[&str]) -> Output {
    run_with(name, arguments, b"")
}

fn run_with(name: &str, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(example(name))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // One that ends with a usage error does not read it.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("the example ends")
}

fn text(octets: &[u8]) -> &str {
    str::from_utf8(octets).expect("text")
}

#[test]
fn every_command_says_what_it_does() {
    for name in [
        "check_host",
        "dkim_keygen",
        "dkim_sign",
        "dkim_verify",
        "dmarc_check",
        "dns_plan",
        "preflight",
        "read_report",
        "send",
        "simulator",
        "spf_advise",
    ] {
        let output = run(name, &["--help"]);
        assert_eq!(output.status.code(), Some(0), "{name}");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(
            text.starts_with(&format!("usage: {name} ")),
            "{name}: {text}"
        );
        assert!(output.stderr.is_empty(), "{name}");
    }
}
