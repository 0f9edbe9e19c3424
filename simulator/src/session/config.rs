//! How a server session behaves.

use std::collections::BTreeSet;

use letterhead_mail::DomainName;

use super::{Extension, Greeting, LinePolicy};
use crate::behaviour::{Stage, Stages};

/// What one server offers and demands.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    pub(super) host: DomainName,
    pub(super) tls: TlsOffer,
    pub(super) auth: AuthOffer,
    pub(super) mail_needs: MailNeeds,
    pub(super) maximum_octets: u64,
    pub(super) maximum_recipients: usize,
    pub(super) maximum_errors: usize,
    pub(super) hidden: BTreeSet<Extension>,
    pub(super) line_policy: LinePolicy,
    pub(super) greeting: Greeting,
    pub(super) asked: Stages,
}

/// Whether a server offers STARTTLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsOffer {
    /// STARTTLS is offered until it has been used.
    StartTls,
    /// The server has no TLS.
    None,
}

/// When a server offers AUTH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthOffer {
    /// Never.
    None,
    /// On a protected connection.
    UnderTls,
    /// Always, so that passwords may cross the connection in the clear.
    Always,
}

/// What a client must do before it may send MAIL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailNeeds {
    /// Say EHLO or HELO.
    Greeting,
    /// Log in.
    Authentication,
    /// Log in, but not for mail from the null sender: reports come from anybody. Whose recipients are taken is for the
    /// answer to RCPT to say.
    AuthenticationUnlessReport,
}

impl SessionConfig {
    /// A server named `host` that takes mail from anybody: no TLS, no AUTH, messages of up to 25 MiB, up to 100
    /// recipients, up to 20 errors before it hangs up, every extension offered, and bad lines in content refused.
    #[must_use]
    pub fn new(host: DomainName) -> Self {
        Self {
            host,
            tls: TlsOffer::None,
            auth: AuthOffer::None,
            mail_needs: MailNeeds::Greeting,
            maximum_octets: 25 * 1024 * 1024,
            maximum_recipients: 100,
            maximum_errors: 20,
            hidden: BTreeSet::new(),
            line_policy: LinePolicy::default(),
            greeting: Greeting::default(),
            asked: Stages::NONE,
        }
    }

    /// What a client must do before MAIL.
    pub(crate) fn needed_for_mail(&self) -> MailNeeds {
        self.mail_needs
    }

    /// Whether a client finds TLS here.
    pub(crate) fn offers_tls(&self) -> bool {
        self.tls == TlsOffer::StartTls && !self.hidden.contains(&Extension::StartTls)
    }

    /// The same of a server with this name.
    pub(crate) fn named(mut self, host: DomainName) -> Self {
        self.host = host;
        self
    }

    /// Whether STARTTLS is offered.
    #[must_use]
    pub fn tls(mut self, offer: TlsOffer) -> Self {
        self.tls = offer;
        self
    }

    /// When AUTH is offered.
    #[must_use]
    pub fn auth(mut self, offer: AuthOffer) -> Self {
        self.auth = offer;
        self
    }

    /// What a client must do before MAIL.
    #[must_use]
    pub fn mail_needs(mut self, needs: MailNeeds) -> Self {
        self.mail_needs = needs;
        self
    }

    /// The largest message, in octets with CRLF line ends; announced as SIZE and enforced. All of a message is held in
    /// memory, so this bounds what a client can make the process hold.
    #[must_use]
    pub fn maximum_octets(mut self, octets: u64) -> Self {
        self.maximum_octets = octets;
        self
    }

    /// The most recipients of one message; further ones are refused with 452. Servers must take at least 100
    /// ([RFC 5321 §4.5.3.1.8](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.8)).
    #[must_use]
    pub fn maximum_recipients(mut self, recipients: usize) -> Self {
        self.maximum_recipients = recipients;
        self
    }

    /// Without an extension that would be offered: it is not in the answer to EHLO, and its parameters and commands are
    /// refused as unknown.
    #[must_use]
    pub fn hide(mut self, extension: Extension) -> Self {
        self.hidden.insert(extension);
        self
    }

    /// What becomes of content with bad lines; [`LinePolicy::Reject`] where nothing is said.
    #[must_use]
    pub fn line_policy(mut self, policy: LinePolicy) -> Self {
        self.line_policy = policy;
        self
    }

    /// What the server says first.
    #[must_use]
    pub fn greeting(mut self, greeting: Greeting) -> Self {
        self.greeting = greeting;
        self
    }

    /// The session asks whoever drives it [whether to go on](super::Question::Proceed) at this point, too. Sender,
    /// recipients, logins and messages are always asked about.
    #[must_use]
    pub fn ask_at(mut self, stage: Stage) -> Self {
        self.asked = self.asked.and(Stages::of(stage));
        self
    }

    /// The same for all of these.
    pub(crate) fn ask_at_all(mut self, stages: Stages) -> Self {
        self.asked = self.asked.and(stages);
        self
    }

    /// How many commands may be refused for their form or order before the server hangs up.
    #[must_use]
    pub fn maximum_errors(mut self, errors: usize) -> Self {
        self.maximum_errors = errors;
        self
    }
}
