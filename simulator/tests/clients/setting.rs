//! One small internet that clients from outside speak to.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use letterhead_identity::{Profile, Subject};
use letterhead_mail::DomainName;
use letterhead_simulator::{Front, Password, Receiver, Served, Simulator, StoredMail};

use crate::client::{Client, DeliveryStatus, Job, Protection, Said};

pub(crate) const ADA: &str = "ada@receiver.example";
pub(crate) const SENDER: &str = "billing@sender.example";
pub(crate) const RECEIVER: &str = "mx.receiver.example";
pub(crate) const FRONT: &str = "smtp.provider.example";
pub(crate) const LOGIN: (&str, &str) = ("user", "secret");

/// A receiver with mailboxes that do what their names say, the sender's own, and a provider; all on sockets.
pub(crate) struct Setting {
    pub(crate) simulator: Simulator,
    served: Served,
    authority: PathBuf,
}

impl Setting {
    pub(crate) async fn new() -> Self {
        let ip = |text: &str| text.parse().expect("an address");
        let profile = Profile::built_in("amazon-ses").expect("a built-in profile");
        let billing = Subject::Address(SENDER.parse().expect("an address"));
        let receiver = Receiver::new(name(RECEIVER), ip("192.0.2.20"))
            .mailbox(ADA.parse().expect("an address"))
            .triggers(name("receiver.example"));
        let home = Receiver::new(name("mx.sender.example"), ip("192.0.2.30"))
            .mailbox(SENDER.parse().expect("an address"))
            .unchecked();
        let front = Front::new(name(FRONT), ip("192.0.2.10"), profile)
            .login(LOGIN.0, Password::new(LOGIN.1))
            .verified(billing);
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let simulator = Simulator::builder(start, 1)
            .receiver(receiver)
            .receiver(home)
            .front(front)
            .build()
            .expect("a simulation");
        let served = simulator.serve().await.expect("ports");
        let port = served.dns().port();
        let file = format!("letterhead-clients-{}-{port}.pem", std::process::id());
        let authority = std::env::temp_dir().join(file);
        std::fs::write(&authority, served.ca_certificate_pem()).expect("a file");
        Self {
            simulator,
            served,
            authority,
        }
    }

    /// A mail to one address of the receiver, in the open.
    pub(crate) fn job<'a>(&'a self, recipients: &'a [&'a str], mail: &'a [u8]) -> Job<'a> {
        Job {
            server: self.served.address(&name(RECEIVER)).expect("the receiver"),
            protection: Protection::None,
            authority: &self.authority,
            login: None,
            sender: SENDER,
            recipients,
            mail,
            delivery_status: DeliveryStatus::Unsaid,
        }
    }

    /// The same job at this host, protected like this.
    pub(crate) fn protected<'a>(
        &self,
        job: &Job<'a>,
        host: &str,
        protection: Protection,
    ) -> Job<'a> {
        let server = match protection {
            Protection::Tls => self.served.tls_address(&name(host)),
            Protection::None | Protection::StartTls => self.served.address(&name(host)),
        };
        Job {
            server: server.expect("a host"),
            protection,
            ..*job
        }
    }

    /// What is in a mailbox.
    pub(crate) fn mailbox(&self, address: &str) -> Vec<StoredMail> {
        self.simulator
            .mails_of(&address.parse().expect("an address"))
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.authority);
    }
}

/// The client has done what it was told.
#[track_caller]
pub(crate) fn expect_success(client: &Client, said: &Said) {
    assert!(said.succeeded, "{}: {}", client.name, said.text);
}

pub(crate) fn name(text: &str) -> DomainName {
    text.parse().expect("a name")
}

/// An ordinary mail, which asks for a read receipt.
pub(crate) const MAIL: &[u8] = b"From: billing@sender.example\r\nTo: ada@receiver.example\r\n\
Subject: Invoice\r\nMessage-ID: <1@sender.example>\r\nDate: Fri, 15 Jan 2027 08:00:00 +0000\r\n\
Disposition-Notification-To: billing@sender.example\r\nMIME-Version: 1.0\r\n\
Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nPlease pay.\r\n";
