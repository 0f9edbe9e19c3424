//! Behaviours as words in an address.

use std::str::FromStr;
use std::time::Duration;

use letterhead_mail::{EnhancedCode, ReplyCode};
use letterhead_transport::smtp::ServerReply;

use super::{Act, Afterwards, Behaviour, Stage, When};
use crate::reports::DispositionType;
use crate::reports::auto_reply::Manners;

/// A behaviour in a word, or in several joined by `_`. Case does not matter.
///
/// | word | what the mailbox does |
/// |---|---|
/// | `450-4.2.2`, `550`, `550-5.1.1-ada` | gives this reply at RCPT; what follows the codes tells addresses apart |
/// | `dot-554-5.6.0` | gives this reply after the end of the data |
/// | `defer-3` | puts three attempts of a sender off, and takes the fourth |
/// | `greylist`, `greylist-90s` | puts a client off until five minutes, or this time, after its first attempt |
/// | `full-after-5` | takes five messages, then 452 4.2.2 |
/// | `dies-after-5` | takes five messages, then 550 5.1.1 |
/// | `limit-2-per-1h` | takes two messages an hour from a sender's domain, then 450 4.7.28 |
/// | `slow-2s` | answers two seconds after the end of the data |
/// | `discard` | takes the message, and throws it away |
/// | `drop-at-rcpt` | closes the connection instead of answering RCPT |
/// | `drop-at-dot` | closes the connection after the end of the data, and keeps nothing |
/// | `drop-after-dot` | takes the message, and closes the connection without saying so |
/// | `bounce`, `bounce-5.2.1` | takes the message; a bounce comes half a minute later, 5.1.1 or as said |
/// | `complaint` | takes the message; a complaint comes two hours later |
/// | `autoreply`, `autoreply-rude` | takes the message; a machine answers a minute later, as RFC 3834 asks or not |
/// | `malformed-no-status-part` | takes the message; half a minute later a bounce comes with this [fault](crate::reports::Malformation) |
/// | `unsubscribe` | takes the message; the recipient [unsubscribes](crate::one_click) a minute later, with one click |
/// | `receipt` | takes the message; a read receipt comes a minute later, if it is asked for |
///
/// Times are whole numbers with `s`, `m`, `h` or `d`.
impl FromStr for Behaviour {
    type Err = TriggerError;

    fn from_str(text: &str) -> Result<Self, TriggerError> {
        let word = text.to_ascii_lowercase();
        word.split('_').try_fold(Self::new(), |behaviour, word| {
            add(behaviour, word).ok_or_else(|| TriggerError {
                word: word.to_owned(),
            })
        })
    }
}

/// A word that names no behaviour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{word}` names no behaviour; some that do are `450-4.2.2`, `dot-554`, `defer-3`, `greylist-5m`, `full-after-5`, \
     `slow-2s`, `drop-after-dot`, `bounce-5.1.1` and `complaint`"
)]
#[non_exhaustive]
pub struct TriggerError {
    /// The word, in lower case.
    pub word: String,
}

