//! Return paths of which every one is for one recipient, and which nobody else can make.

mod error;
mod id;
mod packed;
mod quoted;
mod token;

use std::time::{Duration, SystemTime};

use letterhead_mail::{EmailAddress, SubmissionId};

pub use error::ReturnPathError;
pub use id::{ReturnPathId, ReturnPathIdError};
pub use token::ReturnPathToken;

use crate::base32::{octets_of, read_symbols, symbols_of, write_symbols};
use crate::sent_log::SentMessage;
use crate::token::{Mailing, Purpose, TokenError, TokenKeyId, TokenKeys, agreed};
use token::Subject;

/// Gives every recipient of a message a return path of its own that proves what comes back to it:
/// `bounces+rbaah…@mail.example.com`.
///
/// A bounce goes to the return path and to nowhere else
/// ([RFC 5321 §3.6.3](https://www.rfc-editor.org/rfc/rfc5321#section-3.6.3)), so a report that comes to one of these was
/// written by somebody whom the message has reached, and is about its recipient, whatever it says. A plain
/// [`VerpSender`](letterhead_mail::VerpSender) names the recipient, too; anyone can write such an address, and nobody
/// this one.
///
/// There are two forms. The *stateless* one carries the recipient's address, sealed, and needs no memory of what was
/// sent. The *opaque* one carries an [id](ReturnPathId) of 80 bits that is to be looked up, and fits always. In
/// characters behind the base address and the separator, all of them letters and the digits 2 to 7, in any case:
///
/// | | form | key | day | tag | content | together |
/// |---|---|---|---|---|---|---|
/// | stateless | 1 (`r`) | 1 | 3 | 16 (80 bits) | one a letter, dot, hyphen and `@`, two a digit or capital | 21 and the content |
/// | opaque | 1 (`i`) | 1 | 3 | 16 (80 bits) | 16 | 37 |
///
/// The tag covers the base address, too: with the same keys one tenant's return path is not another's. Under
/// `bounces` and a separator, the stateless form has room for an address of up to 35 letters.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use letterhead_feedback::{ReturnPath, TokenKey, TokenKeys};
/// use letterhead_mail::EmailAddress;
///
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// let keys = TokenKeys::new(&TokenKey::new(0.try_into()?, [7; 32])); // a test key
/// let paths = ReturnPath::new("bounces@mail.example.com".parse()?, keys)?;
///
/// let joe: EmailAddress = "joe@example.org".parse()?;
/// let path = paths.for_recipient(&"s-1".parse()?, &joe, now)?;
/// assert_eq!(path.id, None); // It fits, so there is nothing to remember.
///
/// // A week later a bounce comes to that address; some host has changed its case.
/// let delivered_to = path.address.to_string().to_uppercase().parse()?;
/// let mailing = paths.mailing(&[delivered_to], &[], now + Duration::from_secs(7 * 24 * 60 * 60))?;
/// assert_eq!(mailing.recipient(), &joe);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReturnPath {
    base: EmailAddress,
    keys: TokenKeys,
    separator: Separator,
    form: ReturnPathForm,
    lifetime_days: u64,
}

impl ReturnPath {
    /// How long a return path proves anything unless told otherwise: 30 days. A queue gives up after four or five days
    /// ([RFC 5321 §4.5.4.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.4.1)), some after seven; a message that
    /// is forwarded waits in a second queue; and reports wait themselves.
    pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(30 * DAY);
    /// The shortest time a return path proves anything: 14 days, two queues of a week.
    pub const MIN_LIFETIME: Duration = Duration::from_secs(14 * DAY);
    /// The longest time: 10,000 days. The day of a token begins anew every 32,768 days.
    pub const MAX_LIFETIME: Duration = Duration::from_secs(10_000 * DAY);
    /// The most addresses that are looked at in one report.
    pub const MAX_QUOTED: usize = 16;
    /// The longest local part that return paths can be made below, in octets.
    pub const MAX_BASE: usize = EmailAddress::MAX_LOCAL_PART - 1 - OPAQUE;

