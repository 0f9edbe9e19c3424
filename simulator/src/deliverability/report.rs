//! The report as text.

use std::fmt;

use letterhead_identity::Authenticated;
use letterhead_identity::receiver_policy::Strength;

use super::{Asked, Deliverability, Outlook, RuleOutlook};

/// A paragraph for each receiver.
impl fmt::Display for Deliverability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, outlook) in self.outlooks.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            outlook.fmt(f)?;
        }
        Ok(())
    }
}

/// Whose it is and what would be done; a line for each recipient; SPF, each signature and DMARC; a line for each rule.
impl fmt::Display for Outlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.receiver)?;
        match (self.is_taken(), self.disposition) {
            (true, Some(disposition)) => writeln!(f, "taken ({disposition})")?,
            (true, None) => writeln!(f, "taken, and kept nowhere")?,
            (false, Some(disposition)) => writeln!(f, "taken for some ({disposition})")?,
            (false, None) => writeln!(f, "not taken")?,
        }
        writeln!(f, "  {:<8} {}", "client", self.client)?;
        for row in self.report.rows() {
            write!(f, "  {:<8} {}: ", "to", row.recipient())?;
            match (row.reply(), row.detail()) {
                (Some(reply), _) => writeln!(f, "{reply}")?,
                (None, Some(detail)) => writeln!(f, "{}: {detail}", row.outcome())?,
                (None, None) => writeln!(f, "{}", row.outcome())?,
            }
        }
        match &self.authenticated {
            Some(authenticated) => Verdicts(authenticated).fmt(f)?,
            None => writeln!(f, "  {:<8} nothing is looked at", "checks")?,
        }
        let width = self.rules.iter().map(|rule| rule.rule.as_str().len()).max();
        for rule in &self.rules {
            RuleLine(rule, width.unwrap_or_default()).fmt(f)?;
        }
        Ok(())
    }
}

/// The host's name, or that of the policy.
impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(name) => write!(f, "{name}"),
            Self::Policy(name) => write!(f, "the rules of {name}"),
        }
    }
}

struct Verdicts<'a>(&'a Authenticated);

impl fmt::Display for Verdicts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Authenticated {
            spf, dkim, dmarc, ..
        } = self.0;
        let mut line = |what: &str, result: &dyn fmt::Display, rest: String| {
            writeln!(f, "  {what:<8} {:<9} {rest}", result.to_string())
        };
        line("SPF", &spf.result, spf.decided_by().to_string())?;
        if dkim.is_empty() {
            line("DKIM", &"none", "the message is not signed".to_owned())?;
        }
        for verdict in dkim {
            let domain = verdict.domain().map(ToString::to_string);
            let domain = domain.unwrap_or_else(|| "no domain".to_owned());
            line(
                "DKIM",
                &verdict.result(),
                format!("{domain}: {}", verdict.cause()),
            )?;
        }
        match dmarc {
            None => line(
                "DMARC",
                &"unknown",
                "From does not name one domain".to_owned(),
            ),
            Some(verdict) => {
                let asked = match verdict.requested_policy() {
                    Some(policy) => format!(
                        "asks for {policy}, for this message {}",
                        verdict.disposition()
                    ),
                    None => "no policy applies".to_owned(),
                };
                line(
                    "DMARC",
                    &verdict.result(),
                    format!("{}: {asked}", verdict.author_domain()),
                )
            }
        }
    }
}

/// `NOT MET  reverse-dns  publish …`
struct RuleLine<'a>(&'a RuleOutlook, usize);

impl fmt::Display for RuleLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(rule, width) = *self;
        let is_wanted = rule.applies && rule.strength == Strength::Required;
        let standing = match rule.is_met {
            Some(true) => "met",
            Some(false) if is_wanted => "NOT MET",
            Some(false) => "not met",
            None => "unseen",
        };
        if rule.is_met == Some(true) {
            return writeln!(f, "  {standing:<8} {}", rule.rule);
        }
        let asked = match (rule.applies, rule.strength) {
            (false, _) => "not asked of this mail; ",
            (true, Strength::Advised) => "recommended; ",
            (true, _) => "",
        };
        write!(
            f,
            "  {standing:<8} {:<width$}  {asked}{}",
            rule.rule, rule.remedy
        )?;
        match &rule.source {
            Some(source) => writeln!(f, " [{}]", source.url),
            None => writeln!(f),
        }
    }
}
