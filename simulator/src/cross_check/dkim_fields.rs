//! mail-auth's results for the DKIM-Signature fields of a message, in the order of the fields.

use std::time::{Duration, SystemTime};

use letterhead_dkim::DkimResult;
use mail_auth::common::headers::Header;
use mail_auth::{AuthenticatedMessage, DkimOutput, Error};

use super::DkimOpinion;

/// As far as clocks may differ where nothing else is said: see [`letterhead_dkim::VerifyLimits::clock_skew`].
const TOLERANCE: Duration = Duration::from_secs(300);

/// Has signatures expire by this clock, with the tolerance that the receiver has, where mail-auth would ask the machine's.
pub(super) fn set_time(message: &mut AuthenticatedMessage<'_>, now: SystemTime) {
    let now = now.checked_sub(TOLERANCE).unwrap_or(now);
    let now = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    for Header { header, .. } in &mut message.dkim_headers {
        // Where it is not later than `t=`, there is no time at which it holds.
        if header.x > header.t {
            header.x = if header.x >= now { u64::MAX } else { 1 };
        }
    }
}

/// Of every field. mail-auth has those that it could not read apart, and says nothing about some of them.
pub(super) fn opinions(
    message: &AuthenticatedMessage<'_>,
    outputs: &[DkimOutput<'_>],
) -> Vec<DkimOpinion> {
    let is_told = |error: &Error| matches!(error, Error::Dkim(_));
    let unread = message
        .errors
        .iter()
        .filter(|field| is_signature(field.name));
    let mut outputs = outputs.iter();
    let mut found: Vec<(usize, DkimOpinion)> = unread
        .map(|field| {
            let output = is_told(&field.header).then(|| outputs.next()).flatten();
            (place(field.value), opinion(output))
        })
        .collect();
    let read = message.dkim_headers.iter();
    found.extend(read.map(|field| (place(field.value), opinion(outputs.next()))));
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, opinion)| opinion).collect()
}

/// A value is a part of the message's octets.
fn place(value: &[u8]) -> usize {
    value.as_ptr().addr()
}

fn is_signature(name: &[u8]) -> bool {
    name.trim_ascii().eq_ignore_ascii_case(b"DKIM-Signature")
}

fn opinion(output: Option<&DkimOutput<'_>>) -> DkimOpinion {
    let signature = output.and_then(DkimOutput::signature);
    DkimOpinion {
        domain: signature.map(|signature| signature.d.clone()),
        selector: signature.map(|signature| signature.s.clone()),
        result: output.and_then(|output| result(output.result())),
    }
}

fn result(result: &mail_auth::DkimResult) -> Option<DkimResult> {
    match result {
        mail_auth::DkimResult::Pass => Some(DkimResult::Pass),
        mail_auth::DkimResult::Neutral(_) => Some(DkimResult::Neutral),
        mail_auth::DkimResult::Fail(_) => Some(DkimResult::Fail),
        mail_auth::DkimResult::PermError(_) => Some(DkimResult::PermError),
        mail_auth::DkimResult::TempError(_) => Some(DkimResult::TempError),
        mail_auth::DkimResult::None => None,
    }
}
