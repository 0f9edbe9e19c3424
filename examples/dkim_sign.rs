//! Signs the message on standard input with one or several keys in one pass, and writes it to standard output.

#[path = "shared/help.rs"]
mod help;

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead::SystemClock;
use letterhead::dkim::{Canonicalization, PrivateKey, Selector, Signer, sign};
use letterhead::dns::DomainName;
use letterhead::mail::{Clock, LineEndings, Message};

const USAGE: &str = "usage: dkim_sign --key FILE --domain NAME --selector NAME [--canon relaxed/relaxed] [--key FILE2 …]… [--at SECONDS] < mail > signed

  --key    a private key in PEM, RSA or Ed25519; --domain, --selector and --canon that follow are this key's
  --canon  header/body, each simple or relaxed; relaxed/relaxed unless given, and for later keys as for the one before
  --at     the time of signing in seconds since 1970; now unless given

A domain may have an Ed25519 key alone, since its key was named here; not every receiver verifies such a signature.
Line ends other than CRLF are made CRLF, since mail has no others: what is written is what is signed.";

fn main() -> ExitCode {
    if help::is_asked(USAGE) {
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dkim_sign: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// What the options say of one key.
struct Wanted {
    file: String,
    domain: Option<DomainName>,
    selector: Option<Selector>,
    canonicalization: Canonicalization,
}

impl Wanted {
    fn signer(self) -> Result<Signer, Box<dyn Error>> {
        let Self {
            file,
            domain,
            selector,
            canonicalization,
        } = self;
        let missing = |option: &str| format!("{option} of the key {file} is missing");
        let domain = domain.ok_or_else(|| missing("--domain"))?;
        let selector = selector.ok_or_else(|| missing("--selector"))?;
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        let key = PrivateKey::from_pem(&text).map_err(|error| format!("{file}: {error}"))?;
        Ok(Signer::new(domain, selector, Arc::new(key)).canonicalization(canonicalization))
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut canonicalization = Canonicalization::RELAXED;
    let mut now = SystemClock::new().now();
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| format!("{option} needs a value"))?;
        let early = || format!("{option} must follow the --key it is of");
        match option.as_str() {
            "--key" => wanted.push(Wanted {
                file: value,
                domain: None,
                selector: None,
                canonicalization,
            }),
            "--domain" => wanted.last_mut().ok_or_else(early)?.domain = Some(value.parse()?),
            "--selector" => wanted.last_mut().ok_or_else(early)?.selector = Some(value.parse()?),
            "--canon" => {
                canonicalization = value.parse()?;
                if let Some(last) = wanted.last_mut() {
                    last.canonicalization = canonicalization;
                }
            }
            "--at" => now = SystemTime::UNIX_EPOCH + Duration::from_secs(value.parse()?),
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    if wanted.is_empty() {
        return Err("--key is missing".into());
    }
    let signers: Vec<Signer> = wanted
        .into_iter()
        .map(|wanted| wanted.signer().map(Signer::ed25519_alone))
        .collect::<Result<_, _>>()?;
    let mut mail = Vec::new();
    std::io::stdin().read_to_end(&mut mail)?;
    let message = Message::from_bytes(mail, LineEndings::Normalise)?;
    let fields = sign(message.as_bytes(), &signers, now)?;
    let mut stdout = std::io::stdout().lock();
    for field in &fields {
        stdout.write_all(field.as_str().as_bytes())?;
    }
    stdout.write_all(message.as_bytes())?;
    stdout.flush()?;
    Ok(())
}
