//! Why a message was not delivered, decided from codes and words.

use letterhead_mail::{EnhancedCode, Reply, ReplyCode};

use crate::event::{Permanence, Reason};

mod code;
mod of_reply;
mod quote;
mod rule;
mod rules;
mod wording;

pub(crate) use quote::reply as quoted_reply;
use rule::Strength;
use wording::Wording;

/// What a report says of one recipient.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clues<'a> {
    /// The status that the reporter states itself.
    pub(crate) stated: Option<EnhancedCode>,
    /// The words, with the type in front where there is one: `smtp; 550 5.1.1 no such user`.
    pub(crate) diagnostic: Option<&'a str>,
    /// The reply that the words quote, where it is known; else it is looked for as [`quoted_reply`] does.
    pub(crate) reply: Option<&'a Reply>,
    /// The server that said them.
    pub(crate) remote_mta: Option<&'a str>,
}

/// What that comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// What the reporter states, or the quoted one where that says more.
    pub(crate) status: Option<EnhancedCode>,
    /// The SMTP reply that is quoted.
    pub(crate) reply: Option<Reply>,
    /// Why.
    pub(crate) reason: Reason,
    /// Whether the address is dead.
    pub(crate) permanence: Permanence,
}

impl Diagnosis {
    /// 2, 4 or 5: of the status, else of the reply.
    pub(crate) fn class(&self) -> Option<u16> {
        let status = self.status.map(|status| u16::from(status.class()));
        status.or_else(|| self.reply.as_ref().map(|reply| reply.code().get() / 100))
    }
}

/// Decides from what somebody reports.
///
/// The server's own status counts for more than the one that a reporter states, unless it says less: a reporter that calls
/// a refusal for policy 5.1.1 must not cost an address its mail.
pub(crate) fn diagnose(clues: &Clues<'_>) -> Diagnosis {
    let reply = match clues.reply {
        Some(reply) => Some(reply.clone()),
        None => clues.diagnostic.and_then(quote::reply),
    };
    let quoted = reply.as_ref().and_then(Reply::enhanced);
    let quoted = quoted.or_else(|| clues.diagnostic.and_then(quote::status));
    let status = more_telling(clues.stated, quoted);
    let code = reply.as_ref().map(Reply::code);
    let wording = Wording::new(clues.diagnostic.unwrap_or_default(), clues.remote_mta);
    let evidence = [
        not_contradicted(clues.stated, quoted),
        not_contradicted(quoted, clues.stated),
    ];
    let reason = reason(&wording, code, evidence);
    Diagnosis {
        permanence: permanence(&reason, code, &[status, clues.stated, quoted]),
        status,
        reply,
        reason,
    }
}

/// The reason of a reply that was got first hand.
fn reason_of(reply: &Reply) -> Reason {
    reason(
        &Wording::new(reply.text(), None),
        Some(reply.code()),
        [reply.enhanced(), None],
    )
}

/// The permanence of a reply that was got first hand.
fn permanence_of(reply: &Reply) -> Permanence {
    permanence(&reason_of(reply), Some(reply.code()), &[reply.enhanced()])
}

/// What words and codes come to: the strongest decides, and among equals the words before the codes and the later status
/// before the earlier one.
fn reason(
    wording: &Wording,
    code: Option<ReplyCode>,
    statuses: [Option<EnhancedCode>; 2],
) -> Reason {
    let by_words = rules::best(wording, code, &statuses);
    let by_status = statuses
        .into_iter()
        .flatten()
        .filter_map(code::of_status)
        .max_by_key(|(_, strength)| *strength);
    let by_code = code.and_then(code::of_reply);
    let mut decided: Option<(Reason, Strength)> = None;
    for (reason, strength) in [by_words, by_status, by_code].into_iter().flatten() {
        if decided.as_ref().is_none_or(|(_, best)| strength > *best) {
            decided = Some((reason, strength));
        }
    }
    decided.map_or(Reason::UNSPECIFIED, |(reason, _)| reason)
}

/// Hard only for a reason that means a dead address, and never where a code says that it is for now.
fn permanence(
    reason: &Reason,
    code: Option<ReplyCode>,
    statuses: &[Option<EnhancedCode>],
) -> Permanence {
    let is_dead = [
        Reason::USER_UNKNOWN,
        Reason::HOST_UNKNOWN,
        Reason::BAD_ADDRESS,
        Reason::MOVED,
        Reason::NOT_ACCEPTED,
    ]
    .contains(reason);
    let is_transient = code.is_some_and(ReplyCode::is_transient)
        || statuses.iter().flatten().any(|status| status.class() == 4);
    if is_dead && !is_transient {
        Permanence::Hard
    } else {
        Permanence::Soft
    }
}

/// The status that says more; the quoted one where both say as much. One that says no more than "failed" (5.0.0) gives way
/// only to one of its own class.
fn more_telling(
    stated: Option<EnhancedCode>,
    quoted: Option<EnhancedCode>,
) -> Option<EnhancedCode> {
    let (Some(stated), Some(quoted)) = (stated, quoted) else {
        return stated.or(quoted);
    };
    let tells = |status: EnhancedCode| match (status.subject(), status.detail()) {
        (0, _) => 0,
        (1 | 3 | 5 | 7, 0) => 1,
        // That it has given up is the reporter's own to say, whatever it was told at the last try.
        (4, 7) => 3,
        _ => 2,
    };
    let same_class = stated.class() == quoted.class();
    let is_quoted = match tells(stated) {
        0 => same_class,
        own => tells(quoted) >= own,
    };
    Some(if is_quoted { quoted } else { stated })
}

/// The first status as evidence, unless it calls an address dead where the second gives another cause.
fn not_contradicted(
    status: Option<EnhancedCode>,
    by: Option<EnhancedCode>,
) -> Option<EnhancedCode> {
    let is_hard = |status: EnhancedCode| Permanence::of(status) == Permanence::Hard;
    let names_a_cause = |status: EnhancedCode| status.subject() != 0 && status.detail() != 0;
    let is_contradicted = by.is_some_and(|by| names_a_cause(by) && !is_hard(by));
    status.filter(|status| !(is_hard(*status) && is_contradicted))
}

#[cfg(test)]
mod tests;
