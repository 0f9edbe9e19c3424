//! What lettre's SMTP client answers, and what that proves.

use std::error::Error as _;
use std::io;

use letterhead_mail::{NotAttemptedReason, Outcome, Phase, Reply, ReplyCode};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::{Code, Response};

use super::SharedOutcome;
use crate::smtp::ServerReply;

/// The outcome of an attempt. lettre's errors have no phase, so what could also have happened after the end of the
/// message is in doubt.
pub(super) fn outcome(answer: &Result<Response, Error>) -> SharedOutcome {
    match answer {
        Ok(response) => of_response(response),
        Err(error) => of_error(error),
    }
}

/// lettre takes every 2xx and 3xx for success and gives the reply that it read last. What answers the end of a message
/// is 250 ([RFC 5321 §4.3.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.3.2)); anything else answers something
/// before it, and the answer proper was not read.
fn of_response(response: &Response) -> SharedOutcome {
    let lines: Vec<&str> = response.message().collect();
    let reply = reply(response.code(), &lines.join("\n"));
    let code = reply.as_ref().map(Reply::code);
    let outcome = if code == Some(ReplyCode::OK) {
        SharedOutcome::new(Outcome::Accepted, Phase::Final)
    } else {
        SharedOutcome::new(Outcome::InDoubt, Phase::Final).with_detail(
            "this reply does not answer the end of a message, so its answer was not read",
        )
    };
    match reply {
        Some(reply) => outcome.with_reply(reply),
        None => outcome,
    }
}

fn of_error(error: &Error) -> SharedOutcome {
    if let Some(code) = error.status() {
        // A refusal ends the attempt, at whatever command: lettre sends no message behind it.
        let text = error.source().map(ToString::to_string).unwrap_or_default();
        return match reply(code, &text) {
            Some(reply) if reply.code().is_permanent() => refused(Outcome::Rejected, reply),
            Some(reply) if reply.code().is_transient() => refused(Outcome::Deferred, reply),
            _ => in_doubt(error),
        };
    }
    if error.is_client() {
        // Something that the server does not offer: lettre looks before it sends MAIL, STARTTLS or AUTH.
        let unsupported = Outcome::NotAttempted(NotAttemptedReason::Unsupported);
        return SharedOutcome::new(unsupported, Phase::Local).with_detail(error.to_string());
    }
    if error.is_transport_shutdown() {
        let cancelled = Outcome::NotAttempted(NotAttemptedReason::Cancelled);
        return SharedOutcome::new(cancelled, Phase::Local).with_detail(error.to_string());
    }
    if is_refused_connection(error) {
        return SharedOutcome::new(Outcome::Deferred, Phase::Connect)
            .with_detail(error.to_string());
    }
    in_doubt(error)
}

fn refused(outcome: Outcome, reply: Reply) -> SharedOutcome {
    let phase = match reply.code().get() {
        // Only AUTH is answered so (RFC 4954 §6), and the message had nothing to do with it.
        432 | 534 | 535 | 538 => Phase::Auth,
        _ => Phase::Final,
    };
    SharedOutcome::new(outcome, phase)
        .with_reply(reply)
        .with_detail("lettre does not say which command was refused")
}

fn in_doubt(error: &Error) -> SharedOutcome {
    SharedOutcome::new(Outcome::InDoubt, Phase::Final).with_detail(format!(
        "{error}; lettre does not say when, so it may have been behind the message"
    ))
}

/// Only connecting can be refused so; no other error of the network proves that nothing was sent.
fn is_refused_connection(error: &Error) -> bool {
    std::iter::successors(error.source(), |&cause| cause.source())
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::ConnectionRefused)
}

fn reply(code: Code, text: &str) -> Option<Reply> {
    let code = ReplyCode::new(code.into())?;
    Some(ServerReply::new(code, None, text).to_reply())
}
