//! The result as Authentication-Results has it.

use std::fmt;

use crate::check::query::{Identity, Query};
use crate::check::verdict::Verdict;
use crate::field::text::{MAX_COLUMN, cleaned, is_dotted, quoted};
use crate::spf_result::SpfResult;

/// What one check adds to an Authentication-Results field
/// ([RFC 8601 §2.7.2](https://www.rfc-editor.org/rfc/rfc8601#section-2.7.2)), to be put behind a semicolon.
///
/// It names `smtp.mailfrom`, the address checked; for the HELO identity and the null sender `smtp.helo`.
///
/// `Display` folds with CRLF between items where a line would grow past 78 columns. Whatever the sender and the domain's
/// record say, it is printable ASCII: other characters become `?`, and what is longer than 400 octets is cut and ends in
/// `...`.
///
/// ```
/// use letterhead_dns::{Zone, block_on_ready};
/// use letterhead_spf::{Limits, Query, ResultClause, check_host};
///
/// let zone: Zone = "example.com TXT \"v=spf1 ip4:192.0.2.0/24 -all\"".parse()?;
/// let query = Query::mail_from("192.0.2.1".parse()?, "ada@example.com", "mail.example.com");
/// let limits = Limits::default();
/// let verdict = block_on_ready(check_host(&query, &zone, &limits)).expect("ready at once");
/// assert_eq!(
///     format!("Authentication-Results: mx.example.org;\r\n {}\r\n", ResultClause::new(&verdict, &query)),
///     "Authentication-Results: mx.example.org;\r\n spf=pass smtp.mailfrom=ada@example.com\r\n",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct ResultClause {
    result: SpfResult,
    reason: Option<String>,
    property: &'static str,
    value: String,
}

impl ResultClause {
    /// What `verdict` says of `query`. For none, temperror and permerror the reason says what the problem is.
    pub fn new(verdict: &Verdict, query: &Query) -> Self {
        let (property, value) = match query.identity() {
            Identity::MailFrom if !query.is_null_sender() => ("smtp.mailfrom", query.sender()),
            Identity::MailFrom | Identity::Helo => ("smtp.helo", query.helo_text().to_owned()),
        };
        Self {
            result: verdict.result,
            reason: verdict.problem().as_deref().map(cleaned),
            property,
            value: cleaned(&value),
        }
    }

    /// Sets the reason, for people to read.
    pub fn reason(mut self, text: &str) -> Self {
        self.reason = Some(cleaned(text));
        self
    }
}

impl fmt::Display for ResultClause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = format!("spf={}", self.result);
        let reason = self.reason.as_deref().map(quoted);
        let value = if is_plain(&self.value) {
            self.value.clone()
        } else {
            quoted(&self.value)
        };
        let property = format!("{}={value}", self.property);
        let rest = reason.map(|reason| format!("reason={reason}"));
        f.write_str(&result)?;
        // The clause begins behind the space that begins its line.
        let mut column = 1 + result.len();
        for item in rest.into_iter().chain([property]) {
            if column + 1 + item.len() > MAX_COLUMN {
                f.write_str("\r\n")?;
                column = 0;
            }
            write!(f, " {item}")?;
            column += 1 + item.len();
        }
        Ok(())
    }
}

/// Whether the text needs no quotes as a value
/// ([RFC 8601 §2.2](https://www.rfc-editor.org/rfc/rfc8601#section-2.2)): a domain, or an address whose local part could
/// also be a token, so that readers which split at the specials of MIME read it too.
fn is_plain(value: &str) -> bool {
    let (local_part, domain) = match value.rsplit_once('@') {
        Some((local_part, domain)) => (Some(local_part), domain),
        None => (None, value),
    };
    local_part.is_none_or(|local_part| is_dotted(local_part, b"!#$%&'*+-^_`{|}~"))
        && is_dotted(domain, b"-_")
}
