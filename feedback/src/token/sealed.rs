//! Tokens that carry what they say, sealed, where a few hundred characters do no harm: header fields and links.
//!
//! Octets: one with the version (3 bits) and the id of the key (5 bits), 16 of the tag, then hidden: the second it was
//! made in (5 octets) and the texts, each behind its length (2 octets; 65,535 says that there is none). Written in base
//! 32, as tokens in return paths are: one alphabet everywhere, and it goes into links, subjects and headers as it is.

use std::time::{Duration, SystemTime};

use crate::base32::{octets_of, read_symbols, symbols_of, write_symbols};
use crate::token::{Purpose, TokenError, TokenKeyId, TokenKeys};

/// What a token says: when it was made, and texts whose order its purpose knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payload {
    pub(crate) issued: SystemTime,
    pub(crate) texts: Vec<Option<String>>,
}

/// The token for these texts; `None` where it would have more than [`MAX_TOKEN`] characters.
pub(crate) fn seal(
    keys: &TokenKeys,
    purpose: Purpose,
    texts: &[Option<&str>],
    now: SystemTime,
) -> Option<String> {
    let (id, seal) = keys.current(purpose);
    let head = [(VERSION << 5) | id.number()];
    let mut payload = seconds(now).to_be_bytes().get(3..)?.to_vec();
    for text in texts {
        let length = text.map_or(Some(ABSENT), |text| {
            u16::try_from(text.len())
                .ok()
                .filter(|length| *length != ABSENT)
        })?;
        payload.extend_from_slice(&length.to_be_bytes());
        payload.extend_from_slice(text.unwrap_or_default().as_bytes());
    }
    let tag: [u8; TAG] = seal.tag(&[&head, &payload]);
    seal.mask(&tag, &mut payload);
    let octets = [head.as_slice(), &tag, &payload].concat();
    let token = write_symbols(&symbols_of(&octets));
    (token.len() <= MAX_TOKEN).then_some(token)
}

/// What a token says that is younger than `lifetime`.
pub(crate) fn open(
    keys: &TokenKeys,
    purpose: Purpose,
    token: &str,
    lifetime: Duration,
    now: SystemTime,
) -> Result<Payload, TokenError> {
    if token.len() > MAX_TOKEN {
        return Err(TokenError::NotOurs);
    }
    let octets = read_symbols(token).and_then(|symbols| octets_of(&symbols));
    let octets = octets.ok_or(TokenError::NotOurs)?;
    let (head, rest) = octets.split_first_chunk::<1>().ok_or(TokenError::NotOurs)?;
    let (tag, hidden) = rest.split_first_chunk::<TAG>().ok_or(TokenError::NotOurs)?;
    let [first] = *head;
    if first >> 5 != VERSION || hidden.len() < ISSUED {
        return Err(TokenError::NotOurs);
    }
    let seal = keys.of(TokenKeyId::of_symbol(first), purpose)?;
    let mut payload = hidden.to_vec();
    seal.mask(tag, &mut payload);
    seal.check(&[head, &payload], tag)?;
    // Whoever made it had the key, so what follows holds unless another version of this code made it.
    let payload = read(&payload).ok_or(TokenError::NotOurs)?;
    check_age(payload.issued, lifetime, now)?;
    Ok(payload)
}

fn read(payload: &[u8]) -> Option<Payload> {
    let (issued, mut rest) = payload.split_first_chunk::<ISSUED>()?;
    let issued = issued
        .iter()
        .fold(0_u64, |number, octet| (number << 8) | u64::from(*octet));
    let mut texts = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let length = u16::from_be_bytes(*length);
        if length == ABSENT {
            texts.push(None);
            rest = after;
            continue;
        }
        let (text, after) = after.split_at_checked(usize::from(length))?;
        texts.push(Some(String::from_utf8(text.to_vec()).ok()?));
        rest = after;
    }
    Some(Payload {
        issued: SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(issued))?,
        texts,
    })
}

/// A token may be dated a day ahead: clocks differ.
fn check_age(issued: SystemTime, lifetime: Duration, now: SystemTime) -> Result<(), TokenError> {
    match now.duration_since(issued) {
        Ok(age) if age > lifetime => Err(TokenError::Expired),
        Err(ahead) if ahead.duration() > CLOCKS_DIFFER => Err(TokenError::NotYet),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Whole seconds since 1970; a time before that is its beginning.
fn seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// The longest token in characters. A line of a header has 998, and a link needs some of them for itself.
pub(crate) const MAX_TOKEN: usize = 900;
const VERSION: u8 = 0;
const TAG: usize = 16;
const ISSUED: usize = 5;
const ABSENT: u16 = u16::MAX;
const CLOCKS_DIFFER: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests;
