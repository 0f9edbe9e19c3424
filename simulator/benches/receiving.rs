//! How many mails of 2 KB a receiver takes on a socket, beside Postfix's smtp-sink, which keeps nothing, and how much memory
//! what was taken needs. The client of both is Postfix's smtp-source, with twenty connections.
//!
//! `cargo bench -p letterhead-simulator --bench receiving` takes turns round by round and prints medians; without `--bench`
//! it runs once with few mails, as a test. Without Postfix's tools it says so and does nothing.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use letterhead_dkim::{PrivateKey, PublicKeyRecord, Signer, sign};
use letterhead_mail::DomainName;
use letterhead_simulator::{Receiver, ServeOptions, Served, Simulator};

fn main() {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (mails, rounds) = if is_bench { (20_000, 5) } else { (50, 1) };
    let Some((source, sink)) = tool("smtp-source").zip(tool("smtp-sink")) else {
        println!("skipped: Postfix's smtp-source and smtp-sink are not installed");
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let client = Client {
        source: &source,
        mails,
    };

    let before = resident();
    let (unchecked, _served, address) = runtime.block_on(receiver(Receiver::unchecked, ""));
    let sink = Sink::start(&sink);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(client.run(address, &["-l", "2048"]));
        theirs.push(client.run(sink.address, &["-l", "2048"]));
    }
    let ratios: Vec<f64> = ours
        .iter()
        .zip(&theirs)
        .map(|(ours, theirs)| ours / theirs)
        .collect();
    println!("unchecked            {:8.0} mails a second", median(ours));
    println!("smtp-sink            {:8.0} mails a second", median(theirs));
    println!("unchecked/smtp-sink  {:8.2}", median(ratios));
    let kept = unchecked
        .mails_of(&"b@y.example".parse().expect("an address"))
        .len();
    assert_eq!(kept, mails * rounds, "every mail was taken");
    if let Some((before, after)) = before.zip(resident()) {
        println!(
            "memory               {:8.0} MB for {kept} mails held",
            (after.saturating_sub(before)) as f64 / 1e6
        );
    }
    drop(unchecked);

    let (zone, file) = signed();
    let file = file.to_str().expect("a path in text").to_owned();
    let (checked, _served, address) = runtime.block_on(receiver(|receiver| receiver, &zone));
    let rates = (0..rounds)
        .map(|_| client.run(address, &["-F", &file]))
        .collect();
    println!(
        "SPF, DKIM (Ed25519) and DMARC checked {:8.0} mails a second",
        median(rates)
    );
    let mails = checked.mails_of(&"b@y.example".parse().expect("an address"));
    let passed = mails.iter().filter(|mail| {
        let results = mail.authentication.results();
        results.len() == 3 && results.iter().all(|result| result.result() == "pass")
    });
    assert_eq!(passed.count(), mails.len(), "all of them pass");
    runtime.shutdown_background();
}

struct Client<'a> {
    source: &'a Path,
    mails: usize,
}

impl Client<'_> {
    /// Mails a second.
    #[expect(clippy::disallowed_methods, reason = "this is what is measured")]
    fn run(&self, address: SocketAddr, options: &[&str]) -> f64 {
        let mails = self.mails.to_string();
        let start = Instant::now();
        let status = Command::new(self.source)
            .args(["-s", "20", "-m", &mails])
            .args(["-f", "a@yourcompany.example", "-t", "b@y.example"])
            .args(options)
            .arg(address.to_string())
            .status()
            .expect("smtp-source starts");
        assert!(status.success(), "smtp-source: {status}");
        self.mails as f64 / start.elapsed().as_secs_f64()
    }
}

async fn receiver(
    change: impl FnOnce(Receiver) -> Receiver,
    zone: &str,
) -> (Simulator, Served, SocketAddr) {
    let name: DomainName = "mx.simulator.example".parse().expect("a name");
    let receiver = Receiver::new(name.clone(), "192.0.2.1".parse().expect("an address"));
    let receiver = change(receiver.every_domain());
    let simulator = Simulator::builder(SystemTime::UNIX_EPOCH, 1)
        .zone(zone.parse().expect("a zone"))
        .receiver(receiver)
        .build()
        .expect("a simulation");
    let served = simulator
        .serve_at(&ServeOptions::new())
        .await
        .expect("ports");
    let address = served.address(&name).expect("the host listens");
    (simulator, served, address)
}

/// A signed mail of 2 KB in a file with the line ends of the system, and the records that make it pass.
fn signed() -> (String, PathBuf) {
    let key = PrivateKey::ed25519_from_seed(&[7; 32]).expect("a key");
    let zone = format!(
        "yourcompany.example. 300 IN TXT \"v=spf1 ip4:127.0.0.1 -all\"\n\
         _dmarc.yourcompany.example. 300 IN TXT \"v=DMARC1; p=reject\"\n\
         e._domainkey.yourcompany.example. 300 IN TXT {}\n",
        PublicKeyRecord::for_key(&key).to_txt()
    );
    let text = format!(
        "From: a@yourcompany.example\r\nTo: b@y.example\r\nSubject: one\r\n\r\n{}",
        "Please pay what is due until the end of the month.\r\n".repeat(38)
    );
    let domain = "yourcompany.example".parse().expect("a name");
    let selector = "e".parse().expect("a selector");
    let signer = Signer::new(domain, selector, Arc::new(key)).ed25519_alone();
    let signatures = sign(text.as_bytes(), &[signer], SystemTime::UNIX_EPOCH).expect("signed");
    let signed = format!("{}{text}", signatures[0]).replace('\r', "");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("receiving.eml");
    std::fs::write(&path, signed).expect("the file is written");
    (zone, path)
}

struct Sink {
    child: Child,
    address: SocketAddr,
}

impl Sink {
    fn start(program: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("its address");
        drop(free);
        let child = Command::new(program)
            .args(["-u", "nobody", &address.to_string(), "1000"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink starts");
        for _ in 0..100 {
            if TcpStream::connect(address).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, address }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It has ended by itself where this fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tool(name: &str) -> Option<PathBuf> {
    let folders = ["", "/usr/sbin/", "/usr/libexec/postfix/"];
    let mut paths = folders.iter().map(|folder| format!("{folder}{name}"));
    let path = paths.find(|path| Command::new(path).output().is_ok())?;
    Some(path.into())
}

/// What the process has in memory, in octets; nothing where the system does not say.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: usize = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
