use std::time::{Duration, SystemTime};

use letterhead_mail::{EmailAddress, HeaderName, HeaderText, Submission};
use memchr::memchr2_iter;

use crate::event::Proof;
use crate::origin::Origin;
use crate::report::Reading;
use crate::report::part::Part;
use crate::token::{
    Mailing, Payload, Purpose, TokenError, TokenKeys, agreed, open, seal, sealed::MAX_TOKEN,
};

/// Tokens in the header of what is sent, so that a report that returns the message names its recipient although the
/// reporter took the address out.
///
/// Feedback loops redact: the address of whoever complained is blanked wherever it stands
/// ([RFC 6590](https://www.rfc-editor.org/rfc/rfc6590)), in a return path that spells it out, too. What they return of
/// the header else is left alone, and an address that is sealed is none that anybody could find. The token names tenant,
/// submission, recipient, and the stream and identity where the submission has them; nothing is looked up.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use letterhead_feedback::{ComplaintTokens, TokenKey, TokenKeys};
/// use letterhead_mail::{EmailAddress, Envelope, LineEndings, Message, Submission};
///
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// let keys = TokenKeys::new(&TokenKey::new(0.try_into()?, [7; 32])); // a test key
/// let tokens = ComplaintTokens::new(keys, "X-Feedback-Token".parse()?);
///
/// let joe: EmailAddress = "joe@example.org".parse()?;
/// let message = Message::from_bytes("From: news@example.com\r\n\r\nHello\r\n", LineEndings::Strict)?;
/// let envelope = Envelope::new("bounces@example.com".parse::<EmailAddress>()?, [joe.clone()])?;
/// let submission = Submission::new("s-1".parse()?, "acme".parse()?, message, envelope);
/// let (name, value) = tokens.field(&submission, &joe, now)?;
///
/// let complaint = format!("From: fbl@example.net\r\n\r\nFrom: news@example.com\r\n{name}: {value}\r\n");
/// let mailing = tokens.find(complaint.as_bytes(), now + Duration::from_secs(30 * 24 * 60 * 60))?;
/// assert_eq!(mailing.recipient(), &joe);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ComplaintTokens {
    keys: TokenKeys,
    name: HeaderName,
    lifetime: Duration,
}

impl ComplaintTokens {
    /// How long a token is valid unless told otherwise: 180 days. Complaints come when people tidy up their mailboxes,
    /// weeks and months after the message, and one that is too late to be read leaves somebody on the list who wants off it.
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(180 * DAY);
    /// The shortest time a token is valid: 60 days.
    pub const MIN_LIFETIME: Duration = Duration::from_secs(60 * DAY);
    /// The most tokens that are looked at in one report.
    pub const MAX_TOKENS: usize = 16;

    /// Tokens made with these keys, in a field of this name: one of your own that nobody else writes, such as
    /// `X-Feedback-Token`. After it was changed, tokens in fields of the former name are not found.
    #[must_use]
    pub fn new(keys: TokenKeys, name: HeaderName) -> Self {
        Self {
            keys,
            name,
            lifetime: Self::DEFAULT_LIFETIME,
        }
    }

