//! The part of HTTP/1.1 that both sides need.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

const PIECE: usize = 256 * 1024;

/// A buffered reader of a connection's incoming half.
pub(crate) struct Reader<R> {
    from: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

/// The head of a request or a response.
pub(crate) struct Head {
    /// The path of a request, or the status of a response.
    pub(crate) what: String,
    body: Length,
}

#[derive(Clone, Copy)]
enum Length {
    Known(usize),
    Chunked,
    UntilClosed,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, buffer: vec![0; PIECE], start: 0, end: 0 }
    }

    /// Reads the next head; `None` when the other side has closed the connection.
    pub(crate) async fn head(&mut self, request: bool) -> io::Result<Option<Head>> {
        loop {
            let read = if request { request_head(self.ahead())? } else { answer_head(self.ahead())? };
            if let Some((length, head)) = read {
                self.start += length;
                return Ok(Some(head));
            }
            if !self.fill().await? {
                return Ok(None);
            }
        }
    }

    /// Reads the complete body and passes on each chunk as it arrives.
    pub(crate) async fn body(&mut self, head: &Head, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        match head.body {
            Length::Known(length) => self.exactly(length, take).await,
            Length::Chunked => loop {
                let size = self.chunk_size().await?;
                self.exactly(size, &mut take).await?;
                self.exactly(2, |_| ()).await?;
                if size == 0 {
                    return Ok(());
                }
            },
            Length::UntilClosed => loop {
                take(self.ahead());
                self.start = self.end;
                if !self.fill().await? {
                    return Ok(());
                }
            },
        }
    }

    async fn exactly(&mut self, mut left: usize, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        while left > 0 {
            if self.start == self.end && !self.fill().await? {
                return Err(cut());
            }
            let piece = left.min(self.end - self.start);
            take(&self.buffer[self.start..self.start + piece]);
            self.start += piece;
            left -= piece;
        }
        Ok(())
    }

    async fn chunk_size(&mut self) -> io::Result<usize> {
        loop {
            match httparse::parse_chunk_size(self.ahead()) {
                Ok(httparse::Status::Complete((length, size))) => {
                    self.start += length;
                    return usize::try_from(size).map_err(io::Error::other);
                }
                Ok(httparse::Status::Partial) if self.fill().await? => {}
                Ok(httparse::Status::Partial) => return Err(cut()),
                Err(_) => return Err(io::Error::other("a chunk's size is not readable")),
            }
        }
    }

    fn ahead(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    async fn fill(&mut self) -> io::Result<bool> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let read = self.from.read(&mut self.buffer[self.end..]).await?;
        self.end += read;
        Ok(read > 0)
    }
}

fn request_head(bytes: &[u8]) -> io::Result<Option<(usize, Head)>> {
    let mut headers = [httparse::EMPTY_HEADER; 96];
    let mut request = httparse::Request::new(&mut headers);
    let parsed = request.parse(bytes).map_err(io::Error::other)?;
    let httparse::Status::Complete(length) = parsed else { return Ok(None) };
    let what = request.path.unwrap_or_default().to_owned();
    Ok(Some((length, Head { what, body: body_of(request.headers).unwrap_or(Length::Known(0)) })))
}

fn answer_head(bytes: &[u8]) -> io::Result<Option<(usize, Head)>> {
    let mut headers = [httparse::EMPTY_HEADER; 96];
    let mut answer = httparse::Response::new(&mut headers);
    let parsed = answer.parse(bytes).map_err(io::Error::other)?;
    let httparse::Status::Complete(length) = parsed else { return Ok(None) };
    let what = answer.code.unwrap_or_default().to_string();
    Ok(Some((length, Head { what, body: body_of(answer.headers).unwrap_or(Length::UntilClosed) })))
}

fn body_of(headers: &[httparse::Header<'_>]) -> Option<Length> {
    headers.iter().find_map(|header| {
        if header.name.eq_ignore_ascii_case("content-length") {
            return std::str::from_utf8(header.value).ok()?.trim().parse().ok().map(Length::Known);
        }
        let chunked = header.name.eq_ignore_ascii_case("transfer-encoding");
        chunked.then_some(Length::Chunked)
    })
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the other side closed within a body")
}
