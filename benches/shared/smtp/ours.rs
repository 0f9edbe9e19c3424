//! Letterhead's transport. The bench that includes this names the crates: `crate::mail` and `crate::transport`.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::lanes::Lane;
use super::{RECIPIENT, SENDER};
use crate::mail::{
    EmailAddress, Envelope, LineEndings, Message, ReversePath, Submission, Transport as _,
};
use crate::transport::{Endpoint, Security, SmtpTransport};

/// One of the senders that share a transport.
pub(crate) struct Ours {
    transport: Arc<SmtpTransport>,
    submission: Submission,
}

impl Ours {
    /// So many senders, and one transport to this server.
    pub(crate) fn lanes(server: SocketAddr, mail: &[u8], lanes: usize) -> Vec<Self> {
        let transport = Arc::new(transport(server));
        let submission = submission(mail);
        let lane = || Self {
            transport: Arc::clone(&transport),
            submission: submission.clone(),
        };
        (0..lanes).map(|_| lane()).collect()
    }
}

impl Lane for Ours {
    async fn send(&mut self) {
        let report = self.transport.send(&self.submission).await;
        assert!(report.all_accepted(), "{report}");
    }
}

/// The transport that is measured.
fn transport(server: SocketAddr) -> SmtpTransport {
    let endpoint = Endpoint::new("127.0.0.1", server.port(), Security::Plaintext);
    SmtpTransport::builder(endpoint.expect("an endpoint"))
        .max_connections(NonZeroU32::new(8).expect("not zero"))
        // One connection to the end, as the raw client has it.
        .max_messages_per_connection(NonZeroU32::MAX)
        .build()
        .expect("a transport")
}

fn submission(mail: &[u8]) -> Submission {
    let message = Message::from_bytes(mail, LineEndings::Strict).expect("canonical");
    let address = |text: &str| -> EmailAddress { text.parse().expect("an address") };
    let sender = ReversePath::from(address(SENDER));
    let envelope = Envelope::new(sender, [address(RECIPIENT)]).expect("an envelope");
    let id = "1".parse().expect("an id");
    let tenant = "acme".parse().expect("a tenant");
    Submission::new(id, tenant, message, envelope)
}
