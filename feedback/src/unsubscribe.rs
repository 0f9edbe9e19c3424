//! Unsubscribing with one click.

mod error;
mod fields;
mod form;
mod subscription;
mod url;

use std::time::{Duration, SystemTime};

use letterhead_mail::EmailAddress;

pub use error::{UnsubscribeError, UnsubscribeFieldsError, UnsubscribeUrlError};
pub use fields::UnsubscribeFields;
pub use subscription::Subscription;

use crate::event::{Event, EventId, EventKind, Proof, Reason};
use crate::report::part::Part;
use crate::token::{Payload, Purpose, TokenError, TokenKeys, agreed, open, seal};

/// Writes the header fields with which a mail program offers to unsubscribe, and reads what comes of it
/// ([RFC 2369 §3.2](https://www.rfc-editor.org/rfc/rfc2369#section-3.2),
/// [RFC 8058](https://www.rfc-editor.org/rfc/rfc8058)).
///
/// The link in them ends with a token for one recipient and one stream of one tenant. Nobody can make one or read one:
/// what it says is sealed, so no address stands in the logs of a web server, and nothing is looked up. The same token is
/// good for every request below.
///
/// - `POST` to the link unsubscribes: give [`post`](Self::post) the token, the content type and the body, and record the
///   event. Ask for no login and no cookie, and answer 200 and not with a redirect
///   ([RFC 8058 §3.1](https://www.rfc-editor.org/rfc/rfc8058#section-3.1)).
/// - `GET` and `HEAD` never unsubscribe, since mail scanners follow every link: show a page that says
///   [from what](Self::subscription), with a form that posts `List-Unsubscribe=One-Click` to the same link.
/// - A mail to the address, if one is [given](Self::mailto), unsubscribes: give it to [`mail`](Self::mail).
///
/// Sign both fields with DKIM ([RFC 8058 §4](https://www.rfc-editor.org/rfc/rfc8058#section-4)), or no one click is
/// offered: the default header policy of `letterhead-dkim` does, and [`UnsubscribeFields::covered_by`] tells of others.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use letterhead_feedback::{EventKind, Subscription, TokenKey, TokenKeys, Unsubscribe};
///
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// let keys = TokenKeys::new(&TokenKey::new(0.try_into()?, [7; 32])); // a test key
/// let unsubscribe = Unsubscribe::new("https://example.com/unsubscribe/", keys)?;
///
/// let subscription = Subscription::new("acme".parse()?, "joe@example.org".parse()?).stream("news".parse()?);
/// let fields = unsubscribe.fields(&subscription, now)?;
/// let [(name, value), (post_name, post_value)] = fields.names_and_values();
/// assert_eq!(name, "List-Unsubscribe");
/// assert!(value.starts_with("<https://example.com/unsubscribe/"));
/// assert_eq!((post_name, post_value), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
///
/// let token = fields.token();
/// assert_eq!(unsubscribe.subscription(token, now)?, subscription);
/// let form = Some("application/x-www-form-urlencoded");
/// let event = unsubscribe.post(token, form, b"List-Unsubscribe=One-Click", now)?;
/// assert_eq!(event.kind(), EventKind::Unsubscribed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Unsubscribe {
    url: Box<str>,
    mailto: Option<EmailAddress>,
    keys: TokenKeys,
    lifetime: Duration,
}

impl Unsubscribe {
    /// How long a token is valid unless told otherwise: 180 days. Law and the large receivers ask for 30 to 60; people
    /// unsubscribe from what they find in their mailbox, and who cannot complains instead.
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(180 * DAY);
    /// The shortest time a token is valid: 60 days.
    pub const MIN_LIFETIME: Duration = Duration::from_secs(60 * DAY);
    /// The longest body of a `POST` that is read, in octets. What is asked for has 26, and some 200 as multipart.
    pub const MAX_BODY: usize = 16 * 1024;
    /// The most words of a mail's subject that are taken for tokens.
    pub const MAX_WORDS: usize = 16;

    /// Links that begin so, and end with the token.
    ///
    /// # Errors
    ///
    /// When it is not `https`, does not end with `/` or `=`, has a fragment or a user name, holds what a link in a
    /// header cannot hold, or is too long.
    pub fn new(url: &str, keys: TokenKeys) -> Result<Self, UnsubscribeUrlError> {
        url::check(url)?;
        Ok(Self {
            url: url.into(),
            mailto: None,
            keys,
            lifetime: Self::DEFAULT_LIFETIME,
        })
    }

    /// Also offers to unsubscribe by a mail to this address, with the token in its subject. Default: no.
    ///
    /// For mail programs that know nothing of one click. What comes to the address must be read by
    /// [`mail`](Self::mail), and soon: some receivers prefer it to the link.
    #[must_use]
    pub fn mailto(mut self, address: EmailAddress) -> Self {
        self.mailto = Some(address);
        self
    }

