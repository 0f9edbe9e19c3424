//! A server on loopback that plays one dialogue.

use std::net::SocketAddr;

use letterhead_transport::smtp::{DataProgress, DataReader};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) commands: Vec<String>,
    pub(crate) content: Option<Vec<u8>>,
}

/// A step of the server.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// Says this without being asked.
    Say(&'static str),
    /// Hears a line that begins so, and answers.
    On(&'static str, &'static str),
    /// Takes the content of a message, and answers.
    Content(&'static str),
}

/// Plays the steps with one client, hears what it says until it closes, or closes itself after [`Step`]s that end in an
/// empty answer.
pub(crate) async fn serve(steps: Vec<Step>) -> (SocketAddr, JoinHandle<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(play(listener, steps)))
}

async fn play(listener: TcpListener, steps: Vec<Step>) -> Heard {
    let (stream, _) = listener.accept().await.unwrap();
    let mut peer = Peer {
        stream,
        buffer: Vec::new(),
        heard: Heard::default(),
    };
    for step in steps {
        let answer = match step {
            Step::Say(greeting) => greeting,
            Step::On(command, answer) => {
                let line = peer.line().await.unwrap();
                assert!(line.starts_with(command), "{line:?} instead of {command:?}");
                answer
            }
            Step::Content(answer) => {
                peer.content().await;
                answer
            }
        };
        if answer.is_empty() {
            return peer.heard;
        }
        peer.stream.write_all(answer.as_bytes()).await.unwrap();
    }
    while let Some(line) = peer.line().await {
        if line == "QUIT" {
            // The client may be gone already.
            let _ = peer.stream.write_all(b"221 bye\r\n").await;
        }
    }
    peer.heard
}

struct Peer {
    stream: TcpStream,
    buffer: Vec<u8>,
    heard: Heard,
}

impl Peer {
    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).take(end).collect();
                let line = String::from_utf8(line).unwrap();
                self.heard.commands.push(line.clone());
                return Some(line);
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    async fn content(&mut self) {
        let mut reader = DataReader::new(None);
        loop {
            let octets = std::mem::take(&mut self.buffer);
            if let DataProgress::Complete { rest } = reader.feed(&octets) {
                self.buffer = rest.to_vec();
                self.heard.content = Some(reader.into_message());
                return;
            }
            assert!(self.fill().await, "closed within the content");
        }
    }

    async fn fill(&mut self) -> bool {
        let mut octets = [0; 4_096];
        match self.stream.read(&mut octets).await {
            Ok(count) if count > 0 => {
                self.buffer.extend_from_slice(&octets[..count]);
                true
            }
            _ => false,
        }
    }
}
