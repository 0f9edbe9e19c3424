//! Settings for a profile, to be filled in.

use std::fmt::{self, Write as _};

use letterhead_identity::Profile;
use letterhead_identity::profile::{Coverage, MadeBy, RegionBinding, SignatureWhen, ValueRule};

use super::Settings;
use crate::profile_endpoints::profile_endpoints;

impl Settings {
    /// What a file says for mail under a profile: a route, and a domain or address that sends by it. What stands in capitals is
    /// to be filled in, as are `yourcompany.example` and `your-region`; the rest is as the profile has it. It can be read as
    /// it is.
    ///
    /// ```
    /// use letterhead::identity::Profile;
    /// use letterhead::Settings;
    ///
    /// let sample = Settings::sample(&Profile::built_in("postmark")?);
    /// assert!(sample.contains("[routes.postmark]\nprofile = \"postmark\"\n"));
    /// let settings = Settings::from_toml(&sample, [("POSTMARK_PASSWORD", "secret")])?;
    /// assert_eq!(settings.routes().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sample(profile: &Profile) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = write!(text, "{}", Sample(profile));
        text
    }
}

struct Sample<'a>(&'a Profile);

impl fmt::Display for Sample<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.signs() {
            writeln!(
                f,
                "[keys.main]\ndomain = \"yourcompany.example\"\nselector = \"2026a\"\npem = {{ env = \"DKIM_KEY\" }}\n"
            )?;
        }
        self.route(f)?;
        self.identity(f)
    }
}

impl Sample<'_> {
    /// Whether the application signs itself.
    fn signs(&self) -> bool {
        let rules = self.0.signatures().iter();
        let mut own = rules.filter(|rule| rule.when != SignatureWhen::Never);
        own.any(|rule| rule.made_by == MadeBy::Sender)
    }

    fn route(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.0.id().as_str();
        writeln!(f, "[routes.{id}]\nprofile = \"{id}\"")?;
        let first = self.first_region();
        let has_server =
            profile_endpoints(self.0, first.and_then(|text| text.parse().ok()).as_ref())
                .is_ok_and(|endpoints| !endpoints.is_empty());
        if !has_server {
            line(
                f,
                "server = \"smtp://smtp.yourcompany.example:587\"",
                "yours",
            )?;
        }
        if let Some(region) = first {
            line(f, &format!("region = \"{region}\""), &self.regions())?;
        }
        self.environment(f)?;
        let rule = self.0.credentials().first();
        let user = rule.and_then(|rule| rule.literal.as_deref());
        let note = rule.and_then(|rule| rule.note.as_deref());
        let kind = rule.map(|rule| rule.kind.as_str().replace('-', " "));
        let kind = [kind.as_deref(), note].into_iter().flatten();
        let kind = kind.collect::<Vec<_>>().join("; ");
        line(f, &format!("user = \"{}\"", user.unwrap_or("USER")), &kind)?;
        let variable = id.to_uppercase().replace('-', "_");
        writeln!(f, "password = {{ env = \"{variable}_PASSWORD\" }}")?;
        if self.signs() {
            writeln!(f, "keys = [\"main\"]")?;
        }
        Ok(())
    }

    fn identity(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.0.id().as_str();
        let mut rules = self.0.identities().iter();
        let is_address = rules.all(|rule| rule.covers == Coverage::ExactAddress);
        let subject = match is_address {
            true => "billing@yourcompany.example",
            false => "yourcompany.example",
        };
        writeln!(
            f,
            "\n[identities.{id}]\ntenant = \"TENANT\"\nprofile = \"{id}\"\nsubject = \"{subject}\""
        )?;
        let binding = self.0.regions().map(|regions| regions.identities);
        if let (Some(region), Some(RegionBinding::Required | RegionBinding::Optional)) =
            (self.first_region(), binding)
        {
            writeln!(f, "region = \"{region}\"")?;
        }
        self.environment(f)?;
        if self.signs() && !is_address {
            line(
                f,
                "keys = [\"main\"]",
                "its selector and record are among the values",
            )?;
        }
        let of_key = ["selector", "key-record"];
        let values = self.0.values().iter();
        let values = values.filter(|value| !self.signs() || !of_key.contains(&&*value.name));
        for value in values.filter(|value| value.default.is_none()) {
            self.value(f, value)?;
        }
        Ok(())
    }

    /// What only some records are made of can be left out.
    fn value(&self, f: &mut fmt::Formatter<'_>, rule: &ValueRule) -> fmt::Result {
        let name = &rule.name;
        let is_optional = self
            .0
            .records()
            .iter()
            .any(|record| record.with.as_ref() == Some(name));
        let capitals = name.to_uppercase();
        let each = match rule.count {
            Some(count) if count > 1 => (1..=count)
                .map(|number| format!("\"{capitals}-{number}\""))
                .collect(),
            _ => vec![format!("\"{capitals}\"")],
        };
        let said = rule.said_by();
        let (mark, said) = match is_optional {
            true => ("# ", format!("{said}; can be left out")),
            false => ("", said.to_owned()),
        };
        line(
            f,
            &format!("{mark}values.{name} = [{}]", each.join(", ")),
            &said,
        )
    }

    fn environment(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(known) = self.0.environments() else {
            return Ok(());
        };
        let names: Vec<&str> = known.names.iter().map(|name| name.as_str()).collect();
        let Some(first) = names.first() else {
            return Ok(());
        };
        line(
            f,
            &format!("environment = \"{first}\""),
            &format!("one of {}", names.join(", ")),
        )
    }

    /// A region, where servers or identities are of one.
    fn first_region(&self) -> Option<&str> {
        let regions = self.0.regions()?;
        if self.0.endpoints().is_empty() && regions.identities == RegionBinding::Unbound {
            return None;
        }
        let known = regions.known.first();
        Some(known.map_or("your-region", |region| region.name.as_str()))
    }

    fn regions(&self) -> String {
        let known = self.0.regions().map(|regions| regions.known.as_slice());
        let names = known.unwrap_or_default().iter();
        let names: Vec<&str> = names.map(|region| region.name.as_str()).collect();
        match names.as_slice() {
            [] | [_] => String::new(),
            [first, .., last] if names.len() > FEW => {
                format!("of {}, from {first} to {last}", names.len())
            }
            _ => format!("one of {}", names.join(", ")),
        }
    }
}

/// Regions that are all named.
const FEW: usize = 6;

/// With a comment, where there is one.
fn line(f: &mut fmt::Formatter<'_>, text: &str, comment: &str) -> fmt::Result {
    match comment.is_empty() {
        true => writeln!(f, "{text}"),
        false => writeln!(f, "{text:43} # {comment}"),
    }
}
