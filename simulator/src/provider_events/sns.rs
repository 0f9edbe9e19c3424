//! Amazon SNS: the envelope around what is published, and its signature.

mod certificates;
mod envelope;
mod subscriber;
mod topic_arn;

pub use certificates::SnsCertificates;
pub use subscriber::{SnsConfirmation, UnknownSubscription};
pub use topic_arn::{TopicArn, TopicArnError};

pub(super) use subscriber::SnsSubscriber;
