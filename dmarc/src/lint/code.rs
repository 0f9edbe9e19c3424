//! What can be wrong with a policy record.

letterhead_dns::finding_codes! {
    /// There is no record: DMARC does not apply, and everyone may write as the domain.
    NoRecord = "no-record", Error;
    /// Text that was meant to be a record and is none.
    NearMiss = "near-miss", Warning;
    /// More than one record: all are discarded.
    SeveralRecords = "several-records", Error;
    /// A record that stands where nobody looks.
    WrongPlace = "wrong-place", Error;
    /// A record, or a TXT record beside it, that ends or begins in the middle.
    TxtCut = "txt-cut", Error;
    /// The character-strings of the TXT record join into something that was not meant.
    TxtSplit = "txt-split", Error;
    /// `p`, `sp` or `np` is no policy: the record acts as `p=none` or does not apply.
    InvalidPolicy = "invalid-policy", Error;
    /// There is no `p`, which is `p=none`.
    PolicyMissing = "policy-missing", Warning;
    /// `p` does not come right behind the version, where older receivers want it.
    PolicyOrder = "policy-order", Advice;
    /// A value that its tag does not have: the default takes over.
    InvalidValue = "invalid-value", Warning;
    /// An address that no report can be sent to.
    InvalidReportUri = "invalid-report-uri", Warning;
    /// Something between semicolons that is not `name=value`.
    NotATag = "not-a-tag", Warning;
    /// A tag that was there before; the first one counts.
    RepeatedTag = "repeated-tag", Warning;
    /// A tag that DMARC does not have.
    UnknownTag = "unknown-tag", Advice;
    /// A tag of an older DMARC.
    ObsoleteTag = "obsolete-tag", Advice;
    /// `pct` other than 100: receivers of today apply the policy to all mail, older ones to a part.
    ObsoletePercentage = "obsolete-percentage", Warning;
    /// A size limit behind a report address.
    ObsoleteSizeLimit = "obsolete-size-limit", Advice;
    /// `p=none` with reports: mail is watched and nothing more.
    Monitoring = "monitoring", Advice;
    /// `p=none` without reports: nothing is asked for and nothing is told.
    MonitoringBlind = "monitoring-blind", Warning;
    /// A policy whose effects nobody reports.
    NoReports = "no-reports", Advice;
    /// `sp` or `np` asks for less than `p` does.
    WeakerSubdomains = "weaker-subdomains", Warning;
    /// A tag that changes nothing.
    NoEffect = "no-effect", Advice;
    /// `fo` without `ruf`.
    FoWithoutRuf = "fo-without-ruf", Advice;
    /// `ruf` asks for reports on single messages.
    FailureReports = "failure-reports", Advice;
    /// `t=y`: less is asked for than is published.
    TestMode = "test-mode", Warning;
    /// `psd=y`, which is for registries.
    PublicSuffix = "public-suffix", Warning;
    /// `adkim=s` or `aspf=s`.
    StrictAlignment = "strict-alignment", Advice;
    /// The domain has no record of its own, and that of a name above applies.
    Inherited = "inherited", Advice;
    /// `sp` or `np` at a domain that is no organizational domain, where nobody reads them.
    NotOrganizational = "not-organizational", Warning;
    /// A host named for reports does not say that it takes them.
    ReportNotAccepted = "report-not-accepted", Warning;
    /// A host named for reports wants them at another of its addresses.
    ReportElsewhere = "report-elsewhere", Advice;
    /// A lookup failed, so that nothing can be said about what it would find.
    LookupFailed = "lookup-failed", Warning;
}
