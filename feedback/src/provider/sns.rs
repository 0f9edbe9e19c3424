//! Amazon SNS: the envelope around what Amazon SES reports, and its signature.

pub(crate) mod envelope;
