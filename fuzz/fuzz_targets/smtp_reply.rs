//! SMTP replies: read in two pieces they are the same as in one, and what is printed reads back.
//!
//! The first octet says where the rest is cut, and its lowest bit which line ends are taken.
#![no_main]

use letterhead_transport::smtp::{LineEnds, ReplyError, ReplyReader, ServerReply};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Some((first, octets)) = octets.split_first() else {
        return;
    };
    let ends = if first & 1 == 0 {
        LineEnds::Strict
    } else {
        LineEnds::AcceptLf
    };
    let (front, back) = octets.split_at(octets.len() * usize::from(*first) / 255);
    let (whole, error) = read(&[octets], ends);
    let (cut, cut_error) = read(&[front, back], ends);
    assert_eq!(whole, cut);
    assert_eq!(error.is_some(), cut_error.is_some());
    for reply in whole {
        check(&reply);
    }
});

fn read(pieces: &[&[u8]], ends: LineEnds) -> (Vec<ServerReply>, Option<ReplyError>) {
    let mut reader = ReplyReader::new(ends);
    let mut replies = Vec::new();
    for piece in pieces {
        reader.feed(piece);
        loop {
            match reader.next_reply() {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(reader.next_reply(), Err(error));
                    return (replies, Some(error));
                }
            }
        }
    }
    (replies, None)
}

fn check(reply: &ServerReply) {
    assert!(!reply.lines().is_empty());
    let kept = reply.to_reply();
    assert_eq!(kept.code(), reply.code());
    assert!(!kept.to_string().contains(char::is_control));
    let octets = reply.to_bytes();
    // What is not UTF-8 takes more room as U+FFFD, so that a line may then be too long to read.
    if octets.len() <= ReplyReader::MAX_LINE {
        assert_eq!(
            read(&[&octets], LineEnds::Strict),
            (vec![reply.clone()], None)
        );
    }
}