    /// Return paths below this address. Its host must deliver to it what has a separator and anything more behind it.
    ///
    /// # Errors
    ///
    /// When the local part of the address is longer than [`MAX_BASE`](Self::MAX_BASE), needs quotes or is not ASCII, or
    /// when the domain is so long that no return path would be an address.
    pub fn new(base: EmailAddress, keys: TokenKeys) -> Result<Self, ReturnPathError> {
        let local_part = base.local_part();
        if local_part.len() > Self::MAX_BASE {
            return Err(ReturnPathError::BaseTooLong);
        }
        let plain = format!("{local_part}@{}", base.domain());
        if !local_part.is_ascii() || base.to_string() != plain {
            return Err(ReturnPathError::BaseNotPlain);
        }
        let longest = EmailAddress::MAX_LOCAL_PART - local_part.len();
        if plain.len() + longest > EmailAddress::MAX_LENGTH {
            return Err(ReturnPathError::DomainTooLong);
        }
        Ok(Self {
            base,
            keys,
            separator: Separator::Plus,
            form: ReturnPathForm::WhatFits,
            lifetime_days: Self::DEFAULT_LIFETIME.as_secs() / DAY,
        })
    }

    /// The address that return paths are made below.
    #[must_use]
    pub fn base(&self) -> &EmailAddress {
        &self.base
    }

    /// What stands between the base address and the token. Default: [`Separator::Plus`].
    ///
    /// Return paths with any of them are read, so that changing it loses none.
    #[must_use]
    pub fn separator(mut self, separator: Separator) -> Self {
        self.separator = separator;
        self
    }

    /// Which form is made. Default: [`ReturnPathForm::WhatFits`]. Both are read.
    #[must_use]
    pub fn form(mut self, form: ReturnPathForm) -> Self {
        self.form = form;
        self
    }

