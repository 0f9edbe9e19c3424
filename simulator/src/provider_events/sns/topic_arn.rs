//! The name of a topic.

use std::fmt;
use std::str::FromStr;

/// The ARN of a topic of SNS, `arn:PARTITION:sns:REGION:ACCOUNT:NAME`
/// ([Amazon's reference](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html)).
///
/// ```
/// use letterhead_simulator::provider_events::TopicArn;
///
/// let topic: TopicArn = "arn:aws:sns:eu-west-1:123456789012:bounces".parse()?;
/// assert_eq!((topic.region(), topic.account()), ("eu-west-1", "123456789012"));
/// assert!("arn:aws:sqs:eu-west-1:123456789012:bounces".parse::<TopicArn>().is_err());
/// # Ok::<(), letterhead_simulator::provider_events::TopicArnError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TopicArn {
    text: Box<str>,
    partition: Box<str>,
    region: Box<str>,
    account: Box<str>,
    domain: &'static str,
}

impl TopicArn {
    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part of AWS that it is in, such as `aws` or `aws-cn`.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The region, such as `eu-west-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account's number, of 12 digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The host of SNS in its region.
    pub(super) fn host(&self) -> String {
        format!("sns.{}.{}", self.region, self.domain)
    }
}

impl FromStr for TopicArn {
    type Err = TopicArnError;

    fn from_str(text: &str) -> Result<Self, TopicArnError> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "sns", region, account, name] = *parts.as_slice() else {
            return Err(TopicArnError::Form);
        };
        let Some((_, domain)) = PARTITIONS.iter().find(|(known, _)| *known == partition) else {
            return Err(TopicArnError::Partition);
        };
        let is_word = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        if region.is_empty() || !region.bytes().all(is_word) {
            return Err(TopicArnError::Region);
        }
        if account.len() != 12 || !account.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(TopicArnError::Account);
        }
        let plain = name.strip_suffix(".fifo").unwrap_or(name);
        let in_name = |octet: u8| is_word(octet) || octet == b'_';
        if plain.is_empty() || name.len() > MAX_NAME || !plain.bytes().all(in_name) {
            return Err(TopicArnError::Name);
        }
        Ok(Self {
            text: text.into(),
            partition: partition.into(),
            region: region.into(),
            account: account.into(),
            domain,
        })
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Why a text is not the ARN of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopicArnError {
    /// It does not have the parts.
    #[error("a topic's ARN has six parts, such as arn:aws:sns:eu-west-1:123456789012:name")]
    Form,
    /// There is no such partition.
    #[error("the second part of a topic's ARN is aws, aws-cn, aws-us-gov or aws-eusc")]
    Partition,
    /// The region is none.
    #[error("the fourth part of a topic's ARN is a region, of letters, digits and hyphens")]
    Region,
    /// The account is none.
    #[error("the fifth part of a topic's ARN is an account number of 12 digits")]
    Account,
    /// The name is none.
    #[error(
        "the last part of a topic's ARN is a name of letters, digits, hyphens and underscores, of 256 at most"
    )]
    Name,
}

/// The partitions, and the domains that their services are in.
const PARTITIONS: [(&str, &str); 4] = [
    ("aws", "amazonaws.com"),
    ("aws-cn", "amazonaws.com.cn"),
    ("aws-us-gov", "amazonaws.com"),
    ("aws-eusc", "amazonaws.eu"),
];

/// Characters of a name.
const MAX_NAME: usize = 256;

#[cfg(test)]
mod tests {
    use super::{TopicArn, TopicArnError};

    #[test]
    fn arns_read_back_and_others_are_refused_for_what_is_wrong() {
        for (text, host) in [
            (
                "arn:aws:sns:eu-west-1:123456789012:a_b-C9",
                "sns.eu-west-1.amazonaws.com",
            ),
            (
                "arn:aws-cn:sns:cn-north-1:123456789012:a.fifo",
                "sns.cn-north-1.amazonaws.com.cn",
            ),
            (
                "arn:aws-eusc:sns:eusc-de-east-1:123456789012:a",
                "sns.eusc-de-east-1.amazonaws.eu",
            ),
        ] {
            let topic: TopicArn = text.parse().unwrap();
            assert_eq!(topic.to_string(), text);
            assert_eq!(topic.host(), host);
        }
        for (text, error) in [
            ("", TopicArnError::Form),
            ("arn:aws:sns:eu-west-1:123456789012", TopicArnError::Form),
            (
                "arn:aws:sns:eu-west-1:123456789012:a:b",
                TopicArnError::Form,
            ),
            ("arn:aws:sqs:eu-west-1:123456789012:a", TopicArnError::Form),
            (
                "arn:aws-x:sns:eu-west-1:123456789012:a",
                TopicArnError::Partition,
            ),
            ("arn:aws:sns::123456789012:a", TopicArnError::Region),
            ("arn:aws:sns:a/b:123456789012:a", TopicArnError::Region),
            (
                "arn:aws:sns:eu-west-1:12345678901:a",
                TopicArnError::Account,
            ),
            (
                "arn:aws:sns:eu-west-1:12345678901x:a",
                TopicArnError::Account,
            ),
            ("arn:aws:sns:eu-west-1:123456789012:", TopicArnError::Name),
            (
                "arn:aws:sns:eu-west-1:123456789012:a\nb",
                TopicArnError::Name,
            ),
            (
                "arn:aws:sns:eu-west-1:123456789012:.fifo",
                TopicArnError::Name,
            ),
        ] {
            assert_eq!(text.parse::<TopicArn>(), Err(error), "{text}");
        }
    }
}
