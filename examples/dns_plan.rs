//! Says which DNS records a provider needs for a domain or address and, with a zone, what has to change there.

#[path = "shared/colour.rs"]
mod colour;
#[path = "shared/subject.rs"]
mod subject;
#[path = "shared/zone_file.rs"]
mod zone_file;

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

use letterhead::dns::DomainName;
use letterhead::identity::{
    DnsPlan, Environment, NewIdentity, Profile, Region, StepError, Subject, Values,
};
use serde_json::to_string_pretty;

use self::colour::coloured;
use self::subject::registrable;

const USAGE: &str = "usage: dns_plan --profile NAME --domain NAME [--environment NAME]… [--region NAME]
       [--identity ADDRESS] [--value NAME=VALUE]… [--value NAME@ENVIRONMENT=VALUE]… [--zone FILE] [--json]

  --profile      whose records; a wrong name lists those there are
  --domain       the domain that sends; where only addresses can be registered, all of them there
  --identity     one address instead of the whole domain
  --environment  where it is to be used; several times for several, all that there are where it is left out
  --region       the provider's region
  --value        a value that the provider issues; several times where there are several of it. One that is issued for
                 each group of environments names any of the group. What is not given stands in braces
  --zone         a master file with what is published now
  --json         one JSON object instead of a master file

Without a zone the plan is written, and in which order all is set up; with it, what has to be published. Lines that begin
with a semicolon are for you, and what they say REPLACE goes away; the others can be published as they are. The exit status is 0 if everything required is
there, which without a zone only holds where nothing is required, 1 if not, and 2 if the command cannot be carried out.";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("dns_plan: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitCode, Box<dyn Error>> {
    let (mut profile, mut subject, mut domain) = (None, None::<Subject>, None::<DomainName>);
    let (mut environments, mut region) = (Vec::<Environment>::new(), None::<Region>);
    let (mut values, mut issued) = (Values::new(), BTreeMap::<Environment, Values>::new());
    let (mut zone, mut json) = (None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{option} needs a value"))
        };
        match option.as_str() {
            "--profile" => once(&option, &mut profile, value()?)?,
            "--domain" => once(&option, &mut domain, named(&option, &value()?)?)?,
            "--identity" => once(&option, &mut subject, named(&option, &value()?)?)?,
            "--environment" => environments.push(named(&option, &value()?.replace(' ', "-"))?),
            "--region" => once(&option, &mut region, named(&option, &value()?)?)?,
            "--value" => {
                let given = value()?;
                let Some((name, value)) = given.split_once('=') else {
                    return Err(format!("--value {given}: write NAME=VALUE").into());
                };
                let (name, values) = match name.split_once('@') {
                    Some((name, group)) => {
                        let group = named(&option, &group.replace(' ', "-"))?;
                        (name, issued.entry(group).or_default())
                    }
                    None => (name, &mut values),
                };
                let several = values.entry(name.to_owned()).or_default();
                several.push(value.to_owned());
            }
            "--zone" => once(&option, &mut zone, value()?)?,
            "--json" => json = true,
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    let profile = built_in(&profile.ok_or("--profile is missing")?)?;
    let subject = match (subject, domain) {
        (Some(subject), Some(domain)) if subject.domain() != Some(&domain) => {
            return Err(format!("{subject} is not of {domain}").into());
        }
        (Some(subject), _) => subject,
        (None, domain) => Subject::Domain(domain.ok_or("--domain is missing")?),
    };
    let subject = registrable(&profile, subject, None)?;
    let mut new = NewIdentity::new("anyone".parse()?, profile.id().clone(), subject);
    (new.values, new.region) = (values, region);
    // Nothing in a plan depends on the time.
    let now = SystemTime::UNIX_EPOCH;
    let plan = DnsPlan::preview(&profile, &new, &environments, &issued, now)?;
    let is_complete = match zone {
        None => {
            if json {
                println!("{}", to_string_pretty(&plan)?);
            } else {
                print!("{plan}{}", set_up(&profile)?);
            }
            plan.is_all_advice()
        }
        Some(path) => {
            let diff = plan.diff(&zone_file::zone(&path)?).await;
            if json {
                println!("{}", to_string_pretty(&diff)?);
            } else {
                for line in diff.to_string().lines() {
                    println!("; {}", coloured(&line));
                }
                print!("{}", diff.to_zone_text());
            }
            diff.is_complete()
        }
    };
    Ok(ExitCode::from(u8::from(!is_complete)))
}

/// The order in which everything is set up, whatever the circumstances, as comments of a zone.
fn set_up(profile: &Profile) -> Result<String, StepError> {
    let Some(procedure) = profile.procedure("set-up") else {
        return Ok(String::new());
    };
    let all = procedure.conditions().into_iter().cloned();
    let checklist = procedure.checklist(&procedure.begin(all)?);
    let lines = checklist.to_string();
    Ok(lines.lines().map(|line| format!("; {line}\n")).collect())
}

/// An option that can be given once.
fn once<T>(option: &str, place: &mut Option<T>, value: T) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{option} is given twice")),
    }
}

fn named<T>(option: &str, text: &str) -> Result<T, String>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    text.parse()
        .map_err(|error| format!("{option} {text}: {error}"))
}

fn built_in(name: &str) -> Result<Profile, Box<dyn Error>> {
    if Profile::built_in_names().any(|known| known == name) {
        return Ok(Profile::built_in(name)?);
    }
    let known: Vec<&str> = Profile::built_in_names().collect();
    Err(format!(
        "there is no profile {name}; there are: {}",
        known.join(", ")
    )
    .into())
}