    /// For how long a token is valid. Default: [`DEFAULT_LIFETIME`](Self::DEFAULT_LIFETIME); what is shorter than
    /// [`MIN_LIFETIME`](Self::MIN_LIFETIME) becomes that. Keep old keys as long.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime.max(Self::MIN_LIFETIME);
        self
    }

    /// The name of the field and the token for this recipient of the submission.
    ///
    /// Whoever gets the message can read the field, so give every recipient a message of their own: with one message
    /// for several, the complaint of one would count as that of the one in the token.
    ///
    /// # Errors
    ///
    /// When the token would be longer than a line of a header can hold, because ids are hundreds of characters long.
    pub fn field(
        &self,
        submission: &Submission,
        recipient: &EmailAddress,
        now: SystemTime,
    ) -> Result<(HeaderName, HeaderText), TokenTooLong> {
        let address = recipient.to_string();
        let texts = [
            Some(submission.tenant.as_str()),
            Some(submission.id.as_str()),
            Some(address.as_str()),
            submission.stream.as_ref().map(|stream| stream.as_str()),
            submission.identity.as_ref().map(|name| name.as_str()),
        ];
        let token = seal(&self.keys, Purpose::Complaint, &texts, now).ok_or(TokenTooLong)?;
        // Base 32 holds no control characters.
        let value = HeaderText::try_from(token).map_err(|_| TokenTooLong)?;
        Ok((self.name.clone(), value))
    }

    /// The mailing that a token names.
    ///
    /// # Errors
    ///
    /// See [`TokenError`].
    pub fn read(&self, token: &str, now: SystemTime) -> Result<Mailing, TokenError> {
        let payload = open(
            &self.keys,
            Purpose::Complaint,
            token.trim(),
            self.lifetime,
            now,
        )?;
        // What has our tag and not our form was made by another version of this code.
        mailing(payload).ok_or(TokenError::NotOurs)
    }

    /// The mailing that the token in a returned message names, wherever in the report that is: attached, its header
    /// alone, quoted in words, or as the report itself.
    ///
    /// The first [`Reading::MAX_INPUT`] octets are looked at, and the first [`MAX_TOKENS`](Self::MAX_TOKENS) fields of
    /// the name.
    ///
    /// # Errors
    ///
    /// See [`TokenError`]; [`TokenError::NotOurs`] where there is no such field.
    pub fn find(&self, report: &[u8], now: SystemTime) -> Result<Mailing, TokenError> {
        let report = report.get(..Reading::MAX_INPUT).unwrap_or(report);
        let name = self.name.as_str();
        let mut tokens = tokens_in(report, name, Self::MAX_TOKENS);
        for leaf in Part::read(report).leaves() {
            let more = Self::MAX_TOKENS.saturating_sub(tokens.len());
            tokens.extend(tokens_in(&leaf.decoded(), name, more));
        }
        tokens.sort_unstable();
        tokens.dedup();
        agreed(tokens.iter().map(|token| self.read(token, now)))
    }
}

fn mailing(payload: Payload) -> Option<Mailing> {
    let mut texts = payload.texts.into_iter();
    let mut next = || texts.next();
    let (tenant, submission) = (next()??, next()??);
    let (recipient, stream, identity) = (next()??, next()?, next()?);
    Some(Mailing {
        recipient: recipient.parse().ok()?,
        origin: Origin {
            submission: Some(submission.parse().ok()?),
            tenant: Some(tenant.parse().ok()?),
            identity: identity.map(|name| name.parse()).transpose().ok()?,
            stream: stream.map(|stream| stream.parse()).transpose().ok()?,
        },
        proof: Proof::Token,
        issued: payload.issued,
    })
}

/// What follows this field name at the beginning of a line, quoted or not, as far as it can be a token.
fn tokens_in(octets: &[u8], name: &str, limit: usize) -> Vec<String> {
    let line_ends = memchr2_iter(b'\n', b'\r', octets).map(|place| place + 1);
    std::iter::once(0)
        .chain(line_ends)
        .filter_map(|start| {
            let line = octets.get(start..)?;
            let quoted = line.iter().take_while(|octet| b"> \t".contains(octet));
            let line = line.get(quoted.count()..)?;
            let (found, rest) = line.split_at_checked(name.len())?;
            if !found.eq_ignore_ascii_case(name.as_bytes()) {
                return None;
            }
            let value = rest.trim_ascii_start().strip_prefix(b":")?;
            let token = value.trim_ascii_start();
            let length = token
                .iter()
                .take_while(|octet| octet.is_ascii_alphanumeric());
            let length = length.take(MAX_TOKEN + 1).count();
            String::from_utf8(token.get(..length)?.to_vec()).ok()
        })
        .take(limit)
        .collect()
}

const DAY: u64 = 24 * 60 * 60;

/// What a token would have to say is too long for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token would be longer than {MAX_TOKEN} characters; use shorter ids")]
#[non_exhaustive]
pub struct TokenTooLong;

#[cfg(test)]
mod tests;
