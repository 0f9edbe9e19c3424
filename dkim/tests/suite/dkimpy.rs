//! A second independent judge, where it is installed: `pip install dkimpy pynacl`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{canonicalizations, domain, messages, signed, signers};
use letterhead_dkim::PublicKeyRecord;

/// Reads messages from standard input, each after its length, and prints what dkimpy says of each signature.
const SCRIPT: &str = r#"
import sys, struct, dkim
records = {}
for argument in sys.argv[1:]:
    name, _, text = argument.partition(" ")
    records[name.encode() + b"."] = text.encode()
lookup = lambda name, timeout=5: records.get(name if isinstance(name, bytes) else name.encode())
data = sys.stdin.buffer.read()
while data:
    (length,) = struct.unpack(">I", data[:4])
    message, data = data[4:4 + length], data[4 + length:]
    verifier = dkim.DKIM(message)
    outcome = []
    for index in range(2):
        try:
            outcome.append(str(bool(verifier.verify(idx=index, dnsfunc=lookup))))
        except dkim.DKIMException as error:
            outcome.append(type(error).__name__ + ":" + str(error))
    print(" ".join(outcome))
"#;

fn has_dkimpy() -> bool {
    Command::new("python3")
        .args(["-c", "import dkim, nacl"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What dkimpy prints, one line a message.
fn judge(messages: &[Vec<u8>]) -> Vec<String> {
    let records = signers().map(|signer| {
        let name = signer.template().selector().record_name(&domain()).unwrap();
        format!("{name} {}", PublicKeyRecord::for_key(signer.key()))
    });
    let mut child = Command::new("python3")
        .args(["-c", SCRIPT])
        .args(records)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = Vec::new();
    for message in messages {
        input.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        input.extend(message);
    }
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn dkimpy_verifies_what_is_signed_here() {
    if !has_dkimpy() {
        println!("dkimpy_verifies_what_is_signed_here: skipped, python3 has no dkim and nacl");
        return;
    }
    let mut names = Vec::new();
    let mut wholes = Vec::new();
    for (name, message) in messages() {
        for canonicalization in canonicalizations() {
            let signers = signers().map(|signer| signer.canonicalization(canonicalization));
            names.push(format!("{name}, {canonicalization}"));
            wholes.push(signed(&message, &signers));
        }
    }
    // The judge must also be able to say no.
    names.push("altered".to_owned());
    wholes.push([&wholes[0][..], b"more\r\n"].concat());
    let lines = judge(&wholes);
    assert_eq!(lines.len(), names.len());
    for (name, line) in names.iter().zip(&lines) {
        if name == "altered" {
            assert!(!line.contains("True"), "{name}: {line}");
        } else {
            assert_eq!(line, "True True", "{name}");
        }
    }
}
