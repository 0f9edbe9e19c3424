//! What can keep a connection from being encrypted as a provider asks for.

letterhead_dns::finding_codes! {
    /// The provider takes encrypted connections only, and there would be none.
    NotOffered = "tls-not-offered", Error;
    /// Every version that is offered is below the floor.
    Floor = "tls-floor", Error;
    /// No cipher suite is in both lists.
    NoCommonSuite = "no-common-suite", Error;
    /// The suites in both lists are for other certificates than RSA ones.
    NoSuiteForRsa = "no-suite-for-rsa", Warning;
    /// Only one suite in both lists works with an RSA certificate.
    OneSuiteForRsa = "one-suite-for-rsa", Advice;
    /// The provider's suites are not known.
    SuitesNotKnown = "suites-not-known", Advice;
    /// The lowest version that the provider takes is not known.
    FloorNotKnown = "floor-not-known", Advice;
}
