//! The pictures of the documents, as SVG.
//!
//! `pictures --spf FILE` draws how a client's check went through the records of a policy, the one of `examples/policies.zone`;
//! `cargo bench --bench signing | tee /dev/stderr | cargo run --example pictures -- --signing FILE --machine NAME` draws
//! signatures a second as they were measured.

mod drawing;
mod signing;
mod spf_tree;

use std::error::Error;
use std::fs;
use std::io;
use std::time::SystemTime;

use letterhead::dns::Zone;
use letterhead::spf::{Limits, Query, check_host};

const USAGE: &str =
    "usage: pictures --spf FILE | --signing FILE --machine NAME < output-of-the-bench";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["--spf", file] => {
            let zone: Zone = include_str!("../policies.zone").parse()?;
            let query = Query::mail_from("203.0.113.9".parse()?, "ada@yourcompany.example", "");
            let query = query.with_now(SystemTime::UNIX_EPOCH);
            let verdict = check_host(&query, &zone, &Limits::default()).await;
            fs::write(file, spf_tree::picture(&verdict, "203.0.113.9"))?;
        }
        ["--signing", file, "--machine", machine] => {
            let output = io::read_to_string(io::stdin())?;
            fs::write(file, signing::picture(&output, machine)?)?;
        }
        _ => println!("{USAGE}"),
    }
    Ok(())
}
