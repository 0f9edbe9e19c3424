//! The commands `dkim_keygen`, `dkim_sign` and `dkim_verify`, and dkimpy where it is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{run, run_with, text};

/// A folder for the files of one test, made anew.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        std::fs::remove_dir_all(&path).expect("an old folder goes away");
    }
    std::fs::create_dir_all(&path).expect("a folder");
    path
}

/// Makes the two keys and the zone with their records.
fn keys(folder: &Path) -> PathBuf {
    let out = folder.to_str().expect("a path in text");
    let mut zone = String::new();
    for algorithm in ["rsa", "ed25519"] {
        let arguments = [
            "--algorithm",
            algorithm,
            "--domain",
            "example.org",
            "--selector",
            algorithm,
            "--out",
            out,
        ];
        let output = run("dkim_keygen", &arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        zone.push_str(text(&output.stdout));
        // A key that is there is not overwritten.
        let again = run("dkim_keygen", &arguments);
        assert_eq!(again.status.code(), Some(2));
    }
    let path = folder.join("zone");
    std::fs::write(&path, zone).expect("the zone is written");
    path
}

fn sign(folder: &Path, options: &[&str], mail: &[u8]) -> Vec<u8> {
    let key = |name: &str| {
        let path = folder.join(format!("{name}.example.org.pem"));
        path.to_str().expect("a path in text").to_owned()
    };
    let (rsa, ed25519) = (key("rsa"), key("ed25519"));
    let mut arguments = options.to_vec();
    arguments.extend([
        "--key",
        &rsa,
        "--domain",
        "example.org",
        "--selector",
        "rsa",
    ]);
    arguments.extend([
        "--key",
        &ed25519,
        "--domain",
        "example.org",
        "--selector",
        "ed25519",
    ]);
    let output = run_with("dkim_sign", &arguments, mail);
    assert!(output.status.success(), "{}", text(&output.stderr));
    output.stdout
}

/// Bodies that are easily hashed wrong, header fields that are easily canonicalised wrong, and line ends of files.
fn mails() -> Vec<(&'static str, Vec<u8>)> {
    let header = "From: Ada <ada@example.org>\r\nTo: bob@example.net,\r\n\tcarol@example.net\r\nSubject:  a   folded\r\n  subject \r\nX-Twice: 1\r\nX-Twice: 2\r\nDate: Sun, 22 Nov 2026 09:00:00 +0000\r\n";
    let with = |body: &str| format!("{header}\r\n{body}").into_bytes();
    vec![
        ("empty body", with("")),
        ("empty lines only", with("\r\n\r\n")),
        ("no final line end", with("Hello")),
        ("white space at the end", with("Hello \t\r\n \t \r\n\t\r\n")),
        ("white space within", with("  a \t b\r\n\r\n c  \r\n")),
        ("line feeds", with("a\nb\n\nc").replace_crlf()),
        (
            "eight bits",
            [
                with(""),
                "gr\u{fc}n \u{1f331}\r\n".into(),
                vec![0xff, 13, 10],
            ]
            .concat(),
        ),
        (
            "one megabyte",
            with(&"0123456789 abcdef\t \r\n".repeat(50_000)),
        ),
    ]
}

trait ReplaceCrlf {
    fn replace_crlf(self) -> Self;
}

impl ReplaceCrlf for Vec<u8> {
    fn replace_crlf(self) -> Self {
        text(&self).replace("\r\n", "\n").into_bytes()
    }
}

#[test]
fn what_is_signed_verifies_here_and_by_dkimpy() {
    let folder = folder("dkim_sign");
    let zone = keys(&folder);
    let zone = zone.to_str().expect("a path in text");
    let judge = dkimpy();
    for (name, mail) in mails() {
        for canon in [
            "relaxed/relaxed",
            "relaxed/simple",
            "simple/relaxed",
            "simple/simple",
        ] {
            let signed = sign(&folder, &["--canon", canon], &mail);
            let output = run_with("dkim_verify", &["--zone", zone], &signed);
            assert_eq!(
                text(&output.stdout),
                "dkim=pass header.d=example.org header.s=rsa reason=\"verified\"\n\
                 dkim=pass header.d=example.org header.s=ed25519 reason=\"verified\"\n",
                "{name} {canon}"
            );
            assert_eq!(output.status.code(), Some(0));
            if let Some(python) = judge {
                let file = folder.join("signed");
                std::fs::write(&file, &signed).expect("written");
                let output = Command::new(python)
                    .args(["-c", JUDGE, zone])
                    .arg(&file)
                    .output()
                    .expect("Python starts");
                assert_eq!(
                    text(&output.stdout),
                    "True True\n",
                    "{name} {canon}: {}",
                    text(&output.stderr)
                );
            }
        }
    }
}

#[test]
fn what_was_changed_fails_with_the_cause_and_status_1() {
    let folder = folder("dkim_verify");
    let zone = keys(&folder);
    let zone = zone.to_str().expect("a path in text");
    let mail = b"From: ada@example.org\r\nSubject: one\r\n\r\nHello\r\n";
    let signed = sign(&folder, &["--at", "1790000000"], mail);
    // Ed25519 and PKCS#1 signatures have no randomness: the same input is signed alike.
    assert_eq!(signed, sign(&folder, &["--at", "1790000000"], mail));
    let changed = |from: &str, to: &str| text(&signed).replacen(from, to, 1).into_bytes();
    for (mail, cause) in [
        (
            changed("Hello", "Hullo"),
            "fail header.d=example.org header.s=rsa reason=\"the body was changed\"",
        ),
        (
            changed("\r\nSubject: one", "\r\nSubject: two"),
            "fail header.d=example.org header.s=rsa reason=\"a signed header field was changed, or the key is another one\"",
        ),
        (
            changed("From: ada", "From: eve@example.org\r\nFrom: ada"),
            "fail header.d=example.org header.s=rsa reason=\"a signed header field was changed, or the key is another one\"",
        ),
        (
            changed("s=rsa", "s=gone"),
            "permerror header.d=example.org header.s=gone reason=\"no key record\"",
        ),
        (mail.to_vec(), "none"),
    ] {
        let output = run_with("dkim_verify", &["--zone", zone], &mail);
        let first = text(&output.stdout).lines().next().expect("a line");
        assert_eq!(first, format!("dkim={cause}"));
        assert_eq!(
            output.status.code(),
            Some(if cause.starts_with("permerror") { 0 } else { 1 })
        );
    }
}

#[test]
fn a_key_that_is_named_signs_alone() {
    let folder = folder("dkim_alone");
    keys(&folder);
    for (selector, algorithm) in [("rsa", "a=rsa-sha256;"), ("ed25519", "a=ed25519-sha256;")] {
        let key = folder.join(format!("{selector}.example.org.pem"));
        let mut arguments = vec!["--key", key.to_str().expect("a path in text")];
        arguments.extend(["--domain", "example.org", "--selector", selector]);
        let mail = b"From: ada@example.org\r\n\r\nHello\r\n";
        let output = run_with("dkim_sign", &arguments, mail);
        assert!(text(&output.stdout).contains(algorithm));
    }
}

#[test]
fn a_mail_stored_with_line_feeds_verifies() {
    let folder = folder("dkim_stored");
    let zone = keys(&folder);
    let signed = sign(&folder, &[], b"From: ada@example.org\r\n\r\nHello\r\n");
    let arguments = ["--zone", zone.to_str().expect("a path in text")];
    let output = run_with("dkim_verify", &arguments, &signed.clone().replace_crlf());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));

    let output = run_with(
        "dkim_verify",
        &[&arguments[..], &["--json"]].concat(),
        &signed,
    );
    let verdicts: serde_json::Value = serde_json::from_slice(&output.stdout).expect("an array");
    assert_eq!(verdicts[0]["dkim"], "pass");
    assert_eq!(verdicts[0]["selector"], "rsa");
    assert_eq!(verdicts[1]["domain"], "example.org");
    assert_eq!(verdicts.as_array().map(Vec::len), Some(2));
}

/// The Python that has dkimpy, with what it needs for Ed25519.
fn dkimpy() -> Option<&'static str> {
    let found = Command::new("python3")
        .args(["-c", "import dkim, nacl"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: dkimpy is not installed (`pip install dkimpy pynacl`)");
    }
    found.then_some("python3")
}

/// Reads the keys from the zone file and verifies both signatures.
const JUDGE: &str = r#"
import re, sys, dkim
keys = {}
for line in open(sys.argv[1]):
    name, rest = line.split(" ", 1)
    keys[name] = "".join(re.findall('"([^"]*)"', rest)).encode()
mail = open(sys.argv[2], "rb").read()
look = lambda name, timeout=5: keys[name.decode()]
print(*(dkim.DKIM(mail).verify(idx=index, dnsfunc=look) for index in (0, 1)))
"#;
