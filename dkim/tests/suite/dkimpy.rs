//! A second independent judge, where it is installed: `pip install dkimpy pynacl`.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterhead_dkim::{PublicKeyRecord, VerifyLimits, verify};
use letterhead_dns::block_on_ready;

use crate::identifiers::identifiers;
use crate::support::{
    ED25519, canonicalizations, domain, key_file, messages, now, signed, signers, zone,
};

/// Reads messages from standard input, each after its length. `verify` prints what dkimpy says of each signature, one
/// line a message; `sign` writes each message back, after its length, with a signature in front.
const SCRIPT: &str = r#"
import sys, struct, dkim
def messages():
    data = sys.stdin.buffer.read()
    while data:
        (length,) = struct.unpack(">I", data[:4])
        yield data[4:4 + length]
        data = data[4 + length:]
def verify(records):
    table = dict(record.encode().split(b" ", 1) for record in records)
    lookup = lambda name, timeout=5: table.get(name if isinstance(name, bytes) else name.encode())
    for message in messages():
        verifier = dkim.DKIM(message)
        outcome = []
        for index in range(2):
            try:
                outcome.append(str(bool(verifier.verify(idx=index, dnsfunc=lookup))))
            except dkim.DKIMException as error:
                outcome.append(type(error).__name__ + ":" + str(error))
        print(" ".join(outcome))
def sign(algorithm, selector, key, header, body):
    for message in messages():
        field = dkim.sign(message, selector.encode(), b"example.org", key.encode(),
            canonicalize=(header.encode(), body.encode()), signature_algorithm=algorithm.encode())
        whole = field + message
        sys.stdout.buffer.write(struct.pack(">I", len(whole)) + whole)
if sys.argv[1] == "verify":
    verify(sys.argv[2:])
else:
    sign(*sys.argv[2:])
"#;

fn has_dkimpy(test: &str) -> bool {
    let found = Command::new("python3")
        .args(["-c", "import dkim, nacl"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        println!("{test}: skipped, python3 has no dkim and nacl");
    }
    found
}

/// What the script answers to these messages.
fn run(arguments: &[&str], messages: &[Vec<u8>]) -> Vec<u8> {
    let mut child = Command::new("python3")
        .args(["-c", SCRIPT])
        .args(arguments)
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
    output.stdout
}

/// What dkimpy prints, one line a message.
fn judge(messages: &[Vec<u8>]) -> Vec<String> {
    let records = signers().map(|signer| {
        let name = signer.template().selector().record_name(&domain()).unwrap();
        format!("{name}. {}", PublicKeyRecord::for_key(signer.key()))
    });
    let arguments = [&["verify"][..], &records.each_ref().map(String::as_str)].concat();
    let output = String::from_utf8(run(&arguments, messages)).unwrap();
    output.lines().map(str::to_owned).collect()
}

#[test]
fn dkimpy_verifies_what_is_signed_here() {
    if !has_dkimpy("dkimpy_verifies_what_is_signed_here") {
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

#[test]
fn dkimpy_verifies_identifiers_that_are_folded() {
    if !has_dkimpy("dkimpy_verifies_identifiers_that_are_folded") {
        return;
    }
    let (_, message) = &messages()[0];
    let mut wholes = Vec::new();
    for identifier in identifiers() {
        for canonicalization in canonicalizations() {
            let signers = signers().map(|signer| {
                signer
                    .canonicalization(canonicalization)
                    .agent_or_user_identifier(identifier.clone())
            });
            wholes.push(signed(message, &signers));
        }
    }
    let lines = judge(&wholes);
    assert_eq!(lines.len(), wholes.len());
    for (line, whole) in lines.iter().zip(&wholes) {
        assert_eq!(line, "True True", "{}", String::from_utf8_lossy(whole));
    }
}

#[test]
fn what_dkimpy_signs_verifies_here() {
    if !has_dkimpy("what_dkimpy_signs_verifies_here") {
        return;
    }
    // Its signatures carry the present as t=; a tolerance of centuries takes the clock out of the test.
    let limits = VerifyLimits::default().clock_skew(Duration::from_secs(10_000_000_000));
    let zone = zone();
    let ed25519: String = ED25519
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let ed25519 = STANDARD.decode(ed25519).unwrap();
    let seed = STANDARD.encode(&ed25519[ed25519.len() - 32..]);
    let keys = [
        ("rsa-sha256", "rsa", key_file!("rsa2048-pkcs1.pem")),
        ("ed25519-sha256", "ed25519", seed.as_str()),
    ];
    let (names, messages): (Vec<_>, Vec<_>) = messages().into_iter().unzip();
    for canonicalization in canonicalizations() {
        let text = canonicalization.to_string();
        let (header, body) = text.split_once('/').unwrap();
        for (algorithm, selector, key) in keys {
            let output = run(&["sign", algorithm, selector, key, header, body], &messages);
            let mut rest = output.as_slice();
            for name in &names {
                let (length, after) = rest.split_first_chunk().unwrap();
                let length = usize::try_from(u32::from_be_bytes(*length)).unwrap();
                let (message, after) = after.split_at(length);
                rest = after;
                let verdicts = block_on_ready(verify(message, &zone, now(), &limits)).unwrap();
                assert_eq!(verdicts.len(), 1);
                assert!(
                    verdicts[0].is_pass(),
                    "{name}, {text}, {algorithm}: {}",
                    verdicts[0]
                );
            }
            assert!(rest.is_empty());
        }
    }
}
