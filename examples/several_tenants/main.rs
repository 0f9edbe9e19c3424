//! An application that sends for many. First each tenant has a channel of its own, as in Zuora's settings: the server that is
//! there for all, a server of the tenant's, or a domain verified at a provider; and one has senders in Oracle's regions. Then one
//! tenant's support addresses leave over its own server, each with credentials of its own, as Zendesk's connector has them, while
//! these are replaced. Offline, against the simulator.

mod channels;
mod support;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result {
    Box::pin(channels::run()).await?;
    println!();
    Box::pin(support::run()).await
}