fn add(behaviour: Behaviour, word: &str) -> Option<Behaviour> {
    let (name, rest) = match word.split_once('-') {
        Some((name, rest)) => (name, Some(rest)),
        None => (word, None),
    };
    let at_rcpt = |when, act| behaviour.clone().rule(Stage::Recipient, when, act);
    let at_dot = |act| behaviour.clone().rule(Stage::EndOfData, When::Always, act);
    let number = |text: &str| digits(text)?.parse().ok();
    let full = || says(452, EnhancedCode::new(4, 2, 2)?);
    let dead = || says(550, EnhancedCode::new(5, 1, 1)?);
    Some(match (name, rest) {
        ("dot", Some(codes)) => at_dot(answer(codes)?),
        ("defer", Some(attempts)) => at_rcpt(
            When::FirstAttempts(number(attempts)?),
            says(451, EnhancedCode::new(4, 3, 0)?)?,
        ),
        ("greylist", time) => {
            let time = time.map_or(Some(GREYLISTED), duration)?;
            at_rcpt(
                When::Within(time),
                Act::answer(451, (4, 7, 1), "greylisted, try again later"),
            )
        }
        ("full", Some(rest)) => at_rcpt(
            When::AfterMails(number(rest.strip_prefix("after-")?)?),
            full()?,
        ),
        ("dies", Some(rest)) => at_rcpt(
            When::AfterMails(number(rest.strip_prefix("after-")?)?),
            dead()?,
        ),
        ("limit", Some(rest)) => {
            let (mails, within) = rest.split_once("-per-")?;
            let rate = When::Rate {
                mails: number(mails)?,
                within: duration(within)?,
            };
            at_rcpt(
                rate,
                Act::answer(450, (4, 7, 28), "too many messages from this domain"),
            )
        }
        ("slow", Some(time)) => at_dot(Act::Wait(duration(time)?)),
        ("drop", Some("at-rcpt")) => at_rcpt(When::Always, Act::HangUp),
        ("drop", Some("at-dot")) => at_dot(Act::HangUp),
        ("drop", Some("after-dot")) => at_dot(Act::TakeAndHangUp),
        ("bounce", status) => {
            let status = status.map_or(EnhancedCode::new(5, 1, 1), |status| status.parse().ok())?;
            if status.class() != 5 {
                return None;
            }
            behaviour.afterwards(Afterwards::Bounce {
                after: BOUNCED_AFTER,
                status,
                diagnostic: Some(format!("smtp; 550 {status} {}", meaning(status))),
            })
        }
        ("autoreply", manners) => behaviour.afterwards(Afterwards::AutoReply {
            after: ANSWERED_AFTER,
            manners: match manners {
                None => Manners::Polite,
                Some("rude") => Manners::XAutoreply,
                Some(_) => return None,
            },
        }),
        ("receipt", None) => behaviour.afterwards(Afterwards::Receipt {
            after: ANSWERED_AFTER,
            disposition: DispositionType::Displayed,
        }),
        ("malformed", Some(name)) => behaviour.afterwards(Afterwards::MalformedBounce {
            after: BOUNCED_AFTER,
            malformation: name.parse().ok()?,
        }),
        ("unsubscribe", None) => behaviour.afterwards(Afterwards::Unsubscribe {
            after: ANSWERED_AFTER,
        }),
        ("discard", None) => behaviour.discarding(),
        ("complaint", None) => behaviour.afterwards(Afterwards::Complaint {
            after: COMPLAINED_AFTER,
        }),
        _ => at_rcpt(When::Always, answer(word)?),
    })
}

/// `450`, `450-4.2.2` or `450-4.2.2-anything`.
fn answer(codes: &str) -> Option<Act> {
    let (code, rest) = match codes.split_once('-') {
        Some((code, rest)) => (code, rest),
        None => (codes, ""),
    };
    let code = ReplyCode::new(digits(code)?.parse().ok()?)?;
    if !code.is_transient() && !code.is_permanent() {
        return None;
    }
    let class = if code.is_permanent() { 5 } else { 4 };
    let stated = rest.split('-').next().unwrap_or_default();
    match stated.parse::<EnhancedCode>() {
        Ok(enhanced) if enhanced.class() == class => {
            Some(Act::Answer(reply(code, Some(enhanced), meaning(enhanced))))
        }
        Ok(_) => None,
        Err(_) => Some(Act::Answer(reply(code, None, "as the address asks"))),
    }
}

fn says(code: u16, enhanced: EnhancedCode) -> Option<Act> {
    let code = ReplyCode::new(code)?;
    Some(Act::Answer(reply(code, Some(enhanced), meaning(enhanced))))
}

fn reply(code: ReplyCode, enhanced: Option<EnhancedCode>, text: &str) -> ServerReply {
    ServerReply::new(code, enhanced, text)
}

fn meaning(status: EnhancedCode) -> &'static str {
    status.meaning().unwrap_or("as the address asks")
}

fn duration(text: &str) -> Option<Duration> {
    let unit = text.char_indices().next_back()?;
    let number: u64 = digits(text.get(..unit.0)?)?.parse().ok()?;
    let seconds = match unit.1 {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}

/// Digits, few enough for a time that a clock can add.
fn digits(text: &str) -> Option<&str> {
    let only = (1..=9).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit());
    only.then_some(text)
}

const GREYLISTED: Duration = Duration::from_mins(5);
const BOUNCED_AFTER: Duration = Duration::from_secs(30);
const ANSWERED_AFTER: Duration = Duration::from_mins(1);
const COMPLAINED_AFTER: Duration = Duration::from_hours(2);
