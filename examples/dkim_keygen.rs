//! Makes a DKIM key: a PEM file that only its owner can read, and the record to publish as zone-file text.

#[path = "shared/help.rs"]
mod help;

use std::error::Error;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use letterhead::dkim::{KeySpec, PrivateKey, PublicKeyRecord, Selector};
use letterhead::dns::{DomainName, Name, Record, RecordData};

const USAGE: &str = "usage: dkim_keygen --algorithm rsa|rsa3072|rsa4096|ed25519 --domain NAME --selector NAME --out FOLDER

Writes the private key to FOLDER/SELECTOR.DOMAIN.pem (PKCS#8, not encrypted; an existing file is not touched) and the TXT
record of the public key to standard output.";

fn main() -> ExitCode {
    if help::is_asked(USAGE) {
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dkim_keygen: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let (mut algorithm, mut domain, mut selector) = (None, None, None);
    let mut out = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| format!("{option} needs a value"))?;
        match option.as_str() {
            "--algorithm" => {
                algorithm = Some(match value.as_str() {
                    "rsa" | "rsa2048" => KeySpec::Rsa2048,
                    "rsa3072" => KeySpec::Rsa3072,
                    "rsa4096" => KeySpec::Rsa4096,
                    "ed25519" => KeySpec::Ed25519,
                    other => return Err(format!("{other} is not an algorithm").into()),
                });
            }
            "--domain" => domain = Some(value.parse::<DomainName>()?),
            "--selector" => selector = Some(value.parse::<Selector>()?),
            "--out" => out = Some(PathBuf::from(value)),
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    let domain = domain.ok_or("--domain is missing")?;
    let selector = selector.ok_or("--selector is missing")?;
    let name: Name = format!("{selector}._domainkey.{domain}").parse()?;
    let folder = out.ok_or("--out is missing")?;
    let key = PrivateKey::generate(algorithm.ok_or("--algorithm is missing")?)?;

    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{selector}.{domain}.pem"));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(&path)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    file.write_all(key.to_pkcs8_pem()?.as_bytes())?;
    file.sync_all()?;
    eprintln!("the private key is in {}", path.display());

    let text = RecordData::Txt(PublicKeyRecord::for_key(&key).to_txt());
    println!("{}", Record::new(name, 3600, text));
    Ok(())
}
