//! Checks request heads before admission, and decompresses bodies.
#![no_main]

use http::{HeaderName, HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use usher_gateway::fuzzing::{check_request, decompress_body};

const PORT: u16 = 18740;

/// Parses a request head: method and target first, then one header a line.
fn head(bytes: &[u8]) -> Option<http::request::Parts> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut first = lines.next()?.splitn(2, |byte| *byte == b' ');
    let mut request = Request::builder().method(first.next()?).uri(first.next()?);
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        request = request.header(name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?);
    }
    Some(request.body(()).ok()?.into_parts().0)
}

fuzz_target!(|data: &[u8]| {
    if let Some(body) = decompress_body(data) {
        assert!(body.len() <= 64 * 1024 * 1024);
    }
    let Some(parts) = head(data) else { return };
    let (is_admitted, candidates) = check_request(&parts, PORT);
    assert!(candidates <= 2);
    if is_admitted {
        let hosts: Vec<_> = parts.headers.get_all("host").iter().collect();
        let [host] = hosts[..] else { panic!("one host: {hosts:?}") };
        let host = host.to_str().expect("a name").to_ascii_lowercase();
        assert!(["127.0.0.1:18740", "localhost:18740", "[::1]:18740"].contains(&host.as_str()), "{host}");
        assert!(!parts.headers.contains_key("origin"));
    }
});
