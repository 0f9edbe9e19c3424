//! What is hashed, gathered from runs of canonical octets.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use crate::algorithm::Digest;

/// Where canonical octets go.
pub(crate) trait Sink {
    fn write(&mut self, octets: &[u8]);

    /// Writes the first `length` octets of `data`. A sink may look at those behind them, so that it can copy a short
    /// run in one step.
    fn write_front(&mut self, data: &[u8], length: usize) {
        self.write(data.get(..length).unwrap_or(data));
    }
}

/// Feeds SHA-256. Short runs are gathered first, since each update of the hash has a cost of its own; what is short as a
/// whole is gathered as a whole, since a hash in one go costs less.
pub(crate) struct HashInput {
    context: Option<Context>,
    gathered: [u8; ROOM],
    /// How many octets of it are in use.
    used: usize,
}

impl HashInput {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            context: None,
            gathered: [0; ROOM],
            used: 0,
        }
    }

    /// The hash of all that was written.
    pub(crate) fn finish(&mut self) -> Digest {
        let gathered = self.gathered.get(..self.used).unwrap_or_default();
        match self.context.take() {
            Some(mut context) => {
                context.update(gathered);
                Digest::from_slice(context.finish().as_ref())
            }
            None => Digest::of(gathered),
        }
    }

    /// Hashes what was gathered, and then `octets`.
    fn hash(&mut self, octets: &[u8]) {
        let context = self.context.get_or_insert_with(|| Context::new(&SHA256));
        context.update(self.gathered.get(..self.used).unwrap_or_default());
        context.update(octets);
        self.used = 0;
    }
}

impl Sink for HashInput {
    fn write(&mut self, octets: &[u8]) {
        let fits = octets.len() <= ROOM - self.used;
        if octets.len() >= DIRECT && !(fits && self.context.is_none()) {
            self.hash(octets);
            return;
        }
        if !fits {
            self.hash(&[]);
        }
        if let Some(room) = self.gathered.get_mut(self.used..self.used + octets.len()) {
            room.copy_from_slice(octets);
            self.used += octets.len();
        }
    }

    #[inline]
    fn write_front(&mut self, data: &[u8], length: usize) {
        let room = self.gathered.get_mut(self.used..).unwrap_or_default();
        match (data.first_chunk::<SHORT>(), room.first_chunk_mut()) {
            // What is copied too much is overwritten by the next run.
            (Some(octets), Some(room)) if length <= SHORT => {
                *room = *octets;
                self.used += length;
            }
            _ => self.write(data.get(..length).unwrap_or(data)),
        }
    }
}

impl fmt::Debug for HashInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashInput").finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Sink for Vec<u8> {
    fn write(&mut self, octets: &[u8]) {
        self.extend_from_slice(octets);
    }
}

/// Runs of at least this many octets are hashed where they lie.
const DIRECT: usize = 512;
/// How many octets of short runs are gathered. Clearing 2048 or more takes another way, which is slow at the start.
const ROOM: usize = 2047 / SHORT * SHORT;
/// Runs of at most this many octets are copied in one step.
const SHORT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_runs_keep_their_order() {
        for lengths in [
            &[][..],
            &[3],
            &[ROOM],
            &[ROOM + 1],
            &[3, 500, 2000, 64, 65, 3000],
            &[1, ROOM - 1, 1, 512, 511, 63, 9000, 2],
        ] {
            let (mut input, mut front) = (HashInput::new(), HashInput::new());
            let mut all = Vec::new();
            for (octet, length) in (b'a'..).zip(lengths) {
                let mut run = vec![octet; *length];
                all.extend_from_slice(&run);
                input.write(&run);
                run.extend_from_slice(&[0; 80]);
                front.write_front(&run, *length);
            }
            assert_eq!(input.finish(), Digest::of(&all));
            assert_eq!(front.finish(), Digest::of(&all));
        }
    }
}
