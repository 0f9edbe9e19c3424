//! How mailboxes treat the mail that is sent to them, and hosts those who come with it.

mod attempt;
mod memory;
mod raw_reply;
mod stage;
mod trigger;
mod volume;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use letterhead_mail::EnhancedCode;
use letterhead_transport::smtp::ServerReply;

pub use self::attempt::Attempt;
pub(crate) use self::memory::{Memory, Trial};
pub use self::raw_reply::RawReply;
pub use self::stage::Stage;
pub(crate) use self::stage::Stages;
pub use self::trigger::TriggerError;
pub(crate) use self::volume::Volume;
use crate::reports::auto_reply::Manners;
use crate::reports::{DispositionType, Malformation};

/// What a mailbox does with the mail that is sent to it: in the session, and afterwards. Or what a host does with everybody,
/// at any point of a session: [`Receiver::answers`](crate::Receiver::answers), [`Front::answers`](crate::Front::answers).
///
/// Rules are asked in their order, and the first that applies decides; what applies and only [waits](Act::Wait) adds its
/// wait and leaves the decision to the next. A mailbox without rules takes everything. A message for several recipients
/// has one answer after its end, and one at DATA: that of the first recipient with a rule for it. A host is asked before its
/// mailboxes; what it says yes to is still theirs to refuse.
///
/// A behaviour is also written as a word, which makes an address out of it; see [`FromStr`](Self#impl-FromStr-for-Behaviour).
///
/// ```
/// use std::time::Duration;
/// use letterhead_simulator::behaviour::{Act, Behaviour, Stage, When};
///
/// // The first two attempts are put off, and what is taken takes three seconds.
/// let stated = Behaviour::new()
///     .rule(Stage::Recipient, When::FirstAttempts(2), Act::answer(451, (4, 3, 0), "try again later"))
///     .rule(Stage::EndOfData, When::Always, Act::Wait(Duration::from_secs(3)));
/// // The mailbox takes five messages, and has no room for more.
/// let by_word: Behaviour = "full-after-5".parse()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Behaviour {
    rules: Vec<Rule>,
    pub(crate) afterwards: Vec<Afterwards>,
    pub(crate) keeping: Keeping,
}

/// What becomes of a message that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Keeping {
    #[default]
    Kept,
    Discarded,
}

/// When a rule applies. What a host's own behaviour counts is the client's, whatever the sender, and all that the host took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// To every attempt.
    Always,
    /// To the first attempts from the same sender, this many.
    FirstAttempts(u32),
    /// To the attempts behind the first ones from the same sender, this many: with a host's own behaviour, from which
    /// connection of a client on.
    AfterAttempts(u32),
    /// To those of clients that come from this address.
    Client(IpAddr),
    /// Until this much time has passed since the same client first tried from the same sender: greylisting.
    Within(Duration),
    /// Once the mailbox has taken this many messages.
    AfterMails(u32),
    /// Once the mailbox has taken this many messages from the sender's domain within this time before now.
    Rate {
        /// How many are taken.
        mails: u32,
        /// Within this time.
        within: Duration,
    },
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Act {
    /// This is the answer. It may have several lines, no enhanced code, or one of another class than its code.
    Answer(ServerReply),
    /// This is the answer, in a form of its own.
    Raw(RawReply),
    /// The connection is closed without an answer, and nothing is kept.
    HangUp,
    /// After the end of the data: the message is taken, and the connection closed without saying so. Before, the same as
    /// [`HangUp`](Self::HangUp).
    TakeAndHangUp,
    /// So much time passes before the answer. On a socket it really does; in memory it passes for the client that waits,
    /// which may run out of patience, and the clock of the simulation stands still.
    Wait(Duration),
}

/// What comes back later from a mailbox that took a message: by mail, and then nothing where the message has no return path,
/// or by a click.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Afterwards {
    /// A notification that the message could not be delivered after all.
    Bounce {
        /// How long after the message.
        after: Duration,
        /// Why.
        status: EnhancedCode,
        /// In the words of the host, with their type: `smtp; 550 5.1.1 no such user`.
        diagnostic: Option<String>,
    },
    /// A complaint.
    Complaint {
        /// How long after the message.
        after: Duration,
    },
    /// An answer by a machine; a [polite](Manners::Polite) one only where
    /// [RFC 3834 §2](https://www.rfc-editor.org/rfc/rfc3834#section-2) lets it.
    AutoReply {
        /// How long after the message.
        after: Duration,
        /// How.
        manners: Manners,
    },
    /// A read receipt, where the message asks for one that may be sent to its return path.
    Receipt {
        /// How long after the message.
        after: Duration,
        /// What was done with the message.
        disposition: DispositionType,
    },
    /// A notification that the message could not be delivered after all (5.1.1), written against the rules.
    MalformedBounce {
        /// How long after the message.
        after: Duration,
        /// What is wrong with it.
        malformation: Malformation,
    },
    /// A click on the link to unsubscribe, where the message may be [unsubscribed from](crate::one_click) with one click.
    Unsubscribe {
        /// How long after the message.
        after: Duration,
    },
}

