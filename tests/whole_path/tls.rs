//! What the client offers against what a provider takes.

use letterhead::dns::Severity;
use letterhead::identity::tls::code::Code;
use letterhead::identity::{Profile, TlsOffer};
use letterhead::transport::{RootCertificates, TlsSettings};

use crate::setting::internet;

/// The cipher suites that Oracle's Email Delivery lists for TLS 1.2.
const PROFILE: &str = r#"
schema = 1
id = "x"
title = "X"
[sources.page]
url = "https://x.example"
as_of = "2026-01-31"
[tls]
needed = "required"
floor = "1.2"
cipher_suites = [
    "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
]
source = "page"
"#;

#[tokio::test]
async fn one_suite_is_left_for_a_provider_with_an_rsa_certificate() {
    let served = internet().serve().await.unwrap();
    let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes()).unwrap();
    let offer = TlsSettings::with_roots(&roots).unwrap().offer().unwrap();
    let offer = TlsOffer::new(offer.versions, offer.cipher_suites).unwrap();

    let profile = Profile::from_toml(PROFILE, |_| None).unwrap();
    let tls = profile.tls().unwrap();
    assert_eq!(tls.common_suites(&offer).unwrap().len(), 3);
    let findings = tls.findings(&offer);
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}");
    };
    assert_eq!(
        (finding.code, finding.severity, finding.text.as_str()),
        (
            Code::OneSuiteForRsa,
            Severity::Advice,
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        )
    );
    assert!(
        finding
            .problem
            .contains("have 3 of the cipher suites in common, and 1 works")
    );
}
