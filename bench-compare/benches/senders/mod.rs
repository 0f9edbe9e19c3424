//! Others who send mail over SMTP.

use std::net::SocketAddr;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use mail_send::SmtpClient;
use mail_send::smtp::message::{Message, Parameters};
use tokio::net::TcpStream;

use crate::smtp::lanes::Lane;
use crate::smtp::{By, LANES, RECIPIENT, SENDER};

/// lettre: senders that share a transport with its pool.
pub struct Lettre {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    envelope: Envelope,
    mail: Vec<u8>,
}

impl Lettre {
    /// So many senders, and one transport to this server. It has to be made within a runtime.
    pub fn lanes(server: SocketAddr, mail: &[u8], lanes: usize) -> Vec<Self> {
        let pool = PoolConfig::new().max_size(LANES as u32);
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
            .port(server.port())
            .pool_config(pool)
            .build();
        let address = |text: &str| text.parse().expect("an address");
        let envelope = Envelope::new(Some(address(SENDER)), vec![address(RECIPIENT)]);
        let envelope = envelope.expect("an envelope");
        let lane = || Self {
            transport: transport.clone(),
            envelope: envelope.clone(),
            mail: mail.to_vec(),
        };
        (0..lanes).map(|_| lane()).collect()
    }
}

impl Lane for Lettre {
    async fn send(&mut self) {
        let sent = self.transport.send_raw(&self.envelope, &self.mail).await;
        assert!(sent.expect("the sink takes it").is_positive());
    }
}

/// mail-send, which has no pool: a connection for each sender.
pub struct MailSend {
    client: SmtpClient<TcpStream>,
    mail: Vec<u8>,
    by: By,
}

impl MailSend {
    /// Connects so many senders.
    pub async fn lanes(server: SocketAddr, by: By, mail: &[u8], lanes: usize) -> Vec<Self> {
        let mut connected = Vec::new();
        for _ in 0..lanes {
            let client = Self::connect(server).await.expect("the server answers");
            let mail = mail.to_vec();
            connected.push(Self { client, mail, by });
        }
        connected
    }

    async fn connect(server: SocketAddr) -> mail_send::Result<SmtpClient<TcpStream>> {
        let mut client = SmtpClient::connect(server, Duration::from_secs(60)).await?;
        client.read().await?;
        client.ehlo("client.example").await?;
        Ok(client)
    }
}

impl Lane for MailSend {
    async fn send(&mut self) {
        let client = &mut self.client;
        let sent = match self.by {
            By::Data => {
                let message = Message::new(SENDER, [RECIPIENT], self.mail.as_slice());
                client.send(message).await
            }
            By::Bdat => {
                let none = Parameters::new();
                client.mail_from(SENDER, &none).await.expect("a sender");
                client.rcpt_to(RECIPIENT, &none).await.expect("a recipient");
                client.bdat(&self.mail).await
            }
        };
        assert_eq!(sent.expect("the sink takes it").code, 250);
    }
}
