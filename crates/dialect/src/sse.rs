//! Server-sent events (WHATWG HTML §9.2), read piece by piece.
//!
//! A piece may end anywhere: between CR and LF, inside a character, inside the byte order mark. The events
//! are the same however the stream was split. Nothing is allocated per event: lines are read where they
//! lie in the piece, and only what has to outlive it is copied into two buffers that are used again.

/// Most bytes of one event when nothing else is said. A response with a whole reasoning item in it has a
/// few hundred kilobytes.
const LIMIT: usize = 16 * 1024 * 1024;

/// U+FEFF, allowed once at the start of a stream (§9.2.5).
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One event. Bytes, because the stream may hold anything; whoever reads the JSON checks the UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// `event:`; empty when the stream gives none.
    pub name: &'a [u8],
    /// `data:` lines, joined by line feeds.
    pub data: &'a [u8],
}

/// An event is longer than the limit. The stream cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than {limit} bytes")]
pub struct EventTooLong {
    /// The limit that was set.
    pub limit: usize,
}

/// Reads one stream.
#[derive(Debug)]
pub struct SseParser {
    /// The beginning of a line whose end is in a later piece.
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    state: State,
    /// The last line ended with CR, so an LF that follows belongs to that end.
    after_cr: bool,
    /// The first line is behind us, and with it the place for a byte order mark.
    begun: bool,
    limit: usize,
}

/// What `name` and `data` hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No data yet: a blank line ends nothing.
    Empty,
    /// Data, perhaps of no length.
    HasData,
    /// An event that was handed out, so they are free.
    HandedOut,
}

impl Default for SseParser {
    fn default() -> Self {
        Self::with_limit(LIMIT)
    }
}

impl SseParser {
    /// A parser that refuses events of more than `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            line: Vec::new(),
            name: Vec::new(),
            data: Vec::new(),
            state: State::Empty,
            after_cr: false,
            begun: false,
            limit,
        }
    }

    /// The next event, taking from `piece` what it needs; nothing when `piece` is used up. An event
    /// without its blank line is never handed out (§9.2.6), so a cut stream ends by its last whole event.
    pub fn next_event(&mut self, piece: &mut &[u8]) -> Result<Option<SseEvent<'_>>, EventTooLong> {
        if self.state == State::HandedOut {
            self.forget_event();
        }
        while let Some(complete) = self.next_line(piece)? {
            if complete {
                self.state = State::HandedOut;
                return Ok(Some(SseEvent { name: &self.name, data: &self.data }));
            }
        }
        Ok(None)
    }

    /// Reads one line; says whether it completed an event, and nothing when `piece` has no line end.
    fn next_line(&mut self, piece: &mut &[u8]) -> Result<Option<bool>, EventTooLong> {
        if self.after_cr && !piece.is_empty() {
            self.after_cr = false;
            *piece = piece.strip_prefix(b"\n").unwrap_or(piece);
        }
        let Some(end) = memchr::memchr2(b'\n', b'\r', piece) else {
            self.hold(piece)?;
            *piece = &[];
            return Ok(None);
        };
        let line = &piece[..end];
        self.after_cr = piece[end] == b'\r';
        *piece = &piece[end + 1..];
        if self.line.is_empty() {
            return self.read_line(line).map(Some);
        }
        self.hold(line)?;
        let mut held = std::mem::take(&mut self.line);
        let complete = self.read_line(&held);
        held.clear();
        self.line = held;
        complete.map(Some)
    }

    fn read_line(&mut self, mut line: &[u8]) -> Result<bool, EventTooLong> {
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            let complete = self.state == State::HasData;
            if !complete {
                self.forget_event();
            }
            return Ok(complete);
        }
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"data" => self.add_data(value)?,
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            // `id` and `retry` are about reconnecting, which these streams cannot do; a line that begins
            // with a colon is a comment; other fields are ignored (§9.2.6).
            _ => {}
        }
        Ok(false)
    }

    fn add_data(&mut self, value: &[u8]) -> Result<(), EventTooLong> {
        self.check(self.data.len() + value.len())?;
        if std::mem::replace(&mut self.state, State::HasData) == State::HasData {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        Ok(())
    }

    fn hold(&mut self, start_of_line: &[u8]) -> Result<(), EventTooLong> {
        self.check(self.data.len() + self.line.len() + start_of_line.len())?;
        self.line.extend_from_slice(start_of_line);
        Ok(())
    }

    fn check(&self, length: usize) -> Result<(), EventTooLong> {
        if length > self.limit { Err(EventTooLong { limit: self.limit }) } else { Ok(()) }
    }

    fn forget_event(&mut self) {
        self.name.clear();
        self.data.clear();
        self.state = State::Empty;
    }
}
