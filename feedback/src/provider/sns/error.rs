use std::time::Duration;

/// Why a message of SNS is not believed.
#[derive(Debug, thiserror::Error)]
#[error("the message of SNS: {kind}")]
pub struct SnsError {
    kind: SnsErrorKind,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl SnsError {
    pub(super) fn new(kind: SnsErrorKind) -> Self {
        Self { kind, source: None }
    }

    pub(super) fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What is wrong, and where.
    #[must_use]
    pub fn kind(&self) -> &SnsErrorKind {
        &self.kind
    }

    /// Whether the same message may be believed in a moment: nothing is wrong with it, but the certificate could not be had.
    /// Answer such a request with a status of 500 or above, and SNS comes again; answer others with one of 400 or above.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.kind {
            SnsErrorKind::Fetch => true,
            SnsErrorKind::FetchStatus { status } => status >= 500 || status == 429,
            SnsErrorKind::TooBig { .. }
            | SnsErrorKind::NotAnEnvelope
            | SnsErrorKind::Field { .. }
            | SnsErrorKind::Topic
            | SnsErrorKind::TooOld { .. }
            | SnsErrorKind::FromTheFuture
            | SnsErrorKind::Version
            | SnsErrorKind::CertificateUrl
            | SnsErrorKind::Certificate { .. }
            | SnsErrorKind::CertificateTime
            | SnsErrorKind::Signature => false,
        }
    }
}

/// What is wrong with a message of SNS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnsErrorKind {
    /// The body is longer than any message of SNS, 2 MiB.
    #[error("{octets} octets are more than SNS sends")]
    TooBig {
        /// How long it is.
        octets: usize,
    },
    /// The body is not the JSON that SNS puts around a message.
    #[error(
        "there is no envelope with a signature; turn raw message delivery off for this subscription"
    )]
    NotAnEnvelope,
    /// A field of the envelope is missing or holds what it cannot.
    #[error("the field {name} is missing or not as SNS writes it")]
    Field {
        /// Its name.
        name: &'static str,
    },
    /// It is of a topic that was not asked for. Anyone with an account can have SNS sign messages of topics of their own.
    #[error(
        "it is of a topic that is not accepted here; add the topic to the verifier if it is yours"
    )]
    Topic,
    /// It was published too long ago: someone may be sending an old message again.
    #[error("it was published {} seconds ago, longer than is accepted", age.as_secs())]
    TooOld {
        /// How long ago.
        age: Duration,
    },
    /// It was published later than now. One of the clocks is wrong.
    #[error(
        "it says that it was published more than 15 minutes from now; check this machine's clock"
    )]
    FromTheFuture,
    /// The version of its signature is neither 1 nor 2, or not accepted.
    #[error("the version of its signature is not accepted; set the topic's SignatureVersion to 2")]
    Version,
    /// The certificate is to come from somewhere else than SNS.
    #[error("its SigningCertURL does not lead to a certificate of SNS")]
    CertificateUrl,
    /// The certificate could not be fetched.
    #[error("the certificate of its signature could not be fetched")]
    Fetch,
    /// The certificate was not given out.
    #[error("the certificate of its signature was answered with status {status}, not 200")]
    FetchStatus {
        /// The status; redirects are not followed.
        status: u16,
    },
    /// What was fetched is not a certificate that SNS signs with.
    #[error("the certificate of its signature is not usable: {problem}")]
    Certificate {
        /// Why not.
        problem: &'static str,
    },
    /// The certificate is not valid now.
    #[error("the certificate of its signature has expired or is not valid yet")]
    CertificateTime,
    /// The signature does not match.
    #[error("its signature does not match; it was changed on the way or is forged")]
    Signature,
}
