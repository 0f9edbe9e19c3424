use super::{PublicSuffix, Published, Record, TestMode};
use crate::alignment_mode::AlignmentMode;
use crate::failure_options::FailureOptions;
use crate::policy::Policy;
use crate::report_uri::ReportUri;

/// Puts a [`Record`] together. What is not set is not printed, and has the default that its method names.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct RecordBuilder {
    record: Record,
}

impl RecordBuilder {
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            record: Record {
                policy: Published::Valid(policy),
                subdomain_policy: Published::Absent,
                nonexistent_subdomain_policy: Published::Absent,
                public_suffix: None,
                test_mode: None,
                dkim_alignment: None,
                spf_alignment: None,
                aggregate_reports: Vec::new(),
                failure_reports: Vec::new(),
                failure_options: None,
                unknown_tags: Vec::new(),
                notes: Vec::new(),
            },
        }
    }

    /// The policy for subdomains (`sp`); by default that of the domain. A weaker one lets anyone write as a subdomain.
    pub fn subdomain_policy(mut self, policy: Policy) -> Self {
        self.record.subdomain_policy = Published::Valid(policy);
        self
    }

    /// The policy for subdomains that do not exist (`np`); by default that of subdomains.
    pub fn nonexistent_subdomain_policy(mut self, policy: Policy) -> Self {
        self.record.nonexistent_subdomain_policy = Published::Valid(policy);
        self
    }

    /// Whether the domain is a public suffix (`psd`); by default unspecified. Only whoever registers names for others
    /// says [`PublicSuffix::Yes`]: it makes each name below an organization of its own.
    pub fn public_suffix(mut self, public_suffix: PublicSuffix) -> Self {
        self.record.public_suffix = Some(public_suffix);
        self
    }

    /// Whether the policy is only being tested (`t`); by default off. While on, a step weaker is asked for.
    pub fn test_mode(mut self, test_mode: TestMode) -> Self {
        self.record.test_mode = Some(test_mode);
        self
    }

    /// How closely a DKIM signing domain must match (`adkim`); by default relaxed. Strict makes a signature of the
    /// parent domain count for nothing.
    pub fn dkim_alignment(mut self, mode: AlignmentMode) -> Self {
        self.record.dkim_alignment = Some(mode);
        self
    }

    /// How closely the SPF domain must match (`aspf`); by default relaxed. Strict makes a bounce subdomain count for
    /// nothing.
    pub fn spf_alignment(mut self, mode: AlignmentMode) -> Self {
        self.record.spf_alignment = Some(mode);
        self
    }

    /// One more address for aggregate reports (`rua`); by default there is none, and no reports come.
    pub fn aggregate_reports_to(mut self, uri: ReportUri) -> Self {
        self.record.aggregate_reports.push(uri);
        self
    }

    /// One more address for failure reports (`ruf`); by default there is none. These reports hold personal data.
    pub fn failure_reports_to(mut self, uri: ReportUri) -> Self {
        self.record.failure_reports.push(uri);
        self
    }

    /// When failure reports are wanted (`fo`); by default when all mechanisms fail. Without an address for them it has
    /// no effect.
    pub fn failure_options(mut self, options: FailureOptions) -> Self {
        self.record.failure_options = Some(options);
        self
    }

    /// The record.
    #[must_use]
    pub fn build(self) -> Record {
        self.record
    }
}
