//! Slow clients, with paused time.

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
use crate::server::memory_budget::MemoryBudget;

/// Returns the client's end of a connection that responds with `length` bytes, and the task that serves it.
fn connect(length: usize) -> (DuplexStream, JoinHandle<()>) {
    let (client, stream) = duplex(16 * 1024);
    let state = ConnectionState::default();
    let io = TokioIo::new(TimeoutStream::new(stream, state.clone()));
    let service = service_fn(move |request: Request<Incoming>| {
        let state = state.clone();
        async move {
            let guard = state.begin(!request.body().is_end_stream());
            if request.headers().contains_key("x-api-key") {
                guard.has_pass();
            }
            let (parts, body) = request.into_parts();
            let read = body::read(&parts.headers, body, &MemoryBudget::new(64 * 1024 * 1024)).await;
            let status = if read.is_ok() { 200 } else { 408 };
            guard.has_read();
            let body = Full::new(Bytes::from(vec![b'.'; length]));
            Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
        }
    });
    let served = tokio::spawn(async move {
        let _ = http1::Builder::new().header_read_timeout(None).serve_connection(io, service).await;
    });
    (client, served)
}

/// Reads until `end` or the end of the connection, and returns what was read.
async fn read_to(client: &mut DuplexStream, end: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        if client.read_buf(&mut read).await.unwrap_or(0) == 0 {
            read.extend_from_slice(b"<end>");
            break;
        }
    }
    String::from_utf8(read).unwrap()
}

/// Sends `chunk` repeatedly with pauses, until the server responds or closes. Returns the response and the duration.
async fn send_slowly(client: DuplexStream, chunk: &[u8], pause: Duration) -> (String, Duration) {
    let start = Instant::now();
    let (mut reading, mut writing) = tokio::io::split(client);
    let mut response = Vec::new();
    let sending = async {
        while writing.write_all(chunk).await.is_ok() {
            sleep(pause).await;
        }
    };
    tokio::select! {
        read = reading.read_buf(&mut response) => drop(read),
        () = sending => {}
    }
    (String::from_utf8(response).unwrap(), start.elapsed())
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const GET_WITH_PASS: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\nx-api-key: a\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn connection_idle_without_pass_is_closed_soon() {
    let (mut client, served) = connect(1);
    client.write_all(GET).await.unwrap();
    assert!(read_to(&mut client, "\r\n\r\n.").await.starts_with("HTTP/1.1 200 "));
    let start = Instant::now();
    assert_eq!(read_to(&mut client, "<never>").await, "<end>");
    assert_eq!(start.elapsed(), STRANGER_TIMEOUT + RESUME_GRACE);
    served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn header_sent_too_slowly_closes_connection() {
    let (mut client, served) = connect(1);
    client.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
    let (response, took) = send_slowly(client, b"a", Duration::from_secs(1)).await;
    assert!(response.is_empty() || response.starts_with("HTTP/1.1 4"), "{response}");
    assert!((HEADER_TIMEOUT..HEADER_TIMEOUT * 2).contains(&took), "{took:?}");
    served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn connection_without_request_is_closed() {
    let (mut client, served) = connect(1);
    let start = Instant::now();
    assert_eq!(read_to(&mut client, "<never>").await, "<end>");
    assert_eq!(start.elapsed().as_secs(), HEADER_TIMEOUT.as_secs());
    served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn request_seen_just_after_the_time_has_run_out_is_answered() {
    let (mut client, _served) = connect(1);
    sleep(HEADER_TIMEOUT + RESUME_GRACE / 2).await;
    client.write_all(GET).await.unwrap();
    assert!(read_to(&mut client, "\r\n\r\n.").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(start_paused = true)]
async fn connection_idle_survives_client_pool_reuse() {
    let (mut client, served) = connect(1);
    for _ in 0..3 {
        client.write_all(GET_WITH_PASS).await.unwrap();
        assert!(read_to(&mut client, "\r\n\r\n.").await.starts_with("HTTP/1.1 200 "));
        sleep(Duration::from_secs(120)).await;
    }
    let start = Instant::now();
    assert_eq!(read_to(&mut client, "<never>").await, "<end>");
    assert_eq!(start.elapsed() + Duration::from_secs(120), KEEP_ALIVE_TIMEOUT + RESUME_GRACE);
    served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn body_sent_too_slowly_is_refused() {
    let (mut client, _served) = connect(1);
    client.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9000\r\n\r\n").await.unwrap();
    let (response, took) = send_slowly(client, b"a", Duration::from_secs(9)).await;
    assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    assert_eq!(took.as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn body_long_and_steady_is_accepted() {
    let (mut client, _served) = connect(1);
    let (chunk, count) = (vec![b'a'; 200 * 1024], 12);
    let head = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", chunk.len() * count);
    client.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..count {
        sleep(Duration::from_secs(9)).await;
        client.write_all(&chunk).await.unwrap();
    }
    assert!(read_to(&mut client, "\r\n\r\n.").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(start_paused = true)]
async fn client_that_never_reads_is_disconnected() {
    let start = Instant::now();
    let (mut client, served) = connect(1024 * 1024);
    client.write_all(GET).await.unwrap();
    served.await.unwrap();
    let took = start.elapsed();
    assert!((KEEP_ALIVE_TIMEOUT..=WRITE_TIMEOUT + RESUME_GRACE).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn client_that_pipelines_and_never_reads_is_disconnected() {
    let start = Instant::now();
    let (mut client, served) = connect(1);
    let sending = async { while client.write_all(GET).await.is_ok() {} };
    sending.await;
    served.await.unwrap();
    let took = start.elapsed();
    assert!((KEEP_ALIVE_TIMEOUT..=WRITE_TIMEOUT * 2).contains(&took), "{took:?}");
}
