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
        "X-Postfix; message expired",
        "message has expired",
        "smtp; message timed out",
        "X-Postfix; message could not be delivered for",
        "message age",
        "smtp; message still undelivered after",
        "X-Postfix; message will be deleted from queue",
        "could not be delivered for more than",
        "smtp; could not be delivered within",
        "X-Postfix; could not deliver for",
        "cannot send message for",
        "smtp; cannot be delivered within",
        "550 cannot deliver within 5 days",
        "unable to deliver in",
        "smtp; unable to deliver message after",
        "X-Postfix; unable to deliver after",
        "unable to deliver for minutes",
        "smtp; delivery time expired",
        "X-Postfix; delivery expired",
        "delivery attempt expired",
        "smtp; delivery timeout",
        "X-Postfix; delivery timed out",
        "delivery to the following recipient has been delayed",
        "smtp; delivery attempts for failed",
        "X-Postfix; envelope expired",
        "expired in queue",
        "smtp; queue expired",
        "X-Postfix; queued too long",
        "queue too long",
        "smtp; queue lifetime",
        "X-Postfix; queue timeout",
        "retry time not reached",
        "smtp; retry time exceeded",
        "X-Postfix; retry timeout",
        "retry period",
        "smtp; retry limit",
        "X-Postfix; maximum retries",
        "maximum retry",
        "smtp; max retry",
        "X-Postfix; max retries",
        "max queue",
        "smtp; maximum queue",
        "X-Postfix; time limit exceeded",
        "time to live",
        "smtp; timeout has expired",
        "X-Postfix; ttl expired",
        "not been delivered for",
        "smtp; not delivered within",
        "X-Postfix; was still undelivered",
        "still being retried",
        "smtp; not yet been delivered",
        "X-Postfix; warning for could not send message",
        "zustellung for verzögert",
        "smtp; en attente depuis",
        "smtp;550 4.4.7 QUEUE.Expired; x",
    ],
}];
