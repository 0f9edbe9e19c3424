//! Says what receivers will find in a message before it is sent: SPF, DKIM, DMARC, and what is in the way.

#[path = "shared/colour.rs"]
mod colour;
#[path = "shared/help.rs"]
mod help;
#[path = "shared/resolver.rs"]
mod resolver;
#[path = "shared/subject.rs"]
mod subject;

use std::error::Error;
use std::io::Read as _;
use std::net::IpAddr;
use std::process::ExitCode;
use std::time::SystemTime;

use letterhead::SystemClock;
use letterhead::identity::{
    Identity, NewIdentity, PreflightRequest, Profile, ReceiverPolicy, Subject, Values, preflight,
};
use letterhead::mail::{Clock as _, LineEndings, Mailbox, Message, ReversePath};

use self::colour::coloured;
use self::resolver::resolver;
use self::subject::registrable;

const USAGE: &str = "usage: preflight --profile NAME --identity ADDRESS_OR_DOMAIN [--zone FILE] [--json]
                 [--value KEY=VALUE]… [--environment NAME] [--region NAME]
                 [--mail-from ADDRESS] [--helo NAME] [--ip ADDRESS]… [--daily-volume N] < message

  --profile       the rules of the channel, a name such as own-server or amazon-ses
  --identity      what the message is sent as, as it is registered there or would be; where only domains are, that of the
                  address, and where only addresses are, the author's
  --zone          a master file to look everything up in; without it, the resolver of the system is asked
  --json          one object in place of text
  --value         a value that the identity's records are made of, such as selector=2026a; several times for several
  --environment   where the identity is used, and --region where it is registered, if the profile tells them apart
  --mail-from     the envelope sender that the application sets; '' for none, and then --helo says the host's name
  --ip            an address that sends; without one, the hosts are those of the profile's SPF terms
  --daily-volume  messages a day to one receiver; without it, the rules for bulk mail are warnings

The exit status is 1 if a finding is an error, and 2 if the command cannot be carried out.";

#[tokio::main]
async fn main() -> ExitCode {
    if help::is_asked(USAGE) {
        return ExitCode::SUCCESS;
    }
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("preflight: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::read(std::env::args().skip(1))?;
    let now = SystemClock::new().now();
    let profile = Profile::built_in(&options.profile)?;
    let mut octets = Vec::new();
    std::io::stdin().read_to_end(&mut octets)?;
    let message = Message::from_bytes(octets, LineEndings::Normalise)?;
    let identity = options.identity(&profile, &message, now)?;
    let resolver = resolver(options.zone)?;
    let receivers = ReceiverPolicy::all_built_in();

    let mut request = PreflightRequest::new(&profile, &identity, &message, now)
        .hosts(&options.hosts)
        .receivers(&receivers);
    request.mail_from = options.mail_from.as_ref();
    request.helo = options.helo.as_deref();
    request.daily_volume = options.daily_volume;
    let found = preflight(&request, &resolver).await;
    if options.as_json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print!("{}", coloured(&found));
    }
    Ok(ExitCode::from(u8::from(!found.is_ready())))
}

#[derive(Default)]
struct Options {
    profile: String,
    identity: Option<Subject>,
    values: Values,
    environment: Option<String>,
    region: Option<String>,
    zone: Option<String>,
    mail_from: Option<ReversePath>,
    helo: Option<String>,
    hosts: Vec<IpAddr>,
    daily_volume: Option<u64>,
    as_json: bool,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self::default();
        while let Some(option) = arguments.next() {
            if option == "--json" {
                options.as_json = true;
                continue;
            }
            let mut value = || {
                arguments
                    .next()
                    .ok_or_else(|| format!("{option} needs a value"))
            };
            match option.as_str() {
                "--profile" => options.profile = value()?,
                "--identity" => options.identity = Some(value()?.parse()?),
                "--value" => {
                    let text = value()?;
                    let (name, value) = text
                        .split_once('=')
                        .ok_or_else(|| format!("--value {text} is not KEY=VALUE"))?;
                    let several = options.values.entry(name.to_owned()).or_default();
                    several.push(value.to_owned());
                }
                "--environment" => options.environment = Some(value()?.replace(' ', "-")),
                "--region" => options.region = Some(value()?),
                "--zone" => options.zone = Some(value()?),
                "--mail-from" => {
                    options.mail_from = Some(match value()?.as_str() {
                        "" => ReversePath::Null,
                        address => ReversePath::Address(address.parse()?),
                    });
                }
                "--helo" => options.helo = Some(value()?),
                "--ip" => options.hosts.push(value()?.parse()?),
                "--daily-volume" => options.daily_volume = Some(value()?.parse()?),
                other => return Err(format!("{other} is not an option").into()),
            }
        }
        if options.profile.is_empty() {
            return Err("--profile is missing".into());
        }
        Ok(options)
    }

    /// The identity as it would be registered.
    fn identity(
        &self,
        profile: &Profile,
        message: &Message,
        now: SystemTime,
    ) -> Result<Identity, Box<dyn Error>> {
        let subject = self.identity.clone().ok_or("--identity is missing")?;
        let authors = message.authors().unwrap_or_default();
        let author = authors.first().map(Mailbox::address);
        let subject = registrable(profile, subject, author)?;
        let mut new = NewIdentity::new("preflight".parse()?, profile.id().clone(), subject);
        if let Some(environment) = &self.environment {
            new = new.environment(environment.parse()?);
        }
        if let Some(region) = &self.region {
            new = new.region(region.parse()?);
        }
        new.values.clone_from(&self.values);
        Ok(new.to_identity(profile, now)?)
    }
}
