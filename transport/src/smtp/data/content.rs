use super::finding::{DataFinding, DataFindingKind};
use super::reader::DataReader;

/// The content of a message as it comes, however it is transferred: what is kept of it, and what it should not hold.
#[derive(Debug)]
pub(super) struct Content {
    limit: Option<u64>,
    kept: Vec<u8>,
    /// Octets so far, those beyond the limit included.
    size: u64,
    /// Octets of the current line, its CRLF not included.
    line: usize,
    place: Place,
    findings: Vec<DataFinding>,
}

/// Where in a line the content is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    LineStart,
    Text,
    /// Behind a CR, which is not kept yet.
    CarriageReturn,
}

impl Content {
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self {
            limit,
            kept: Vec::new(),
            size: 0,
            line: 0,
            place: Place::LineStart,
            findings: Vec::new(),
        }
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn findings(&self) -> &[DataFinding] {
        &self.findings
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn into_octets(self) -> Vec<u8> {
        self.kept
    }

    pub(super) fn take(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (Place::CarriageReturn, b'\n') => {
                self.keep(b"\r\n");
                self.line = 0;
                Place::LineStart
            }
            (Place::CarriageReturn, _) => {
                self.find_carriage_return();
                self.text_byte(byte)
            }
            (Place::LineStart | Place::Text, _) => self.text_byte(byte),
        };
    }

    /// Takes the octets up to the next that needs a look, and returns the rest. Not behind a CR.
    pub(super) fn take_plain<'a>(&mut self, octets: &'a [u8]) -> &'a [u8] {
        let plain = memchr::memchr3(b'\r', b'\n', 0, octets).unwrap_or(octets.len());
        let (text, rest) = octets.split_at(plain);
        if !text.is_empty() {
            self.keep_text(text);
            self.place = Place::Text;
        }
        rest
    }

    /// So many more octets are announced: where they do not fit, nothing is kept, of what came before either.
    pub(super) fn announce(&mut self, octets: u64) {
        if let Some(limit) = self.limit
            && self.size.saturating_add(octets) > limit
        {
            self.find_at(DataFindingKind::TooLarge, limit);
            self.kept = Vec::new();
            self.limit = Some(0);
        }
    }

    /// No more octets come: a CR that waits for its LF has none, and a line that has begun no end.
    pub(super) fn end(&mut self) {
        if self.place == Place::CarriageReturn {
            self.find_carriage_return();
        }
        if self.place != Place::LineStart {
            self.find(DataFindingKind::Unterminated);
        }
        self.place = Place::LineStart;
    }

    fn find_carriage_return(&mut self) {
        self.find(DataFindingKind::BareCarriageReturn);
        self.keep_text(b"\r");
    }

    fn text_byte(&mut self, byte: u8) -> Place {
        match byte {
            b'\r' => return Place::CarriageReturn,
            b'\n' => self.find(DataFindingKind::BareLineFeed),
            0 => self.find(DataFindingKind::Nul),
            _ => {}
        }
        self.keep_text(&[byte]);
        Place::Text
    }

    fn keep_text(&mut self, text: &[u8]) {
        let room = DataReader::MAX_LINE.saturating_sub(self.line);
        if text.len() > room {
            self.find_at(DataFindingKind::LongLine, self.size + room as u64);
        }
        self.line = self.line.saturating_add(text.len());
        self.keep(text);
    }

    fn keep(&mut self, octets: &[u8]) {
        let room = match self.limit {
            Some(limit) => usize::try_from(limit.saturating_sub(self.size)).unwrap_or(usize::MAX),
            None => usize::MAX,
        };
        match octets.get(..room) {
            Some(kept) if room < octets.len() => {
                self.kept.extend_from_slice(kept);
                self.find_at(DataFindingKind::TooLarge, self.size + room as u64);
            }
            _ => self.kept.extend_from_slice(octets),
        }
        self.size = self.size.saturating_add(octets.len() as u64);
    }

    fn find(&mut self, kind: DataFindingKind) {
        self.find_at(kind, self.size);
    }

    fn find_at(&mut self, kind: DataFindingKind, offset: u64) {
        if !self.findings.iter().any(|finding| finding.kind == kind) {
            // Not simply at the end: how the octets were cut into pieces must not decide.
            let place = self
                .findings
                .partition_point(|finding| finding.offset <= offset);
            self.findings.insert(place, DataFinding { kind, offset });
        }
    }
}
