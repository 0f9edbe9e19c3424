//! Which header fields a signature covers.

use crate::header_field::HeaderField;
use crate::header_name::{HeaderName, is_header_name};

/// Which header fields are signed.
///
/// An *oversigned* field is listed in `h=` once more than it occurs, so that adding another one breaks the signature
/// ([RFC 6376 §8.15](https://www.rfc-editor.org/rfc/rfc6376#section-8.15)); a *signed* field is listed as often as it
/// occurs. The default oversigns From, To, Cc, Subject, Date, Message-ID, Reply-To, MIME-Version, Content-Type and
/// Content-Transfer-Encoding, and signs Sender, In-Reply-To, References, Auto-Submitted, Feedback-ID and every field
/// whose name begins with `List-`, as one-click unsubscription asks for
/// ([RFC 8058 §4](https://www.rfc-editor.org/rfc/rfc8058#section-4)).
///
/// Fields that relays add or rewrite cannot be named: Received, Return-Path, Bcc, DKIM-Signature,
/// Authentication-Results and every `Resent-` field.
///
/// ```
/// use letterhead_dkim::HeaderPolicy;
///
/// // A provider that sets these itself would break a signature over them.
/// let policy = HeaderPolicy::default().without(["Message-ID".parse()?, "Date".parse()?])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderPolicy {
    rules: Vec<(HeaderName, Treatment)>,
    /// Fields left out although their name begins with `List-`.
    left_out: Vec<HeaderName>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    Oversigned,
    Signed,
}

impl HeaderPolicy {
    /// Also oversigns `name`: no field of this name can be added later.
    ///
    /// # Errors
    ///
    /// A field that relays add or rewrite.
    pub fn oversign(self, name: HeaderName) -> Result<Self, HeaderPolicyError> {
        self.with(name, Treatment::Oversigned)
    }

    /// Also signs every field of this name that the message has.
    ///
    /// # Errors
    ///
    /// A field that relays add or rewrite, and From, which is always oversigned.
    pub fn sign(self, name: HeaderName) -> Result<Self, HeaderPolicyError> {
        if name == HeaderName::known("From") {
            return Err(HeaderPolicyError::FromRequired);
        }
        self.with(name, Treatment::Signed)
    }

    /// Leaves these fields out, for instance because a provider rewrites them after signing.
    ///
    /// # Errors
    ///
    /// From, which every signature must cover.
    pub fn without(
        mut self,
        names: impl IntoIterator<Item = HeaderName>,
    ) -> Result<Self, HeaderPolicyError> {
        for name in names {
            if name == HeaderName::known("From") {
                return Err(HeaderPolicyError::FromRequired);
            }
            self.rules.retain(|(listed, _)| *listed != name);
            if name.has_prefix(LIST) && !self.left_out.contains(&name) {
                self.left_out.push(name);
            }
        }
        Ok(self)
    }

    /// Whether fields of this name are signed where a message has them.
    #[must_use]
    pub fn covers(&self, name: &HeaderName) -> bool {
        self.rules.iter().any(|(listed, _)| listed == name)
            || (name.has_prefix(LIST) && !self.left_out.contains(name))
    }

    fn with(mut self, name: HeaderName, treatment: Treatment) -> Result<Self, HeaderPolicyError> {
        if NEVER.contains(&name) || name.has_prefix("Resent-") {
            return Err(HeaderPolicyError::NeverSigned(name));
        }
        self.left_out.retain(|left_out| *left_out != name);
        self.rules.retain(|(listed, _)| *listed != name);
        self.rules.push((name, treatment));
        Ok(self)
    }

    /// The names for `h=` and the fields they select, in order: the fields of a name from the bottom up
    /// ([RFC 6376 §5.4.2](https://www.rfc-editor.org/rfc/rfc6376#section-5.4.2)). `None` is an oversigned name.
    pub(crate) fn select<'a, 'm>(
        &'a self,
        fields: &'a [HeaderField<'m>],
    ) -> Vec<(&'a str, Option<&'a HeaderField<'m>>)> {
        let mut selected = Vec::with_capacity(self.rules.len() + fields.len());
        for (name, treatment) in &self.rules {
            let name = name.as_str();
            for field in fields.iter().rev().filter(|field| field.is_named(name)) {
                selected.push((name, Some(field)));
            }
            if *treatment == Treatment::Oversigned {
                selected.push((name, None));
            }
        }
        let is_set = |name: &str| {
            let is_name = |other: &HeaderName| other.as_str().eq_ignore_ascii_case(name);
            self.rules.iter().any(|(listed, _)| is_name(listed))
                || self.left_out.iter().any(is_name)
        };
        let lists = fields.iter().rev().filter_map(|field| {
            let name = list_name(field).filter(|name| !is_set(name))?;
            Some((name, Some(field)))
        });
        selected.extend(lists);
        selected
    }
}

