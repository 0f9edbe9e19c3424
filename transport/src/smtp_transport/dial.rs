use std::io;
use std::net::SocketAddr;
use std::time::SystemTime;

use tokio::net::{TcpSocket, TcpStream, lookup_host};

use super::{SmtpTransport, reachable};
use crate::time_limit::{earlier, until};

impl SmtpTransport {
    /// A connection to the first address that takes one; each gets an even share of the time that is left.
    pub(super) async fn dial(&self, total_end: Option<SystemTime>) -> Result<TcpStream, String> {
        let deadline = earlier(
            self.settings
                .clock
                .now()
                .checked_add(self.settings.timeouts.connect()),
            total_end,
        );
        let found = match self.settings.endpoint.fixed_addresses() {
            fixed if !fixed.is_empty() => fixed,
            _ => {
                let lookup =
                    lookup_host((self.settings.endpoint.host(), self.settings.endpoint.port()));
                match until(&*self.settings.clock, deadline, lookup).await {
                    Ok(Ok(addresses)) => addresses.collect(),
                    Ok(Err(error)) => {
                        return Err(format!("the name could not be looked up: {error}"));
                    }
                    Err(elapsed) => {
                        return Err(format!("the name could not be looked up: {elapsed}"));
                    }
                }
            }
        };
        let addresses = reachable(found.into_iter(), self.settings.local_address);
        let addresses = match self.settings.address_families {
            Some(families) => families.in_turns(addresses),
            None => addresses,
        };
        let mut failures = Vec::new();
        for (tried, address) in addresses.iter().enumerate() {
            let share = self.share(deadline, addresses.len() - tried);
            match until(&*self.settings.clock, share, self.connect(*address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => failures.push(format!("{address}: {error}")),
                Err(elapsed) => failures.push(format!("{address}: {elapsed}")),
            }
        }
        if failures.is_empty() {
            return Err(
                "the server has no address of the kind that is to be connected to".to_owned(),
            );
        }
        Err(format!("no connection: {}", failures.join(", ")))
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if let Some(local) = self.settings.local_address {
            socket.bind(SocketAddr::new(local, 0))?;
        }
        let stream = socket.connect(address).await?;
        // Without this the end of a message waits for the acknowledgement of what is before it, 40 ms on most systems.
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// When to go on to the next of `left` addresses.
    fn share(&self, deadline: Option<SystemTime>, left: usize) -> Option<SystemTime> {
        let now = self.settings.clock.now();
        let rest = deadline?.duration_since(now).unwrap_or_default();
        now.checked_add(rest / u32::try_from(left.max(1)).unwrap_or(u32::MAX))
    }
}
