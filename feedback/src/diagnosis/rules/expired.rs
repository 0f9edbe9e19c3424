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
        "smtp; message expired",
        "X-Postfix; message has expired",
        "message timed out",
        "smtp; message could not be delivered for",
        "X-Postfix; message age",
        "message still undelivered after",
        "smtp; message will be deleted from queue",
        "X-Postfix; could not be delivered for more than",
        "could not be delivered within",
        "smtp; could not deliver for",
        "X-Postfix; cannot send message for",
        "cannot be delivered within",
        "550 cannot deliver within 5 days",
        "X-Postfix; unable to deliver in",
        "unable to deliver message after",
        "smtp; unable to deliver after",
        "X-Postfix; unable to deliver for minutes",
        "delivery time expired",
        "smtp; delivery expired",
        "X-Postfix; delivery attempt expired",
        "delivery timeout",
        "smtp; delivery timed out",
        "X-Postfix; delivery to the following recipient has been delayed",
        "delivery attempts for failed",
        "smtp; envelope expired",
        "X-Postfix; expired in queue",
        "queue expired",
        "smtp; queued too long",
        "X-Postfix; queue too long",
        "queue lifetime",
        "smtp; queue timeout",
        "X-Postfix; retry time not reached",
        "retry time exceeded",
        "smtp; retry timeout",
        "X-Postfix; retry period",
        "retry limit",
        "smtp; maximum retries",
        "X-Postfix; maximum retry",
        "max retry",
        "smtp; max retries",
        "X-Postfix; max queue",
        "maximum queue",
        "smtp; time limit exceeded",
        "X-Postfix; time to live",
        "timeout has expired",
        "smtp; ttl expired",
        "X-Postfix; not been delivered for",
        "not delivered within",
        "smtp; was still undelivered",
        "X-Postfix; still being retried",
        "not yet been delivered",
        "smtp; warning for could not send message",
        "X-Postfix; zustellung for verzögert",
        "en attente depuis",
        "smtp;550 4.4.7 QUEUE.Expired; x",
    ],
}];
