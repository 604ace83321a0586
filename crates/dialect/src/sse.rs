//! Server-sent events (WHATWG HTML §9.2), parsed chunk by chunk.
//!
//! A chunk may end anywhere: between CR and LF, inside a character, inside the byte order mark. The events are the
//! same however the stream was split. Nothing is allocated per event: lines are read in place, and only what must
//! outlive the chunk is copied into two buffers that are reused.

/// The default limit of one event in bytes. A response with a complete reasoning item in it has a few hundred
/// kilobytes.
const DEFAULT_MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// U+FEFF, allowed once at the start of a stream (WHATWG HTML §9.2.5).
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One event. Bytes, because the stream may hold anything; the JSON parser checks the UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The `event:` field; empty if the stream gives none.
    pub name: &'a [u8],
    /// The `data:` lines, joined by line feeds.
    pub data: &'a [u8],
}

impl SseEvent<'_> {
    /// Returns whether the event says nothing: some services send blank data to keep the connection open.
    pub fn is_blank(&self) -> bool {
        self.data.trim_ascii().is_empty()
    }

    /// Returns whether this is the last event of a stream.
    pub fn is_done(&self) -> bool {
        is_done(self.data)
    }
}

/// Returns whether data is the end of a stream: `[DONE]`, which some services write with blanks, quotes or small letters.
pub fn is_done(data: &[u8]) -> bool {
    let data = data.trim_ascii();
    let data = data.strip_prefix(b"\"").unwrap_or(data);
    data.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"[DONE]"))
}

/// An event is longer than the limit; the stream cannot be read further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than {limit} bytes")]
pub struct EventTooLong {
    /// The limit in bytes.
    pub limit: usize,
}

/// Parses the events of one stream.
#[derive(Debug)]
pub struct SseParser {
    /// The beginning of a line whose end is in a later chunk.
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    state: State,
    /// Whether the last line ended with CR, so an LF that follows belongs to that line end.
    after_cr: bool,
    /// Whether the first line, where a byte order mark may be, was read.
    past_first_line: bool,
    limit: usize,
}

/// What `name` and `data` hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No data yet: a blank line ends nothing.
    Empty,
    /// Data, perhaps empty.
    HasData,
    /// An event that was returned, so the buffers are free.
    Returned,
}

impl Default for SseParser {
    fn default() -> Self {
        Self::with_limit(DEFAULT_MAX_EVENT_BYTES)
    }
}

impl SseParser {
    /// Returns a parser that rejects events of more than `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self {
            line: Vec::new(),
            name: Vec::new(),
            data: Vec::new(),
            state: State::Empty,
            after_cr: false,
            past_first_line: false,
            limit,
        }
    }

    /// Returns the next event and advances `chunk`; `None` when `chunk` is used up.
    ///
    /// An event without its blank line is never returned (WHATWG HTML §9.2.6), so an interrupted stream ends with
    /// its last complete event.
    pub fn next_event(&mut self, chunk: &mut &[u8]) -> Result<Option<SseEvent<'_>>, EventTooLong> {
        if self.state == State::Returned {
            self.clear_event();
        }
        while let Some(complete) = self.next_line(chunk)? {
            if complete {
                self.state = State::Returned;
                return Ok(Some(SseEvent { name: &self.name, data: &self.data }));
            }
        }
        Ok(None)
    }

    /// Returns the event at the end of a stream that lacks its blank line. Whoever calls decides whether it is complete:
    /// an interrupted stream ends like this as well.
    pub fn last_event(&mut self) -> Option<SseEvent<'_>> {
        if self.state == State::Returned {
            self.clear_event();
        }
        let line = std::mem::take(&mut self.line);
        self.read_line(&line).ok()?;
        let event = self.state == State::HasData;
        self.state = State::Returned;
        event.then_some(SseEvent { name: &self.name, data: &self.data })
    }

    /// Reads one line. Returns whether it completed an event, or `None` if `chunk` has no line end.
    fn next_line(&mut self, chunk: &mut &[u8]) -> Result<Option<bool>, EventTooLong> {
        if self.after_cr && !chunk.is_empty() {
            self.after_cr = false;
            *chunk = chunk.strip_prefix(b"\n").unwrap_or(chunk);
        }
        let Some(end) = memchr::memchr2(b'\n', b'\r', chunk) else {
            self.buffer(chunk)?;
            *chunk = &[];
            return Ok(None);
        };
        let line = &chunk[..end];
        self.after_cr = chunk[end] == b'\r';
        *chunk = &chunk[end + 1..];
        if self.line.is_empty() {
            return self.read_line(line).map(Some);
        }
        self.buffer(line)?;
        let mut buffered = std::mem::take(&mut self.line);
        let complete = self.read_line(&buffered);
        buffered.clear();
        self.line = buffered;
        complete.map(Some)
    }

    fn read_line(&mut self, mut line: &[u8]) -> Result<bool, EventTooLong> {
        if !std::mem::replace(&mut self.past_first_line, true) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            let complete = self.state == State::HasData;
            if !complete {
                self.clear_event();
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
            // `id` and `retry` are about reconnecting, which these streams do not support; a line that begins with
            // a colon is a comment; other fields are ignored (WHATWG HTML §9.2.6).
            _ => {}
        }
        Ok(false)
    }

    fn add_data(&mut self, value: &[u8]) -> Result<(), EventTooLong> {
        self.check_limit(self.data.len() + value.len())?;
        if std::mem::replace(&mut self.state, State::HasData) == State::HasData {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        Ok(())
    }

    fn buffer(&mut self, start_of_line: &[u8]) -> Result<(), EventTooLong> {
        self.check_limit(self.data.len() + self.line.len() + start_of_line.len())?;
        self.line.extend_from_slice(start_of_line);
        Ok(())
    }

    fn check_limit(&self, length: usize) -> Result<(), EventTooLong> {
        if length > self.limit { Err(EventTooLong { limit: self.limit }) } else { Ok(()) }
    }

    fn clear_event(&mut self) {
        self.name.clear();
        self.data.clear();
        self.state = State::Empty;
    }
}
