//! What the background process and the programs that speak to it send each other: lines of JSON.
//!
//! The background process greets first. Then it is sent one request, and replies until the request is answered; a
//! connection is for one request. Every version has to understand the greeting and [`Request::Quit`], by which one
//! version replaces another.

use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use usher_domain::Passphrase;
use zeroize::Zeroizing;

use crate::view::FailureView;

/// Returns the version of this program, which both sides compare.
///
/// As a text that stays one in an optimized program: the test of the packages makes a program of another version by it.
pub(crate) fn version() -> &'static str {
    std::hint::black_box(env!("CARGO_PKG_VERSION"))
}

/// The longest line that the background process reads.
pub(crate) const MAX_REQUEST_BYTES: u64 = 4096;

/// The longest line with a passphrase.
const MAX_PASSPHRASE_BYTES: usize = 8 * 1024;

/// The longest line that is read from it: 200 requests through the gateway, all running ones, and their names.
pub(crate) const MAX_REPLY_BYTES: u64 = 4 * 1024 * 1024;

/// The first line of a connection, by the background process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Greeting {
    /// Its version.
    pub(crate) usher: String,
    /// Its process id.
    pub(crate) process: u32,
}

/// What the background process is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Request {
    /// The status of the gateway: a `GatewayStatus`.
    Status,
    /// Switches the gateway, from now on and after the next start: a `GatewayStatus`.
    Switch {
        /// On, or off.
        on: bool,
    },
    /// Sets the port of the gateway: a `GatewayStatus`.
    SetPort {
        /// From 1 to 65535.
        port: u16,
    },
    /// The requests through the gateway: a `RequestUpdate` with all known ones, then one for each change.
    WatchRequests,
    /// Stays until the connection ends, because a window is open: [`News`], and again when they change.
    Stay,
    /// Takes the passphrase of the store, which is the next line as it is; no type that is JSON here can hold a secret. The
    /// reply is nothing.
    Unlock,
    /// Ends in order: [`Quit`]. When it quits, the connection ends with the process.
    Quit {
        /// Only when no request through the gateway is being answered.
        if_idle: bool,
    },
}

/// What a window hears as long as it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct News {
    /// The process ends in order: by a signal, or because somebody asked for it.
    pub(crate) ends: bool,
    /// A tray shows the icon of the process, by which the person knows of it.
    pub(crate) tray: bool,
}

/// The reply to [`Request::Quit`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Quit {
    /// How many requests are being answered; it goes on where that was asked for.
    pub(crate) running: usize,
    /// Whether it ends.
    pub(crate) ends: bool,
}

/// A line of the background process after the greeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply<T> {
    /// What was asked for.
    Done(T),
    /// Why it was not done.
    Failed(FailureView),
}

/// Reads one line; `None` at the end. Fails for a line that is longer than `limit` bytes or something else than `T`.
pub(crate) async fn read_line<T: DeserializeOwned>(
    from: &mut (impl AsyncBufRead + Unpin),
    limit: u64,
) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    from.take(limit).read_until(b'\n', &mut line).await?;
    match line.last() {
        None => Ok(None),
        // The parser's error may quote the line.
        Some(b'\n') => serde_json::from_slice(&line).map(Some).map_err(|_| invalid("a line of another form")),
        Some(_) => Err(invalid("a line that is too long or has no end")),
    }
}

/// Writes one line.
pub(crate) async fn write_line(to: &mut (impl AsyncWrite + Unpin), line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    to.write_all(&text).await?;
    to.flush().await
}

/// Reads a line with a passphrase. Fails at the end, and for a line that is too long or not text.
pub(crate) async fn read_passphrase(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Passphrase> {
    // Allocated at full size: a vector that grows leaves copies in freed memory.
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_PASSPHRASE_BYTES));
    from.take(MAX_PASSPHRASE_BYTES as u64).read_until(b'\n', &mut line).await?;
    let text = line.strip_suffix(b"\n").and_then(|text| std::str::from_utf8(text).ok());
    text.map(Passphrase::new)
        .ok_or_else(|| invalid("a passphrase that is too long, has no end or is not text"))
}

/// Writes a passphrase, which has no line break, as a line.
pub(crate) async fn write_passphrase(
    to: &mut (impl AsyncWrite + Unpin),
    passphrase: &Passphrase,
) -> io::Result<()> {
    to.write_all(passphrase.expose().as_bytes()).await?;
    to.write_all(b"\n").await?;
    to.flush().await
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &str) -> io::Result<Option<Request>> {
        read_line(&mut text.as_bytes(), 40).await
    }

    #[tokio::test]
    async fn lines_of_another_form_are_refused() {
        assert_eq!(
            read("{\"do\":\"switch\",\"on\":true}\n{").await.unwrap(),
            Some(Request::Switch { on: true })
        );
        assert_eq!(read("").await.unwrap(), None);
        for wrong in ["{\"do\":\"status\"}", "{\"do\":\"leave\"}\n", "\n", &format!("{}\n", "x".repeat(40))] {
            assert_eq!(read(wrong).await.unwrap_err().kind(), io::ErrorKind::InvalidData, "{wrong}");
        }
    }

    #[tokio::test]
    async fn passphrase_is_read_as_it_was_written() {
        let mut line = Vec::new();
        write_passphrase(&mut line, &Passphrase::new(" corr\"ct \u{e4} ")).await.unwrap();
        assert_eq!(read_passphrase(&mut line.as_slice()).await.unwrap().expose(), " corr\"ct \u{e4} ");
        let long = vec![b'x'; MAX_PASSPHRASE_BYTES + 1];
        for wrong in [&b"no end"[..], b"\xff\n", &long] {
            assert!(read_passphrase(&mut &*wrong).await.is_err(), "{}", wrong.len());
        }
    }

    /// Another version is ended by these two lines.
    #[test]
    fn lines_that_every_version_has_stay_as_they_are() {
        let greeting = Greeting { usher: "0.1.0".into(), process: 7 };
        assert_eq!(serde_json::to_string(&greeting).unwrap(), r#"{"usher":"0.1.0","process":7}"#);
        let quit = Request::Quit { if_idle: true };
        assert_eq!(serde_json::to_string(&quit).unwrap(), r#"{"do":"quit","if_idle":true}"#);
        let reply = Reply::Done(Quit { running: 2, ends: false });
        assert_eq!(serde_json::to_string(&reply).unwrap(), r#"{"done":{"running":2,"ends":false}}"#);
    }
}
