//! What is checked.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use letterhead_dns::name::NameError;
use letterhead_dns::{DomainName, Name};

use crate::record::domain_spec::without_final_dot;

/// Which client says that it sends for whom ([RFC 7208 §4.1](https://www.rfc-editor.org/rfc/rfc7208#section-4.1)). A clone
/// shares everything.
#[derive(Clone, PartialEq, Eq)]
pub struct Query {
    said: Arc<Said>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    client: IpAddr,
    identity: Identity,
    null_sender: bool,
    /// Local part, domain of the sender and HELO name, one after another.
    texts: String,
    local_part_end: usize,
    sender_domain_end: usize,
    /// The name of the sender's domain.
    name: Result<Name, DomainProblem>,
    /// Another domain whose policy is checked.
    other: Option<Checked>,
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
            let mut query = Self::new(client, Identity::MailFrom, "", helo, helo);
            query.said_mut().null_sender = true;
            return query;
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
        self.said_mut().other = Some(Checked::new(domain));
        self
    }

    /// With the name of the host that checks, for `%{r}` in explanations; without it that is `unknown`.
    #[must_use]
    pub fn with_receiver(mut self, receiver: &str) -> Self {
        self.said_mut().receiver = Some(receiver.to_owned());
        self
    }

    /// With the time of the check, for `%{t}` in explanations; an explanation that wants it is left out without.
    #[must_use]
    pub fn with_now(mut self, now: SystemTime) -> Self {
        self.said_mut().now = Some(now);
        self
    }

    /// The client's address, never an IPv4-mapped one.
    #[must_use]
    pub fn client(&self) -> IpAddr {
        self.said.client
    }

    /// Which identity is checked.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.said.identity
    }

    /// The sender, its domain in A-labels; `postmaster` stands in for a missing local part, and at the HELO name for the
    /// null sender and for the HELO identity. Whatever the client said may be in it.
    #[must_use]
    pub fn sender(&self) -> String {
        format!("{}@{}", self.local_part(), self.sender_domain())
    }

    /// Whether the reverse path was empty, so that the HELO name stands in for it.
    #[must_use]
    pub fn is_null_sender(&self) -> bool {
        self.said.null_sender
    }

    /// The domain that is checked, in A-labels where it has any.
    ///
    /// # Errors
    ///
    /// Why there is nothing to check; the result is then none.
    pub fn domain(&self) -> Result<&str, DomainProblem> {
        self.domain_name().map(|_| self.domain_text())
    }

    /// The domain for reports, malformed or not.
    pub(crate) fn domain_text(&self) -> &str {
        match &self.said.other {
            Some(other) => &other.text,
            None => self.sender_domain(),
        }
    }

    /// The name of the domain that is checked.
    pub(crate) fn domain_name(&self) -> Result<&Name, DomainProblem> {
        let name = match &self.said.other {
            Some(other) => &other.name,
            None => &self.said.name,
        };
        name.as_ref().map_err(|problem| *problem)
    }

    /// The domain of the sender, which may have no policy to check.
    pub(crate) fn sender_domain(&self) -> &str {
        let Said { texts, .. } = &*self.said;
        let range = self.said.local_part_end..self.said.sender_domain_end;
        texts.get(range).unwrap_or_default()
    }

    pub(crate) fn local_part(&self) -> &str {
        let end = self.said.local_part_end;
        self.said.texts.get(..end).unwrap_or_default()
    }

    pub(crate) fn helo_text(&self) -> &str {
        let start = self.said.sender_domain_end;
        self.said.texts.get(start..).unwrap_or_default()
    }

    pub(crate) fn receiver(&self) -> Option<&str> {
        self.said.receiver.as_deref()
    }

    pub(crate) fn now(&self) -> Option<SystemTime> {
        self.said.now
    }

    fn new(client: IpAddr, identity: Identity, local: &str, domain: &str, helo: &str) -> Self {
        let local_part = if local.is_empty() { POSTMASTER } else { local };
        let (domain, name) = match check_domain(domain) {
            Ok((ascii, name)) => (ascii, Ok(name)),
            Err(problem) => (Cow::Borrowed(domain), Err(problem)),
        };
        let helo = to_ascii(without_final_dot(helo)).unwrap_or(Cow::Borrowed(helo));
        Self {
            said: Arc::new(Said {
                client: client.to_canonical(),
                identity,
                null_sender: false,
                texts: [local_part, &domain, &helo].concat(),
                local_part_end: local_part.len(),
                sender_domain_end: local_part.len() + domain.len(),
                name,
                other: None,
                receiver: None,
                now: None,
            }),
        }
    }

    fn said_mut(&mut self) -> &mut Said {
        Arc::make_mut(&mut self.said)
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("client", &self.client())
            .field("identity", &self.identity())
            .field("sender", &self.sender())
            .field("null_sender", &self.is_null_sender())
            .field("domain", &self.domain_text())
            .field("helo", &self.helo_text())
            .field("receiver", &self.receiver())
            .field("now", &self.now())
            .finish()
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

/// A domain: in A-labels where it is one to check, else as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Checked {
    text: String,
    name: Result<Name, DomainProblem>,
}

impl Checked {
    fn new(text: &str) -> Self {
        match check_domain(text) {
            Ok((ascii, name)) => Self {
                text: ascii.into_owned(),
                name: Ok(name),
            },
            Err(problem) => Self {
                text: text.to_owned(),
                name: Err(problem),
            },
        }
    }
}

/// The domain in A-labels without final dot, and the name it is.
fn check_domain(text: &str) -> Result<(Cow<'_, str>, Name), DomainProblem> {
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
    let name = query_name(&ascii)?;
    check_labels(&name)?;
    Ok((ascii, name))
}

/// Whether the name has the labels that a domain with a policy needs.
pub(crate) fn check_labels(name: &Name) -> Result<(), DomainProblem> {
    if name.labels().nth(1).is_none() {
        return Err(DomainProblem::SingleLabel);
    }
    Ok(())
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
