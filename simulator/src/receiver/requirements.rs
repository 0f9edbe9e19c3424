//! What a receiver's policy asks of senders, beyond authentication that its own DMARC record asks for.

use std::net::IpAddr;

use letterhead_dkim::DkimResult;
use letterhead_dmarc::{Policy, Verdict};
use letterhead_dns::{Name, RecordData, RecordType};
use letterhead_identity::preflight::Unsubscription;
use letterhead_identity::profile::Amount;
use letterhead_identity::receiver_policy::{
    CountedBy, Lasts, MailClass, ReceiverRefusal, Requirement, Senders, Strength,
};
use letterhead_identity::{Authenticated, ReceiverPolicy};
use letterhead_mail::{EnhancedCode, Message, ReplyCode};
use letterhead_spf::SpfResult;
use letterhead_transport::smtp::ServerReply;

use super::Receiver;
use crate::publication::reverse_name;
use crate::session::{ReceivedMessage, reply};
use crate::world::World;

/// A message, and what is known of it.
pub(super) struct Judged<'a> {
    pub(super) world: &'a World,
    pub(super) client: IpAddr,
    pub(super) received: &'a ReceivedMessage,
    pub(super) authenticated: &'a Authenticated,
}

/// The refusal of a message that does not meet what the policy requires; the first rule that it breaks, in the policy's
/// order. Counts the message for its sender.
pub(super) fn check(
    receiver: &Receiver,
    policy: &ReceiverPolicy,
    judged: &Judged<'_>,
) -> Result<(), ServerReply> {
    let sender = count(receiver, policy, judged);
    let message = &judged.received.message;
    let broken = policy
        .requirements()
        .iter()
        .filter(|requirement| requirement.strength == Strength::Required)
        .filter(|requirement| applies(requirement, sender, message))
        .find(|requirement| is_met(requirement, policy, judged) == Some(false));
    broken.map_or(Ok(()), |requirement| {
        Err(refusal(policy, requirement.rule.as_str()))
    })
}

/// A requirement, held against a message.
#[derive(Debug, Clone)]
pub(crate) struct Assessed {
    pub(crate) requirement: Requirement,
    /// Whether it is asked of this message from this sender.
    pub(crate) applies: bool,
    /// `None` of what is not for a receiver to see.
    pub(crate) is_met: Option<bool>,
}

/// All that the policy asks for, in its order. Counts the message for its sender.
pub(super) fn assess(
    receiver: &Receiver,
    policy: &ReceiverPolicy,
    judged: &Judged<'_>,
) -> Vec<Assessed> {
    let sender = count(receiver, policy, judged);
    let message = &judged.received.message;
    let requirements = policy.requirements().iter();
    requirements
        .map(|requirement| Assessed {
            requirement: requirement.clone(),
            applies: applies(requirement, sender, message),
            is_met: is_met(requirement, policy, judged),
        })
        .collect()
}

fn applies(requirement: &Requirement, sender: Senders, message: &Message) -> bool {
    (requirement.senders == Senders::All || requirement.senders == sender)
        && (requirement.mail == MailClass::All || is_promotional(message))
}

/// Counts a message, and says whether its sender is one of bulk mail or only one of all.
fn count(receiver: &Receiver, policy: &ReceiverPolicy, judged: &Judged<'_>) -> Senders {
    let (Some(bulk), Some(dmarc)) = (policy.bulk(), &judged.authenticated.dmarc) else {
        return Senders::All;
    };
    let Amount::Known(from) = bulk.from else {
        return Senders::All;
    };
    let author = dmarc.author_domain();
    let sender = match bulk.counted_by {
        CountedBy::FromDomain => author,
        _ => dmarc.organizational_domain().unwrap_or(author),
    };
    let now = judged.world.clock.now_time();
    let mut memory = judged.world.memory();
    let volume = memory.volume(receiver.name(), sender);
    volume.count(now);
    let counted = match bulk.lasts {
        Lasts::WhileSending => volume.of_a_day(),
        _ => volume.highest(),
    };
    if counted.saturating_add(receiver.assumed_volume) >= from {
        Senders::Bulk
    } else {
        Senders::All
    }
}

/// Whether a rule is met; `None` of one that is not for a receiver to see.
fn is_met(requirement: &Requirement, policy: &ReceiverPolicy, judged: &Judged<'_>) -> Option<bool> {
    let Authenticated {
        spf, dkim, dmarc, ..
    } = judged.authenticated;
    let message = &judged.received.message;
    let spf = spf.result == SpfResult::Pass;
    let signed = dkim
        .iter()
        .any(|verdict| verdict.result() == DkimResult::Pass);
    let unsubscription = Unsubscription::of(message);
    Some(match requirement.rule.as_str() {
        "spf" => spf,
        "dkim" => signed,
        "spf-or-dkim" => spf || signed,
        "dmarc" => dmarc
            .as_ref()
            .and_then(Verdict::requested_policy)
            .is_some_and(|policy| policy >= least(requirement)),
        "alignment" => dmarc
            .as_ref()
            .is_some_and(|verdict| verdict.aligned().next().is_some()),
        "reverse-dns" => has_reverse_dns(judged.world, judged.client),
        "tls" => judged
            .received
            .protocol
            .trim_end_matches('A')
            .ends_with('S'),
        "message-format" => has_form(message),
        "no-mailbox-from" => dmarc.as_ref().is_none_or(|verdict| {
            let own = &policy.mailboxes().domains;
            !own.iter()
                .any(|own| verdict.author_domain().is_at_or_below(own))
        }),
        "key-bits" => {
            let least = usize::try_from(requirement.minimum?).ok()?;
            let passing = dkim.iter().filter(|verdict| verdict.is_pass());
            let rsa = passing.filter_map(letterhead_dkim::Verdict::key_bits);
            rsa.max().is_none_or(|bits| bits >= least)
        }
        "list-unsubscribe" => unsubscription != Unsubscription::None,
        "one-click-unsubscribe" => unsubscription == Unsubscription::OneClick,
        "one-click-signed" => {
            unsubscription != Unsubscription::OneClick || covers_one_click(judged.authenticated)
        }
        _ => return None,
    })
}

