use std::sync::Arc;
use std::time::{Duration, SystemTime};

use letterhead_mail::Clock;

use super::alarm::Alarm;
use super::connection::Connection;
use crate::smtp::{ClientSession, Step};

/// A connection and the session upon it.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) connection: Connection,
    pub(super) session: ClientSession,
    pub(super) buffer: Box<[u8]>,
    pub(super) alarm: Alarm,
    opened: SystemTime,
    idle_since: SystemTime,
    messages: u32,
}

/// How long a connection is kept.
#[derive(Debug, Clone)]
pub(super) struct Keeping {
    pub(super) max_messages: u32,
    pub(super) max_age: Duration,
    pub(super) max_idle: Duration,
}

impl Live {
    /// Boxed: it goes from hand to hand.
    pub(super) fn new(
        connection: Connection,
        session: ClientSession,
        clock: &Arc<dyn Clock>,
    ) -> Box<Self> {
        let now = clock.now();
        Box::new(Self {
            connection,
            session,
            buffer: vec![0; READ_BUFFER].into_boxed_slice(),
            alarm: Alarm::new(Arc::clone(clock)),
            opened: now,
            idle_since: now,
            messages: 0,
        })
    }

    /// Counts a submission that came to its end.
    pub(super) fn count(&mut self, now: SystemTime) {
        self.messages = self.messages.saturating_add(1);
        self.idle_since = now;
    }

    /// Whether another submission may go this way.
    pub(super) fn is_to_be_kept(&self, keeping: &Keeping, now: SystemTime) -> bool {
        self.session.is_ready()
            && self.messages < keeping.max_messages
            && within(self.opened, keeping.max_age, now)
    }

    /// Whether it has been idle for too long, or too old.
    pub(super) fn is_over(&self, keeping: &Keeping, now: SystemTime) -> bool {
        !within(self.opened, keeping.max_age, now)
            || !within(self.idle_since, keeping.max_idle, now)
    }

    /// When it will have been idle for too long.
    pub(super) fn ends(&self, keeping: &Keeping) -> Option<SystemTime> {
        let idle = self.idle_since.checked_add(keeping.max_idle);
        let age = self.opened.checked_add(keeping.max_age);
        match (idle, age) {
            (Some(idle), Some(age)) => Some(idle.min(age)),
            (one, other) => one.or(other),
        }
    }

    /// Whether the server has neither closed the connection nor said anything on it since.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.connection.read_now(&mut self.buffer).is_pending()
    }

    /// Says goodbye where the dialogue is in order, and closes, without waiting for an answer on which nothing depends.
    pub(super) fn part(mut self: Box<Self>) {
        self.session.quit();
        if let Step::Write(farewell) = self.session.step(self.idle_since) {
            self.connection.part(&farewell.to_bytes());
        }
    }
}

/// Whether no more than `limit` has passed; a clock that was set back ends it as well.
fn within(since: SystemTime, limit: Duration, now: SystemTime) -> bool {
    now.duration_since(since).is_ok_and(|passed| passed < limit)
}

const READ_BUFFER: usize = 4_096;
