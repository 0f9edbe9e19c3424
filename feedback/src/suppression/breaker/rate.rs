use std::num::NonZeroU32;
use std::time::Duration;

use crate::suppression::moment::Moment;

/// How much was sent, and how many hard bounces and how much else came back, within a window that moves in twelfths; and how many
/// hard bounces are usual.
#[derive(Debug, Default)]
pub(super) struct Rate {
    /// The newest part last.
    parts: [Part; PARTS],
    /// The number of the newest part since 1970.
    newest: u64,
    /// Hard bounces a window in a thousandth, the past fading away.
    usual: u64,
}

/// A number of each.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Part {
    pub(super) sent: u32,
    pub(super) hard: u32,
    pub(super) other: u32,
}

impl Rate {
    /// Adds what came at this time; what is older than the window is left out.
    pub(super) fn add(&mut self, at: Moment, window: Duration, more: Part) {
        let length = u64::try_from(window.as_millis()).unwrap_or(u64::MAX) / PARTS_U64;
        let number = at.millis() / length.max(1);
        self.advance(number);
        let age = usize::try_from(self.newest.saturating_sub(number)).unwrap_or(usize::MAX);
        if let Some(part) = self.parts.iter_mut().rev().nth(age) {
            part.sent = part.sent.saturating_add(more.sent);
            part.hard = part.hard.saturating_add(more.hard);
            part.other = part.other.saturating_add(more.other);
        }
    }

    /// Whether there are this many hard bounces, this share of all, and so many times the usual.
    pub(super) fn jumped(&self, minimum: NonZeroU32, share: u8, factor: NonZeroU32) -> bool {
        let count = |of: fn(&Part) -> u32| self.parts.iter().map(|part| u64::from(of(part))).sum();
        let hard: u64 = count(|part| part.hard);
        let came_back = hard + count(|part| part.other);
        // What came back was sent, too; which of the two is known better depends on who records.
        let all = came_back.max(count(|part| part.sent));
        hard >= u64::from(minimum.get())
            && hard * 100 >= all * u64::from(share)
            && hard * 1_000 >= self.usual.saturating_mul(u64::from(factor.get()))
    }

    /// When something came last, as a number that grows.
    pub(super) fn last(&self) -> u64 {
        self.newest
    }

    /// Moves on to the part of this number. What falls out of the window becomes part of what is usual.
    fn advance(&mut self, number: u64) {
        let passed = number.saturating_sub(self.newest);
        if self.newest == 0 || passed >= FORGOTTEN {
            *self = Self {
                newest: self.newest.max(number),
                ..Self::default()
            };
            return;
        }
        for _ in 0..passed {
            let [oldest, ..] = self.parts;
            self.parts.rotate_left(1);
            if let Some(newest) = self.parts.last_mut() {
                *newest = Part::default();
            }
            // As many in each twelfth make twelve times as many a window.
            let window = u64::from(oldest.hard) * PARTS_U64 * 1_000;
            self.usual = (self.usual * (FADING - 1) + window) / FADING;
        }
        self.newest = self.newest.max(number);
    }
}

const PARTS: usize = 12;
const PARTS_U64: u64 = 12;
/// How many parts' worth what is usual is the mean of: eight windows.
const FADING: u64 = 96;
/// After how many parts without anything what was usual is forgotten: some three days of a window of an hour.
const FORGOTTEN: u64 = 1_000;
