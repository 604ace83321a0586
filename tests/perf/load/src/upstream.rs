//! The upstream: an OpenAI-compatible service with almost no overhead.
//!
//! `POST /set/{events}/{microseconds between them}` sets the form of all later streams.

use std::cell::RefCell;
use std::io;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use memchr::memmem;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep_until};

use crate::answers::{self, Api, Stream};
use crate::http::Reader;

const EVENT_STREAM: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
/// Chunk size of a stream without pauses.
const PIECE: usize = 32 * 1024;

struct Prepared {
    stream: Stream,
    /// The complete response bytes of a stream without pauses.
    at_once: Vec<u8>,
}

struct World {
    prepared: RefCell<[Rc<Prepared>; 2]>,
    every: RefCell<Duration>,
    wholes: [Vec<u8>; 2],
    models: Vec<u8>,
}

/// Serves on a free port, which it prints, until it is killed.
pub(crate) async fn serve() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    // All streams may begin at once.
    let listener = socket.listen(1024)?;
    println!("{}", listener.local_addr()?.port());
    let world = Rc::new(World {
        prepared: RefCell::new(prepare(1, Duration::ZERO)),
        every: RefCell::new(Duration::ZERO),
        wholes: [Api::Responses, Api::ChatCompletions].map(|api| json(&answers::whole(api))),
        models: json(&answers::models()),
    });
    let tasks = tokio::task::LocalSet::new();
    tasks
        .run_until(async {
            loop {
                let (connection, _) = listener.accept().await?;
                connection.set_nodelay(true)?;
                let world = Rc::clone(&world);
                tokio::task::spawn_local(async move {
                    if let Err(error) = answer_all(connection, &world).await
                        && error.kind() != io::ErrorKind::ConnectionReset
                        && error.kind() != io::ErrorKind::BrokenPipe
                    {
                        eprintln!("usher-load upstream: {error}");
                    }
                });
            }
        })
        .await
}

async fn answer_all(mut connection: TcpStream, world: &World) -> io::Result<()> {
    let (from, mut to) = connection.split();
    let mut reader = Reader::new(from);
    while let Some(head) = reader.head(true).await? {
        let mut seen = Vec::with_capacity(1024);
        reader.body(&head, |piece| seen.extend_from_slice(piece)).await?;
        let asked: &str = &head.what;
        if let Some(settings) = asked.strip_prefix("/set/") {
            set(world, settings)?;
            to.write_all(&json(b"{}")).await?;
            continue;
        }
        let api = if asked.ends_with("/chat/completions") {
            Api::ChatCompletions
        } else if asked.ends_with("/responses") {
            Api::Responses
        } else {
            to.write_all(&world.models).await?;
            continue;
        };
        if !streams(&seen) {
            to.write_all(&world.wholes[api as usize]).await?;
            continue;
        }
        let (prepared, every) = (Rc::clone(&world.prepared.borrow()[api as usize]), *world.every.borrow());
        if every.is_zero() {
            to.write_all(&prepared.at_once).await?;
        } else {
            paced(&mut to, &prepared.stream, every).await?;
        }
    }
    Ok(())
}

/// Returns whether the request is for a stream. Proxies put that field at the start or the end; the 2 MB between them
/// are not searched.
fn streams(body: &[u8]) -> bool {
    let ends = [&body[..body.len().min(4096)], &body[body.len().saturating_sub(4096)..]];
    let wanted = [&b"\"stream\":true"[..], b"\"stream\": true"];
    ends.iter().any(|end| wanted.iter().any(|text| memmem::find(end, text).is_some()))
}

/// Sends each text delta at its time, with that time in it.
async fn paced(to: &mut (impl AsyncWriteExt + Unpin), stream: &Stream, every: Duration) -> io::Result<()> {
    let begun = Instant::now();
    to.write_all(&[EVENT_STREAM.as_bytes(), &chunk(&stream.first)].concat()).await?;
    for (number, text) in (1..).zip(&stream.texts) {
        sleep_until(begun + every * number).await;
        let mut event = text.clone();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
        answers::stamp(&mut event, now.as_nanos());
        to.write_all(&chunk(&event)).await?;
    }
    to.write_all(&[chunk(&stream.last), b"0\r\n\r\n".to_vec()].concat()).await
}

fn set(world: &World, settings: &str) -> io::Result<()> {
    let (events, every) =
        settings.split_once('/').ok_or_else(|| io::Error::other("/set/EVENTS/MICROSECONDS"))?;
    let events = events.parse().map_err(io::Error::other)?;
    let every = Duration::from_micros(every.parse().map_err(io::Error::other)?);
    *world.prepared.borrow_mut() = prepare(events, every);
    *world.every.borrow_mut() = every;
    Ok(())
}

fn prepare(events: usize, every: Duration) -> [Rc<Prepared>; 2] {
    [Api::Responses, Api::ChatCompletions].map(|api| {
        let stream = Stream::of(api, events, !every.is_zero());
        let at_once = if every.is_zero() { at_once(&stream) } else { Vec::new() };
        Rc::new(Prepared { stream, at_once })
    })
}

fn at_once(stream: &Stream) -> Vec<u8> {
    let mut out = EVENT_STREAM.as_bytes().to_vec();
    out.extend(chunk(&stream.first));
    let mut piece = Vec::with_capacity(PIECE + 1024);
    for text in &stream.texts {
        piece.extend_from_slice(text);
        if piece.len() >= PIECE {
            out.extend(chunk(&piece));
            piece.clear();
        }
    }
    if !piece.is_empty() {
        out.extend(chunk(&piece));
    }
    out.extend(chunk(&stream.last));
    out.extend(b"0\r\n\r\n");
    out
}

fn chunk(piece: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()
}

fn json(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
