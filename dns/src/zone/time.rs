//! Times in a master file.

use super::error::{ZoneError, ZoneErrorKind};
use super::lexer::Token;

/// Reads seconds, or numbers with units: weeks, days, hours, minutes, seconds.
pub(super) fn read_time(token: &Token<'_>) -> Result<u32, ZoneError> {
    token.word().and_then(seconds).ok_or_else(|| {
        let text = token.excerpt();
        token.error(ZoneErrorKind::Time { text })
    })
}

fn seconds(text: &str) -> Option<u32> {
    let mut total = 0_u32;
    let mut number: Option<u32> = None;
    let mut has_units = false;
    for octet in text.bytes() {
        if octet.is_ascii_digit() {
            let digit = u32::from(octet - b'0');
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
            continue;
        }
        let unit = match octet.to_ascii_lowercase() {
            b'w' => 604_800,
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
        has_units = true;
    }
    match number {
        Some(seconds) if !has_units => Some(seconds),
        None if has_units => Some(total),
        _ => None,
    }
}
