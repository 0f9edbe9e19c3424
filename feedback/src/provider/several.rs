//! Several documents within one.

use serde_json::Value;

use crate::provider::reading::{Mismatch, ProviderReading, is_scalar, parse};
use crate::provider::reported::Reported;

/// Reads one after another. If any of them was read, those that were not are kept as unknown events behind them; otherwise
/// the whole is nothing that this provider writes.
#[derive(Debug, Default)]
pub(crate) struct Several {
    is_any_read: bool,
    unread: Vec<Box<[u8]>>,
    /// How many more were not read than can be kept.
    beyond: usize,
}

impl Several {
    /// Reads a value that is part of a document.
    pub(crate) fn read_value(
        &mut self,
        value: &Value,
        reported: &mut Reported,
        read: impl FnOnce(&Value, &mut Reported) -> Result<(), Mismatch>,
    ) {
        let text = value.to_string();
        reported.begin(text.as_bytes());
        match read(value, reported) {
            Ok(()) => self.is_any_read = true,
            Err(_) => self.keep(text.as_bytes()),
        }
    }

    /// Reads a text that was packed into a document.
    pub(crate) fn read_text(
        &mut self,
        text: &[u8],
        reported: &mut Reported,
        read: impl FnOnce(&Value, &mut Reported) -> Result<(), Mismatch>,
    ) {
        if is_scalar(text) {
            return self.keep(text);
        }
        reported.begin(text);
        match parse(text).map(|value| read(&value, reported)) {
            Some(Ok(())) => self.is_any_read = true,
            Some(Err(_)) | None => self.keep(text),
        }
    }

    /// What has come of it.
    pub(crate) fn finish(
        self,
        reported: &mut Reported,
        expected: &'static str,
    ) -> Result<(), Mismatch> {
        if !self.is_any_read {
            return Err(Mismatch::new(expected));
        }
        for text in self.unread {
            reported.begin(&text);
            reported.push_unknown();
        }
        reported.omit(self.beyond);
        Ok(())
    }

    fn keep(&mut self, text: &[u8]) {
        if self.unread.len() < ProviderReading::MAX_EVENTS {
            self.unread.push(text.into());
        } else {
            self.beyond += 1;
        }
    }
}