    /// For how long a return path proves anything, in whole days, begun ones counted. Default:
    /// [`DEFAULT_LIFETIME`](Self::DEFAULT_LIFETIME); what is shorter than [`MIN_LIFETIME`](Self::MIN_LIFETIME) or longer
    /// than [`MAX_LIFETIME`](Self::MAX_LIFETIME) becomes that. Keep old keys as long.
    ///
    /// Too short, and late bounces suppress nobody; long, and an address out of an old message can still be used by
    /// whoever has got hold of it, against that message's recipient.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        let lifetime = lifetime.clamp(Self::MIN_LIFETIME, Self::MAX_LIFETIME);
        self.lifetime_days = lifetime.as_secs().div_ceil(DAY);
        self
    }

    /// The return path for mail of this submission to this recipient.
    ///
    /// # Errors
    ///
    /// [`ReturnPathError::DoesNotFit`] where the stateless form alone is asked for and the address is too long for it.
    pub fn for_recipient(
        &self,
        submission: &SubmissionId,
        recipient: &EmailAddress,
        now: SystemTime,
    ) -> Result<IssuedReturnPath, ReturnPathError> {
        let room = EmailAddress::MAX_LOCAL_PART - self.base.local_part().len() - 1 - HEAD;
        let packed = packed::pack(&recipient.to_string());
        let fits = packed.len() <= room;
        if !fits && self.form == ReturnPathForm::Stateless {
            return Err(ReturnPathError::DoesNotFit {
                needed: packed.len(),
                room,
            });
        }
        if fits && self.form != ReturnPathForm::Opaque {
            let address = self.address(FORM_RECIPIENT, packed, now)?;
            return Ok(IssuedReturnPath { address, id: None });
        }
        let id = ReturnPathId::of(submission, recipient);
        let address = self.address(FORM_ID, symbols_of(id.octets()), now)?;
        Ok(IssuedReturnPath {
            address,
            id: Some(id),
        })
    }

    /// What a return path says.
    ///
    /// # Errors
    ///
    /// See [`TokenError`]; [`TokenError::NotOurs`] for any other address, the base address included.
    pub fn read(
        &self,
        address: &EmailAddress,
        now: SystemTime,
    ) -> Result<ReturnPathToken, TokenError> {
        let symbols = self.symbols_in(address).ok_or(TokenError::NotOurs)?;
        let (head, rest) = symbols
            .split_first_chunk::<BEFORE_TAG>()
            .ok_or(TokenError::NotOurs)?;
        let (tag, content) = rest
            .split_at_checked(TAG_SYMBOLS)
            .ok_or(TokenError::NotOurs)?;
        let [form, key, day @ ..] = *head;
        if !matches!(form, FORM_RECIPIENT | FORM_ID) {
            return Err(TokenError::NotOurs);
        }
        let tag = octets_of(tag).and_then(|tag| tag.try_into().ok());
        let tag: [u8; TAG] = tag.ok_or(TokenError::NotOurs)?;
        let seal = self
            .keys
            .of(TokenKeyId::of_symbol(key), Purpose::ReturnPath)?;
        let mut content = content.to_vec();
        seal.mask(&tag, &mut content);
        content.iter_mut().for_each(|symbol| *symbol &= 31);
        seal.check(&[head, self.base_text().as_bytes(), &content], &tag)?;
        let issued = self.check_day(day, now)?;
        let subject = if form == FORM_ID {
            ReturnPathId::of_symbols(&content).map(Subject::Id)
        } else {
            packed::unpack(&content)
                .and_then(|recipient| recipient.parse().ok())
                .map(Subject::Recipient)
        };
        // What has our tag and not our form was made by another version of this code.
        let subject = subject.ok_or(TokenError::NotOurs)?;
        Ok(ReturnPathToken::new(subject, issued))
    }

    /// What the one return path among these addresses says: those that a report came to. The others are passed over.
    ///
    /// Give the envelope's recipients, if the receiving server tells them, or
    /// [what the report's header says](crate::Reading::delivered_to): anybody can write that, and nobody else knows the
    /// address.
    ///
    /// # Errors
    ///
    /// See [`TokenError`]; [`TokenError::NotOurs`] where there is none.
    pub fn find(
        &self,
        delivered_to: &[EmailAddress],
        now: SystemTime,
    ) -> Result<ReturnPathToken, TokenError> {
        agreed(delivered_to.iter().map(|address| self.read(address, now)))
    }

    /// The mailing that a report to these addresses is about: what to [prove](Mailing::prove) its events with. `sent` is
    /// what may be meant: the messages that a log has under the token's [id](ReturnPathToken::id), or under the Message-ID
    /// of the report. Without any, a stateless token still names its recipient.
    ///
    /// # Errors
    ///
    /// See [`TokenError`]; [`TokenError::Unresolved`] where the token has an id and none of the messages is the one.
    pub fn mailing(
        &self,
        delivered_to: &[EmailAddress],
        sent: &[SentMessage],
        now: SystemTime,
    ) -> Result<Mailing, TokenError> {
        self.find(delivered_to, now)?.mailing_among(sent)
    }

    /// What the one return path that a report quotes says: in the header of the message it returns, as the
    /// Original-Mail-From of a complaint ([RFC 5965 §3.2](https://www.rfc-editor.org/rfc/rfc5965#section-3.2)), or
    /// anywhere else. For what comes to another address than the return path, as complaints do, and bounces that some
    /// hosts send to the author.
    ///
    /// The first [`Reading::MAX_INPUT`](crate::Reading::MAX_INPUT) octets are looked at, and the first
    /// [`MAX_QUOTED`](Self::MAX_QUOTED) addresses that could be return paths.
    ///
    /// # Errors
    ///
    /// See [`TokenError`]; [`TokenError::NotOurs`] where there is none.
    pub fn find_in(&self, report: &[u8], now: SystemTime) -> Result<ReturnPathToken, TokenError> {
        let quoted = quoted::addresses(&self.base, report, Self::MAX_QUOTED);
        agreed(quoted.iter().map(|address| self.read(address, now))).map(ReturnPathToken::quoted)
    }

    fn address(
        &self,
        form: u8,
        mut content: Vec<u8>,
        now: SystemTime,
    ) -> Result<EmailAddress, ReturnPathError> {
        let (id, seal) = self.keys.current(Purpose::ReturnPath);
        let [first, second, third] = day_symbols(days(now));
        let head = [form, id.number(), first, second, third];
        let tag: [u8; TAG] = seal.tag(&[&head, self.base_text().as_bytes(), &content]);
        seal.mask(&tag, &mut content);
        let symbols = [head.as_slice(), &symbols_of(&tag), &content].concat();
        let local_part = format!(
            "{}{}{}",
            self.base.local_part(),
            self.separator.character(),
            write_symbols(&symbols)
        );
        EmailAddress::new(&local_part, self.base.domain().clone()).map_err(ReturnPathError::Address)
    }

    /// The five bits each of the token in an address below the base.
    fn symbols_in(&self, address: &EmailAddress) -> Option<Vec<u8>> {
        if address.domain() != self.base.domain() {
            return None;
        }
        let base = self.base.local_part();
        let (front, rest) = address.local_part().split_at_checked(base.len())?;
        if !front.eq_ignore_ascii_case(base) {
            return None;
        }
        let separators = [Separator::Plus, Separator::Hyphen, Separator::Equals];
        let token = rest.strip_prefix(separators.map(Separator::character))?;
        read_symbols(token)
    }

    /// The base as the tag covers it.
    fn base_text(&self) -> String {
        self.base.to_string().to_ascii_lowercase()
    }

    /// The day on which a token was made, if it is still valid. It may be tomorrow: clocks differ.
    fn check_day(&self, day: [u8; 3], now: SystemTime) -> Result<SystemTime, TokenError> {
        let day = day
            .iter()
            .fold(0_u64, |number, symbol| (number << 5) | u64::from(*symbol));
        let today = days(now);
        // Counted from as many days before the token as there are numbers for days, so that nothing is below zero.
        let age = (today % DAYS + DAYS - day) % DAYS;
        let issued = if age == DAYS - 1 {
            today + 1
        } else if age >= DAYS / 2 {
            return Err(TokenError::NotYet);
        } else if age > self.lifetime_days {
            return Err(TokenError::Expired);
        } else {
            today.saturating_sub(age)
        };
        let since_epoch = Duration::from_secs(issued.saturating_mul(DAY));
        SystemTime::UNIX_EPOCH
            .checked_add(since_epoch)
            .ok_or(TokenError::NotYet)
    }
}

