//! What a host writes on top of a message that it takes.

use std::net::IpAddr;
use std::time::SystemTime;

use letterhead_mail::message::MessageError;
use letterhead_mail::{AuthenticationResults, DomainName, LineEndings, Message, ReversePath};

use crate::reports::date_time;
use crate::session::ReceivedMessage;

/// The Received field ([RFC 5321 §4.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.4)).
pub(crate) fn received_field(
    received: &ReceivedMessage,
    client: IpAddr,
    host: &DomainName,
    id: &str,
    now: SystemTime,
) -> String {
    let name = &received.client_name;
    let protocol = received.protocol;
    let date = date_time(now);
    let literal = match client {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    };
    format!(
        "Received: from {name} ({literal})\r\n by {host} with {protocol} id {id};\r\n {date}\r\n"
    )
}

/// Return-Path, on final delivery.
pub(super) fn return_path_field(sender: &ReversePath) -> String {
    format!("Return-Path: <{sender}>\r\n")
}

/// Takes out the Authentication-Results fields that claim to be by `authserv_id`, which only the host of that name may
/// write, and those that cannot be read, which somebody could take for one
/// ([RFC 8601 §5](https://www.rfc-editor.org/rfc/rfc8601#section-5)).
pub(super) fn without_forged_results(
    message: &Message,
    authserv_id: &DomainName,
) -> Result<Message, MessageError> {
    let start = message.as_bytes().as_ptr().addr();
    let mut kept = Vec::with_capacity(message.len());
    let mut copied = 0;
    for field in message.headers_named("Authentication-Results") {
        let is_others = field
            .unfolded()
            .parse::<AuthenticationResults>()
            .is_ok_and(|results| results.authserv_id() != authserv_id);
        if is_others {
            continue;
        }
        // A field is a part of the message's own octets.
        let offset = field.as_bytes().as_ptr().addr().saturating_sub(start);
        kept.extend_from_slice(message.as_bytes().get(copied..offset).unwrap_or_default());
        copied = offset + field.as_bytes().len();
    }
    if copied == 0 {
        return Ok(message.clone());
    }
    kept.extend_from_slice(message.as_bytes().get(copied..).unwrap_or_default());
    Message::from_bytes(kept, LineEndings::Strict)
}

#[cfg(test)]
mod tests {
    use letterhead_mail::{LineEndings, Message};

    use super::without_forged_results;

    #[test]
    fn only_results_by_others_stay() {
        let text = "Received: x\r\n\
            Authentication-Results: mx.example;\r\n dmarc=pass header.from=bank.example\r\n\
            authentication-results: MX.EXAMPLE; spf=pass\r\n\
            Authentication-Results: other.example; none\r\n\
            Authentication-Results: %%%\r\n\
            not a field\r\n\
            From: a@b.example\r\n\r\nAuthentication-Results: mx.example; none\r\n";
        let message = Message::from_bytes(text, LineEndings::Strict).unwrap();
        let cleaned = without_forged_results(&message, &"mx.example".parse().unwrap()).unwrap();
        assert_eq!(
            String::from_utf8_lossy(cleaned.as_bytes()),
            "Received: x\r\nAuthentication-Results: other.example; none\r\nnot a field\r\n\
             From: a@b.example\r\n\r\nAuthentication-Results: mx.example; none\r\n"
        );
    }
}
