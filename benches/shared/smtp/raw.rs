//! A client of as few system calls as can be: what no library goes below.

use std::io::{self, IoSlice};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::dialogue::By;
use super::lanes::Lane;
use super::{RECIPIENT, SENDER};

/// One connection, and one mail that was made ready for it beforehand.
///
/// By DATA a mail is two writes, MAIL, RCPT and DATA in one and the content in the other; by BDAT it is one.
pub(crate) struct Raw {
    stream: TcpStream,
    envelope: Vec<u8>,
    content: Vec<u8>,
    by: By,
    replies: Replies,
}

impl Raw {
    /// Connects and says hello.
    pub(crate) async fn connect(address: SocketAddr, by: By, mail: &[u8]) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (command, content) = match by {
            By::Data => ("DATA".to_owned(), stuffed(mail)),
            By::Bdat => (format!("BDAT {} LAST", mail.len()), mail.to_vec()),
        };
        let envelope = format!(
            "MAIL FROM:<{SENDER}> SIZE={}\r\nRCPT TO:<{RECIPIENT}>\r\n{command}\r\n",
            mail.len()
        );
        let mut client = Self {
            stream,
            envelope: envelope.into_bytes(),
            content,
            by,
            replies: Replies::default(),
        };
        client.replies.read(&mut client.stream, &[b"220"]).await?;
        client.stream.write_all(b"EHLO client.example\r\n").await?;
        client.replies.read(&mut client.stream, &[b"250"]).await?;
        Ok(client)
    }

    /// Asks for nothing, and waits for the answer.
    pub(crate) async fn noop(&mut self) -> io::Result<()> {
        self.stream.write_all(b"NOOP\r\n").await?;
        self.replies.read(&mut self.stream, &[b"250"]).await
    }

    async fn transact(&mut self) -> io::Result<()> {
        let stream = &mut self.stream;
        match self.by {
            By::Data => {
                stream.write_all(&self.envelope).await?;
                let codes: [&[u8]; 3] = [b"250", b"250", b"354"];
                self.replies.read(stream, &codes).await?;
                write_both(stream, &self.content, b".\r\n").await?;
                self.replies.read(stream, &[b"250"]).await
            }
            By::Bdat => {
                write_both(stream, &self.envelope, &self.content).await?;
                let codes: [&[u8]; 3] = [b"250", b"250", b"250"];
                self.replies.read(stream, &codes).await
            }
        }
    }
}

impl Lane for Raw {
    async fn send(&mut self) {
        self.transact().await.expect("the sink takes it");
    }
}

/// Replies as they are read.
struct Replies {
    buffer: Box<[u8]>,
    filled: usize,
}

impl Default for Replies {
    fn default() -> Self {
        Self {
            buffer: vec![0; 4_096].into(),
            filled: 0,
        }
    }
}

impl Replies {
    /// Reads as many replies as there are codes; each has to have its own, and nothing may be behind them.
    async fn read(&mut self, stream: &mut TcpStream, codes: &[&[u8]]) -> io::Result<()> {
        let (mut line_start, mut found) = (0, 0);
        while found < codes.len() {
            let read = stream.read(&mut self.buffer[self.filled..]).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.filled += read;
            while let Some(length) = self.buffer[line_start..self.filled]
                .iter()
                .position(|&octet| octet == b'\n')
            {
                let line = &self.buffer[line_start..=line_start + length];
                if codes.get(found).is_none_or(|code| !line.starts_with(code)) {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                // A line with a hyphen behind its code is followed by more of the same reply.
                found += usize::from(line.get(3) != Some(&b'-'));
                line_start += length + 1;
            }
        }
        let whole = line_start == self.filled;
        self.filled = 0;
        if whole {
            Ok(())
        } else {
            Err(io::ErrorKind::InvalidData.into())
        }
    }
}

/// Writes two pieces, in one call where the socket takes that much.
async fn write_both(stream: &mut TcpStream, first: &[u8], second: &[u8]) -> io::Result<()> {
    let mut slices = [IoSlice::new(first), IoSlice::new(second)];
    let mut left: &mut [IoSlice<'_>] = &mut slices;
    while !left.is_empty() {
        let written = stream.write_vectored(left).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        IoSlice::advance_slices(&mut left, written);
    }
    Ok(())
}

/// The mail with a dot before each dot that begins a line.
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len());
    for line in mail.split_inclusive(|&octet| octet == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    out
}
