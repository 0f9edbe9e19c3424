use std::time::SystemTime;

use letterhead_mail::{NotAttemptedReason, Outcome, Phase, RecipientReport, Report, Submission};

use super::SmtpTransport;
use super::live::Live;
use super::open::NotOpened;
use super::pool::Place;
use crate::merged_rows::{MergedRows, closed, narrowed};
use crate::time_limit;

impl SmtpTransport {
    /// Hands the submission over, on as many connections as the server's limits ask for, one after another.
    pub(super) async fn attempt(&self, submission: &Submission) -> Report {
        let started = self.settings.clock.now();
        let total_end = started.checked_add(self.settings.timeouts.total());
        let report = self.hand_over(submission, started, total_end).await;
        if !report.rows().iter().any(is_left_over) {
            return report;
        }
        let mut rows = MergedRows::new(&submission.envelope);
        rows.merge(&submission.envelope, report);
        let mut asked = submission.envelope.recipients().len();
        // Every connection takes someone, or it ends here.
        while let Some(part) = rows.part(|_, row| row.is_some_and(is_left_over))
            && part.recipients().len() < asked
        {
            asked = part.recipients().len();
            let left = narrowed(submission, part);
            let report = self.hand_over(&left, started, total_end).await;
            rows.merge(&left.envelope, report);
        }
        rows.into_report()
    }

    /// On one connection.
    async fn hand_over(
        &self,
        submission: &Submission,
        started: SystemTime,
        total_end: Option<SystemTime>,
    ) -> Report {
        let place =
            match time_limit::until(&*self.settings.clock, total_end, self.pool.place()).await {
                Ok(Some(place)) => place,
                Ok(None) => return closed(submission),
                Err(_) => {
                    let detail = "no connection was free in time".to_owned();
                    return self.not_opened(submission, &NotOpened::new(Phase::Connect, detail));
                }
            };
        if let Some(mut live) = place.take_idle(self.settings.clock.now()) {
            let report = self.run(&mut live, submission, started).await;
            if live.session.lost_untouched() {
                tracing::debug!("the server had closed an idle connection");
            } else if report.rows().iter().all(is_left_over) {
                tracing::debug!("an idle connection takes none of the recipients");
                live.part();
            } else {
                self.put_back(place, live);
                return report;
            }
        }
        // Seldom, and large: not part of every future.
        Box::pin(self.on_new_connection(place, submission, started, total_end)).await
    }

    /// On a connection that is made for it.
    async fn on_new_connection(
        &self,
        place: Place<'_>,
        submission: &Submission,
        started: SystemTime,
        total_end: Option<SystemTime>,
    ) -> Report {
        match self.open_and_run(submission, started, total_end).await {
            Ok((live, report)) => {
                self.put_back(place, live);
                report
            }
            Err(failure) => self.not_opened(submission, &failure),
        }
    }

    /// Where the credentials are refused, once more with others.
    async fn open_and_run(
        &self,
        submission: &Submission,
        started: SystemTime,
        total_end: Option<SystemTime>,
    ) -> Result<(Box<Live>, Report), NotOpened> {
        let credentials = self.credentials(total_end).await?;
        let mut live = self.open(credentials.clone(), total_end).await?;
        let mut report = self.run(&mut live, submission, started).await;
        if live.session.credentials_refused()
            && let Some(refused) = credentials
            && let Some(other) = self.other_credentials(&refused, total_end).await
        {
            live.part();
            live = self.open(Some(other), total_end).await?;
            report = self.run(&mut live, submission, started).await;
        }
        Ok((live, report))
    }

    async fn run(&self, live: &mut Live, submission: &Submission, started: SystemTime) -> Report {
        let now = self.settings.clock.now();
        live.session.submit(submission, started, now);
        let report = self.drive(live).await;
        live.count(self.settings.clock.now());
        report
    }

    /// Keeps the connection for the next submission, or says goodbye.
    fn put_back(&self, place: Place<'_>, live: Box<Live>) {
        let now = self.settings.clock.now();
        if live.is_to_be_kept(&self.pool.keeping, now) && !self.pool.is_closing() {
            place.put_back(live);
        } else {
            live.part();
        }
    }

    fn not_opened(&self, submission: &Submission, failure: &NotOpened) -> Report {
        Report::uniform(&submission.envelope, |recipient| {
            let row = RecipientReport::new(recipient, Outcome::Deferred, failure.phase)
                .with_server(self.settings.endpoint.host())
                .with_detail(failure.detail.clone());
            match failure.tls {
                Some(tls) => row.with_tls_failure(tls),
                None => row,
            }
        })
    }
}

/// Whether a recipient was left for another connection.
fn is_left_over(row: &RecipientReport) -> bool {
    row.outcome() == Outcome::NotAttempted(NotAttemptedReason::Cancelled)
        && row.phase() == Phase::Mail
}
