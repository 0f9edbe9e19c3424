//! As much of HTTP/1.1 as these tests need.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub(crate) async fn get(at: SocketAddr, path: &str) -> Answer {
    ask(at, "GET", path, &format!("Host: {at}\r\n"), "").await
}

pub(crate) async fn delete(at: SocketAddr, path: &str) -> Answer {
    ask(at, "DELETE", path, &format!("Host: {at}\r\n"), "").await
}

pub(crate) async fn post(at: SocketAddr, path: &str, body: &str) -> Answer {
    let fields = format!("Host: {at}\r\nContent-Type: application/json\r\n");
    ask(at, "POST", path, &fields, body).await
}

/// Asks with these fields, and reads the whole answer.
pub(crate) async fn ask(
    at: SocketAddr,
    method: &str,
    path: &str,
    fields: &str,
    body: &str,
) -> Answer {
    let mut stream = open(at, method, path, fields, body).await;
    let mut octets = Vec::new();
    // Some servers keep the connection open, whatever they are asked.
    while !is_whole(&octets) {
        let mut buffer = [0; 4_096];
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            length => octets.extend_from_slice(&buffer[..length]),
        }
    }
    let text = String::from_utf8_lossy(&octets);
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    let is_chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_lowercase(),
        body: if is_chunked {
            joined(body)
        } else {
            body.to_owned()
        },
    }
}

/// Sends a request, and leaves the answer to be read.
pub(crate) async fn open(
    at: SocketAddr,
    method: &str,
    path: &str,
    fields: &str,
    body: &str,
) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\n{fields}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Whether all octets are there that the head announces.
fn is_whole(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let announced = head.split_once("content-length:").and_then(|(_, rest)| {
        let digits = rest.lines().next()?.trim();
        digits.parse::<usize>().ok()
    });
    announced.is_some_and(|length| octets.len() >= head.len() + 4 + length)
}

/// The chunks of a body, joined ([RFC 9112 §7.1](https://www.rfc-editor.org/rfc/rfc9112#section-7.1)).
fn joined(body: &str) -> String {
    let mut rest = body;
    let mut whole = String::new();
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            break;
        }
        whole.push_str(&after[..length]);
        rest = &after[length + 2..];
    }
    whole
}
