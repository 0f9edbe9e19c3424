//! Why nothing was tried.

use letterhead_mail::{
    AddressDomain, EmailAddress, EnhancedCode, NotAttemptedReason, Outcome, Phase, RecipientReport,
};

use super::exchangers::MailExchanger;
use super::no_route::NoRoute;
use super::status;
use super::tls_plan::NotAuthenticated;

/// Why nothing was tried for the recipients of a domain.
pub(super) struct Refusal {
    outcome: Outcome,
    phase: Phase,
    enhanced: Option<EnhancedCode>,
    detail: String,
}

impl Refusal {
    /// The row that says so.
    pub(super) fn row(&self, recipient: EmailAddress) -> RecipientReport {
        let row = RecipientReport::new(recipient, self.outcome, self.phase)
            .with_detail(self.detail.clone());
        match self.enhanced {
            Some(code) => row.with_enhanced(code),
            None => row,
        }
    }

    pub(super) fn no_dns(domain: &AddressDomain) -> Self {
        Self {
            outcome: Outcome::Deferred,
            phase: Phase::Connect,
            enhanced: Some(status::NO_DNS),
            detail: format!("where mail for {domain} goes was not found out in time"),
        }
    }

    pub(super) fn unnamed(domain: &AddressDomain, host: &MailExchanger) -> Self {
        Self {
            outcome: Outcome::Deferred,
            phase: Phase::Connect,
            enhanced: Some(status::POLICY),
            detail: format!(
                "the MTA-STS policy of {} does not name the host {}",
                domain,
                host.name()
            ),
        }
    }

    pub(super) fn not_authenticated(domain: &AddressDomain, reason: NotAuthenticated) -> Self {
        let (outcome, enhanced, state) = match reason {
            NotAuthenticated::Ever => (Outcome::Rejected, status::REQUIRETLS, "has none"),
            NotAuthenticated::Now => (
                Outcome::Deferred,
                status::REQUIRETLS_NOT_NOW,
                "cannot be asked for one now",
            ),
        };
        Self {
            outcome,
            phase: Phase::Local,
            enhanced: Some(enhanced),
            detail: format!(
                "TLS on every hop needs a policy that says which hosts take mail, and {} {state}",
                domain
            ),
        }
    }

    pub(super) fn no_turn(domain: &AddressDomain) -> Self {
        Self {
            outcome: Outcome::NotAttempted(NotAttemptedReason::Postponed),
            phase: Phase::Local,
            enhanced: None,
            detail: format!("others to {} took all the time there was", domain),
        }
    }

    pub(super) fn time_over(domain: &AddressDomain) -> Self {
        Self {
            outcome: Outcome::Deferred,
            phase: Phase::Connect,
            enhanced: Some(status::EXPIRED),
            detail: format!("the time for an attempt to {} was over", domain),
        }
    }
}

impl From<&NoRoute> for Refusal {
    fn from(none: &NoRoute) -> Self {
        let cause = std::error::Error::source(none);
        let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
        Self {
            outcome: none.outcome(),
            phase: Phase::Connect,
            enhanced: Some(none.enhanced()),
            detail: format!("{none}{cause}"),
        }
    }
}
