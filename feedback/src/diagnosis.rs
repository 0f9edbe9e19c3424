//! Why a message was not delivered, decided from codes and words.

use letterhead_mail::{EnhancedCode, Reply, ReplyCode};

use crate::event::{Permanence, Reason};
use crate::typed_value;

/// What a report says of one recipient.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clues<'a> {
    /// The status that the reporter states itself.
    pub(crate) stated: Option<EnhancedCode>,
    /// The words, with the type in front where there is one: `smtp; 550 5.1.1 no such user`.
    pub(crate) diagnostic: Option<&'a str>,
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

/// Decides. Hard only where everything agrees: the status names a dead address, and neither the quoted status nor the
/// class of the reply says otherwise. A reporter that calls a refusal for policy 5.1.1 must not cost an address its mail.
pub(crate) fn diagnose(clues: &Clues<'_>) -> Diagnosis {
    let reply = clues.diagnostic.and_then(typed_value::reply);
    let quoted = clues.diagnostic.and_then(typed_value::quoted_status);
    let status = more_precise(clues.stated, quoted);
    let is_hard = status.map(Permanence::of) == Some(Permanence::Hard);
    let is_contradicted = is_hard && quoted.map(Permanence::of) == Some(Permanence::Soft);
    let is_transient = reply
        .as_ref()
        .map(Reply::code)
        .is_some_and(ReplyCode::is_transient);
    let decisive = if is_contradicted { quoted } else { status };
    Diagnosis {
        status,
        reply,
        reason: decisive.map_or(Reason::UNSPECIFIED, Reason::of),
        permanence: if is_hard && !is_contradicted && !is_transient {
            Permanence::Hard
        } else {
            Permanence::Soft
        },
    }
}

/// The status as stated; where it says no more than "failed" (5.0.0 and the like), the one in the quoted reply if it is
/// of the same class.
fn more_precise(
    stated: Option<EnhancedCode>,
    quoted: Option<EnhancedCode>,
) -> Option<EnhancedCode> {
    match (stated, quoted) {
        (Some(stated), Some(quoted))
            if stated.subject() == 0 && stated.class() == quoted.class() =>
        {
            Some(quoted)
        }
        (Some(stated), _) => Some(stated),
        (None, quoted) => quoted,
    }
}
