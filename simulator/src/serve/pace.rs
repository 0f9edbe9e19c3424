use std::collections::BTreeSet;
use std::time::Duration;

/// How the octets of a host come and go on a socket: whole and at once where nothing is said. What is said stays the same,
/// and so does what becomes of it; in memory there is no pace.
///
/// ```
/// use std::time::Duration;
/// use letterhead_simulator::{Pace, ServeOptions};
///
/// // Every octet by itself; and a line that takes its time to come in.
/// let slow = Pace::new().writing(1, Duration::ZERO).reading(16, Duration::from_millis(2));
/// let options = ServeOptions::new().pace("mx.example.org".parse()?, slow);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Pace {
    pieces: Pieces,
    write_pause: Duration,
    read: Option<usize>,
    read_pause: Duration,
}

/// Into what replies are split.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Pieces {
    #[default]
    Whole,
    Of(usize),
    At(BTreeSet<usize>),
}

impl Pace {
    /// As fast as it goes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes so many octets at once, and pauses before the next, of real time. Zero octets count as one. The pauses are no
    /// time of the client's.
    pub fn writing(mut self, octets: usize, pause: Duration) -> Self {
        self.pieces = Pieces::Of(octets.max(1));
        self.write_pause = pause;
        self
    }

    /// Splits what is written at once behind each of these numbers of octets, and pauses there, of real time. Replies to
    /// pipelined commands are written at once.
    pub fn splitting(mut self, behind: impl IntoIterator<Item = usize>, pause: Duration) -> Self {
        self.pieces = Pieces::At(behind.into_iter().collect());
        self.write_pause = pause;
        self
    }

    /// Reads at most so many octets at once, and pauses after that, of real time. Zero octets count as one. The
    /// [limits](super::ServeLimits) for a line and for content hold all the same.
    pub fn reading(mut self, octets: usize, pause: Duration) -> Self {
        self.read = Some(octets.max(1));
        self.read_pause = pause;
        self
    }

    pub(super) fn write_pause(&self) -> Duration {
        self.write_pause
    }

    pub(super) fn read_pause(&self) -> Option<Duration> {
        self.read.map(|_| self.read_pause)
    }

    /// How much is read at once, of as much as there is room for.
    pub(super) fn read_limit(&self, room: usize) -> usize {
        self.read.map_or(room, |octets| octets.min(room))
    }

    /// What is written, piece by piece.
    pub(super) fn pieces<'a>(&'a self, octets: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = octets.get(at..).filter(|rest| !rest.is_empty())?;
            let end = match &self.pieces {
                Pieces::Whole => octets.len(),
                Pieces::Of(size) => at.saturating_add(*size),
                Pieces::At(places) => {
                    let next = places.range(at.saturating_add(1)..).next();
                    next.copied().unwrap_or(octets.len())
                }
            };
            let piece = rest.get(..end.saturating_sub(at)).unwrap_or(rest);
            at = at.saturating_add(piece.len());
            Some(piece)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pace;

    #[test]
    fn replies_are_split_where_it_is_said() {
        let split = |pace: Pace| -> Vec<String> {
            let pieces = pace.pieces(b"250 ok\r\n");
            pieces
                .map(|piece| String::from_utf8_lossy(piece).into_owned())
                .collect()
        };
        let pause = Duration::ZERO;
        assert_eq!(split(Pace::new()), ["250 ok\r\n"]);
        assert_eq!(split(Pace::new().writing(3, pause)), ["250", " ok", "\r\n"]);
        assert_eq!(split(Pace::new().writing(0, pause)).len(), 8);
        let at = Pace::new().splitting([7, 1, 0, 99], pause);
        assert_eq!(split(at), ["2", "50 ok\r", "\n"]);
    }
}
