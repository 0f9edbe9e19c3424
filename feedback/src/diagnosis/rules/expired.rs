//! Tried until the time was up.

use super::super::rule::Rule;
#[cfg(test)]
use super::Samples;
#[cfg(test)]
use crate::event::Permanence;
use crate::event::Reason;

pub(super) const RULES: &[Rule] = &[
    Rule::says("message expired", Reason::EXPIRED).vaguely(),
    Rule::says("message has expired", Reason::EXPIRED).vaguely(),
    Rule::says("message timed out", Reason::EXPIRED).vaguely(),
    Rule::says("message could not be delivered for", Reason::EXPIRED).vaguely(),
    Rule::says("message age", Reason::EXPIRED).vaguely(),
    Rule::says("message still undelivered after", Reason::EXPIRED).vaguely(),
    Rule::says("message will be deleted from queue", Reason::EXPIRED).vaguely(),
    Rule::says("could not be delivered for more than", Reason::EXPIRED).vaguely(),
    Rule::says("could not be delivered within", Reason::EXPIRED).vaguely(),
    Rule::says("could not deliver for", Reason::EXPIRED).vaguely(),
    Rule::says("cannot send message for", Reason::EXPIRED).vaguely(),
    Rule::says("cannot be delivered within", Reason::EXPIRED).vaguely(),
    Rule::says("cannot deliver", Reason::EXPIRED)
        .and("within")
        .vaguely(),
    Rule::says("unable to deliver in", Reason::EXPIRED).vaguely(),
    Rule::says("unable to deliver message after", Reason::EXPIRED).vaguely(),
    Rule::says("unable to deliver after", Reason::EXPIRED).vaguely(),
    Rule::says("unable to deliver", Reason::EXPIRED)
        .and("minutes")
        .vaguely(),
    Rule::says("delivery time expired", Reason::EXPIRED).vaguely(),
    Rule::says("delivery expired", Reason::EXPIRED).vaguely(),
    Rule::says("delivery attempt expired", Reason::EXPIRED).vaguely(),
    Rule::says("delivery timeout", Reason::EXPIRED).vaguely(),
    Rule::says("delivery timed out", Reason::EXPIRED).vaguely(),
    Rule::says(
        "delivery to the following recipient has been delayed",
        Reason::EXPIRED,
    )
    .vaguely(),
    Rule::says("delivery attempts", Reason::EXPIRED)
        .and("failed")
        .vaguely(),
    Rule::says("envelope expired", Reason::EXPIRED).vaguely(),
    Rule::says("expired in queue", Reason::EXPIRED).vaguely(),
    Rule::says("queue expired", Reason::EXPIRED).vaguely(),
    Rule::says("queued too long", Reason::EXPIRED).vaguely(),
    Rule::says("queue too long", Reason::EXPIRED).vaguely(),
    Rule::says("queue lifetime", Reason::EXPIRED).vaguely(),
    Rule::says("queue timeout", Reason::EXPIRED).vaguely(),
    Rule::says("retry time not reached", Reason::EXPIRED).vaguely(),
    Rule::says("retry time exceeded", Reason::EXPIRED).vaguely(),
    Rule::says("retry timeout", Reason::EXPIRED).vaguely(),
    Rule::says("retry period", Reason::EXPIRED).vaguely(),
    Rule::says("retry limit", Reason::EXPIRED).vaguely(),
    Rule::says("maximum retries", Reason::EXPIRED).vaguely(),
    Rule::says("maximum retry", Reason::EXPIRED).vaguely(),
    Rule::says("max retry", Reason::EXPIRED).vaguely(),
    Rule::says("max retries", Reason::EXPIRED).vaguely(),
    Rule::says("max queue", Reason::EXPIRED).vaguely(),
    Rule::says("maximum queue", Reason::EXPIRED).vaguely(),
    Rule::says("time limit exceeded", Reason::EXPIRED).vaguely(),
    Rule::says("time to live", Reason::EXPIRED).vaguely(),
    Rule::says("timeout has expired", Reason::EXPIRED).vaguely(),
    Rule::says("ttl expired", Reason::EXPIRED).vaguely(),
    Rule::says("not been delivered for", Reason::EXPIRED).vaguely(),
    Rule::says("not delivered within", Reason::EXPIRED).vaguely(),
    Rule::says("was still undelivered", Reason::EXPIRED).vaguely(),
    Rule::says("still being retried", Reason::EXPIRED).vaguely(),
    Rule::says("not yet been delivered", Reason::EXPIRED).vaguely(),
    Rule::says("warning", Reason::EXPIRED)
        .and("could not send message")
        .vaguely(),
    Rule::says("zustellung", Reason::EXPIRED)
        .and("verzögert")
        .vaguely(),
    Rule::says("en attente depuis", Reason::EXPIRED).vaguely(),
    Rule::names("queue.expired", Reason::EXPIRED).surely(),
];

#[cfg(test)]
pub(super) const SAMPLES: &[Samples] = &[Samples {
    reason: Reason::EXPIRED,
    permanence: Permanence::Soft,
    said: &[
        "message expired",
        "smtp; message has expired",
        "X-Postfix; message timed out",
        "message could not be delivered for",
        "smtp; message age",
        "X-Postfix; message still undelivered after",
        "message will be deleted from queue",
        "smtp; could not be delivered for more than",
        "X-Postfix; could not be delivered within",
        "could not deliver for",
        "smtp; cannot send message for",
        "X-Postfix; cannot be delivered within",
        "550 cannot deliver within 5 days",
        "smtp; unable to deliver in",
        "X-Postfix; unable to deliver message after",
        "unable to deliver after",
        "smtp; unable to deliver for minutes",
        "X-Postfix; delivery time expired",
        "delivery expired",
        "smtp; delivery attempt expired",
        "X-Postfix; delivery timeout",
        "delivery timed out",
        "smtp; delivery to the following recipient has been delayed",
        "X-Postfix; delivery attempts for failed",
        "envelope expired",
        "smtp; expired in queue",
        "X-Postfix; queue expired",
        "queued too long",
        "smtp; queue too long",
        "X-Postfix; queue lifetime",
        "queue timeout",
        "smtp; retry time not reached",
        "X-Postfix; retry time exceeded",
        "retry timeout",
        "smtp; retry period",
        "X-Postfix; retry limit",
        "maximum retries",
        "smtp; maximum retry",
        "X-Postfix; max retry",
        "max retries",
        "smtp; max queue",
        "X-Postfix; maximum queue",
        "time limit exceeded",
        "smtp; time to live",
        "X-Postfix; timeout has expired",
        "ttl expired",
        "smtp; not been delivered for",
        "X-Postfix; not delivered within",
        "was still undelivered",
        "smtp; still being retried",
        "X-Postfix; not yet been delivered",
        "warning for could not send message",
        "smtp; zustellung for verzögert",
        "X-Postfix; en attente depuis",
        "smtp;550 4.4.7 QUEUE.Expired; x",
    ],
}];
