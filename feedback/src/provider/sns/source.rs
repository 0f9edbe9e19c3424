use std::fmt;
use std::str::FromStr;

/// Whose messages are accepted: one topic, or every topic of an account.
///
/// ```
/// use letterhead_feedback::SnsSource;
///
/// let topic: SnsSource = "arn:aws:sns:eu-west-1:123456789012:bounces".parse()?;
/// let account: SnsSource = "123456789012".parse()?;
/// assert!(topic.includes("arn:aws:sns:eu-west-1:123456789012:bounces"));
/// assert!(account.includes("arn:aws:sns:us-east-1:123456789012:complaints"));
/// assert!(!account.includes("arn:aws:sns:us-east-1:999999999999:complaints"));
/// # Ok::<(), letterhead_feedback::SnsSourceError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SnsSource(Inner);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Inner {
    Topic(Box<str>),
    Account(Box<str>),
}

impl SnsSource {
    /// Whether a topic of this ARN is one of them.
    #[must_use]
    pub fn includes(&self, topic_arn: &str) -> bool {
        match &self.0 {
            Inner::Topic(topic) => **topic == *topic_arn,
            Inner::Account(account) => {
                account_of(topic_arn).is_some_and(|found| found == &**account)
            }
        }
    }
}

impl FromStr for SnsSource {
    type Err = SnsSourceError;

    fn from_str(text: &str) -> Result<Self, SnsSourceError> {
        if is_account(text) {
            return Ok(Self(Inner::Account(text.into())));
        }
        match account_of(text) {
            Some(_) => Ok(Self(Inner::Topic(text.into()))),
            None => Err(SnsSourceError),
        }
    }
}

impl fmt::Display for SnsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Topic(text) | Inner::Account(text) => f.pad(text),
        }
    }
}

/// Text that is neither the ARN of a topic nor the number of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a source is the ARN of a topic, such as arn:aws:sns:eu-west-1:123456789012:name, or an account number of 12 digits"
)]
#[non_exhaustive]
pub struct SnsSourceError;

/// The account in `arn:PARTITION:sns:REGION:ACCOUNT:NAME`.
fn account_of(topic_arn: &str) -> Option<&str> {
    let mut parts = topic_arn.split(':');
    let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, name) = (parts.next()?, parts.next()?, parts.next()?);
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_topic = arn == "arn"
        && partition.starts_with("aws")
        && service == "sns"
        && !region.is_empty()
        && is_account(account)
        && !name.is_empty()
        && [partition, region, name]
            .iter()
            .all(|part| part.chars().all(in_name))
        && parts.next().is_none();
    is_topic.then_some(account)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::SnsSource;

    #[test]
    fn sources_read_back_and_others_are_refused() {
        for text in [
            "arn:aws:sns:eu-west-1:123456789012:name",
            "arn:aws-cn:sns:cn-north-1:123456789012:name.fifo",
            "123456789012",
        ] {
            let source: SnsSource = text.parse().unwrap();
            assert_eq!(source.to_string(), text);
        }
        for text in [
            "",
            "*",
            "12345678901",
            "arn:aws:sns:eu-west-1:123456789012:",
            "arn:aws:sns:eu-west-1:123456789012:name:subscription",
            "arn:aws:sqs:eu-west-1:123456789012:name",
            "arn:aws:sns:eu-west-1:*:name",
            "arn:aws:sns:eu-west-1:123456789012:na\nme",
        ] {
            assert!(text.parse::<SnsSource>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_the_whole_topic_is_the_topic() {
        let topic: SnsSource = "arn:aws:sns:eu-west-1:123456789012:name".parse().unwrap();
        assert!(!topic.includes("arn:aws:sns:eu-west-1:123456789012:name2"));
        let account: SnsSource = "123456789012".parse().unwrap();
        assert!(!account.includes("arn:aws:sns:eu-west-1:999999999999:123456789012"));
        assert!(!account.includes("123456789012"));
    }
}