/// The weakest DMARC policy that is enough.
fn least(requirement: &Requirement) -> Policy {
    let stated = requirement.policy.as_deref();
    stated.map_or(Policy::None, |text| text.parse().unwrap_or(Policy::None))
}

/// Whether a name of the address leads back to it.
fn has_reverse_dns(world: &World, client: IpAddr) -> bool {
    let Some(reverse) = reverse_name(client) else {
        return false;
    };
    let Ok(answer) = world.dns.answer(&reverse, RecordType::PTR) else {
        return false;
    };
    let leads_back = |name: &Name| {
        [RecordType::A, RecordType::AAAA].into_iter().any(|kind| {
            let answer = world.dns.answer(name, kind);
            answer.is_ok_and(|answer| {
                let mut addresses = answer.records().iter().filter_map(RecordData::address);
                addresses.any(|address| address == client)
            })
        })
    };
    answer.records().iter().any(|record| match record {
        RecordData::Ptr(name) => leads_back(name),
        _ => false,
    })
}

/// The fields that a message has exactly once, and those that it has at most once
/// ([RFC 5322 §3.6](https://www.rfc-editor.org/rfc/rfc5322#section-3.6)).
fn has_form(message: &Message) -> bool {
    let times = |name: &&str| message.headers_named(name).count();
    ["From", "Date"].iter().all(|name| times(name) == 1)
        && [
            "Sender",
            "Reply-To",
            "To",
            "Cc",
            "Message-ID",
            "In-Reply-To",
            "References",
            "Subject",
        ]
        .iter()
        .all(|name| times(name) <= 1)
}

/// A receiver sees mail of lists by what lists write.
fn is_promotional(message: &Message) -> bool {
    let has = |name| message.headers_named(name).next().is_some();
    let precedence = message.header("Precedence");
    let precedence = precedence.map(|field| field.unfolded().trim().to_ascii_lowercase());
    has("List-Unsubscribe")
        || has("List-Id")
        || matches!(precedence.as_deref(), Some("bulk" | "list"))
}

/// [RFC 8058 §4](https://www.rfc-editor.org/rfc/rfc8058#section-4).
fn covers_one_click(authenticated: &Authenticated) -> bool {
    let passing = authenticated
        .dkim
        .iter()
        .filter(|verdict| verdict.is_pass());
    let mut signatures = passing.filter_map(letterhead_dkim::Verdict::signature);
    signatures.any(|signature| {
        ["List-Unsubscribe", "List-Unsubscribe-Post"]
            .iter()
            .all(|name| {
                let mut signed = signature.headers().iter();
                signed.any(|signed| signed.as_str().eq_ignore_ascii_case(name))
            })
    })
}

/// In the receiver's words where they are known.
fn refusal(policy: &ReceiverPolicy, rule: &str) -> ServerReply {
    let refusals = policy.refusals();
    let own = |refusal: &&ReceiverRefusal| {
        let named = refusal.rule.as_ref().map(|name| name.as_str());
        named == Some(rule)
    };
    let stated = refusals
        .iter()
        .find(own)
        .or_else(|| refusals.iter().find(|refusal| refusal.rule.is_none()));
    if let Some(refusal) = stated
        && let Some(code) = ReplyCode::new(refusal.code)
    {
        let enhanced = refusal.enhanced.as_deref();
        let enhanced = enhanced.and_then(|enhanced| enhanced.parse::<EnhancedCode>().ok());
        return ServerReply::new(code, enhanced, &refusal.text);
    }
    let (enhanced, text) = match rule {
        "spf" => ((5, 7, 23), "SPF does not pass"),
        "dkim" => ((5, 7, 20), "no DKIM signature passes"),
        "spf-or-dkim" => ((5, 7, 26), "neither SPF nor DKIM passes"),
        "alignment" => (
            (5, 7, 26),
            "neither SPF nor DKIM passes for the From domain",
        ),
        "dmarc" => ((5, 7, 1), "the From domain has no DMARC policy as is asked"),
        "reverse-dns" => ((5, 7, 25), "the address has no name that leads back to it"),
        "tls" => ((5, 7, 10), "TLS is required"),
        "message-format" => ((5, 6, 0), "the message is not in the form of RFC 5322"),
        "no-mailbox-from" => ((5, 7, 1), "From is at a domain of our own mailboxes"),
        "key-bits" => ((5, 7, 20), "the key of the signature is too short"),
        _ => (
            (5, 7, 1),
            "the message cannot be unsubscribed from as is asked",
        ),
    };
    reply(550, enhanced, text)
}
