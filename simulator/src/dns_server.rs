//! The simulated DNS on a real socket.

mod question;
mod wire;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use hickory_proto::op::{Edns, Header, HeaderCounts, Metadata, ResponseCode};
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

use self::question::Outcome;
use crate::dns::SimulatedDns;

/// A running DNS server. Dropping it ends its tasks and so frees the port.
pub(crate) struct DnsServer {
    address: SocketAddr,
    /// Holds the tasks; they are aborted when it is dropped.
    _server: Server<Handler>,
}

impl DnsServer {
    /// Serves `dns` at one address, over UDP and TCP; port 0 is any that is free for both.
    ///
    /// # Errors
    ///
    /// When the address cannot be had for both.
    pub(crate) async fn start(dns: SimulatedDns, wanted: SocketAddr) -> io::Result<Self> {
        let (udp, tcp) = bind_both(wanted).await?;
        let address = udp.local_addr()?;
        let mut server = Server::new(Handler { dns });
        server.register_socket(udp);
        server.register_listener(tcp, IDLE, RESPONSE_BUFFER);
        Ok(Self {
            address,
            _server: server,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl std::fmt::Debug for DnsServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DnsServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// The UDP port is the system's choice; the same TCP port may be taken by somebody else, so this tries again.
async fn bind_both(wanted: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let mut attempts = 0;
    loop {
        let udp = UdpSocket::bind(wanted).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) if wanted.port() != 0 || attempts == BIND_ATTEMPTS => return Err(error),
            Err(_) => attempts += 1,
        }
    }
}

struct Handler {
    dns: SimulatedDns,
}

// What async-trait makes of `async fn handle_request(&self, …)`, written out.
impl RequestHandler for Handler {
    fn handle_request<'life0, 'life1, 'async_trait, R, T>(
        &'life0 self,
        request: &'life1 Request,
        response_handle: R,
    ) -> Pin<Box<dyn Future<Output = ResponseInfo> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
        R: ResponseHandler + 'async_trait,
        T: Time + 'async_trait,
    {
        Box::pin(self.respond(request, response_handle))
    }
}

impl Handler {
    async fn respond<R: ResponseHandler>(&self, request: &Request, mut handle: R) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        // Stub resolvers ask for recursion and refuse to work with a server that does not offer it.
        metadata.recursion_available = true;
        let outcome = match request.request_info() {
            Ok(info) => question::ask(&self.dns, info.query.original()),
            Err(_) => Outcome::failure(ResponseCode::FormErr),
        };
        let (code, answers, authority) = match outcome {
            Outcome::Silence => return info(metadata),
            Outcome::Response {
                code,
                answers,
                authority,
            } => (code, answers, authority),
        };
        metadata.response_code = code;
        let mut response = MessageResponseBuilder::from_message_request(request).build(
            metadata,
            &answers,
            &[],
            &authority,
            &[],
        );
        let edns = request.edns.as_ref().map(|_| {
            let mut edns = Edns::new();
            edns.set_max_payload(request.max_payload().clamp(512, MAX_PAYLOAD));
            edns
        });
        if let Some(edns) = &edns {
            response.set_edns(edns);
        }
        match handle.send_response(response).await {
            Ok(info) => info,
            // The asker is gone; there is nobody left to tell.
            Err(_) => info(metadata),
        }
    }
}

fn info(metadata: Metadata) -> ResponseInfo {
    ResponseInfo::from(Header {
        metadata,
        counts: HeaderCounts::default(),
    })
}

/// How long a TCP connection may stay silent.
const IDLE: Duration = Duration::from_secs(10);

/// Responses that may wait on one TCP connection.
const RESPONSE_BUFFER: usize = 32;

/// What fits an unfragmented datagram on common links ([RFC 9715 §3](https://www.rfc-editor.org/rfc/rfc9715#section-3)).
const MAX_PAYLOAD: u16 = 1232;

const BIND_ATTEMPTS: usize = 20;
