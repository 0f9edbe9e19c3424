//! The verdict as Authentication-Results has it.

use std::fmt;

use crate::signature_writer::WIDTH;
use crate::verdict::{DkimResult, Verdict};

/// What one signature adds to an Authentication-Results field
/// ([RFC 8601 §2.7.1](https://www.rfc-editor.org/rfc/rfc8601#section-2.7.1)), to be put behind a semicolon.
///
/// It names `header.d`, `header.s`, `header.a`, `header.i` where the signature says on whose behalf it was made, and in
/// `header.b` the first eight characters of the signature, which tell it from others of the same domain
/// ([RFC 6008 §4](https://www.rfc-editor.org/rfc/rfc6008#section-4)); of a signature that could not be read what could be.
///
/// `Display` folds with CRLF between items where a line would grow past 78 columns. Whatever the signature says, it is
/// printable ASCII.
///
/// ```
/// use letterhead_dkim::{ResultClause, VerifyLimits, verify};
/// use letterhead_dns::{Zone, block_on_ready};
/// # use std::time::{Duration, SystemTime};
/// # let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
///
/// let message = b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=gone; h=From; bh=AAAA; b=BBBB\r\n\
///     From: a@example.org\r\n\r\n";
/// let verdicts = block_on_ready(verify(message, &Zone::new(), now, &VerifyLimits::default())).unwrap();
/// assert_eq!(
///     format!("Authentication-Results: mx.example.net;\r\n {}\r\n", ResultClause::new(&verdicts[0])),
///     "Authentication-Results: mx.example.net;\r\n dkim=permerror reason=\"no key record\" header.d=example.org \
///     header.s=gone\r\n header.a=rsa-sha256 header.b=BBBB\r\n",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct ResultClause {
    result: DkimResult,
    reason: Option<String>,
    properties: Vec<(&'static str, String)>,
}

impl ResultClause {
    /// What `verdict` says. Other than for a pass, the reason is the cause; for a pass it is what to know all the same:
    /// that the domain is testing, or that a part of the body is not covered.
    pub fn new(verdict: &Verdict) -> Self {
        Self {
            result: verdict.result(),
            reason: reason(verdict),
            properties: properties(verdict),
        }
    }

    /// The result.
    #[must_use]
    pub fn result(&self) -> DkimResult {
        self.result
    }

    /// The reason, where one is given.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The properties of the type `header`, by name, in the order in which they are written. The values are not quoted.
    pub fn properties(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let properties = self.properties.iter();
        properties.map(|(name, value)| (*name, value.as_str()))
    }
}

impl fmt::Display for ResultClause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = format!("dkim={}", self.result);
        let reason = self.reason();
        let reason = reason.map(|reason| format!("reason={}", quoted(reason)));
        let properties = self.properties().map(|(name, value)| {
            if is_plain(value) {
                format!("header.{name}={value}")
            } else {
                format!("header.{name}={}", quoted(value))
            }
        });
        f.write_str(&result)?;
        // The clause begins behind the space that begins its line.
        let mut column = 1 + result.len();
        for item in reason.into_iter().chain(properties) {
            if column + 1 + item.len() > WIDTH {
                f.write_str("\r\n")?;
                column = 0;
            }
            write!(f, " {item}")?;
            column += 1 + item.len();
        }
        Ok(())
    }
}

fn reason(verdict: &Verdict) -> Option<String> {
    if !verdict.is_pass() {
        Some(verdict.cause().to_string())
    } else if let Some(octets) = verdict.unsigned_body_octets() {
        Some(format!("{octets} octets of the body are not signed"))
    } else {
        verdict
            .is_testing()
            .then(|| "the domain is testing DKIM".to_owned())
    }
}

fn properties(verdict: &Verdict) -> Vec<(&'static str, String)> {
    let signature = verdict.signature();
    let identifier = verdict.agent_or_user_identifier();
    [
        ("d", verdict.domain().map(ToString::to_string)),
        ("s", verdict.selector().map(ToString::to_string)),
        (
            "a",
            signature.map(|signature| signature.algorithm_text().to_owned()),
        ),
        ("i", identifier.map(ToString::to_string)),
        ("b", verdict.signature_start()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// Whether a value needs no quotes: a token of MIME, or an address whose parts are
/// ([RFC 8601 §2.2](https://www.rfc-editor.org/rfc/rfc8601#section-2.2)).
fn is_plain(value: &str) -> bool {
    let is_token = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || b"-_.+!#$%&'*^`{|}~".contains(&octet))
    };
    match value.split_once('@') {
        Some((local_part, domain)) => {
            (local_part.is_empty() || is_token(local_part)) && is_token(domain)
        }
        None => is_token(value),
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            _ => quoted.push('?'),
        }
    }
    quoted.push('"');
    quoted
}
