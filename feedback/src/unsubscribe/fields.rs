use std::fmt::{self, Write as _};

use letterhead_mail::message::MessageError;
use letterhead_mail::{EmailAddress, HeaderName, HeaderText, Message, MessageBuilder};

use super::UnsubscribeFieldsError;

/// List-Unsubscribe and List-Unsubscribe-Post for one message to one recipient
/// ([RFC 8058 §3.1](https://www.rfc-editor.org/rfc/rfc8058#section-3.1)).
///
/// What it holds unsubscribes somebody, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct UnsubscribeFields {
    url: String,
    mailto: Option<String>,
    token: String,
    /// The value of List-Unsubscribe.
    value: String,
}

impl UnsubscribeFields {
    /// The names of both fields.
    pub const NAMES: [&'static str; 2] = ["List-Unsubscribe", "List-Unsubscribe-Post"];

    pub(super) fn new(
        base: &str,
        mailto: Option<&EmailAddress>,
        token: String,
    ) -> Result<Self, UnsubscribeFieldsError> {
        let url = format!("{base}{token}");
        let mailto = mailto.map(|address| mailto_uri(address, &token));
        let first = "List-Unsubscribe: <>,".len() + url.len();
        let second = " <>".len() + mailto.as_ref().map_or(0, String::len);
        if first.max(second) > MAX_LINE {
            return Err(UnsubscribeFieldsError);
        }
        let value = match &mailto {
            Some(mailto) => format!("<{url}>, <{mailto}>"),
            None => format!("<{url}>"),
        };
        Ok(Self {
            url,
            mailto,
            token,
            value,
        })
    }

    /// The token that the links hold.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The `https` link: for the message's text, too. Who follows it sees a page first.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Names and values of both fields, unfolded.
    #[must_use]
    pub fn names_and_values(&self) -> [(&'static str, &str); 2] {
        let [list_unsubscribe, post] = Self::NAMES;
        [(list_unsubscribe, &self.value), (post, ONE_CLICK)]
    }

    /// Adds both fields to a message that is being built.
    pub fn add_to(&self, builder: MessageBuilder) -> MessageBuilder {
        self.names_and_values()
            .into_iter()
            .fold(builder, |builder, (name, value)| {
                let (name, value) = (HeaderName::try_from(name), HeaderText::try_from(value));
                match (name, value) {
                    (Ok(name), Ok(value)) => builder.header(name, value),
                    // Both names are names, and no value holds a control: links and addresses cannot.
                    _ => builder,
                }
            })
    }

    /// The message with both fields on top, folded, and without any others of these names: a receiver takes the offer
    /// only where there is one of each.
    ///
    /// # Errors
    ///
    /// When the message begins with white space.
    pub fn put_on(&self, message: &Message) -> Result<Message, MessageError> {
        let [list_unsubscribe, post] = Self::NAMES;
        let second = match &self.mailto {
            Some(mailto) => format!(",\r\n <{mailto}>"),
            None => String::new(),
        };
        let fields = format!(
            "{list_unsubscribe}: <{}>{second}\r\n{post}: {ONE_CLICK}\r\n",
            self.url
        );
        message
            .without_fields(list_unsubscribe)
            .without_fields(post)
            .with_field_prepended(fields.as_bytes())
    }

    /// Whether a DKIM signature over fields of these names, such as those in its `h=`, covers both. One that does not
    /// lets anyone on the way put in a link of their own, and receivers offer no click.
    ///
    /// ```
    /// use letterhead_feedback::UnsubscribeFields;
    ///
    /// assert!(UnsubscribeFields::covered_by("From:Subject:List-Unsubscribe:List-Unsubscribe-Post".split(':')));
    /// assert!(!UnsubscribeFields::covered_by("From:Subject:List-Unsubscribe".split(':')));
    /// ```
    #[must_use]
    pub fn covered_by(signed_names: impl IntoIterator<Item: AsRef<str>>) -> bool {
        let mut covered = [false; 2];
        for signed in signed_names {
            for (covered, name) in covered.iter_mut().zip(Self::NAMES) {
                *covered |= signed.as_ref().trim().eq_ignore_ascii_case(name);
            }
        }
        covered == [true; 2]
    }
}

impl fmt::Debug for UnsubscribeFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsubscribeFields")
            .field("octets", &self.value.len())
            .finish_non_exhaustive()
    }
}

/// A link that begins a mail to this address with the token in its subject
/// ([RFC 6068 §2](https://www.rfc-editor.org/rfc/rfc6068#section-2)).
fn mailto_uri(address: &EmailAddress, token: &str) -> String {
    let mut uri = "mailto:".to_owned();
    for byte in address.to_string().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@!$'*+".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push_str("?subject=unsubscribe%20");
    uri.push_str(token);
    uri
}

const ONE_CLICK: &str = "List-Unsubscribe=One-Click";
/// The longest line ([RFC 5322 §2.1.1](https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1)).
const MAX_LINE: usize = 998;
