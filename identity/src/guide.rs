//! A provider's set-up as a page for people, made of its profile.

use std::fmt::{self, Write as _};

use crate::profile::{
    Amount, Coverage, EndpointSecurity, MadeBy, Party, Profile, SignatureRule, SignatureWhen,
    SimulatedMailboxes, SimulatedOutcome, ValueIssuer,
};

impl Profile {
    /// How to set the provider up, as a page in Markdown: what can be registered, the records, who signs, the limits, the
    /// servers, what has to be done in which order, and where all of that was read. An application shows it to whoever sets it
    /// up; the pages under `docs/providers` are these.
    ///
    /// ```
    /// let guide = letterhead_identity::Profile::built_in("postmark")?.guide();
    /// assert!(guide.starts_with("# Postmark\n"));
    /// assert!(guide.contains("| MAIL FROM | CNAME |") || guide.contains("| DKIM | TXT |"));
    /// # Ok::<(), letterhead_identity::profile::ProfileError>(())
    /// ```
    #[must_use]
    pub fn guide(&self) -> String {
        let mut page = String::new();
        // Writing to a string does not fail.
        let _ = write!(page, "{}", Guide(self));
        page
    }
}

struct Guide<'a>(&'a Profile);

impl fmt::Display for Guide<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let profile = self.0;
        writeln!(f, "# {}\n", profile.title())?;
        writeln!(f, "Profile `{}`.", profile.id())?;
        if let Some(upstream) = profile.upstream() {
            writeln!(f, "What is not said here is as in `{upstream}`.")?;
        }
        writeln!(
            f,
            "\nThis page is made of the profile: change `identity/profiles/{}.toml`, not this file.",
            profile.id()
        )?;
        procedures(f, profile)?;
        identities(f, profile)?;
        records(f, profile)?;
        signatures(f, profile)?;
        limits(f, profile)?;
        servers(f, profile)?;
        tests(f, profile)?;
        sources(f, profile)
    }
}

fn procedures(f: &mut fmt::Formatter<'_>, profile: &Profile) -> fmt::Result {
    for procedure in profile.procedures() {
        let name = procedure.name.as_str().replace('-', " ");
        writeln!(f, "\n## Steps: {name}\n")?;
        if let Some(note) = &procedure.note {
            writeln!(f, "{}.\n", capital(note))?;
        }
        for (number, step) in (1..).zip(&procedure.steps) {
            let by = match step.by {
                Party::Tenant => "you",
                Party::Provider => "the provider",
                Party::DnsOwner => "whoever publishes your records",
                Party::MailAdministrator => "whoever runs your mail servers",
            };
            write!(f, "{number}. {} *({by}", step.text)?;
            if let Some(when) = &step.when {
                write!(f, "; only for {}", when.as_str().replace('-', " "))?;
            }
            writeln!(f, ")*")?;
        }
    }
    Ok(())
}

fn identities(f: &mut fmt::Formatter<'_>, profile: &Profile) -> fmt::Result {
    if profile.identities().is_empty() {
        return Ok(());
    }
    writeln!(f, "\n## What can be registered\n")?;
    writeln!(f, "| kind | covers | verified by |\n|---|---|---|")?;
    for rule in profile.identities() {
        let covers = match rule.covers {
            Coverage::ExactAddress => "one address",
            Coverage::Domain => "a domain",
            Coverage::DomainAndSubdomains => "a domain and those below it",
        };
        let proofs = rule.verified_by.iter().map(ToString::to_string);
        let proofs: Vec<String> = proofs.collect();
        let proofs = if proofs.is_empty() {
            "nothing more is asked".to_owned()
        } else {
            proofs.join(", ")
        };
        writeln!(f, "| {} | {covers} | {proofs} |", rule.kind.as_str())?;
    }
    for denied in profile.denied() {
        let note = denied.note.as_deref().unwrap_or_default();
        writeln!(f, "\nNobody sends as `{}`: {note}.", denied.domain)?;
    }
    Ok(())
}

fn records(f: &mut fmt::Formatter<'_>, profile: &Profile) -> fmt::Result {
    writeln!(f, "\n## Records\n")?;
    writeln!(f, "`{{domain}}` is yours.\n")?;
    writeln!(f, "| for | type | name | value | |\n|---|---|---|---|---|")?;
    for record in profile.records() {
        let necessity = with_note(&record.necessity.to_string(), record.note.as_deref());
        let (owner, value) = (cell(&record.owner), cell(&record.value));
        let (purpose, kind) = (record.purpose, record.kind);
        writeln!(
            f,
            "| {purpose} | {kind} | `{owner}` | `{value}` | {necessity} |"
        )?;
    }
    for rule in profile.spf() {
        let necessity = with_note(&rule.necessity.to_string(), rule.note.as_deref());
        let place = match &rule.location {
            Some(location) => format!(" ({})", location.as_str()),
            None => String::new(),
        };
        let term = cell(&rule.term);
        writeln!(
            f,
            "| SPF | term | the SPF record of `{{domain}}` | `{term}`{place} | {necessity} |"
        )?;
    }
    for value in profile.values() {
        let said = match (value.issued_by, &value.default) {
            (None | Some(ValueIssuer::Sender), Some(default)) => {
                format!("`{default}` where nothing else is said")
            }
            _ => value.said_by().to_owned(),
        };
        let count = match value.count {
            Some(count) if count > 1 => format!("{count} of them; "),
            _ => String::new(),
        };
        writeln!(f, "\n`{{{}}}`: {count}{said}.", value.name)?;
    }
    for obsolete in profile.obsolete_terms() {
        let note = with_note("no longer needed", obsolete.note.as_deref());
        writeln!(f, "\n`{}`: {note}.", obsolete.term)?;
    }
    Ok(())
}

