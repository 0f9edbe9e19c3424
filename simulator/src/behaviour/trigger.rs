//! Behaviours as words in an address.

mod answer;

use std::str::FromStr;
use std::time::Duration;

use letterhead_mail::EnhancedCode;

use self::answer::{answer, meaning, says};
use super::{Act, Afterwards, Behaviour, Stage, When};
use crate::reports::DispositionType;
use crate::reports::auto_reply::Manners;

/// A behaviour in a word, or in several joined by `_`. Case does not matter.
///
/// | word | what the mailbox does |
/// |---|---|
/// | `450-4.2.2`, `550`, `550-5.1.1-ada` | gives this reply at RCPT; what follows the codes tells addresses apart |
/// | `data-451`, `chunk-452-4.3.1`, `dot-554-5.6.0` | gives this reply at DATA, after a chunk, after the end of the data |
/// | `mail-421-4.7.0` | as a sender's address: gets this reply at MAIL |
/// | `lf-550`, `dot-bare-250`, … | gives the reply in a form of its own, as below |
/// | `defer-3` | puts three attempts of a sender off, and takes the fourth |
/// | `greylist`, `greylist-90s` | puts a client off until five minutes, or this time, after its first attempt |
/// | `full-after-5` | takes five messages, then 452 4.2.2 |
/// | `dies-after-5` | takes five messages, then 550 5.1.1 |
/// | `limit-2-per-1h` | takes two messages an hour from a sender's domain, then 450 4.7.28 |
/// | `slow-2s`, `slow-2s-at-rcpt` | answers two seconds after the end of the data, or so late at another point |
/// | `discard` | takes the message, and throws it away |
/// | `drop-at-rcpt`, `drop-at-data`, `drop-at-chunk` | closes the connection instead of answering there |
/// | `drop-at-mail` | the same for a sender's address |
/// | `drop-at-dot` | closes the connection after the end of the data, and keeps nothing |
/// | `drop-after-dot` | takes the message, and closes the connection without saying so |
/// | `bounce`, `bounce-5.2.1` | takes the message; a bounce comes half a minute later, 5.1.1 or as said |
/// | `complaint` | takes the message; a complaint comes two hours later |
/// | `autoreply`, `autoreply-rude` | takes the message; a machine answers a minute later, as RFC 3834 asks or not |
/// | `malformed-no-status-part` | takes the message; half a minute later a bounce comes with this [fault](crate::reports::Malformation) |
/// | `unsubscribe` | takes the message; the recipient [unsubscribes](crate::one_click) a minute later, with one click |
/// | `receipt` | takes the message; a read receipt comes a minute later, if it is asked for |
///
/// Times are whole numbers with `s`, `m`, `h` or `d`. The points are `mail`, `rcpt`, `data`, `chunk` and `dot`, and RCPT where
/// none is named.
///
/// | form of a reply, which may be any but 3xx | what is written |
/// |---|---|
/// | `bare-250` | the code and nothing else |
/// | `lines-550-5.7.1` | three lines |
/// | `wrong-550` | an enhanced code of another class |
/// | `lf-250` | LF without CR |
/// | `latin-550` | text that is not UTF-8 |
/// | `mixed-550` | a first line with a code of another class |
/// | `garbage-250` | no reply at all, while the server goes on as behind one |
/// | `long-550`, `huge-550` | a line of ten thousand octets, lines of a million |
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
    let always = |stage, act| behaviour.clone().rule(stage, When::Always, act);
    let number = |text: &str| digits(text)?.parse().ok();
    let full = || says(452, EnhancedCode::new(4, 2, 2)?);
    let dead = || says(550, EnhancedCode::new(5, 1, 1)?);
    Some(match (name, rest) {
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
        ("slow", Some(rest)) => {
            let (time, point) = rest.split_once("-at-").unwrap_or((rest, "dot"));
            always(stage(point)?, Act::Wait(duration(time)?))
        }
        ("drop", Some("after-dot")) => always(Stage::EndOfData, Act::TakeAndHangUp),
        ("drop", Some(rest)) => always(stage(rest.strip_prefix("at-")?)?, Act::HangUp),
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
        (name, Some(codes)) if let Some(stage) = stage(name) => always(stage, answer(codes)?),
        _ => always(Stage::Recipient, answer(word)?),
    })
}

/// The points of a session that a word can name.
fn stage(name: &str) -> Option<Stage> {
    Some(match name {
        "mail" => Stage::Sender,
        "rcpt" => Stage::Recipient,
        "data" => Stage::Data,
        "chunk" => Stage::Chunk,
        "dot" => Stage::EndOfData,
        _ => return None,
    })
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
