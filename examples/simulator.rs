//! The receiving internet on loopback: SMTP that takes mail for everybody, DNS that answers from a zone file, and one line
//! for each message and recipient.

#[path = "shared/error_chain.rs"]
mod error_chain;
#[path = "shared/zone_file.rs"]
mod zone_file;

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use letterhead::dns::{RecordData, Zone};
use letterhead::identity::{Profile, Subject};
use letterhead::mail::{AuthenticationResults, Clock as _, DomainName, Reply};
use letterhead::simulator::{
    Front, Password, Receiver, ServeOptions, SimEvent, SimEventKind, Simulator,
};
use letterhead::transport::SystemClock;

use self::error_chain::chain;
use self::zone_file::zone;

const USAGE: &str = "usage: simulator [--smtp ADDRESS] [--smtps ADDRESS] [--dns ADDRESS] [--web ADDRESS] [--zone FILE | --unchecked]
                 [--client IP] [--front PROVIDER [--verified ADDRESS|DOMAIN …]]

  --smtp      where SMTP listens, 127.0.0.1:2525 unless given; STARTTLS is offered. Port 0 is any free one
  --smtps     where SMTP listens under TLS from the first octet; a free port unless given
  --dns       where the DNS listens, over UDP and TCP, 127.0.0.1:5353 unless given
  --web       where the inbox is a page, and a JSON API under /api, such as 127.0.0.1:8025; nowhere unless given
  --zone      a file with records, which SPF, DKIM and DMARC are judged by and the DNS answers from; without one there are
              none, and all verdicts are none
  --unchecked look at neither SPF nor DKIM nor DMARC
  --client    the address that clients are taken to come from; the one they come from unless given, so that a client may
              bind 127.0.0.9 to be another
  --front     act as this provider's submission server, which signs and passes mail on; user and password are `user` and
              `secret`, also without TLS
  --verified  a sender that the provider knows; unless given, yourcompany.example and every domain of the zone with an SPF
              record

Every address has a mailbox. Some behave: mail to defer-2@, 450-4.2.2-ada@, greylist-1m@, full-after-5@, slow-2s@,
drop-after-dot@, bounce@ or complaint@ any domain is treated as the word says, and the simulators of Amazon SES and others
answer at their own addresses. It runs until it is stopped, and connects to nothing.";

/// The host that takes mail for everybody.
const EXCHANGER: &str = "mx.simulator.example";
/// The host of the provider.
const SUBMISSION: &str = "smtp.simulator.example";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulator: {}", chain(&*error));
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let Some(options) = Options::read()? else {
        println!("{USAGE}");
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(&options))
}

async fn serve(options: &Options) -> Result<(), Box<dyn Error>> {
    let clock = SystemClock::new();
    let simulator = options.simulator(&clock)?;
    let entry: DomainName = match options.front {
        Some(_) => SUBMISSION.parse()?,
        None => EXCHANGER.parse()?,
    };
    let mut addresses = ServeOptions::new()
        .smtp(entry.clone(), options.smtp)
        .dns(options.dns);
    if let Some(smtps) = options.smtps {
        addresses = addresses.smtps(entry.clone(), smtps);
    }
    let served = simulator.serve_at(&addresses).await?;
    say(&format!(
        "{entry}: SMTP at {}, SMTP under TLS at {}; DNS at {}",
        shown(served.address(&entry)),
        shown(served.tls_address(&entry)),
        served.dns()
    ))?;
    let _page = match options.web {
        Some(address) => {
            let page = simulator.serve_web(address).await?;
            say(&format!("the inbox is at http://{}/", page.address()))?;
            Some(page)
        }
        None => None,
    };
    loop {
        tokio::time::sleep(TICK).await;
        // Time passes as outside, and what is due happens.
        let behind = clock.now().duration_since(simulator.clock().now());
        simulator.advance(behind.unwrap_or_default());
    }
}

struct Options {
    smtp: SocketAddr,
    smtps: Option<SocketAddr>,
    dns: SocketAddr,
    web: Option<SocketAddr>,
    zone: Zone,
    checks: Checks,
    client: Option<IpAddr>,
    front: Option<Profile>,
    verified: Vec<Subject>,
}

#[derive(Clone, Copy, PartialEq)]
enum Checks {
    All,
    None,
}

