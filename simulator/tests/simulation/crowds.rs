//! Many clients at once, and clients that keep their places without ever coming to a point.

use std::io::{BufRead as _, Write as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use letterhead_simulator::{ServeLimits, ServeOptions, Served, Simulator};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::common::{RECEIVER, address, builder, name};

/// Long enough for a busy machine, and the end of a test that hangs.
const LONG: Duration = Duration::from_secs(20);
const CROWD: usize = 700;
const MAIL: &str = "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<joe@receiver.example>\r\n\
    DATA\r\nFrom: a@b.example\r\n\r\nx\r\n.\r\nQUIT\r\n";

async fn serve(limits: ServeLimits) -> (Simulator, Served, SocketAddr) {
    let simulator = builder(1).build().unwrap();
    let options = ServeOptions::new().limits(limits);
    let served = simulator.serve_at(&options).await.unwrap();
    let address = served.address(&name(RECEIVER)).unwrap();
    (simulator, served, address)
}

/// What a host said first, and what last.
async fn visit(host: SocketAddr) -> std::io::Result<(String, String)> {
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(MAIL.as_bytes()).await?;
    let mut said = String::new();
    stream.read_to_string(&mut said).await?;
    let first = said.lines().next().unwrap_or_default().to_owned();
    let last = said.lines().last().unwrap_or_default().to_owned();
    Ok((first, last))
}

/// The crowd, in a process of its own: a process may not have as many open files as both sides need. It comes in while
/// nobody leaves, and leaves once everybody has been greeted or turned away.
#[test]
#[ignore = "a test of this file runs it, and says where to go"]
fn the_crowd() {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).unwrap();
    let Ok(host) = line.trim().parse::<SocketAddr>() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (greeted, turned_away) = runtime.block_on(async {
        let mut comers = JoinSet::new();
        for _ in 0..CROWD {
            comers.spawn(async move {
                let mut stream = TcpStream::connect(host).await.unwrap();
                let mut octets = [0; 512];
                let read = tokio::time::timeout(LONG, stream.read(&mut octets)).await;
                let length = read.map_or(0, |length| length.unwrap());
                let said = String::from_utf8_lossy(octets.get(..length).unwrap()).into_owned();
                (stream, said)
            });
        }
        let everybody = comers.join_all().await;
        let heard = |code| {
            let heard = everybody.iter().filter(|(_, said)| said.starts_with(code));
            heard.count()
        };
        (heard("220 "), heard("421 4.7.0 "))
    });
    println!("\ngreeted {greeted}, turned away {turned_away}");
}

/// What became of the crowd.
async fn crowd_at(host: SocketAddr) -> String {
    let crowd = tokio::task::spawn_blocking(move || {
        let mut crowd = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crowds::the_crowd", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(crowd.stdin.take().unwrap(), "{host}").unwrap();
        let output = crowd.wait_with_output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    });
    // It waits for an answer no longer than this test would.
    let said = crowd.await.unwrap();
    let line = said.lines().find(|line| line.starts_with("greeted "));
    line.unwrap_or_else(|| panic!("{said}")).to_owned()
}

#[tokio::test]
async fn of_a_crowd_everybody_is_greeted_where_there_is_room() {
    let (_simulator, _served, host) = serve(ServeLimits::new().connections(1_000)).await;
    assert_eq!(crowd_at(host).await, "greeted 700, turned away 0");
}

#[tokio::test]
async fn of_a_crowd_those_without_a_place_are_turned_away_and_nobody_is_lost() {
    let (simulator, _served, host) = serve(ServeLimits::new().connections(500)).await;
    assert_eq!(crowd_at(host).await, "greeted 500, turned away 200");
    // And when they have left there is room again.
    let next = async {
        loop {
            if let Ok((first, last)) = visit(host).await
                && first.starts_with("220 ")
            {
                break last;
            }
        }
    };
    let last = tokio::time::timeout(LONG, next).await;
    assert_eq!(last.expect("a place is free"), "221 2.0.0 bye");
    assert_eq!(
        simulator.mails_of(&address("joe@receiver.example")).len(),
        1
    );
}

/// Drips octets of one command that never ends, until the server closes the connection; tells what it said last.
async fn loris(host: SocketAddr) -> String {
    let stream = TcpStream::connect(host).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let drips = tokio::spawn(async move {
        while writer.write_all(b"N").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let mut octets = Vec::new();
    // The last drips may have met a closed socket.
    let _ = reader.read_to_end(&mut octets).await;
    drips.abort();
    let said = String::from_utf8(octets).unwrap();
    said.lines().last().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn slow_clients_keep_no_place_for_ever() {
    let limits = ServeLimits::new()
        .connections(50)
        .line(Duration::from_millis(500));
    let (simulator, _served, host) = serve(limits).await;
    let mut slow = JoinSet::new();
    for _ in 0..50 {
        slow.spawn(loris(host));
    }
    let served = async {
        loop {
            match visit(host).await {
                Ok((first, last)) if first.starts_with("220 ") => break last,
                _ => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    let last = tokio::time::timeout(LONG, served).await;
    assert_eq!(last.expect("a place is free"), "221 2.0.0 bye");
    let ends = tokio::time::timeout(LONG, slow.join_all()).await;
    for end in ends.expect("each of them is told to go") {
        // One of them may have come when the honest client had the last place.
        let is_gone = end == "421 4.4.2 time is out, closing the connection"
            || end == "421 4.7.0 too many connections";
        assert!(is_gone, "{end}");
    }
    assert_eq!(
        simulator.mails_of(&address("joe@receiver.example")).len(),
        1
    );
}
