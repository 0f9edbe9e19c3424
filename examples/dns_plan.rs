//! Says which DNS records a provider needs for a domain or address, or several for one domain, and, with a zone, what has to
//! change there.

#[path = "shared/colour.rs"]
mod colour;
#[path = "shared/help.rs"]
mod help;
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

const USAGE: &str = "usage: dns_plan --profile NAME… --domain NAME [--environment NAME]… [--region NAME]
       [--identity ADDRESS] [--value [PROFILE:]NAME[@ENVIRONMENT]=VALUE]… [--zone FILE] [--json]

  --profile      whose records; several times where the domain sends in several ways, for one plan with one SPF record; a
                 wrong name lists those there are
  --domain       the domain that sends; where only addresses can be registered, all of them there
  --identity     one address instead of the whole domain
  --environment  where it is to be used; several times for several, all that there are where it is left out
  --region       the provider's region
  --value        a value that the provider issues; several times where there are several of it. One that is issued for
                 each group of environments names any of the group, and one that several of the profiles know names the
                 profile that it is for, or is for all. What is not given stands in braces
  --zone         a master file with what is published now
  --json         one JSON object instead of a master file

Without a zone the plan is written, and in which order all is set up; with it, what has to be published. Lines that begin
with a semicolon are for you, and what they say REPLACE goes away; the others can be published as they are. The exit status is 0 if everything required is
there, which without a zone only holds where nothing is required, 1 if not, and 2 if the command cannot be carried out.";

#[tokio::main]
async fn main() -> ExitCode {
    if help::is_asked(USAGE) {
        return ExitCode::SUCCESS;
    }
    match run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("dns_plan: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<ExitCode, Box<dyn Error>> {
    let (mut profiles, mut values) = (Vec::<Profile>::new(), Vec::<Given>::new());
    let (mut subject, mut domain) = (None::<Subject>, None::<DomainName>);
    let (mut environments, mut region) = (Vec::<Environment>::new(), None::<Region>);
    let (mut zone, mut json) = (None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{option} needs a value"))
        };
        match option.as_str() {
            "--profile" => profiles.push(built_in(&value()?)?),
            "--domain" => once(&option, &mut domain, named(&option, &value()?)?)?,
            "--identity" => once(&option, &mut subject, named(&option, &value()?)?)?,
            "--environment" => environments.push(named(&option, &value()?.replace(' ', "-"))?),
            "--region" => once(&option, &mut region, named(&option, &value()?)?)?,
            "--value" => values.push(Given::read(&value()?)?),
            "--zone" => once(&option, &mut zone, value()?)?,
            "--json" => json = true,
            other => return Err(format!("{other} is not an option").into()),
        }
    }
    if profiles.is_empty() {
        return Err("--profile is missing".into());
    }
    let subject = match (subject, domain) {
        (Some(subject), Some(domain)) if subject.domain() != Some(&domain) => {
            return Err(format!("{subject} is not of {domain}").into());
        }
        (Some(subject), _) => subject,
        (None, domain) => Subject::Domain(domain.ok_or("--domain is missing")?),
    };
    if let Some(lost) = values
        .iter()
        .find(|value| !profiles.iter().any(|one| value.is_for(one, &profiles)))
    {
        let known: Vec<&str> = profiles
            .iter()
            .flat_map(Profile::values)
            .map(|rule| &*rule.name)
            .collect();
        return Err(format!(
            "--value {}: no such value; there are: {}",
            lost.name,
            known.join(", ")
        )
        .into());
    }
    let plans = profiles.iter().map(|profile| {
        let subject = registrable(profile, subject.clone(), None)?;
        let mut new = NewIdentity::new("anyone".parse()?, profile.id().clone(), subject);
        let has_regions = profiles.len() == 1 || profile.regions().is_some();
        new.region = region.clone().filter(|_| has_regions);
        let mut issued = BTreeMap::<Environment, Values>::new();
        for given in values
            .iter()
            .filter(|value| value.is_for(profile, &profiles))
        {
            let values = match &given.environment {
                Some(group) => issued.entry(group.clone()).or_default(),
                None => &mut new.values,
            };
            values
                .entry(given.name.clone())
                .or_default()
                .push(given.value.clone());
        }
        // Nothing in a plan depends on the time.
        let now = SystemTime::UNIX_EPOCH;
        Ok(DnsPlan::preview(
            profile,
            &new,
            &environments,
            &issued,
            now,
        )?)
    });
    let plan = DnsPlan::merge(plans.collect::<Result<Vec<_>, Box<dyn Error>>>()?)?;
    let is_complete = match zone {
        None => {
            if json {
                println!("{}", to_string_pretty(&plan)?);
            } else {
                print!("{plan}");
                for profile in &profiles {
                    print!("{}", set_up(profile)?);
                }
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

/// What `--value` says.
struct Given {
    profile: Option<String>,
    name: String,
    environment: Option<Environment>,
    value: String,
}

impl Given {
    fn read(text: &str) -> Result<Self, String> {
        let option = "--value";
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("{option} {text}: write NAME=VALUE"))?;
        let (profile, name) = match name.split_once(':') {
            Some((profile, name)) => (Some(profile.to_owned()), name),
            None => (None, name),
        };
        let (name, environment) = match name.split_once('@') {
            Some((name, group)) => (name, Some(named(option, &group.replace(' ', "-"))?)),
            None => (name, None),
        };
        Ok(Self {
            profile,
            name: name.to_owned(),
            environment,
            value: value.to_owned(),
        })
    }

    /// Of several profiles, a value is for those that know it, or for the one it names.
    fn is_for(&self, profile: &Profile, all: &[Profile]) -> bool {
        match &self.profile {
            Some(name) => profile.id().as_str() == name,
            None => all.len() == 1 || profile.values().iter().any(|rule| rule.name == self.name),
        }
    }
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
