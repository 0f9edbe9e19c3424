use letterhead_mail::{EnhancedCode, ReplyCode};
use letterhead_transport::smtp::ServerReply;

use super::super::{Act, RawReply};
use super::digits;

/// `450`, `450-4.2.2`, `450-4.2.2-anything`; or one of these behind a form: `lf-450`.
pub(super) fn answer(word: &str) -> Option<Act> {
    match word
        .split_once('-')
        .and_then(|(name, codes)| Some((form(name)?, codes)))
    {
        None => {
            let reply = stated(word)?;
            is_refusal(&reply).then_some(Act::Answer(reply))
        }
        Some((form, codes)) => {
            let reply = stated(codes)?;
            (reply.code().is_completion() || is_refusal(&reply)).then(|| form(reply))
        }
    }
}

pub(super) fn says(code: u16, enhanced: EnhancedCode) -> Option<Act> {
    let code = ReplyCode::new(code)?;
    Some(Act::Answer(ServerReply::new(
        code,
        Some(enhanced),
        meaning(enhanced),
    )))
}

pub(super) fn meaning(status: EnhancedCode) -> &'static str {
    status.meaning().unwrap_or(AS_ASKED)
}

fn form(name: &str) -> Option<fn(ServerReply) -> Act> {
    Some(match name {
        "bare" => |meant| Act::Raw(RawReply::bare(meant)),
        "lf" => |meant| Act::Raw(RawReply::line_feeds(meant)),
        "latin" => |meant| Act::Raw(RawReply::latin(meant)),
        "mixed" => |meant| Act::Raw(RawReply::disagreeing(meant)),
        "garbage" => |meant| Act::Raw(RawReply::garbage(meant)),
        "long" => |meant| Act::Raw(RawReply::long_line(meant, LONG)),
        "huge" => |meant| Act::Raw(RawReply::long(meant, HUGE)),
        "wrong" => |meant| wrong(&meant),
        "lines" => |meant| lines(&meant),
        _ => return None,
    })
}

fn wrong(meant: &ServerReply) -> Act {
    let class = if meant.code().is_completion() { 5 } else { 2 };
    let enhanced = EnhancedCode::new(class, 1, 5);
    Act::Answer(ServerReply::new(meant.code(), enhanced, AS_ASKED))
}

fn lines(meant: &ServerReply) -> Act {
    let text: Vec<&str> = meant.texts().collect();
    let text = format!("{}\nsee the manual\nand ask again", text.join(" "));
    Act::Answer(ServerReply::new(meant.code(), meant.enhanced(), &text))
}

fn is_refusal(reply: &ServerReply) -> bool {
    reply.code().is_transient() || reply.code().is_permanent()
}

/// The reply that codes ask for.
fn stated(codes: &str) -> Option<ServerReply> {
    let (code, rest) = match codes.split_once('-') {
        Some((code, rest)) => (code, rest),
        None => (codes, ""),
    };
    let code = ReplyCode::new(digits(code)?.parse().ok()?)?;
    let first = rest.split('-').next().unwrap_or_default();
    match first.parse::<EnhancedCode>() {
        Ok(enhanced) if u16::from(enhanced.class()) == code.get() / 100 => {
            Some(ServerReply::new(code, Some(enhanced), meaning(enhanced)))
        }
        Ok(_) => None,
        Err(_) => Some(ServerReply::new(code, None, AS_ASKED)),
    }
}

const AS_ASKED: &str = "as the address asks";
const LONG: usize = 10_000;
const HUGE: usize = 1_000_000;
