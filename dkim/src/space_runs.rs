//! Runs of white space brought to one space, a block at a time.
//!
//! In indented HTML and in folded header fields hardly a block is without such runs. Where they are is found out for a
//! whole block, without branches, and what lies between them is copied in steps of one length, whatever its own.

use crate::hash_input::Sink;
use crate::scan::{self, BLOCK, Stop};

/// Writes the relaxed form of the front of the first `length` octets of `data`, which begin with text. Gives how many octets
/// it was made of: the last one is text, so nothing is held back. None where there is too little to gain.
///
/// `S` stops at white space, other than a space with text behind it, and may stop at line ends that are white space as well.
pub(crate) fn collapse<S: Stop>(data: &[u8], length: usize, sink: &mut impl Sink) -> usize {
    let mut room = [0; ROOM];
    let mut used = 0;
    let mut taken = 0;
    let mut quiet = 0;
    while quiet < QUIET
        && length.saturating_sub(taken) >= BLOCK
        && let Some(front) = data.get(taken..).and_then(<[u8]>::first_chunk)
    {
        let block = up_to_text(front);
        if block == 0 {
            break;
        }
        let stops = scan::stops::<S>(front) & (u64::MAX >> (BLOCK - block));
        quiet = if stops == 0 { quiet + 1 } else { 0 };
        taken += block;
        used = add(front, block, stops, &mut room, used);
        if used > ROOM - WIDE {
            sink.write(room.get(..used).unwrap_or_default());
            used = 0;
        }
    }
    sink.write(room.get(..used).unwrap_or_default());
    taken
}

/// Adds the relaxed form of the first `length` octets, the last of which is text, to the room of which some is used; gives
/// how much is used then. The bits of `stops` say where there is white space that does not stay as it is.
#[inline]
fn add(
    front: &[u8; WIDE],
    length: usize,
    mut stops: u64,
    room: &mut [u8; ROOM],
    mut used: usize,
) -> usize {
    let mut start = 0;
    while stops != 0 {
        let stop = stops.trailing_zeros() as usize;
        copy(front, start, room, used);
        used += stop - start;
        // Text ends the run, so the bit after it is not set, and takes the carry.
        let after = stops.wrapping_add(stops & stops.wrapping_neg());
        start = after.trailing_zeros() as usize % BLOCK;
        stops = after & after.wrapping_sub(1);
        // The last space of a run is no stop, and stays; at the end of a line none does.
        if !matches!(front.get(start..), Some([b' ', ..] | [b'\r', b'\n', ..]))
            && let Some(space) = room.get_mut(used)
        {
            *space = b' ';
            used += 1;
        }
    }
    copy(front, start, room, used);
    used + length - start
}

/// Copies a block from `start`. What is copied too much is overwritten by what comes next.
#[inline]
fn copy(front: &[u8; WIDE], start: usize, room: &mut [u8; ROOM], used: usize) {
    let from = front
        .get(start % BLOCK..)
        .and_then(<[u8]>::first_chunk::<BLOCK>);
    let to = room.get_mut(used..).and_then(<[u8]>::first_chunk_mut);
    if let (Some(from), Some(to)) = (from, to) {
        *to = *from;
    }
}

/// How long the front of a block is that ends in text; zero where the block has none.
#[inline]
fn up_to_text(front: &[u8; WIDE]) -> usize {
    let (block, _) = front.split_at(BLOCK);
    // Nearly always it is among the last eight octets.
    if let Some(last) = block.last_chunk() {
        let text = !scan::at_most_space(u64::from_le_bytes(*last)) & HIGH;
        if text != 0 {
            return BLOCK - text.leading_zeros() as usize / 8;
        }
    }
    let text = block.iter().rposition(|octet| *octet > b' ');
    text.map_or(0, |last| last + 1)
}

/// A block, and as much behind it as is copied too much.
const WIDE: usize = 2 * BLOCK;
/// How many octets are gathered.
const ROOM: usize = 5 * WIDE;
/// After so many blocks without a stop it is time to look for the next one in larger steps.
const QUIET: usize = 8;
const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
