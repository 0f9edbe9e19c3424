//! Mail that comes in by forwarding.

use letterhead_dns::Finding;
use letterhead_mail::{EmailAddress, Mailbox, Message, parse_mailbox_list};

use super::code::Code;
use crate::profile::Profile;

/// Whether mail that was forwarded this many times is taken as it is meant; see [`forwarding_path`].
#[must_use]
pub fn check_forwarding(profile: &Profile, hops: usize) -> Option<Finding<Code>> {
    let forwarding = profile.forwarding()?;
    if hops <= forwarding.maximum_hops {
        return None;
    }
    let note = forwarding.note.as_ref();
    Some(Finding::new(
        Code::ForwardedTooOften,
        "",
        format!(
            "mail is forwarded {hops} times on its way in, and may be {}{}",
            forwarding.maximum_hops,
            note.map(|note| format!(" ({note})")).unwrap_or_default()
        ),
        "forward straight from the mailbox that people write to",
    ))
}

/// The addresses that a message was for on its way, the first one first, as the `for` clauses of its Received fields tell
/// ([RFC 5321 §4.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.4)): it was forwarded one time less than there are.
///
/// Servers may leave the clause out, so it may have been forwarded more often.
#[must_use]
pub fn forwarding_path(message: &Message) -> Vec<EmailAddress> {
    let mut path: Vec<EmailAddress> = message
        .headers_named("Received")
        .filter_map(|field| recipient_of(&field.unfolded()))
        .collect();
    // Each server writes on top.
    path.reverse();
    path.dedup();
    path
}

/// Whom a message is from where forwarding has hidden it: the first address of Reply-To, else of From; `None` where
/// neither names one that can be read.
///
/// It is a guess: what stands in these fields after several servers depends on each of them.
#[must_use]
pub fn fallback_requester(message: &Message) -> Option<Mailbox> {
    ["Reply-To", "From"].into_iter().find_map(|name| {
        let mut fields = message.headers_named(name);
        fields.find_map(|field| parse_mailbox_list(field.value()).ok()?.into_iter().next())
    })
}

/// The address in the `for` clause of a Received field.
fn recipient_of(value: &str) -> Option<EmailAddress> {
    // Behind the semicolon is the date.
    let (clauses, _) = value.rsplit_once(';').unwrap_or((value, ""));
    let clauses = without_comments(clauses);
    let mut words = clauses.split_ascii_whitespace();
    words.find(|word| word.eq_ignore_ascii_case("for"))?;
    let address = words.next()?;
    let address = address.strip_prefix('<').unwrap_or(address);
    address.strip_suffix('>').unwrap_or(address).parse().ok()
}

fn without_comments(text: &str) -> String {
    let mut depth = 0_usize;
    let mut outside = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(character),
            _ => {}
        }
    }
    outside
}
