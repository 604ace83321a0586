//! Tests of the connections that stay open.

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::*;

const BEYOND: usize = 20;
const LONG: Duration = Duration::from_secs(10);

/// Accepts connections until there are `count`, and reads a request on each.
async fn accept(listener: &TcpListener, count: usize) -> Vec<TcpStream> {
    let mut all = Vec::new();
    for _ in 0..count {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0, "the head has an end");
        }
        all.push(stream);
    }
    all
}

async fn get(client: &HttpClient, url: &Url) {
    let mut response = client.send(HttpRequest::get(url.clone())).await.unwrap();
    while response.chunk().await.unwrap().is_some() {}
}

#[tokio::test]
async fn idle_connections_beyond_the_limit_are_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let client = HttpClient::new(&NetworkConfig::default(), AllowedHosts::from_urls([&url])).unwrap();
    let count = MAX_IDLE_CONNECTIONS + BEYOND;
    let answer = async {
        let mut streams = accept(&listener, count).await;
        // None is free for another request before all have come.
        for stream in &mut streams {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await.unwrap();
        }
        streams
    };
    let (streams, _) = tokio::join!(answer, join_all((0..count).map(|_| get(&client, &url))));
    let mut closed = JoinSet::new();
    for mut stream in streams {
        closed.spawn(async move { stream.read(&mut [0]).await.unwrap() });
    }
    for _ in 0..BEYOND {
        let read = timeout(LONG, closed.join_next()).await.expect("those beyond the limit are closed");
        assert_eq!(read.unwrap().unwrap(), 0);
    }
    assert_eq!(closed.len(), MAX_IDLE_CONNECTIONS);
    assert!(closed.try_join_next().is_none(), "the others stay open");
}
