//! Unsubscribing with one click ([RFC 8058](https://www.rfc-editor.org/rfc/rfc8058)): what a mail program does when its
//! user clicks.
//!
//! A mailbox clicks where its [behaviour](crate::behaviour::Afterwards::Unsubscribe) says so. Nothing is ever fetched that a
//! message names: requests go only to [handlers](OneClickHandler) that the simulation was given for the host of the URI.

mod offer;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use letterhead_mail::DomainName;

pub(crate) use self::offer::offer;

/// A request to unsubscribe, as a mail program posts it
/// ([RFC 8058 §3.2](https://www.rfc-editor.org/rfc/rfc8058#section-3.2)): without cookies and without authorisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneClickRequest {
    uri: String,
    host: DomainName,
    /// With the port, where the URI names one.
    authority: String,
    target: String,
}

impl OneClickRequest {
    /// The content type of the body.
    pub const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";
    /// The body.
    pub const BODY: &str = "List-Unsubscribe=One-Click";

    /// The URI, as the message has it.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The host that the URI names.
    #[must_use]
    pub fn host(&self) -> &DomainName {
        &self.host
    }

    /// Path and query, as they stand in the first line of the request.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The request in HTTP/1.1.
    #[must_use]
    pub fn to_http(&self) -> String {
        format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
            self.target,
            self.authority,
            Self::CONTENT_TYPE,
            Self::BODY.len(),
            Self::BODY
        )
    }
}

/// Answers requests to unsubscribe: an application's handler, in a test. Every closure from a `&OneClickRequest` to a
/// status is one; [`LoopbackHttp`](crate::LoopbackHttp) is an application that listens.
///
/// It is called by whoever moves the simulation on, and may send mail through the simulation.
pub trait OneClickHandler: Send + Sync {
    /// The status of the answer, such as 200.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    fn post(&self, request: &OneClickRequest) -> Result<u16, String>;
}

impl<F: Fn(&OneClickRequest) -> u16 + Send + Sync> OneClickHandler for F {
    fn post(&self, request: &OneClickRequest) -> Result<u16, String> {
        Ok(self(request))
    }
}

/// Who answers for which host.
#[derive(Clone, Default)]
pub(crate) struct OneClickHandlers(BTreeMap<DomainName, Arc<dyn OneClickHandler>>);

impl OneClickHandlers {
    pub(crate) fn add(&mut self, host: DomainName, handler: Arc<dyn OneClickHandler>) {
        self.0.insert(host, handler);
    }

    /// Asks the handler of the URI's host.
    pub(crate) fn post(&self, request: &OneClickRequest) -> Result<u16, OneClickFault> {
        let host = request.host();
        let handler = self
            .0
            .get(host)
            .ok_or_else(|| OneClickFault::NoHandler { host: host.clone() })?;
        let answer = handler.post(request);
        answer.map_err(|reason| OneClickFault::NoAnswer { reason })
    }
}

impl fmt::Debug for OneClickHandlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Why a mail program does not unsubscribe with one click, or cannot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OneClickFault {
    /// There is not exactly one field List-Unsubscribe.
    #[error("there is not exactly one field List-Unsubscribe; write one with an https URI")]
    Field,
    /// There is not exactly one field List-Unsubscribe-Post, or it says something else.
    #[error(
        "there is not exactly one field List-Unsubscribe-Post that says List-Unsubscribe=One-Click"
    )]
    PostField,
    /// The field names no https URI, or several, of which a mail program would take any
    /// ([RFC 8058 §3.1](https://www.rfc-editor.org/rfc/rfc8058#section-3.1)).
    #[error("List-Unsubscribe names {count} https URIs; name one")]
    HttpsUris {
        /// How many it names.
        count: usize,
    },
    /// The URI cannot be asked: its host is no domain name, it names a user, or holds what no URI may.
    #[error("{uri:?} cannot be asked; write https://, a host name and a path in printable ASCII")]
    Uri {
        /// The URI.
        uri: String,
    },
    /// No DKIM signature that holds covers both fields.
    #[error(
        "no DKIM signature that holds covers List-Unsubscribe and List-Unsubscribe-Post; sign both"
    )]
    NotSigned,
    /// The simulation has nobody to answer for the host.
    #[error("the simulation has no handler for {host}; give the builder one")]
    NoHandler {
        /// The host.
        host: DomainName,
    },
    /// The handler gave no answer.
    #[error("there was no answer: {reason}")]
    NoAnswer {
        /// Why.
        reason: String,
    },
}
