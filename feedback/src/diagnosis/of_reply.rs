//! A reply got at first hand, judged like one that a bounce quotes.

use letterhead_mail::Reply;

use super::{permanence_of, reason_of};
use crate::event::{Permanence, Reason};

impl Reason {
    /// What a server means by a reply, as for a bounce that quotes it.
    ///
    /// Words decide before codes where they are clear, since 5.7.1, 5.5.0 and bare 550 are used for anything; a code with a
    /// meaning of its own, such as 5.2.2, decides before vague words. What is refused for a block list is
    /// [`BLOCKED`](Self::BLOCKED) whatever the code. The words are looked for in tables of what servers in wide use say, in
    /// several languages. 2xx is [`DELIVERED`](Self::DELIVERED) unless the words say otherwise.
    ///
    /// ```
    /// use letterhead_feedback::Reason;
    /// use letterhead_mail::{Reply, ReplyCode};
    ///
    /// let code = ReplyCode::new(550).ok_or("no code")?;
    /// let reply = Reply::new(code, None, "<joe@example.org>: mailbox is full");
    /// assert_eq!(Reason::of_reply(&reply), Reason::MAILBOX_FULL);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn of_reply(reply: &Reply) -> Self {
        reason_of(reply)
    }
}

impl Permanence {
    /// What a server's reply says of the address: [`Reason::of_reply`](crate::Reason::of_reply) decides why it was given, and
    /// hard is what then means a dead address: user unknown, host unknown, bad address, moved, not accepted. A 4xx, and a
    /// status of class 4, is never hard.
    ///
    /// ```
    /// use letterhead_feedback::Permanence;
    /// use letterhead_mail::{Reply, ReplyCode};
    ///
    /// let code = ReplyCode::new(550).ok_or("no code")?;
    /// let gone = Reply::new(code, "5.7.1".parse().ok(), "No such user");
    /// let refused = Reply::new(code, "5.1.1".parse().ok(), "blocked using zen.spamhaus.org");
    /// assert_eq!(Permanence::of_reply(&gone), Permanence::Hard);
    /// assert_eq!(Permanence::of_reply(&refused), Permanence::Soft);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn of_reply(reply: &Reply) -> Self {
        permanence_of(reply)
    }
}