/// A return path for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuedReturnPath {
    /// The address: what goes into MAIL FROM.
    pub address: EmailAddress,
    /// What it is to be looked up by when something comes back, where it is opaque: keep it with the submission and the
    /// recipient. `None` where the address names the recipient itself.
    pub id: Option<ReturnPathId>,
}

/// Which form of return path is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ReturnPathForm {
    /// The stateless form where it fits, the opaque one else.
    #[default]
    WhatFits,
    /// The stateless form only; there is none for long addresses.
    Stateless,
    /// The opaque form only: for those who keep what was sent, and want the submission named, too.
    Opaque,
}

/// What stands between the base address and the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Separator {
    /// `+`, which most hosts deliver to the address in front of it, and some web forms and a few hosts refuse.
    #[default]
    Plus,
    /// `-`, as qmail and Sendmail sites have it.
    Hyphen,
    /// `=`.
    Equals,
}

impl Separator {
    /// The character.
    #[must_use]
    pub fn character(self) -> char {
        match self {
            Self::Plus => '+',
            Self::Hyphen => '-',
            Self::Equals => '=',
        }
    }
}

/// Whole days since 1970; a time before that is its first day.
fn days(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() / DAY)
}

/// The day in three times five bits, which begins anew after [`DAYS`].
fn day_symbols(day: u64) -> [u8; 3] {
    let symbol = |shift: u32| u8::try_from((day >> shift) & 31).unwrap_or_default();
    [symbol(10), symbol(5), symbol(0)]
}

const DAY: u64 = 24 * 60 * 60;
/// As many days as three symbols can tell apart.
const DAYS: u64 = 1 << 15;
/// `r` for the recipient itself, `i` for an id.
const FORM_RECIPIENT: u8 = b'r' - b'a';
const FORM_ID: u8 = b'i' - b'a';
/// Form, key and day.
const BEFORE_TAG: usize = 5;
/// Octets of the tag. One guess in 2^80 is right, and each is a mail to us.
const TAG: usize = 10;
const TAG_SYMBOLS: usize = 16;
const HEAD: usize = BEFORE_TAG + TAG_SYMBOLS;
const OPAQUE: usize = HEAD + ReturnPathId::SYMBOLS;

#[cfg(test)]
mod tests;
