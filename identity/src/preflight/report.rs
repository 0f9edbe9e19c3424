//! A preflight as text.

use std::fmt;

use letterhead_dmarc::DmarcResult;

use super::Preflight;
use super::signature_prediction::{SignatureMaker, SignaturePrediction, Standing};
use crate::one_line::OneLine;

/// Three verdict lines, then the findings, the worst first.
impl fmt::Display for Preflight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spf = &self.spf;
        write!(f, "SPF   {}", Shown(spf.result.as_ref()))?;
        if let Some(domain) = &spf.domain {
            write!(f, " for {domain}")?;
        }
        writeln!(f, ", {}: {}", spf.mail_from, OneLine(&spf.cause))?;
        if self.dkim.is_empty() {
            writeln!(f, "DKIM  none")?;
        }
        for signature in &self.dkim {
            writeln!(f, "DKIM  {}", SignatureLine(signature))?;
        }
        let dmarc = &self.dmarc;
        write!(f, "DMARC {}", Shown(dmarc.result.as_ref()))?;
        if let Some(domain) = &dmarc.domain {
            write!(f, " for {domain}")?;
        }
        write!(f, ": {}", OneLine(&dmarc.cause))?;
        match (&dmarc.policy_domain, dmarc.policy, dmarc.disposition) {
            (Some(domain), Some(policy), Some(disposition)) => writeln!(
                f,
                "; _dmarc.{domain} asks for {policy}, for this message {disposition}"
            )?,
            (Some(domain), Some(policy), None) => {
                writeln!(f, "; _dmarc.{domain} asks for {policy}")?;
            }
            _ if dmarc.result == Some(DmarcResult::None) => writeln!(f, "; no policy applies")?,
            _ => writeln!(f)?,
        }
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        Ok(())
    }
}

struct SignatureLine<'a>(&'a SignaturePrediction);

impl fmt::Display for SignatureLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = self.0;
        let made_by = match signature.made_by {
            SignatureMaker::Message => "in the message",
            SignatureMaker::Sender => "made by the application",
            SignatureMaker::Provider => "made by the provider",
        };
        write!(
            f,
            "{} for {}, {made_by}: {}",
            Shown(signature.result.as_ref()),
            OneLine(&signature.name()),
            OneLine(&signature.cause)
        )?;
        match signature.standing {
            Standing::Counts => Ok(()),
            Standing::Testing => {
                f.write_str(", and the domain is testing, so that it does not count")
            }
        }
    }
}

struct Shown<'a, T>(Option<&'a T>);

impl<T: fmt::Display> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}
