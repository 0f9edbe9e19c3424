//! Passwords that are derived from a secret key: vectors, and the same in another language.

use std::process::{Command, Stdio};

use letterhead_identity::profile::Derivation;
use letterhead_identity::{Profile, Secret};

const PROFILE: &str = r#"
schema = 1
id = "x"
title = "X"
[sources.page]
url = "https://x.example"
as_of = "2026-01-31"
[[credential]]
kind = "smtp-password"
username = "access-key-id"
password = "derived"
derivation = { prefix = "AWS4", date = "11111111", service = "ses", terminal = "aws4_request", message = "SendRawEmail", version = 4 }
scope = "region"
source = "page"
"#;

fn derivation() -> Derivation {
    let profile = Profile::from_toml(PROFILE, |_| None).unwrap();
    profile.credentials()[0].derivation.clone().unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

#[test]
fn a_password_is_derived_for_its_region() {
    let derivation = derivation();
    for (region, password) in [
        ("us-west-2", "BF2PynzbSCAjX08zhZZnP/kW+T9P5zs/1Er0pi5vTEmd"),
        ("us-east-1", "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9"),
        ("eu-west-1", "BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk"),
    ] {
        let derived = derivation.derive_password(&secret(KEY), &region.parse().unwrap());
        assert_eq!(derived.expose(), password, "{region}");
    }
}

/// The same in another language, from what the provider documents.
const SCRIPT: &str = r#"
import base64, hashlib, hmac, sys
key, region = sys.argv[1:]
chain = ("AWS4" + key).encode()
for word in ["11111111", region, "ses", "aws4_request", "SendRawEmail"]:
    chain = hmac.new(chain, word.encode(), hashlib.sha256).digest()
print(base64.b64encode(bytes([4]) + chain).decode(), end="")
"#;

#[test]
fn python_derives_the_same_passwords() {
    let python = |arguments: &[&str]| {
        Command::new("python3")
            .args(arguments)
            .stderr(Stdio::null())
            .output()
    };
    if !python(&["-c", "import hmac, hashlib"]).is_ok_and(|output| output.status.success()) {
        println!("python_derives_the_same_passwords: skipped, there is no python3");
        return;
    }
    for key in [KEY, "", "schlüssel", &"k".repeat(200)] {
        for region in ["us-west-2", "eu-central-1"] {
            let expected = python(&["-c", SCRIPT, key, region]).unwrap().stdout;
            let derived = derivation().derive_password(&secret(key), &region.parse().unwrap());
            assert_eq!(derived.expose().as_bytes(), expected, "{key} {region}");
        }
    }
}
