//! Commands, as a client writes and a server reads them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str;

use letterhead_mail::{DomainName, ReversePath};

pub use super::command_error::{CommandError, CommandErrorKind};
pub use super::parameter::{Parameter, ParameterError};
pub use super::path::ForwardPath;
use super::path::{parse_forward, parse_reverse, split_path};

/// An SMTP command ([RFC 5321 §4.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1)).
///
/// `Display` is the line without its CRLF. It never holds a control character, whatever a variant was built with: one
/// would be printed as `?`. `Debug` leaves out what [`Auth`](Self::Auth) carries.
///
/// ```
/// use letterhead_transport::smtp::Command;
///
/// let command = Command::parse(b"mail from:<\"a b\"@example.org> size=120")?;
/// assert_eq!(command.to_string(), "MAIL FROM:<\"a b\"@example.org> SIZE=120");
/// assert!(Command::parse(b"MAIL FROM: <a@example.org>").is_err());
/// # Ok::<(), letterhead_transport::smtp::CommandError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Command {
    /// EHLO with a domain or an address literal, as it was sent.
    Ehlo(String),
    /// HELO with a domain or an address literal, as it was sent.
    Helo(String),
    /// MAIL FROM.
    Mail {
        /// Where reports go.
        sender: ReversePath,
        /// In the order they were sent.
        parameters: Vec<Parameter>,
    },
    /// RCPT TO.
    Rcpt {
        /// To whom.
        recipient: ForwardPath,
        /// In the order they were sent.
        parameters: Vec<Parameter>,
    },
    /// DATA.
    Data,
    /// BDAT ([RFC 3030 §2](https://www.rfc-editor.org/rfc/rfc3030#section-2)).
    Bdat {
        /// How many octets follow the command.
        size: u64,
        /// Whether the message ends with them.
        last: BdatLast,
    },
    /// RSET.
    Rset,
    /// NOOP, with the text that may follow it.
    Noop(Option<String>),
    /// QUIT.
    Quit,
    /// STARTTLS ([RFC 3207 §4](https://www.rfc-editor.org/rfc/rfc3207#section-4)).
    StartTls,
    /// AUTH ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    Auth {
        /// The SASL mechanism, in upper case.
        mechanism: String,
        /// The initial response, in base64, or `=` for an empty one.
        initial: Option<String>,
    },
    /// VRFY with what it asks for.
    Vrfy(String),
    /// HELP; a topic is read and not kept.
    Help,
}

/// Whether a BDAT chunk ends the message.
#[expect(clippy::exhaustive_enums, reason = "a chunk is the last or it is not")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BdatLast {
    /// `LAST`: the message ends with this chunk.
    Last,
    /// More chunks follow.
    More,
}

impl Command {
    /// The longest command line that is read, in octets without CRLF; for MAIL and RCPT, whose parameters need more, see
    /// [`MAX_ENVELOPE_LINE`](Self::MAX_ENVELOPE_LINE).
    pub const MAX_LINE: usize = 510;
    /// The longest MAIL or RCPT line, in octets without CRLF: the extensions in use add less than this.
    pub const MAX_ENVELOPE_LINE: usize = 2_046;
    /// The longest AUTH line or response, in octets without CRLF
    /// ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    pub const MAX_AUTH_LINE: usize = 12_286;

    /// Reads a line without its CRLF.
    ///
    /// Verbs and keywords are read in any case, and spaces at the end of the line are ignored; otherwise the grammar is
    /// taken at its word: no space after the colon, no source route, nothing behind a command that takes no argument.
    ///
    /// # Errors
    ///
    /// When the verb is not known, the rest of the line is not what the verb takes, or the line is too long.
    pub fn parse(line: &[u8]) -> Result<Self, CommandError> {
        parse(line).map_err(|kind| CommandError { kind })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ehlo(name) => write!(f, "EHLO {}", Clean(name)),
            Self::Helo(name) => write!(f, "HELO {}", Clean(name)),
            Self::Mail { sender, parameters } => {
                write!(f, "MAIL FROM:<{sender}>")?;
                parameters
                    .iter()
                    .try_for_each(|parameter| write!(f, " {parameter}"))
            }
            Self::Rcpt {
                recipient,
                parameters,
            } => {
                write!(f, "RCPT TO:<{recipient}>")?;
                parameters
                    .iter()
                    .try_for_each(|parameter| write!(f, " {parameter}"))
            }
            Self::Data => f.write_str("DATA"),
            Self::Bdat { size, last } => match last {
                BdatLast::Last => write!(f, "BDAT {size} LAST"),
                BdatLast::More => write!(f, "BDAT {size}"),
            },
            Self::Rset => f.write_str("RSET"),
            Self::Noop(None) => f.write_str("NOOP"),
            Self::Noop(Some(text)) => write!(f, "NOOP {}", Clean(text)),
            Self::Quit => f.write_str("QUIT"),
            Self::StartTls => f.write_str("STARTTLS"),
            Self::Auth { mechanism, initial } => {
                write!(f, "AUTH {}", Clean(mechanism))?;
                match initial {
                    Some(initial) => write!(f, " {}", Clean(initial)),
                    None => Ok(()),
                }
            }
            Self::Vrfy(text) => write!(f, "VRFY {}", Clean(text)),
            Self::Help => f.write_str("HELP"),
        }
    }
}

