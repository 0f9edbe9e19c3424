use letterhead_mail::{EnhancedCode, ReplyCode};

use crate::event::Reason;

/// One line of a table: words that a server says, and why it says them.
///
/// A phrase is lower case and stands for itself; `@` in it stands for any address, quoted or in angle brackets. It is
/// found at word boundaries only.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) phrase: Phrase,
    /// Has to be there too, before or after.
    pub(super) companion: Option<Phrase>,
    /// The SMTP code that it has to come with.
    pub(super) code: Option<u16>,
    /// Subject and detail of the status that it has to come with, stated or quoted.
    pub(super) status: Option<(u16, u16)>,
    pub(super) reason: Reason,
    pub(super) strength: Strength,
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Phrase {
    pub(super) text: &'static str,
    /// A name rather than words: counts in the server's name, in the domain of an address and in a link as well.
    pub(super) is_name: bool,
}

/// How much a rule or a code says. The strongest that applies decides; among equals the one with more words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Better than nothing: bare SMTP codes, and words that may mean anything.
    Hint,
    /// Codes that servers use for anything they like: 5.7.1, 5.5.0, 5.3.0.
    CommonCode,
    /// Words that a code with a meaning of its own makes void.
    Vague,
    /// Codes with a meaning of their own: 5.1.1, 5.2.2, 5.7.26.
    TellingCode,
    /// Words that mean what they say, whatever the code.
    Plain,
    /// Words that other words may stand beside without changing anything: who names a block list means it.
    Sure,
}

impl Rule {
    /// Words that mean what they say.
    pub(super) const fn says(phrase: &'static str, reason: Reason) -> Self {
        Self {
            phrase: Phrase {
                text: phrase,
                is_name: false,
            },
            companion: None,
            code: None,
            status: None,
            reason,
            strength: Strength::Plain,
        }
    }

    /// A name: of a server, of a block list, in a link.
    pub(super) const fn names(name: &'static str, reason: Reason) -> Self {
        let mut rule = Self::says(name, reason);
        rule.phrase.is_name = true;
        rule
    }

    /// Only together with these words.
    pub(super) const fn and(mut self, phrase: &'static str) -> Self {
        self.companion = Some(Phrase {
            text: phrase,
            is_name: false,
        });
        self
    }

    /// Only from this server, or about an address of this domain; names below it count.
    pub(super) const fn from(mut self, name: &'static str) -> Self {
        self.companion = Some(Phrase {
            text: name,
            is_name: true,
        });
        self
    }

    /// Only with this SMTP code.
    pub(super) const fn at(mut self, code: u16) -> Self {
        self.code = Some(code);
        self
    }

    /// Only with this status, whatever its class: `(4, 1)` is 4.4.1 and 5.4.1.
    pub(super) const fn with(mut self, subject: u16, detail: u16) -> Self {
        self.status = Some((subject, detail));
        self
    }

    pub(super) const fn surely(mut self) -> Self {
        self.strength = Strength::Sure;
        self
    }

    pub(super) const fn vaguely(mut self) -> Self {
        self.strength = Strength::Vague;
        self
    }

    /// The octets of its words: among rules of one strength, more says more.
    pub(super) fn length(&self) -> usize {
        self.phrase.text.len() + self.companion.map_or(0, |phrase| phrase.text.len())
    }

    pub(super) fn suits(&self, code: Option<ReplyCode>, statuses: &[Option<EnhancedCode>]) -> bool {
        let suits_code = self
            .code
            .is_none_or(|wanted| code.is_some_and(|code| code.get() == wanted));
        let suits_status = self.status.is_none_or(|wanted| {
            let mut stated = statuses.iter().flatten();
            stated.any(|status| (status.subject(), status.detail()) == wanted)
        });
        suits_code && suits_status
    }
}
