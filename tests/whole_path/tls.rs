//! What the client offers against what a provider takes.

use letterhead::dns::Severity;
use letterhead::identity::tls::code::Code;
use letterhead::identity::{Profile, TlsOffer};
use letterhead::transport::{RootCertificates, TlsSettings};

use crate::setting::internet;

/// OC-48, OC-49: of the nine suites that Oracle lists, three are offered, and one of them is for an RSA certificate.
#[tokio::test]
async fn one_suite_is_left_for_a_provider_with_an_rsa_certificate() {
    let served = internet().serve().await.unwrap();
    let roots = RootCertificates::from_pem(served.ca_certificate_pem().as_bytes()).unwrap();
    let offer = TlsSettings::with_roots(&roots).unwrap().offer().unwrap();
    let offer = TlsOffer::new(offer.versions, offer.cipher_suites).unwrap();

    let profile = Profile::built_in("oci-email-delivery").unwrap();
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
