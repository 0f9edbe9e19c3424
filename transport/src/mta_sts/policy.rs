//! The text of a policy.

use std::fmt;
use std::time::Duration;

use letterhead_mail::DomainName;

use super::pattern::MxPattern;
use super::policy_error::MtaStsPolicyError;
use crate::policy_record::{SPACE, is_name};

/// What a domain says about TLS to its hosts
/// ([RFC 8461 §3.2](https://www.rfc-editor.org/rfc/rfc8461#section-3.2)).
///
/// Lines end in LF or CRLF; fields that are not known are passed over, and of one that is there twice, `mx` aside, the first
/// counts. Blank lines are passed over too. Everything else that is not as the standard says makes the whole text no policy.
///
/// ```
/// use letterhead_transport::mta_sts::{MtaStsMode, MtaStsPolicy};
///
/// let text = "version: STSv1\r\nmode: enforce\r\nmx: *.example.org\r\nmax_age: 604800\r\n";
/// let policy = MtaStsPolicy::parse(text.as_bytes())?;
/// assert_eq!(policy.mode(), MtaStsMode::Enforce);
/// assert!(policy.names(&"mx1.example.org".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MtaStsPolicy {
    mode: MtaStsMode,
    max_age: Duration,
    patterns: Vec<MxPattern>,
    lines: Vec<Box<str>>,
}

/// What to do about a host that the policy does not name, or that has no TLS with a certificate that holds
/// ([RFC 8461 §5](https://www.rfc-editor.org/rfc/rfc8461#section-5)).
#[expect(
    clippy::exhaustive_enums,
    reason = "the standard has these three, and an unknown one makes a text no policy"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MtaStsMode {
    /// Send it nothing.
    Enforce,
    /// Report it, and send as if there were no policy.
    Testing,
    /// There is no policy any more.
    None,
}

impl MtaStsPolicy {
    /// The longest text in octets ([RFC 8461 §3.3](https://www.rfc-editor.org/rfc/rfc8461#section-3.3)).
    pub const MAX_OCTETS: usize = 64 * 1024;
    /// The longest that a policy is kept, about a year; one that says more is kept as long as this.
    pub const MAX_AGE: Duration = Duration::from_secs(31_557_600);

    /// Reads a policy.
    ///
    /// # Errors
    ///
    /// When the text is none.
    pub fn parse(text: &[u8]) -> Result<Self, MtaStsPolicyError> {
        if text.len() > Self::MAX_OCTETS {
            return Err(MtaStsPolicyError::TooLong);
        }
        let text = str::from_utf8(text).map_err(|_| MtaStsPolicyError::NotUtf8)?;
        let (mut version, mut mode, mut max_age) = (None, None, None);
        let (mut patterns, mut lines) = (Vec::new(), Vec::new());
        for (index, line) in text.split('\n').enumerate() {
            let number = index + 1;
            let line = line.strip_suffix('\r').unwrap_or(line);
            let line = line.trim_end_matches(SPACE);
            if line.is_empty() {
                continue;
            }
            let (name, value) = field(line).ok_or(MtaStsPolicyError::Line(number))?;
            match name {
                "version" => keep_first(&mut version, (number, value)),
                "mode" => keep_first(&mut mode, (number, value)),
                "max_age" => keep_first(&mut max_age, (number, value)),
                "mx" => patterns.push(value.parse().map_err(|source| MtaStsPolicyError::Mx {
                    line: number,
                    source,
                })?),
                _ => {}
            }
            lines.push(line.into());
        }
        let (line, version) = version.ok_or(MtaStsPolicyError::Missing("version"))?;
        if version != "STSv1" {
            return Err(MtaStsPolicyError::Version(line));
        }
        let (line, mode) = mode.ok_or(MtaStsPolicyError::Missing("mode"))?;
        let mode = match mode {
            "enforce" => MtaStsMode::Enforce,
            "testing" => MtaStsMode::Testing,
            "none" => MtaStsMode::None,
            _ => return Err(MtaStsPolicyError::Mode(line)),
        };
        let (line, max_age) = max_age.ok_or(MtaStsPolicyError::Missing("max_age"))?;
        let max_age = seconds(max_age).ok_or(MtaStsPolicyError::MaxAge(line))?;
        if patterns.is_empty() && mode != MtaStsMode::None {
            return Err(MtaStsPolicyError::Missing("mx"));
        }
        Ok(Self {
            mode,
            max_age: max_age.min(Self::MAX_AGE),
            patterns,
            lines,
        })
    }

    /// What to do about hosts that are not as it says.
    #[must_use]
    pub fn mode(&self) -> MtaStsMode {
        self.mode
    }

    /// How long it holds after it was fetched.
    #[must_use]
    pub fn max_age(&self) -> Duration {
        self.max_age
    }

    /// The hosts it names.
    #[must_use]
    pub fn patterns(&self) -> &[MxPattern] {
        &self.patterns
    }

    /// Whether it names this host.
    #[must_use]
    pub fn names(&self, host: &DomainName) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(host))
    }

    /// Its lines as they were read, which reports about it show.
    #[must_use]
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &str> {
        self.lines.iter().map(|line| &**line)
    }
}

/// The lines, each with CRLF behind it.
impl fmt::Display for MtaStsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().try_for_each(|line| write!(f, "{line}\r\n"))
    }
}

fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let value = value.trim_start_matches(SPACE);
    let is_value = !value.is_empty() && !value.contains(char::is_control);
    (is_name(name) && is_value).then_some((name, value))
}

fn keep_first<T>(slot: &mut Option<T>, value: T) {
    slot.get_or_insert(value);
}

fn seconds(text: &str) -> Option<Duration> {
    let is_number = text.len() <= 10 && text.bytes().all(|octet| octet.is_ascii_digit());
    is_number
        .then(|| text.parse().ok())
        .flatten()
        .map(Duration::from_secs)
}

#[cfg(test)]
mod tests;
