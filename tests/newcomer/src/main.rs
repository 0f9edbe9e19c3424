//! `cargo run`, with the settings in `letterhead.toml` and in the environment.

use std::process::ExitCode;
use std::sync::Arc;

use letterhead::dns::HickoryResolver;
use letterhead::{SystemClock, SystemEntropy};
use newcomer::{Error, PostOffice, Settings, router};

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = serve().await else {
        return ExitCode::SUCCESS;
    };
    eprintln!("{error}");
    ExitCode::FAILURE
}

async fn serve() -> Result<(), Error> {
    let post_office = PostOffice::open(
        Settings::read()?,
        &HickoryResolver::from_system()?,
        Arc::new(SystemClock::new()),
        Arc::new(SystemEntropy::new()),
    )
    .await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    Ok(axum::serve(listener, router(post_office)).await?)
}