/// The line, without what AUTH carries.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth { mechanism, initial } => {
                let initial = if initial.is_some() { " [redacted]" } else { "" };
                write!(f, "Command(AUTH {}{initial})", Clean(mechanism))
            }
            other => write!(f, "Command({other})"),
        }
    }
}

/// Text printed without control characters.
struct Clean<'a>(&'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.0
            .chars()
            .try_for_each(|c| f.write_char(if c.is_control() { '?' } else { c }))
    }
}

fn parse(line: &[u8]) -> Result<Command, CommandErrorKind> {
    let line = without_spaces_at_end(line);
    let end = line.iter().position(|&b| b == b' ').unwrap_or(line.len());
    let (verb, rest) = line.split_at(end);
    let upper = verb.to_ascii_uppercase();
    let limit = match upper.as_slice() {
        b"MAIL" | b"RCPT" => Command::MAX_ENVELOPE_LINE,
        b"AUTH" => Command::MAX_AUTH_LINE,
        _ => Command::MAX_LINE,
    };
    if line.len() > limit {
        return Err(CommandErrorKind::TooLong);
    }
    let argument = rest.get(1..);
    match upper.as_slice() {
        b"EHLO" => client_name(argument).map(Command::Ehlo),
        b"HELO" => client_name(argument).map(Command::Helo),
        b"MAIL" => {
            let (path, parameters) =
                envelope_line(argument, b"FROM:", "the form is MAIL FROM:<address>")?;
            let sender = parse_reverse(path)?;
            Ok(Command::Mail { sender, parameters })
        }
        b"RCPT" => {
            let (path, parameters) =
                envelope_line(argument, b"TO:", "the form is RCPT TO:<address>")?;
            let recipient = parse_forward(path)?;
            Ok(Command::Rcpt {
                recipient,
                parameters,
            })
        }
        b"BDAT" => bdat(argument),
        b"AUTH" => auth(argument),
        b"NOOP" => Ok(Command::Noop(argument.map(text).transpose()?)),
        b"VRFY" => match argument {
            Some(argument) => text(argument).map(Command::Vrfy),
            None => Err(CommandErrorKind::Syntax("VRFY needs an argument")),
        },
        b"HELP" => argument.map_or(Ok(Command::Help), |topic| {
            text(topic).map(|_| Command::Help)
        }),
        b"DATA" => alone(argument, Command::Data),
        b"RSET" => alone(argument, Command::Rset),
        b"QUIT" => alone(argument, Command::Quit),
        b"STARTTLS" => alone(argument, Command::StartTls),
        _ => Err(unrecognised(verb)),
    }
}

/// Spaces only: a CR or a tab there is not the grammar, and a server that read one away could see a line where another
/// sees none.
fn without_spaces_at_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|&b| b != b' ');
    line.get(..end.map_or(0, |last| last + 1)).unwrap_or(line)
}

fn unrecognised(verb: &[u8]) -> CommandErrorKind {
    let shown = String::from_utf8_lossy(verb)
        .chars()
        .take(20)
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    CommandErrorKind::Unrecognised(shown)
}

fn alone(argument: Option<&[u8]>, command: Command) -> Result<Command, CommandErrorKind> {
    match argument {
        None => Ok(command),
        Some(_) => Err(CommandErrorKind::Syntax("this command takes no argument")),
    }
}

/// Text that a command carries without giving it a form: UTF-8, no controls, not empty.
fn text(argument: &[u8]) -> Result<String, CommandErrorKind> {
    match str::from_utf8(argument) {
        Ok(text) if !text.is_empty() && !text.chars().any(char::is_control) => Ok(text.to_owned()),
        _ => Err(CommandErrorKind::Syntax(
            "the argument is empty, holds a control character or is not UTF-8",
        )),
    }
}

