//! Slow callers, on a clock that stands still until everybody waits.

use std::convert::Infallible;

use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::JoinHandle;

use crate::admission::body;
use crate::server::io_timeout::*;

/// A caller's end of a connection whose requests are read and answered with so many bytes, and what serves it.
fn caller(answer: usize) -> (DuplexStream, JoinHandle<()>) {
    let (caller, ours) = duplex(16 * 1024);
    let serving = ConnectionState::default();
    let io = TokioIo::new(TimeoutStream::new(ours, serving.clone()));
    let service = service_fn(move |request: Request<Incoming>| {
        let serving = serving.clone();
        async move {
            let turn = serving.begin(!request.body().is_end_stream());
            let (parts, body) = request.into_parts();
            let read = body::read(&parts.headers, body).await;
            let status = if read.is_ok() { 200 } else { 408 };
            turn.has_read();
            let answer = Full::new(Bytes::from(vec![b'.'; answer]));
            Ok::<_, Infallible>(Response::builder().status(status).body(answer).unwrap())
        }
    });
    let served = tokio::spawn(async move {
        let _ = http1::Builder::new().header_read_timeout(None).serve_connection(io, service).await;
    });
    (caller, served)
}

/// Reads until `outcome` was read or the connection has ended; how it was.
async fn read_to(caller: &mut DuplexStream, end: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        if caller.read_buf(&mut read).await.unwrap_or(0) == 0 {
            read.extend_from_slice(b"<end>");
            break;
        }
    }
    String::from_utf8(read).unwrap()
}

/// Sends `piece` again and again with pauses, until the other side answers or closes; what it said, and after how long.
async fn dribble(caller: DuplexStream, piece: &[u8], pause: Duration) -> (String, Duration) {
    let begun = Instant::now();
    let (mut reading, mut writing) = tokio::io::split(caller);
    let mut said = Vec::new();
    let sending = async {
        while writing.write_all(piece).await.is_ok() {
            sleep(pause).await;
        }
    };
    tokio::select! {
        read = reading.read_buf(&mut said) => drop(read),
        () = sending => {}
    }
    (String::from_utf8(said).unwrap(), begun.elapsed())
}

const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn header_never_finished_closes_connection() {
    let (mut caller, served) = caller(1);
    caller.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
    let (said, took) = dribble(caller, b"a", Duration::from_secs(1)).await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    assert!((HEADER_TIMEOUT..HEADER_TIMEOUT * 2).contains(&took), "{took:?}");
    served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn connection_without_request_is_closed() {
    let (mut caller, served) = caller(1);
    let begun = Instant::now();
    assert_eq!(read_to(&mut caller, "<never>").await, "<end>");
    assert_eq!(begun.elapsed().as_secs(), HEADER_TIMEOUT.as_secs());
    served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn connection_idle_survives_client_pool_reuse() {
    let (mut caller, served) = caller(1);
    for _ in 0..3 {
        caller.write_all(ASK).await.unwrap();
        assert!(read_to(&mut caller, "\r\n\r\n.").await.starts_with("HTTP/1.1 200 "));
        sleep(Duration::from_secs(120)).await;
    }
    let begun = Instant::now();
    assert_eq!(read_to(&mut caller, "<never>").await, "<end>");
    assert_eq!(begun.elapsed() + Duration::from_secs(120), KEEP_ALIVE_TIMEOUT);
    served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn body_sent_too_slowly_is_refused() {
    let (mut caller, _served) = caller(1);
    caller.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9000\r\n\r\n").await.unwrap();
    let (said, took) = dribble(caller, b"a", Duration::from_secs(9)).await;
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    assert_eq!(took.as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn body_long_and_steady_is_accepted() {
    let (mut caller, _served) = caller(1);
    let (piece, pieces) = (vec![b'a'; 200 * 1024], 12);
    let head = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", piece.len() * pieces);
    caller.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..pieces {
        sleep(Duration::from_secs(9)).await;
        caller.write_all(&piece).await.unwrap();
    }
    assert!(read_to(&mut caller, "\r\n\r\n.").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(start_paused = true)]
async fn client_that_never_reads_is_disconnected() {
    let begun = Instant::now();
    let (mut caller, served) = caller(1024 * 1024);
    caller.write_all(ASK).await.unwrap();
    served.await.unwrap();
    let took = begun.elapsed();
    assert!((KEEP_ALIVE_TIMEOUT..=WRITE_TIMEOUT).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn client_that_pipelines_and_never_reads_is_disconnected() {
    let begun = Instant::now();
    let (mut caller, served) = caller(1);
    let asking = async { while caller.write_all(ASK).await.is_ok() {} };
    asking.await;
    served.await.unwrap();
    let took = begun.elapsed();
    assert!((KEEP_ALIVE_TIMEOUT..=WRITE_TIMEOUT * 2).contains(&took), "{took:?}");
}
