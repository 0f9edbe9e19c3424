//! The verdict as Authentication-Results has it.

use std::fmt;

use crate::verdict::Verdict;

/// What one signature adds to an Authentication-Results field
/// ([RFC 8601 §2.7.1](https://www.rfc-editor.org/rfc/rfc8601#section-2.7.1)), to be put behind a semicolon.
///
/// It names `header.d`, `header.s`, `header.a`, `header.i` where the signature says on whose behalf it was made, and in
/// `header.b` the first eight characters of the signature, which tell it from others of the same domain
/// ([RFC 6008 §4](https://www.rfc-editor.org/rfc/rfc6008#section-4)); none of them where the signature could not be read.
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
    items: Vec<String>,
}

impl ResultClause {
    /// What `verdict` says. Other than for a pass, the reason is the cause; for a pass it is what to know all the same:
    /// that the domain is testing, or that a part of the body is not covered.
    pub fn new(verdict: &Verdict) -> Self {
        let mut items = vec![format!("dkim={}", verdict.result())];
        items.extend(reason(verdict).map(|reason| format!("reason={}", quoted(&reason))));
        items.extend(properties(verdict).map(|(name, value)| {
            let value = if is_plain(&value) {
                value
            } else {
                quoted(&value)
            };
            format!("header.{name}={value}")
        }));
        Self { items }
    }
}

impl fmt::Display for ResultClause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The clause begins behind the space that begins its line.
        let mut column = 0;
        for (index, item) in self.items.iter().enumerate() {
            if index > 0 {
                if column + 1 + item.len() > WIDTH {
                    f.write_str("\r\n")?;
                    column = 0;
                }
                f.write_str(" ")?;
            }
            f.write_str(item)?;
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

/// The names and values of the properties, in the order in which they are written.
fn properties(verdict: &Verdict) -> impl Iterator<Item = (&'static str, String)> {
    verdict.signature().into_iter().flat_map(|signature| {
        let identifier = signature.agent_or_user_identifier();
        [
            ("d", Some(signature.domain().to_string())),
            ("s", Some(signature.selector().to_string())),
            ("a", Some(signature.algorithm_text().to_owned())),
            ("i", identifier.map(ToString::to_string)),
            ("b", verdict.signature_start()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    })
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

const WIDTH: usize = 78;