impl Options {
    /// What the arguments say; `None` if they ask how to write them.
    fn read() -> Result<Option<Self>, Box<dyn Error>> {
        let mut options = Self {
            smtp: SocketAddr::from(([127, 0, 0, 1], 2525)),
            smtps: None,
            dns: SocketAddr::from(([127, 0, 0, 1], 5353)),
            web: None,
            zone: Zone::default(),
            checks: Checks::All,
            client: None,
            front: None,
            verified: Vec::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(option) = arguments.next() {
            match option.as_str() {
                "--help" => return Ok(None),
                "--unchecked" => {
                    options.checks = Checks::None;
                    continue;
                }
                _ => {}
            }
            let value = arguments
                .next()
                .ok_or_else(|| misused(&format!("{option:?} needs a value, or is no option")))?;
            match option.as_str() {
                "--smtp" => options.smtp = parsed(&option, &value, "127.0.0.1:2525")?,
                "--smtps" => options.smtps = Some(parsed(&option, &value, "127.0.0.1:2525")?),
                "--dns" => options.dns = parsed(&option, &value, "127.0.0.1:2525")?,
                "--web" => options.web = Some(parsed(&option, &value, "127.0.0.1:8025")?),
                "--zone" => options.zone = zone(&value)?,
                "--client" => options.client = Some(parsed(&option, &value, "192.0.2.1")?),
                "--front" => options.front = Some(Profile::built_in(&value)?),
                "--verified" => options.verified.push(Subject::try_from(value)?),
                other => return Err(misused(&format!("{other:?} is not an option")).into()),
            }
        }
        if options.front.is_none() && !options.verified.is_empty() {
            return Err(misused("--verified is for a provider; name it with --front").into());
        }
        Ok(Some(options))
    }

    fn simulator(&self, clock: &SystemClock) -> Result<Simulator, Box<dyn Error>> {
        let mut exchanger = Receiver::new(EXCHANGER.parse()?, "127.0.0.1".parse()?)
            .every_domain()
            .triggers_everywhere();
        for name in Profile::built_in_names() {
            exchanger = exchanger.simulated_mailboxes(&Profile::built_in(name)?);
        }
        if self.checks == Checks::None {
            exchanger = exchanger.unchecked();
        }
        if let Some(client) = self.client {
            exchanger = exchanger.assumed_client(client);
        }
        let mut builder = Simulator::builder(clock.now(), 1)
            .zone(self.zone.clone())
            .receiver(exchanger)
            .observe(|event| {
                if let Some(line) = line(event)
                    && say(&line).is_err()
                {
                    // Nobody reads any more.
                    std::process::exit(0);
                }
            });
        if let Some(profile) = &self.front {
            let mut front = Front::new(SUBMISSION.parse()?, "127.0.0.2".parse()?, profile.clone())
                .login("user", Password::new("secret"))
                .allow_plaintext_auth();
            for subject in self.verified()? {
                front = front.verified(subject);
            }
            if let Some(client) = self.client {
                front = front.assumed_client(client);
            }
            builder = builder.front(front);
        }
        Ok(builder.build()?)
    }

    fn verified(&self) -> Result<Vec<Subject>, Box<dyn Error>> {
        if !self.verified.is_empty() {
            return Ok(self.verified.clone());
        }
        let mut domains = BTreeSet::from(["yourcompany.example".to_owned()]);
        for record in self.zone.records() {
            if let RecordData::Txt(text) = &record.data
                && text.joined().starts_with(b"v=spf1")
            {
                domains.insert(record.name.to_string());
            }
        }
        let subjects = domains.into_iter().map(Subject::try_from);
        Ok(subjects.collect::<Result<_, _>>()?)
    }
}

/// Of an event what became of a message for a recipient, or of a report about it.
fn line(event: &SimEvent) -> Option<String> {
    let (outcome, sender, recipient, what) = match &event.kind {
        SimEventKind::Stored {
            sender,
            recipient,
            disposition,
            authentication,
            ..
        } => {
            let what = format!("{}  {disposition}", verdicts(authentication));
            ("stored", sender, Some(recipient), what)
        }
        SimEventKind::Rejected {
            sender,
            recipient,
            reply,
            authentication,
        } => {
            let what = refusal(authentication.as_ref(), reply);
            ("rejected", sender, recipient.as_ref(), what)
        }
        SimEventKind::Deferred {
            sender,
            recipient,
            reply,
            authentication,
        } => {
            let what = refusal(authentication.as_ref(), reply);
            ("deferred", sender, recipient.as_ref(), what)
        }
        SimEventKind::HungUp { sender, recipient } => {
            let what = "the connection was closed without an answer".to_owned();
            ("hung up", sender, recipient.as_ref(), what)
        }
        SimEventKind::Accepted { .. } => return None,
        other => return Some(format!("{}: {other}", event.host)),
    };
    let recipient = recipient.map_or_else(|| "all recipients".to_owned(), ToString::to_string);
    Some(format!("{outcome:8}  <{sender}> -> {recipient}  {what}"))
}

/// The reply, behind the verdicts where there are any.
fn refusal(found: Option<&AuthenticationResults>, reply: &Reply) -> String {
    match found {
        Some(found) => format!("{}  {reply}", verdicts(found)),
        None => reply.to_string(),
    }
}

/// `spf=pass dkim=none dmarc=pass`, with every signature.
fn verdicts(results: &AuthenticationResults) -> String {
    let results = results.results().iter();
    let results = results.map(|result| format!("{}={}", result.method().as_str(), result.result()));
    results.collect::<Vec<_>>().join(" ")
}

/// One line, at once.
fn say(line: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}

fn parsed<T: std::str::FromStr>(option: &str, value: &str, such_as: &str) -> Result<T, String> {
    let wrong = || {
        misused(&format!(
            "{option} {value:?} cannot be read; write it such as {such_as}"
        ))
    };
    value.parse().map_err(|_| wrong())
}

fn shown(address: Option<SocketAddr>) -> String {
    address.map_or_else(|| "none".to_owned(), |address| address.to_string())
}

fn misused(what: &str) -> String {
    format!("{what}\n\n{USAGE}")
}

/// How often the clock of the simulation follows that of the system.
const TICK: Duration = Duration::from_millis(50);
