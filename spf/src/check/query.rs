//! What is checked.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::time::SystemTime;

use letterhead_dns::name::NameError;
use letterhead_dns::{DomainName, Name};

use crate::record::domain_spec::without_final_dot;
use crate::text::Text;

/// Which client says that it sends for whom ([RFC 7208 §4.1](https://www.rfc-editor.org/rfc/rfc7208#section-4.1)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    client: IpAddr,
    identity: Identity,
    null_sender: bool,
    local_part: String,
    domain: Checked,
    sender_domain: Text,
    helo: String,
    receiver: Option<String>,
    now: Option<SystemTime>,
}

impl Query {
    /// Checks the MAIL FROM identity ([RFC 7208 §2.4](https://www.rfc-editor.org/rfc/rfc7208#section-2.4)).
    ///
    /// `mail_from` is the reverse path, with or without angle brackets; the empty one is the null sender, for which
    /// `postmaster` at the HELO name is checked. `postmaster` also stands in for a missing local part. A Unicode domain
    /// is turned into A-labels ([RFC 8616 §4](https://www.rfc-editor.org/rfc/rfc8616#section-4)) with the feature `idna` of
    /// letterhead-dns, and is malformed without. An IPv4-mapped IPv6
    /// client is an IPv4 client ([RFC 7208 §5](https://www.rfc-editor.org/rfc/rfc7208#section-5)).
    #[must_use]
    pub fn mail_from(client: IpAddr, mail_from: &str, helo: &str) -> Self {
        let bare = mail_from
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'));
        let mail_from = bare.unwrap_or(mail_from);
        if mail_from.is_empty() {
            return Self {
                identity: Identity::MailFrom,
                null_sender: true,
                ..Self::helo(client, helo)
            };
        }
        let (local_part, domain) = mail_from.rsplit_once('@').unwrap_or(("", mail_from));
        Self::new(client, Identity::MailFrom, local_part, domain, helo)
    }

    /// Checks the HELO identity ([RFC 7208 §2.3](https://www.rfc-editor.org/rfc/rfc7208#section-2.3)).
    #[must_use]
    pub fn helo(client: IpAddr, helo: &str) -> Self {
        Self::new(client, Identity::Helo, "", helo, helo)
    }

    /// Checks the policy of another domain than the sender's for this sender: the three arguments of `check_host()` as
    /// [RFC 7208 §4.1](https://www.rfc-editor.org/rfc/rfc7208#section-4.1) has them.
    #[must_use]
    pub fn with_domain(mut self, domain: &str) -> Self {
        self.domain = Checked::new(domain);
        self
    }

    /// With the name of the host that checks, for `%{r}` in explanations; without it that is `unknown`.
    #[must_use]
    pub fn with_receiver(mut self, receiver: &str) -> Self {
        self.receiver = Some(receiver.to_owned());
        self
    }

    /// With the time of the check, for `%{t}` in explanations; an explanation that wants it is left out without.
    #[must_use]
    pub fn with_now(mut self, now: SystemTime) -> Self {
        self.now = Some(now);
        self
    }

    /// The client's address, never an IPv4-mapped one.
    #[must_use]
    pub fn client(&self) -> IpAddr {
        self.client
    }

    /// Which identity is checked.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// The sender, its domain in A-labels; `postmaster` stands in for a missing local part, and at the HELO name for the
    /// null sender and for the HELO identity. Whatever the client said may be in it.
    #[must_use]
    pub fn sender(&self) -> String {
        format!("{}@{}", self.local_part, &*self.sender_domain)
    }

    /// Whether the reverse path was empty, so that the HELO name stands in for it.
    #[must_use]
    pub fn is_null_sender(&self) -> bool {
        self.null_sender
    }

    /// The domain that is checked, in A-labels where it has any.
    ///
    /// # Errors
    ///
    /// Why there is nothing to check; the result is then none.
    pub fn domain(&self) -> Result<&str, DomainProblem> {
        match self.domain.problem {
            None => Ok(&self.domain.text),
            Some(problem) => Err(problem),
        }
    }

    /// The domain for reports, malformed or not.
    pub(crate) fn domain_text(&self) -> &str {
        &self.domain.text
    }

    /// The [text](Self::domain_text), to be kept.
    pub(crate) fn shared_domain(&self) -> Text {
        self.domain.text.clone()
    }

    /// The domain of the sender, which may have no policy to check.
    pub(crate) fn sender_domain(&self) -> &str {
        &self.sender_domain
    }

    pub(crate) fn local_part(&self) -> &str {
        &self.local_part
    }

    pub(crate) fn helo_text(&self) -> &str {
        &self.helo
    }

