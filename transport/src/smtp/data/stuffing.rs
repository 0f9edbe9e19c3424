use memchr::memmem;

/// Appends a message with every line that begins with a dot given another one
/// ([RFC 5321 §4.5.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.2)). What ends the content is not part of it,
/// see [`end_of_data`].
///
/// Lines end with CRLF here; a message with bare LF or CR must not be sent at all, since servers differ on what ends a
/// line.
pub fn stuff_dots(message: &[u8], out: &mut Vec<u8>) {
    for slice in DotStuffed::new(message) {
        out.extend_from_slice(slice);
    }
}

/// What ends the content of a message behind DATA: the line with a single dot, and before it the CRLF that the message's
/// last line lacks.
#[must_use]
pub fn end_of_data(message: &[u8]) -> &'static [u8] {
    if message.is_empty() || message.ends_with(b"\r\n") {
        b".\r\n"
    } else {
        b"\r\n.\r\n"
    }
}

/// A message with its dots doubled, as slices of the message itself: nothing is copied.
///
/// A slice ends behind each dot that has to be doubled, and the next begins with the same dot.
#[derive(Debug, Clone)]
pub struct DotStuffed<'a> {
    rest: &'a [u8],
    at: At,
}

#[derive(Debug, Clone, Copy)]
enum At {
    /// The rest begins a line.
    LineStart,
    /// The rest begins with the second of two dots.
    SecondDot,
}

impl<'a> DotStuffed<'a> {
    /// The slices of a message.
    #[must_use]
    pub fn new(message: &'a [u8]) -> Self {
        Self {
            rest: message,
            at: At::LineStart,
        }
    }
}

impl<'a> Iterator for DotStuffed<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        if matches!(self.at, At::LineStart) && self.rest.first() == Some(&b'.') {
            self.at = At::SecondDot;
            return self.rest.get(..1);
        }
        // The dot found is at offset + 2; the slice includes it, and it stays at the front of the rest.
        match memmem::find(self.rest, b"\r\n.") {
            Some(offset) => {
                let slice = self.rest.get(..offset + 3)?;
                self.rest = self.rest.get(offset + 2..)?;
                self.at = At::SecondDot;
                Some(slice)
            }
            None => Some(std::mem::take(&mut self.rest)),
        }
    }
}