fn list_name<'m>(field: &HeaderField<'m>) -> Option<&'m str> {
    let name = field.name();
    let start = name.get(..LIST.len())?;
    (start.eq_ignore_ascii_case(LIST.as_bytes()) && is_header_name(name))
        .then(|| str::from_utf8(name).ok())
        .flatten()
}

impl Default for HeaderPolicy {
    fn default() -> Self {
        let rule = |treatment| move |name: &&'static str| (HeaderName::known(name), treatment);
        Self {
            rules: OVERSIGNED
                .iter()
                .map(rule(Treatment::Oversigned))
                .chain(SIGNED.iter().map(rule(Treatment::Signed)))
                .collect(),
            left_out: Vec::new(),
        }
    }
}

/// Why a header policy cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderPolicyError {
    /// The field is added or rewritten on the way, so a signature over it would not hold.
    #[error("{0} changes on the way and cannot be signed; leave it out of the policy")]
    NeverSigned(HeaderName),
    /// From must be covered by every signature ([RFC 6376 §5.4](https://www.rfc-editor.org/rfc/rfc6376#section-5.4)).
    #[error("From is always oversigned; a signature that leaves it open is worth nothing")]
    FromRequired,
}

const LIST: &str = "List-";

const OVERSIGNED: [&str; 10] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

const SIGNED: [&str; 5] = [
    "Sender",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "Feedback-ID",
];

const NEVER: [HeaderName; 5] = [
    HeaderName::known("Received"),
    HeaderName::known("Return-Path"),
    HeaderName::known("Bcc"),
    HeaderName::known("DKIM-Signature"),
    HeaderName::known("Authentication-Results"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header_field::RawMessage;

    fn names(policy: &HeaderPolicy, header: &[u8]) -> String {
        let message = RawMessage::split(header);
        let names: Vec<&str> = policy
            .select(message.fields())
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        names.join(":")
    }

    fn name(text: &str) -> HeaderName {
        text.parse().unwrap()
    }

    const HEADER: &[u8] =
        b"Received: x\r\nfrom: a@b\r\nList-Unsubscribe: <x>\r\nlist-unsubscribe-post: y\r\n\
        Sender: s\r\nX-Other: z\r\nBcc: h\r\nResent-To: r\r\n\r\n";

    #[test]
    fn default_oversigns_what_is_shown_and_signs_what_is_there() {
        assert_eq!(
            names(&HeaderPolicy::default(), HEADER),
            "From:From:To:Cc:Subject:Date:Message-ID:Reply-To:MIME-Version:Content-Type:\
             Content-Transfer-Encoding:Sender:list-unsubscribe-post:List-Unsubscribe"
        );
    }

    #[test]
    fn without_leaves_out_and_naming_again_brings_back() {
        let policy = HeaderPolicy::default()
            .without(
                ["Date", "Message-ID", "To", "Cc", "List-Unsubscribe"]
                    .map(|text| name(&text.to_lowercase())),
            )
            .unwrap();
        assert_eq!(
            names(&policy, HEADER),
            "From:From:Subject:Reply-To:MIME-Version:Content-Type:Content-Transfer-Encoding:\
             Sender:list-unsubscribe-post"
        );
        let policy = policy.sign(name("List-Unsubscribe")).unwrap();
        assert!(names(&policy, HEADER).contains(":List-Unsubscribe:"));
    }

    #[test]
    fn what_is_covered_can_be_asked_for_by_name() {
        let policy = HeaderPolicy::default();
        for covered in [
            "from",
            "List-Unsubscribe",
            "list-unsubscribe-post",
            "Sender",
        ] {
            assert!(policy.covers(&name(covered)), "{covered}");
        }
        assert!(!policy.covers(&name("X-Other")));
        let policy = policy.without([name("list-unsubscribe")]).unwrap();
        assert!(!policy.covers(&name("List-Unsubscribe")));
        assert!(policy.covers(&name("List-Unsubscribe-Post")));
    }

    #[test]
    fn fields_that_change_on_the_way_are_refused() {
        for never in [
            "received",
            "Return-Path",
            "Resent-From",
            "BCC",
            "DKIM-Signature",
        ] {
            assert_eq!(
                HeaderPolicy::default().sign(name(never)),
                Err(HeaderPolicyError::NeverSigned(name(never)))
            );
        }
        for refused in [
            HeaderPolicy::default().without([name("from")]),
            HeaderPolicy::default().sign(name("from")),
        ] {
            assert_eq!(refused, Err(HeaderPolicyError::FromRequired));
        }
    }

    #[test]
    fn repeated_fields_are_taken_from_the_bottom() {
        let header = b"From: 1\r\nSender: a\r\nSender: b\r\n\r\n";
        let message = RawMessage::split(header);
        let policy = HeaderPolicy::default();
        let senders: Vec<&[u8]> = policy
            .select(message.fields())
            .into_iter()
            .filter(|(name, _)| *name == "Sender")
            .filter_map(|(_, field)| field.map(HeaderField::value))
            .collect();
        assert_eq!(senders, [b" b", b" a"]);
    }
}