    pub(crate) fn receiver(&self) -> Option<&str> {
        self.receiver.as_deref()
    }

    pub(crate) fn now(&self) -> Option<SystemTime> {
        self.now
    }

    fn new(client: IpAddr, identity: Identity, local: &str, domain: &str, helo: &str) -> Self {
        let domain = Checked::new(domain);
        Self {
            client: client.to_canonical(),
            identity,
            null_sender: false,
            local_part: if local.is_empty() { POSTMASTER } else { local }.to_owned(),
            sender_domain: domain.text.clone(),
            domain,
            helo: match to_ascii(without_final_dot(helo)) {
                Some(ascii) => ascii.into_owned(),
                None => helo.to_owned(),
            },
            receiver: None,
            now: None,
        }
    }
}

/// The identities SPF knows ([RFC 7208 §2](https://www.rfc-editor.org/rfc/rfc7208#section-2)).
#[expect(clippy::exhaustive_enums, reason = "RFC 7208 §2 closes the set")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The reverse path of the envelope; for the null sender the HELO name stands in.
    MailFrom,
    /// The argument of HELO or EHLO.
    Helo,
}

/// As Authentication-Results and Received-SPF write it: `mailfrom`, `helo`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::MailFrom => "mailfrom",
            Self::Helo => "helo",
        })
    }
}

/// Why a domain cannot be checked ([RFC 7208 §4.3](https://www.rfc-editor.org/rfc/rfc7208#section-4.3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DomainProblem {
    /// There is none.
    #[error("there is no domain")]
    Missing,
    /// An address literal such as `[192.0.2.1]`.
    #[error("it is an address literal, not a domain")]
    AddressLiteral,
    /// One label only, which no sender on the internet has.
    #[error("it has one label only")]
    SingleLabel,
    /// Two dots in a row, or one in front.
    #[error("it has an empty label")]
    EmptyLabel,
    /// A label of more than 63 octets.
    #[error("one of its labels is longer than 63 octets")]
    LabelTooLong,
    /// More than 253 characters.
    #[error("it is longer than 253 characters")]
    TooLong,
    /// A space or control character, or Unicode that IDNA does not map to A-labels.
    #[error("it holds characters that no domain has")]
    Characters,
}

/// A domain, and whether it is one to check: in A-labels then, else as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Checked {
    text: Text,
    problem: Option<DomainProblem>,
}

impl Checked {
    fn new(text: &str) -> Self {
        match check_domain(text) {
            Ok(ascii) => Self {
                text: (&*ascii).into(),
                problem: None,
            },
            Err(problem) => Self {
                text: text.into(),
                problem: Some(problem),
            },
        }
    }
}

fn check_domain(text: &str) -> Result<Cow<'_, str>, DomainProblem> {
    if text.starts_with('[') {
        return Err(DomainProblem::AddressLiteral);
    }
    let relative = without_final_dot(text);
    if relative.is_empty() {
        return Err(DomainProblem::Missing);
    }
    let ascii = to_ascii(relative).ok_or(DomainProblem::Characters)?;
    if !ascii.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(DomainProblem::Characters);
    }
    let mut labels = 0;
    if ascii.len() > DomainName::MAX_LENGTH {
        return Err(DomainProblem::TooLong);
    }
    for label in ascii.as_bytes().split(|octet| *octet == b'.') {
        match label.len() {
            0 => return Err(DomainProblem::EmptyLabel),
            1..=63 => labels += 1,
            _ => return Err(DomainProblem::LabelTooLong),
        }
    }
    if labels < 2 {
        return Err(DomainProblem::SingleLabel);
    }
    Ok(ascii)
}

fn to_ascii(text: &str) -> Option<Cow<'_, str>> {
    if text.is_ascii() {
        return Some(Cow::Borrowed(text));
    }
    let domain: DomainName = text.parse().ok()?;
    Some(Cow::Owned(domain.as_str().to_owned()))
}

/// The name to ask for; the text has no final dot. Whatever stands between two dots is a label, hostname or not.
pub(crate) fn query_name(text: &str) -> Result<Name, DomainProblem> {
    if text.len() > DomainName::MAX_LENGTH {
        return Err(DomainProblem::TooLong);
    }
    Name::from_labels(text.as_bytes().split(|octet| *octet == b'.')).map_err(|error| match error {
        NameError::LabelTooLong => DomainProblem::LabelTooLong,
        NameError::TooLong => DomainProblem::TooLong,
        NameError::Empty => DomainProblem::Missing,
        _ => DomainProblem::EmptyLabel,
    })
}

/// Stands in for a missing local part ([RFC 7208 §4.3](https://www.rfc-editor.org/rfc/rfc7208#section-4.3)).
const POSTMASTER: &str = "postmaster";