    /// For how long a token is valid. Default: [`DEFAULT_LIFETIME`](Self::DEFAULT_LIFETIME); what is shorter than
    /// [`MIN_LIFETIME`](Self::MIN_LIFETIME) becomes that. Keep old keys as long.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime.max(Self::MIN_LIFETIME);
        self
    }

    /// The header fields for a message to this recipient, made as of `now`.
    ///
    /// Give every recipient a message of their own: whoever gets one can unsubscribe whom the token names.
    ///
    /// # Errors
    ///
    /// When a line of the header could not hold a link, because the ids or the link's beginning are hundreds of
    /// characters long.
    pub fn fields(
        &self,
        subscription: &Subscription,
        now: SystemTime,
    ) -> Result<UnsubscribeFields, UnsubscribeFieldsError> {
        let recipient = subscription.recipient.to_string();
        let texts = [
            Some(subscription.tenant.as_str()),
            subscription.stream.as_ref().map(|stream| stream.as_str()),
            Some(recipient.as_str()),
        ];
        let token = seal(&self.keys, Purpose::Unsubscribe, &texts, now);
        let token = token.ok_or(UnsubscribeFieldsError)?;
        UnsubscribeFields::new(&self.url, self.mailto.as_ref(), token)
    }

    /// From what a token unsubscribes whom: for the page that a `GET` shows. It changes nothing.
    ///
    /// # Errors
    ///
    /// See [`TokenError`].
    pub fn subscription(&self, token: &str, now: SystemTime) -> Result<Subscription, TokenError> {
        self.open(token, now).map(|(subscription, _)| subscription)
    }

    /// The event that a `POST` to the link is: the recipient wants no more of the stream, and the token
    /// [proves](Proof::Token) it.
    ///
    /// `content_type` is the request's Content-Type field; without one the body is read as if it were
    /// `application/x-www-form-urlencoded`. The other that is read is `multipart/form-data`.
    ///
    /// The same token on the same day (in UTC) gives an event of the same [id](Event::id), however often it comes, so
    /// recording it again changes nothing. On another day the id is another: on a list that still holds the address
    /// that changes nothing either, and for somebody who subscribed again meanwhile the old link works again.
    ///
    /// # Errors
    ///
    /// When the token is not valid or the body does not ask for one-click unsubscription;
    /// [`UnsubscribeError::http_status`] is what to answer.
    pub fn post(
        &self,
        token: &str,
        content_type: Option<&str>,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Event, UnsubscribeError> {
        form::check(content_type, body)?;
        self.unsubscribed(token, "one-click", now)
            .map_err(UnsubscribeError::Token)
    }

    /// The event that a mail to the [`mailto`](Self::mailto) address is: as [`post`](Self::post), with the token in its
    /// subject.
    ///
    /// Who sent it does not matter, since nobody else has the token. The first [`MAX_WORDS`](Self::MAX_WORDS) words of
    /// the subject that could be one are tried.
    ///
    /// # Errors
    ///
    /// See [`TokenError`]; [`TokenError::NotOurs`] where the subject holds none.
    pub fn mail(&self, raw: &[u8], now: SystemTime) -> Result<Event, TokenError> {
        let subject = Part::read(raw).header().value("Subject");
        let subject = subject.unwrap_or_default();
        let words = subject
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| word.len() >= SHORTEST);
        let read = |word| self.unsubscribed(word, "mailto", now);
        agreed(words.take(Self::MAX_WORDS).map(read))
    }

    fn unsubscribed(&self, token: &str, how: &str, now: SystemTime) -> Result<Event, TokenError> {
        let (subscription, issued) = self.open(token, now)?;
        let seconds = |time: SystemTime| {
            let since = time.duration_since(SystemTime::UNIX_EPOCH);
            since.map_or(0, |since| since.as_secs())
        };
        let id = EventId::of(&[
            Some("unsubscribe"),
            Some(subscription.tenant.as_str()),
            subscription.stream.as_ref().map(|stream| stream.as_str()),
            Some(&seconds(issued).to_string()),
            Some(&(seconds(now) / DAY).to_string()),
        ]);
        let mut event = Event::new(EventKind::Unsubscribed)
            .with_native_kind(how)
            .with_provider_event_id(&id.to_string())
            .with_recipient(subscription.recipient)
            .with_tenant(subscription.tenant)
            .with_reason(Reason::OPT_OUT)
            .with_time(now)
            .with_proof(Proof::Token);
        if let Some(stream) = subscription.stream {
            event = event.with_stream(stream);
        }
        Ok(event)
    }

    fn open(&self, token: &str, now: SystemTime) -> Result<(Subscription, SystemTime), TokenError> {
        let Payload { issued, texts } =
            open(&self.keys, Purpose::Unsubscribe, token, self.lifetime, now)?;
        // What has our tag and not our form was made by another version of this code.
        let subscription = Subscription::of(texts).ok_or(TokenError::NotOurs)?;
        Ok((subscription, issued))
    }
}

const DAY: u64 = 24 * 60 * 60;
/// No token is shorter: a version, a tag and a time alone take this many characters.
const SHORTEST: usize = 36;

#[cfg(test)]
mod tests;