/// A domain or an address literal. The grammar of HELO has the domain only, but RFC 5321 §4.1.1.1 tells a client
/// without a name to send a literal with either.
fn client_name(argument: Option<&[u8]>) -> Result<String, CommandErrorKind> {
    const FORM: CommandErrorKind =
        CommandErrorKind::Syntax("the argument is a domain or an address literal");
    let name = argument
        .and_then(|argument| str::from_utf8(argument).ok())
        .ok_or(FORM)?;
    let literal = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let well_formed = match literal {
        Some(literal) => is_literal(literal),
        None => name.is_ascii() && name.parse::<DomainName>().is_ok(),
    };
    if well_formed {
        Ok(name.to_owned())
    } else {
        Err(FORM)
    }
}

/// What stands between the brackets of an address literal
/// ([RFC 5321 §4.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.3)).
fn is_literal(literal: &str) -> bool {
    match literal.split_once(':') {
        None => literal.parse::<Ipv4Addr>().is_ok(),
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6") => {
            address.parse::<Ipv6Addr>().is_ok()
        }
        Some((tag, content)) => {
            tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && tag
                    .bytes()
                    .last()
                    .is_some_and(|b| b.is_ascii_alphanumeric())
                && !content.is_empty()
                && content.bytes().all(|b| matches!(b, 33..=90 | 94..=126))
        }
    }
}

/// The path and the parameters behind `FROM:` or `TO:`.
fn envelope_line<'a>(
    argument: Option<&'a [u8]>,
    keyword: &[u8],
    form: &'static str,
) -> Result<(&'a [u8], Vec<Parameter>), CommandErrorKind> {
    let (found, rest) = argument
        .and_then(|argument| argument.split_at_checked(keyword.len()))
        .ok_or(CommandErrorKind::Syntax(form))?;
    if !found.eq_ignore_ascii_case(keyword) {
        return Err(CommandErrorKind::Syntax(form));
    }
    let (path, rest) = split_path(rest)?;
    let parameters = match rest.split_first() {
        None => Vec::new(),
        Some((b' ', list)) => str::from_utf8(list)
            .ok()
            .and_then(|list| list.split(' ').map(|text| text.parse().ok()).collect())
            .ok_or(CommandErrorKind::Syntax(
                "parameters are KEYWORD or KEYWORD=value with single spaces between them",
            ))?,
        Some(_) => {
            return Err(CommandErrorKind::Syntax(
                "a space belongs between the address and a parameter",
            ));
        }
    };
    Ok((path, parameters))
}

fn bdat(argument: Option<&[u8]>) -> Result<Command, CommandErrorKind> {
    const FORM: CommandErrorKind =
        CommandErrorKind::Syntax("the form is BDAT size or BDAT size LAST");
    let argument = argument
        .and_then(|argument| str::from_utf8(argument).ok())
        .ok_or(FORM)?;
    let (size, last) = match argument.split_once(' ') {
        None => (argument, BdatLast::More),
        Some((size, last)) if last.eq_ignore_ascii_case("LAST") => (size, BdatLast::Last),
        Some(_) => return Err(FORM),
    };
    if !size.bytes().all(|b| b.is_ascii_digit()) {
        return Err(FORM);
    }
    let size = size.parse().map_err(|_| FORM)?;
    Ok(Command::Bdat { size, last })
}

fn auth(argument: Option<&[u8]>) -> Result<Command, CommandErrorKind> {
    const FORM: CommandErrorKind =
        CommandErrorKind::Syntax("the form is AUTH mechanism or AUTH mechanism base64");
    let argument = argument
        .and_then(|argument| str::from_utf8(argument).ok())
        .ok_or(FORM)?;
    let (mechanism, initial) = match argument.split_once(' ') {
        None => (argument, None),
        Some((mechanism, initial)) => (mechanism, Some(initial)),
    };
    let is_mechanism = (1..=20).contains(&mechanism.len())
        && mechanism
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !is_mechanism || !initial.is_none_or(is_initial_response) {
        return Err(FORM);
    }
    Ok(Command::Auth {
        mechanism: mechanism.to_ascii_uppercase(),
        initial: initial.map(str::to_owned),
    })
}

fn is_initial_response(text: &str) -> bool {
    if text == "=" {
        return true;
    }
    let content = text.trim_end_matches('=');
    text.len() - content.len() <= 2
        && text.len().is_multiple_of(4)
        && !content.is_empty()
        && content
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

#[cfg(test)]
mod tests;
