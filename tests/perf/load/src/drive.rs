//! The client: sends one prepared request repeatedly and prints the measurements as one line of JSON.
//!
//! `drive URL FILE KIND [key=value…]`: the body is read from FILE, the pass from `USHER_LOAD_KEY`. Times are
//! microseconds.

use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use memchr::memmem;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use crate::answers::stamp_of;
use crate::http::Reader;

struct Caller {
    reader: Reader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

/// The measurements of one response.
#[derive(Default)]
struct Seen {
    /// From the request to the first byte of the body.
    first: Duration,
    /// From the request to the end.
    all: Duration,
    events: usize,
    /// From the sending of an event to its arrival.
    delays: Vec<u64>,
}

/// Runs the measurement of the command line and prints the result.
pub(crate) async fn measure(arguments: &[String]) -> io::Result<()> {
    let [url, file, kind, options @ ..] = arguments else {
        return Err(io::Error::other("drive URL FILE KIND [key=value…]"));
    };
    let option = |name: &str, otherwise: usize| {
        let value = options.iter().find_map(|option| option.strip_prefix(name)?.strip_prefix('='));
        value.map_or(Ok(otherwise), |value| value.parse().map_err(io::Error::other))
    };
    let (address, request) = request(url, &std::fs::read(file)?)?;
    let (count, connections) = (option("count", 1)?, option("connections", 1)?);
    let found = match kind.as_str() {
        "latency" => latency(&address, &request, count).await?,
        "rate" => {
            rate(&address, &request, connections, Duration::from_millis(option("ms", 2000)? as u64)).await?
        }
        "streams" => {
            streams(&address, &request, connections, Duration::from_micros(option("apart", 0)? as u64))
                .await?
        }
        other => return Err(io::Error::other(format!("no such measurement: {other}"))),
    };
    println!("{found}");
    Ok(())
}

/// Sends one request after the other on one connection.
async fn latency(address: &str, request: &[u8], count: usize) -> io::Result<Value> {
    let mut caller = Caller::connect(address).await?;
    let (mut all, mut first) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for _ in 0..count {
        let seen = caller.ask(request).await?;
        all.push(micros(seen.all));
        first.push(micros(seen.first));
    }
    Ok(json!({"all": quantiles(all), "first": quantiles(first)}))
}

/// Counts the responses on this many connections within this time.
async fn rate(address: &str, request: &[u8], connections: usize, length: Duration) -> io::Result<Value> {
    let request: std::rc::Rc<[u8]> = request.into();
    let until = Instant::now() + length;
    let tasks = tokio::task::LocalSet::new();
    let begun = Instant::now();
    let callers: Vec<_> = (0..connections)
        .map(|_| {
            let (address, request) = (address.to_owned(), std::rc::Rc::clone(&request));
            tasks.spawn_local(async move {
                let mut caller = Caller::connect(&address).await?;
                let mut answered = 0_u64;
                while Instant::now() < until {
                    caller.ask(&request).await?;
                    answered += 1;
                }
                io::Result::Ok(answered)
            })
        })
        .collect();
    tasks.await;
    let mut answered = 0;
    for caller in callers {
        answered += caller.await.map_err(io::Error::other)??;
    }
    Ok(json!({"answered": answered, "seconds": begun.elapsed().as_secs_f64()}))
}

/// Requests one stream on each of this many connections, each started this long after the one before it.
async fn streams(address: &str, request: &[u8], connections: usize, apart: Duration) -> io::Result<Value> {
    let request: std::rc::Rc<[u8]> = request.into();
    let mut callers = Vec::with_capacity(connections);
    for _ in 0..connections {
        callers.push(Caller::connect(address).await?);
    }
    let begun = Instant::now();
    let tasks = tokio::task::LocalSet::new();
    let asked: Vec<_> = callers
        .into_iter()
        .zip(0..)
        .map(|(mut caller, before)| {
            let request = std::rc::Rc::clone(&request);
            tasks.spawn_local(async move {
                tokio::time::sleep_until((begun + apart * before).into()).await;
                caller.ask(&request).await
            })
        })
        .collect();
    tasks.await;
    let length = begun.elapsed();
    let (mut events, mut delays, mut first) = (0, Vec::new(), Vec::new());
    for one in asked {
        let seen = one.await.map_err(io::Error::other)??;
        events += seen.events;
        delays.extend(seen.delays);
        first.push(micros(seen.first));
    }
    Ok(json!({
        "seconds": length.as_secs_f64(), "events": events, "delay": quantiles(delays), "first": quantiles(first),
    }))
}

impl Caller {
    async fn connect(address: &str) -> io::Result<Self> {
        let connection = TcpStream::connect(address).await?;
        connection.set_nodelay(true)?;
        let (from, writer) = connection.into_split();
        Ok(Self { reader: Reader::new(from), writer })
    }

    async fn ask(&mut self, request: &[u8]) -> io::Result<Seen> {
        let begun = Instant::now();
        self.writer.write_all(request).await?;
        let head = self.reader.head(false).await?;
        let head = head.ok_or_else(|| io::Error::other("closed instead of an answer"))?;
        let (mut seen, mut refusal) = (Seen::default(), Vec::new());
        let mut ends = Ends::default();
        self.reader
            .body(&head, |piece| {
                if seen.first.is_zero() {
                    seen.first = begun.elapsed();
                }
                if head.what != "200" {
                    refusal.extend_from_slice(piece);
                }
                seen.events += ends.count(piece);
                delays(piece, &mut seen.delays);
            })
            .await?;
        seen.all = begun.elapsed();
        if head.what != "200" {
            let body = String::from_utf8_lossy(&refusal);
            return Err(io::Error::other(format!("answered {}: {body}", head.what)));
        }
        Ok(seen)
    }
}

/// Counts ends of events, also across two chunks.
#[derive(Default)]
struct Ends {
    broke: bool,
}

impl Ends {
    fn count(&mut self, piece: &[u8]) -> usize {
        let across = usize::from(self.broke && piece.first() == Some(&b'\n'));
        self.broke = piece.last() == Some(&b'\n') && !piece.ends_with(b"\n\n");
        memmem::find_iter(piece, b"\n\n").count() + across
    }
}

/// Adds the delays of the events in a chunk. The last events repeat all times in longer texts, so a time counts only if
/// the text ends directly after it.
fn delays(piece: &[u8], into: &mut Vec<u64>) {
    let mut now = None;
    for at in memmem::find_iter(piece, b"\"t=") {
        let text = &piece[at + 1..];
        if text.get(22..24) != Some(b" \"") {
            continue;
        }
        if let Some(sent) = stamp_of(text) {
            let now = *now.get_or_insert_with(|| {
                SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()
            });
            into.push(u64::try_from(now.saturating_sub(sent) / 1000).unwrap_or(u64::MAX));
        }
    }
}

fn request(url: &str, body: &[u8]) -> io::Result<(String, Vec<u8>)> {
    let rest = url.strip_prefix("http://").ok_or_else(|| io::Error::other("an http address is needed"))?;
    let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
    let key = std::env::var("USHER_LOAD_KEY").unwrap_or_else(|_| "none".to_owned());
    let head = format!(
        "POST /{path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n\
         accept: application/json, text/event-stream\r\nanthropic-version: 2023-06-01\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Ok((address.to_owned(), [head.as_bytes(), body].concat()))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn quantiles(mut values: Vec<u64>) -> Value {
    values.sort_unstable();
    let at = |part: f64| values.get(((values.len() as f64 - 1.0) * part).round() as usize).copied();
    json!({"p50": at(0.5), "p99": at(0.99), "worst": values.last(), "count": values.len()})
}