fn signatures(f: &mut fmt::Formatter<'_>, profile: &Profile) -> fmt::Result {
    writeln!(f, "\n## Who signs, and from where mail leaves\n")?;
    for rule in profile.signatures() {
        let domain = match rule.domain.as_str() {
            SignatureRule::IDENTITY_DOMAIN => "your domain".to_owned(),
            other => format!("`{other}`"),
        };
        let by = match rule.made_by {
            MadeBy::Provider => "by the provider",
            MadeBy::Sender => "by your application",
        };
        let when = match rule.when {
            SignatureWhen::Always => "always".to_owned(),
            SignatureWhen::Never => "never".to_owned(),
            SignatureWhen::DomainIdentity => "where the domain is registered".to_owned(),
            SignatureWhen::SwitchedOn => match &rule.switch {
                Some(switch) => format!("where {} is on", switch.as_str().replace('-', " ")),
                None => "where that is switched on".to_owned(),
            },
        };
        writeln!(f, "- Signed for {domain}, {by}: {when}.")?;
    }
    if let Some(rule) = profile.return_path() {
        writeln!(f, "- Envelope senders are at `{}`.", rule.domain)?;
        if let Some(custom) = &rule.custom {
            writeln!(
                f,
                "- With `{{{custom}}}` they are at that domain instead, and SPF aligns."
            )?;
        }
    }
    if let Some(headers) = profile.headers() {
        let names: Vec<&str> = headers
            .overwritten
            .iter()
            .map(|name| name.as_str())
            .collect();
        if !names.is_empty() {
            writeln!(f, "- Overwritten on the way: {}.", names.join(", "))?;
        }
    }
    Ok(())
}

fn limits(f: &mut fmt::Formatter<'_>, profile: &Profile) -> fmt::Result {
    if profile.quotas().is_empty() {
        return Ok(());
    }
    writeln!(f, "\n## Limits\n")?;
    writeln!(
        f,
        "An unknown limit is a limit: ask the provider for yours.\n"
    )?;
    writeln!(f, "| limit | of each | tier | |\n|---|---|---|---|")?;
    for quota in profile.quotas() {
        let tier = quota.tier.as_ref().map_or("every", |tier| tier.as_str());
        let note = quota.note.as_deref().map(cell).unwrap_or_default();
        let units = quota.unit.to_string();
        let unit = match quota.maximum {
            Amount::Known(1) => units.trim_end_matches('s'),
            _ => &units,
        };
        writeln!(
            f,
            "| {} {unit} {} | {} | {tier} | {note} |",
            quota.maximum, quota.window, quota.per
        )?;
    }
    Ok(())
}

fn servers(f: &mut fmt::Formatter<'_>, profile: &Profile) -> fmt::Result {
    if profile.endpoints().is_empty() && profile.credentials().is_empty() {
        return Ok(());
    }
    writeln!(f, "\n## Servers and credentials\n")?;
    for endpoint in profile.endpoints() {
        let security = match endpoint.security {
            EndpointSecurity::Starttls => "STARTTLS",
            EndpointSecurity::Implicit => "TLS from the first octet",
        };
        writeln!(
            f,
            "- `{}` port {}, {security}",
            endpoint.host, endpoint.port
        )?;
    }
    for rule in profile.credentials() {
        write!(f, "- credentials: {}", rule.kind.as_str().replace('-', " "))?;
        if let Some(literal) = &rule.literal {
            write!(f, ", the user is called `{literal}`")?;
        }
        match &rule.note {
            Some(note) => writeln!(f, "; {note}")?,
            None => writeln!(f)?,
        }
    }
    Ok(())
}

fn tests(f: &mut fmt::Formatter<'_>, profile: &Profile) -> fmt::Result {
    if profile.simulated_addresses().is_empty() {
        return Ok(());
    }
    writeln!(f, "\n## Addresses to test with\n")?;
    writeln!(f, "The simulator has them, too, without an account.\n")?;
    for simulated in profile.simulated_addresses() {
        let who = match &simulated.mailboxes {
            SimulatedMailboxes::Address(address) => format!("`{address}`"),
            SimulatedMailboxes::Domain { domain, .. } => format!("any address at `{domain}`"),
        };
        let what = match simulated.outcome {
            SimulatedOutcome::Delivered => "is delivered",
            SimulatedOutcome::Bounced => "bounces",
            SimulatedOutcome::Complained => "complains",
            SimulatedOutcome::AutoReplied => "answers by machine",
            SimulatedOutcome::Suppressed => "bounces as a suppressed address does",
            SimulatedOutcome::Discarded => "is taken and thrown away",
        };
        writeln!(f, "- {who} {}", with_note(what, simulated.note.as_deref()))?;
    }
    Ok(())
}

fn sources(f: &mut fmt::Formatter<'_>, profile: &Profile) -> fmt::Result {
    writeln!(f, "\n## Where this was read\n")?;
    for (name, source) in profile.sources() {
        writeln!(
            f,
            "- {}: <{}>, {}",
            name.replace('-', " "),
            source.url,
            source.as_of
        )?;
    }
    Ok(())
}

fn with_note(text: &str, note: Option<&str>) -> String {
    match note {
        Some(note) => format!("{text}: {}", cell(note)),
        None => text.to_owned(),
    }
}

/// In a cell of a table a bar would begin the next one.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
