use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::{Report, Submission};
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

const ATTEMPTS: &str = "letterhead_transport_attempts_total";
const ABANDONED: &str = "letterhead_transport_abandoned_total";
const OCTETS: &str = "letterhead_transport_octets_total";
const RECIPIENTS: &str = "letterhead_transport_recipients_total";
const SECONDS: &str = "letterhead_transport_attempt_seconds";

pub(super) fn describe() {
    describe_counter!(ATTEMPTS, Unit::Count, "Submissions handed to a transport");
    describe_counter!(
        ABANDONED,
        Unit::Count,
        "Attempts that were dropped before their end"
    );
    describe_counter!(
        OCTETS,
        Unit::Bytes,
        "Octets of the messages of attempts that ended"
    );
    describe_counter!(RECIPIENTS, Unit::Count, "What became of recipients");
    describe_histogram!(SECONDS, Unit::Seconds, "How long attempts took");
}

pub(super) fn begun(transport: &Arc<str>) {
    counter!(ATTEMPTS, "transport" => transport.clone()).increment(1);
}

pub(super) fn abandoned(transport: &Arc<str>) {
    counter!(ABANDONED, "transport" => transport.clone()).increment(1);
}

pub(super) fn ended(
    transport: &Arc<str>,
    submission: &Submission,
    report: &Report,
    elapsed: Duration,
) {
    let octets = u64::try_from(submission.message.len()).unwrap_or(u64::MAX);
    counter!(OCTETS, "transport" => transport.clone()).increment(octets);
    histogram!(SECONDS, "transport" => transport.clone()).record(elapsed.as_secs_f64());
    for row in report.rows() {
        counter!(
            RECIPIENTS,
            "transport" => transport.clone(),
            "outcome" => row.outcome().to_string(),
            "phase" => row.phase().to_string(),
        )
        .increment(1);
    }
}