#[derive(Clone)]
enum Rule {
    Stated { stage: Stage, when: When, act: Act },
    Closure(Arc<Decide>),
}

type Decide = dyn Fn(&Attempt<'_>) -> Option<Act> + Send + Sync;

impl Behaviour {
    /// A mailbox that takes everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this rule after the others.
    pub fn rule(mut self, stage: Stage, when: When, act: Act) -> Self {
        self.rules.push(Rule::Stated { stage, when, act });
        self
    }

    /// With a rule after the others that the caller decides: `None` leaves it to the next.
    ///
    /// The same simulation comes out the same every time only if the closure does.
    pub fn decide(
        mut self,
        decide: impl Fn(&Attempt<'_>) -> Option<Act> + Send + Sync + 'static,
    ) -> Self {
        self.rules.push(Rule::Closure(Arc::new(decide)));
        self
    }

    /// With this afterwards, for each message that is taken.
    pub fn afterwards(mut self, afterwards: Afterwards) -> Self {
        self.afterwards.push(afterwards);
        self
    }

    /// What is taken is thrown away.
    pub fn discarding(mut self) -> Self {
        self.keeping = Keeping::Discarded;
        self
    }

    pub(crate) fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// The stages at which a rule may apply.
    pub(crate) fn stages(&self) -> Stages {
        let stages = self.rules.iter().map(|rule| match rule {
            Rule::Stated { stage, .. } => Stages::of(*stage),
            Rule::Closure(_) => Stages::ALL,
        });
        stages.fold(Stages::NONE, Stages::and)
    }

    /// What is done about an attempt: the waits, and what decides.
    pub(crate) fn judge(&self, attempt: &Attempt<'_>) -> (Duration, Option<Act>) {
        let mut waited = Duration::ZERO;
        for act in self.rules.iter().filter_map(|rule| rule.act(attempt)) {
            match act {
                Act::Wait(duration) => waited = waited.saturating_add(duration),
                Act::TakeAndHangUp if attempt.stage != Stage::EndOfData => {
                    return (waited, Some(Act::HangUp));
                }
                decided => return (waited, Some(decided)),
            }
        }
        (waited, None)
    }
}

impl Rule {
    fn act(&self, attempt: &Attempt<'_>) -> Option<Act> {
        match self {
            Self::Stated { stage, when, act } => {
                (*stage == attempt.stage && when.applies(attempt)).then(|| act.clone())
            }
            Self::Closure(decide) => decide(attempt),
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stated { stage, when, act } => f
                .debug_struct("Stated")
                .field("stage", stage)
                .field("when", when)
                .field("act", act)
                .finish(),
            Self::Closure(_) => f.write_str("Closure(…)"),
        }
    }
}

impl When {
    fn applies(self, attempt: &Attempt<'_>) -> bool {
        match self {
            Self::Always => true,
            Self::FirstAttempts(attempts) => attempt.attempts < attempts,
            Self::AfterAttempts(attempts) => attempt.attempts >= attempts,
            Self::Client(address) => attempt.client == address,
            Self::Within(time) => {
                let since = attempt.now.duration_since(attempt.first_by_client);
                since.unwrap_or_default() < time
            }
            Self::AfterMails(mails) => attempt.taken >= mails,
            Self::Rate { mails, within } => attempt.taken_from_domain(within) >= mails,
        }
    }
}

impl Act {
    /// An answer out of numbers: `Act::answer(451, (4, 3, 0), "try again later")`. A code below 200 or above 599 becomes
    /// 421; an enhanced code that [does not exist](letterhead_mail::EnhancedCode::new) is left out.
    #[must_use]
    pub fn answer(code: u16, enhanced: (u8, u16, u16), text: &str) -> Self {
        Self::Answer(crate::session::reply(code, enhanced, text))
    }
}

#[cfg(test)]
mod tests;
