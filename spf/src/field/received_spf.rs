//! The field in which a receiver records the result.

use std::fmt;
use std::net::IpAddr;

use crate::check::query::{Identity, Query};
use crate::check::verdict::Verdict;
use crate::field::text::{cleaned, comment, folded, is_dot_atom, quoted};
use crate::spf_result::SpfResult;

/// The Received-SPF field ([RFC 7208 §9.1](https://www.rfc-editor.org/rfc/rfc7208#section-9.1)), to be put above the
/// Received field of the host that checked.
///
/// `Display` writes the value, folded with CRLF at 78 columns. Whatever the sender and the domain's record say, it is
/// printable ASCII: other characters become `?`, and what is longer than 400 octets is cut and ends in `...`.
///
/// ```
/// use letterhead_dns::{Zone, block_on_ready};
/// use letterhead_spf::{Limits, Query, ReceivedSpf, check_host};
///
/// let zone: Zone = "example.com TXT \"v=spf1 ip4:192.0.2.0/24 -all\"".parse()?;
/// let query = Query::mail_from("192.0.2.1".parse()?, "ada@example.com", "mail.example.com");
/// let limits = Limits::default();
/// let verdict = block_on_ready(check_host(&query, &zone, &limits)).expect("ready at once");
/// let field = ReceivedSpf::new(&verdict, &query).receiver("mx.example.org");
/// assert_eq!(
///     field.to_header_field(),
///     "Received-SPF: pass (mx.example.org: domain of ada@example.com designates\r\n \
///      192.0.2.1 as permitted sender) client-ip=192.0.2.1;\r\n \
///      envelope-from=\"ada@example.com\"; helo=mail.example.com;\r\n \
///      receiver=mx.example.org; identity=mailfrom; mechanism=\"ip4:192.0.2.0/24\"\r\n",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct ReceivedSpf {
    result: SpfResult,
    comment: Comment,
    subject: String,
    client: IpAddr,
    envelope_from: Option<String>,
    helo: String,
    receiver: Option<String>,
    identity: Identity,
    mechanism: Option<String>,
    problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Comment {
    Usual,
    Text(String),
    Nothing,
}

impl ReceivedSpf {
    /// What `verdict` says of `query`, by the query's receiver where it names one.
    ///
    /// The null sender is written as `<>`. The mechanism is the deciding one as published, or `default` where none
    /// matched; for none, temperror and permerror there is a problem instead, in words.
    pub fn new(verdict: &Verdict, query: &Query) -> Self {
        let is_sender = query.identity() == Identity::MailFrom && !query.is_null_sender();
        let subject = if is_sender && query.domain_text() == query.sender_domain() {
            format!("domain of {}", query.sender())
        } else {
            format!("domain {}", query.domain_text())
        };
        let problem = verdict.problem();
        let mechanism = problem.is_none().then(|| match &verdict.decided_by().term {
            Some(term) => cleaned(&term.text),
            None => String::from("default"),
        });
        Self {
            result: verdict.result,
            comment: Comment::Usual,
            subject: cleaned(&subject),
            client: query.client(),
            envelope_from: match query.identity() {
                Identity::MailFrom if is_sender => Some(cleaned(&query.sender())),
                Identity::MailFrom => Some(String::from("<>")),
                Identity::Helo => None,
            },
            helo: cleaned(query.helo_text()),
            receiver: query
                .receiver()
                .map(cleaned)
                .filter(|host| !host.is_empty()),
            identity: query.identity(),
            mechanism,
            problem: problem.as_deref().map(cleaned),
        }
    }

    /// Sets the host that checked. Default: the query's receiver; without one, or with an empty one, the field does not say.
    pub fn receiver(mut self, host: &str) -> Self {
        self.receiver = Some(cleaned(host)).filter(|host| !host.is_empty());
        self
    }

    /// Sets the comment, for people to read. Default: a sentence on the result.
    pub fn comment(mut self, text: &str) -> Self {
        self.comment = Comment::Text(cleaned(text));
        self
    }

    /// Leaves the comment out.
    pub fn without_comment(mut self) -> Self {
        self.comment = Comment::Nothing;
        self
    }

    /// The whole field, folded, with its final CRLF.
    #[must_use]
    pub fn to_header_field(&self) -> String {
        format!("{NAME}: {self}\r\n")
    }

    fn comment_text(&self) -> Option<String> {
        match &self.comment {
            Comment::Usual => Some(cleaned(&self.sentence())),
            Comment::Text(text) => Some(text.clone()),
            Comment::Nothing => None,
        }
    }

    fn sentence(&self) -> String {
        let Self {
            subject, client, ..
        } = self;
        let sentence = match self.result {
            SpfResult::Pass => format!("{subject} designates {client} as permitted sender"),
            SpfResult::Fail => {
                format!("{subject} does not designate {client} as permitted sender")
            }
            SpfResult::SoftFail => {
                format!("transitioning {subject} does not designate {client} as permitted sender")
            }
            SpfResult::Neutral => {
                format!("{client} is neither permitted nor denied by {subject}")
            }
            SpfResult::None => format!("{subject} does not designate permitted senders"),
            SpfResult::TempError => format!("{subject} could not be checked for now"),
            SpfResult::PermError => format!("{subject} has a policy that cannot be evaluated"),
        };
        match &self.receiver {
            Some(receiver) => format!("{receiver}: {sentence}"),
            None => sentence,
        }
    }

    /// Keys and values in the order in which they are written.
    fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        let helo = (!self.helo.is_empty()).then(|| self.helo.clone());
        [
            ("client-ip", Some(self.client.to_string())),
            ("envelope-from", self.envelope_from.clone()),
            ("helo", helo),
            ("receiver", self.receiver.clone()),
            ("identity", Some(self.identity.to_string())),
            ("mechanism", self.mechanism.clone()),
            ("problem", self.problem.clone()),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
    }
}

impl fmt::Display for ReceivedSpf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.result.to_string();
        if let Some(words) = self.comment_text() {
            text.push(' ');
            text.push_str(&comment(&words));
        }
        for (index, (key, value)) in self.pairs().enumerate() {
            let value = if is_dot_atom(&value) {
                value
            } else {
                quoted(&value)
            };
            let separator = if index == 0 { "" } else { ";" };
            text.push_str(&format!("{separator} {key}={value}"));
        }
        f.write_str(&folded(&text, NAME.len() + 2))
    }
}

impl Verdict {
    /// Why the domain's policy says nothing, where it does not.
    pub(crate) fn problem(&self) -> Option<String> {
        match self.result {
            SpfResult::None | SpfResult::TempError | SpfResult::PermError => {
                Some(self.decided_by().to_string())
            }
            SpfResult::Neutral | SpfResult::Pass | SpfResult::Fail | SpfResult::SoftFail => None,
        }
    }
}

const NAME: &str = "Received-SPF";
