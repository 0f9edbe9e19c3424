//! A mailbox, looked at.

use std::fmt;
use std::time::SystemTime;

use letterhead_mail::{EmailAddress, Method};

use super::filter::Filter;
use super::mismatch::{Mismatch, describe};
use super::{Disposition, StoredMail};
use crate::event::SimEvent;

/// What was in a mailbox when [`Simulator::mailbox`](crate::Simulator::mailbox) was called, narrowed down by filters.
///
/// Filters take off what they do not let pass; an assertion or [`mails`](Self::mails) ends the chain. Text is compared
/// after decoding (encoded words, transfer encodings), in its own case. An assertion that fails shows the nearest miss:
/// the mail that fails the fewest filters, the newest of several, and for each of them what was wanted and what was
/// there.
#[derive(Debug, Clone)]
#[must_use = "a mailbox asserts nothing by itself; end with `expect_one` or the like"]
pub struct Mailbox {
    look: Result<Look, UnreadableAddress>,
    filters: Vec<Filter>,
}

/// A mailbox and what surrounds it.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) address: EmailAddress,
    pub(crate) mails: Vec<StoredMail>,
    /// The mailboxes that have mail, and how many.
    pub(crate) others: Vec<(EmailAddress, usize)>,
    pub(crate) refusals: Vec<SimEvent>,
}

/// A mailbox was asked for under something that is no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableAddress {
    reason: String,
}

impl fmt::Display for UnreadableAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason } = self;
        write!(
            f,
            "the mailbox's address cannot be read ({reason}); write it as local-part@domain"
        )
    }
}

impl std::error::Error for UnreadableAddress {}

impl Mailbox {
    pub(crate) fn open(look: Look) -> Self {
        Self {
            look: Ok(look),
            filters: Vec::new(),
        }
    }

    pub(crate) fn unreadable(reason: &dyn fmt::Display) -> Self {
        Self {
            look: Err(UnreadableAddress {
                reason: reason.to_string(),
            }),
            filters: Vec::new(),
        }
    }

    /// Whose From field names this address, or is this text as a whole.
    pub fn from(self, author: impl Into<String>) -> Self {
        self.with(Filter::Addressed("From", author.into()))
    }

    /// Whose To field names this address, or is this text as a whole.
    pub fn to(self, recipient: impl Into<String>) -> Self {
        self.with(Filter::Addressed("To", recipient.into()))
    }

    /// Whose subject is this.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.header("Subject", subject)
    }

    /// In whose subject this stands.
    pub fn subject_contains(self, part: impl Into<String>) -> Self {
        self.with(Filter::SubjectContains(part.into()))
    }

    /// With a field of this name, in any case, that has this value, unfolded and decoded.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(Filter::Header(name.into(), value.into()))
    }

    /// In whose [plain text](StoredMail::text) this stands.
    pub fn text_contains(self, part: impl Into<String>) -> Self {
        self.with(Filter::TextContains(part.into()))
    }

    /// In whose [HTML](StoredMail::html), markup and all, this stands.
    pub fn html_contains(self, part: impl Into<String>) -> Self {
        self.with(Filter::HtmlContains(part.into()))
    }

    /// With an attachment of this file name.
    pub fn attachment(self, file_name: impl Into<String>) -> Self {
        self.with(Filter::Attachment(file_name.into()))
    }

    /// With a DKIM signature by exactly this domain that the receiver found to hold.
    pub fn signed_by(self, domain: impl Into<String>) -> Self {
        self.with(Filter::SignedBy(domain.into()))
    }

    /// For which the receiver's check by `method` came to this result, such as `pass`.
    pub fn verdict(self, method: Method, result: impl Into<String>) -> Self {
        self.with(Filter::Verdict(method, result.into()))
    }

    /// That was put where it is read.
    pub fn in_inbox(self) -> Self {
        self.with(Filter::PutInto(Disposition::Inbox))
    }

    /// That was put with the spam.
    pub fn in_quarantine(self) -> Self {
        self.with(Filter::PutInto(Disposition::Quarantine))
    }

    /// That came at this time of the virtual clock or later.
    pub fn since(self, time: SystemTime) -> Self {
        self.with(Filter::Since(time))
    }

    /// What passes all filters, oldest first.
    ///
    /// # Errors
    ///
    /// When the mailbox was asked for under something that is no address.
    pub fn mails(&self) -> Result<Vec<StoredMail>, UnreadableAddress> {
        let look = self.look.as_ref().map_err(Clone::clone)?;
        Ok(self.passing(look))
    }

    /// What passes all filters, if it is this many; what the assertions rest on, for those who want no panic.
    ///
    /// # Errors
    ///
    /// When it is another number, or the mailbox was asked for under something that is no address; `Display` tells what
    /// differs.
    pub fn exactly(&self, count: usize) -> Result<Vec<StoredMail>, Mismatch> {
        let look = self.seen()?;
        let mails = self.passing(look);
        if mails.len() == count {
            return Ok(mails);
        }
        Err(Mismatch::new(describe(look, &self.filters, &mails, count)))
    }

    /// The one mail that passes all filters, for those who want no panic.
    ///
    /// # Errors
    ///
    /// As [`exactly`](Self::exactly).
    pub fn one(&self) -> Result<StoredMail, Mismatch> {
        let look = self.seen()?;
        match <[StoredMail; 1]>::try_from(self.passing(look)) {
            Ok([mail]) => Ok(mail),
            Err(mails) => Err(Mismatch::new(describe(look, &self.filters, &mails, 1))),
        }
    }

    fn seen(&self) -> Result<&Look, Mismatch> {
        let look = self.look.as_ref();
        look.map_err(|error| Mismatch::new(error.to_string()))
    }

    /// The one mail that passes all filters.
    ///
    /// # Panics
    ///
    /// When there is none or there are several.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        reason = "it asserts, whether or not anybody looks at the mail"
    )]
    pub fn expect_one(&self) -> StoredMail {
        match self.one() {
            Ok(mail) => mail,
            Err(mismatch) => fail(&mismatch),
        }
    }

    /// No mail passes all filters.
    ///
    /// # Panics
    ///
    /// When one does.
    #[track_caller]
    pub fn expect_none(&self) {
        self.expect_count(0);
    }

    /// The mails that pass all filters, oldest first: this many.
    ///
    /// # Panics
    ///
    /// When there is another number of them.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        reason = "it asserts, whether or not anybody looks at the mail"
    )]
    pub fn expect_count(&self, count: usize) -> Vec<StoredMail> {
        match self.exactly(count) {
            Ok(mails) => mails,
            Err(mismatch) => fail(&mismatch),
        }
    }

    fn passing(&self, look: &Look) -> Vec<StoredMail> {
        let passes = |mail: &&StoredMail| {
            self.filters
                .iter()
                .all(|filter| filter.difference(mail).is_none())
        };
        look.mails.iter().filter(passes).cloned().collect()
    }

    fn with(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }
}

#[track_caller]
#[expect(
    clippy::panic,
    reason = "an assertion of a test fails as all assertions do"
)]
fn fail(mismatch: &Mismatch) -> ! {
    panic!("{mismatch}")
}
