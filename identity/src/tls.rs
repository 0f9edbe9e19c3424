//! Whether a client can encrypt connections as a provider asks for. What is found restricts nothing: it is for people.

pub mod code;

use std::collections::BTreeSet;

use letterhead_dns::Finding;

use self::code::Code;
use crate::profile::{Need, Tls, TlsVersion, TlsVersionError};

/// What a client offers when it begins a connection.
///
/// ```
/// use letterhead_identity::TlsOffer;
///
/// let offer = TlsOffer::new(["1.2"], ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"])?;
/// assert!(TlsOffer::new(["SSLv3"], [""; 0]).is_err());
/// # Ok::<(), letterhead_identity::profile::TlsVersionError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsOffer {
    versions: BTreeSet<TlsVersion>,
    cipher_suites: Vec<String>,
}

impl TlsOffer {
    /// Versions such as `1.2`, and cipher suites by their names in
    /// [IANA's registry](https://www.iana.org/assignments/tls-parameters).
    ///
    /// # Errors
    ///
    /// When a version is not known.
    pub fn new(
        versions: impl IntoIterator<Item: AsRef<str>>,
        cipher_suites: impl IntoIterator<Item: Into<String>>,
    ) -> Result<Self, TlsVersionError> {
        let versions = versions.into_iter();
        Ok(Self {
            versions: versions
                .map(|version| version.as_ref().parse())
                .collect::<Result<_, _>>()?,
            cipher_suites: cipher_suites.into_iter().map(Into::into).collect(),
        })
    }

    /// That of a client that does not encrypt.
    #[must_use]
    pub fn none() -> Self {
        Self {
            versions: BTreeSet::new(),
            cipher_suites: Vec::new(),
        }
    }

    /// The versions, lowest first.
    pub fn versions(&self) -> impl Iterator<Item = TlsVersion> {
        self.versions.iter().copied()
    }

    /// The cipher suites, in the client's order.
    pub fn cipher_suites(&self) -> impl Iterator<Item = &str> {
        self.cipher_suites.iter().map(String::as_str)
    }
}

impl Tls {
    /// The suites that are in both lists, in the client's order; `None` where the provider's are not known.
    #[must_use]
    pub fn common_suites<'o>(&self, offer: &'o TlsOffer) -> Option<Vec<&'o str>> {
        let taken = self.cipher_suites.as_ref()?;
        let is_taken = |suite: &&str| taken.iter().any(|known| known == suite);
        Some(offer.cipher_suites().filter(is_taken).collect())
    }

    /// What can keep the client from connecting, or hardly lets it.
    #[must_use]
    pub fn findings(&self, offer: &TlsOffer) -> Vec<Finding<Code>> {
        let Some(highest) = offer.versions().last() else {
            return match self.needed {
                Need::Optional => Vec::new(),
                Need::Required => vec![Finding::new(
                    Code::NotOffered,
                    "",
                    "connections have to be encrypted, and the client offers no TLS",
                    "connect with STARTTLS or implicit TLS",
                )],
            };
        };
        let mut findings = Vec::new();
        match self.floor {
            Some(floor) if highest < floor => findings.push(Finding::new(
                Code::Floor,
                highest.to_string(),
                format!("the client offers TLS {highest} at most, and {floor} is the lowest that is taken"),
                format!("let the client offer TLS {floor}"),
            )),
            Some(_) => {}
            None => findings.push(Finding::new(
                Code::FloorNotKnown,
                "",
                "the lowest version of TLS that is taken is not known",
                "ask the provider, or try a connection",
            )),
        }
        findings.push(match self.common_suites(offer) {
            None => Finding::new(
                Code::SuitesNotKnown,
                "",
                "the cipher suites that are taken are not known",
                "try a connection",
            ),
            Some(common) => match finding_of(&common) {
                Some(finding) => finding,
                None => return findings,
            },
        });
        findings
    }
}

/// What follows from the suites that both have.
fn finding_of(common: &[&str]) -> Option<Finding<Code>> {
    let for_rsa: Vec<&str> = common
        .iter()
        .filter(|suite| works_with_rsa(suite))
        .copied()
        .collect();
    match (common, for_rsa.as_slice()) {
        ([], _) => Some(Finding::new(
            Code::NoCommonSuite,
            "",
            "none of the cipher suites that the client offers is among those that are taken",
            "let the client offer one of them, and look whether the provider's list has changed",
        )),
        (_, []) => Some(Finding::new(
            Code::NoSuiteForRsa,
            common.join(", "),
            format!(
                "the client and the provider have {} of the cipher suites in common, and none works where the server's \
                 certificate is an RSA one",
                common.len()
            ),
            "let the client offer an RSA suite of the provider's list, or see which certificate the server has",
        )),
        (_, [only]) => Some(Finding::new(
            Code::OneSuiteForRsa,
            *only,
            format!(
                "the client and the provider have {} of the cipher suites in common, and 1 works where the server's \
                 certificate is an RSA one",
                common.len()
            ),
            "see whether the provider's list has grown before taking this suite out of the client's",
        )),
        _ => None,
    }
}

/// Whether the suite works with a server whose certificate has an RSA key: up to TLS 1.2 the suite names the key's type,
/// and from 1.3 on no suite does ([RFC 9846](https://www.rfc-editor.org/rfc/rfc9846)).
fn works_with_rsa(suite: &str) -> bool {
    match suite.split_once("_WITH_") {
        Some((key_exchange, _)) => key_exchange.ends_with("_RSA"),
        None => true,
    }
}
