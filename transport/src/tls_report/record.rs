//! Where a domain wants to be told.

use std::fmt;

use letterhead_dns::{Answer, LookupError, RecordType, Resolver};
use letterhead_mail::{DomainName, EmailAddress};

use crate::percent::percent_decoded;
use crate::policy_record::{self, SPACE};

/// What a domain says at `_smtp._tls` below its name: where reports go
/// ([RFC 8460 §3](https://www.rfc-editor.org/rfc/rfc8460#section-3)).
///
/// ```
/// use letterhead_dns::{Zone, block_on_ready};
/// use letterhead_transport::tls_report::TlsReportRecord;
///
/// let zone: Zone = "_smtp._tls.example.org TXT \"v=TLSRPTv1; rua=mailto:tls@example.org\"".parse()?;
/// let domain = "example.org".parse()?;
/// let record = block_on_ready(TlsReportRecord::find(&zone, &domain)).expect("a zone does not wait")?;
/// assert_eq!(record.expect("a record").destinations()[0].to_string(), "mailto:tls@example.org");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsReportRecord {
    destinations: Vec<ReportDestination>,
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportDestination {
    /// By mail to this address ([RFC 8460 §5.3](https://www.rfc-editor.org/rfc/rfc8460#section-5.3)).
    Mail(EmailAddress),
    /// By a POST to this `https://` URL ([RFC 8460 §5.4](https://www.rfc-editor.org/rfc/rfc8460#section-5.4)).
    Https(Box<str>),
}

impl TlsReportRecord {
    /// The record of a domain; `None` where it wants no reports.
    ///
    /// # Errors
    ///
    /// When the DNS gives no answer.
    pub async fn find(
        resolver: &dyn Resolver,
        domain: &DomainName,
    ) -> Result<Option<Self>, LookupError> {
        // Below a name of the greatest length there is no room for a record.
        let Ok(name) = domain.prepend("_smtp._tls") else {
            return Ok(None);
        };
        match resolver.lookup(name.as_name(), RecordType::TXT).await {
            Ok(answer) => Ok(Self::from_answer(&answer)),
            Err(error) if error.is_no_such_name() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The record in the answer to a question for TXT. `None` where there is none, where there are several, where it cannot
    /// be read, and where it names no place that reports can go to.
    #[must_use]
    pub fn from_answer(answer: &Answer) -> Option<Self> {
        let destinations: Vec<ReportDestination> = policy_record::fields(answer, "v=TLSRPTv1")?
            .into_iter()
            .filter(|(name, _)| *name == "rua")
            .flat_map(|(_, list)| list.split(','))
            .filter_map(|uri| destination(uri.trim_matches(SPACE)))
            .collect();
        (!destinations.is_empty()).then_some(Self { destinations })
    }

    /// Where reports go, at least one place: to all of them.
    #[must_use]
    pub fn destinations(&self) -> &[ReportDestination] {
        &self.destinations
    }
}

/// The URI.
impl fmt::Display for ReportDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mail(address) => write!(f, "mailto:{address}"),
            Self::Https(url) => f.write_str(url),
        }
    }
}

/// Other schemes than the two are for others; so is what cannot be read.
fn destination(uri: &str) -> Option<ReportDestination> {
    let (scheme, rest) = uri.split_once(':')?;
    if scheme.eq_ignore_ascii_case("mailto") {
        let address = rest.split_once('?').map_or(rest, |(address, _)| address);
        let address = percent_decoded(address)?.parse().ok()?;
        return Some(ReportDestination::Mail(address));
    }
    let authority = rest.strip_prefix("//")?;
    let is_url = !authority.is_empty()
        && !authority.starts_with(['/', '?', '#'])
        && uri.bytes().all(|octet| octet.is_ascii_graphic());
    (scheme.eq_ignore_ascii_case("https") && is_url).then(|| ReportDestination::Https(uri.into()))
}

#[cfg(test)]
mod tests {
    use letterhead_dns::{Answer, RecordData, Txt};
    use proptest::prelude::proptest;

    use super::{TlsReportRecord, destination};

    #[test]
    fn destinations_are_read_and_others_passed_over() {
        for (record, expected) in [
            (
                "v=TLSRPTv1; rua=mailto:reports@example.com",
                Some(&["mailto:reports@example.com"][..]),
            ),
            (
                "v=TLSRPTv1;rua=https://r.example.com/v1/tlsrpt?a=b, mailto:a%2Bb@example.com?subject=x;",
                Some(&[
                    "https://r.example.com/v1/tlsrpt?a=b",
                    "mailto:a+b@example.com",
                ]),
            ),
            (
                "v=TLSRPTv1; x=1; rua=mailto:a@b; rua=mailto:c@d",
                Some(&["mailto:a@b", "mailto:c@d"]),
            ),
            (
                "v=TLSRPTv1; rua=ftp://x.example, HTTPS://x.example",
                Some(&["HTTPS://x.example"]),
            ),
            ("v=TLSRPTv1; rua=http://x.example", None),
            ("v=TLSRPTv1; rua=https:///path", None),
            ("v=TLSRPTv1; rua=mailto:nobody", None),
            ("v=TLSRPTv1; rua=mailto:a%0Ab@example.com", None),
            ("v=TLSRPTv1; rua=mailto:a%2", None),
            ("v=TLSRPTv1; x=1", None),
            ("v=TLSRPTv2; rua=mailto:a@b", None),
        ] {
            let answer = Answer::new(vec![RecordData::Txt(Txt::split(record.as_bytes()))]);
            let found = TlsReportRecord::from_answer(&answer);
            let found = found.map(|record| {
                let destinations = record.destinations().iter();
                destinations.map(ToString::to_string).collect::<Vec<_>>()
            });
            assert_eq!(
                found.as_deref(),
                expected
                    .map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>())
                    .as_deref(),
                "{record}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_destination_or_none(text in "(mailto:|https://)?\\PC{0,40}") {
            if let Some(destination) = destination(&text) {
                assert!(!destination.to_string().contains(char::is_control));
            }
        }
    }
}
