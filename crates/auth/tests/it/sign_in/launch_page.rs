//! The page that a browser is started with: it sends the first visitor on, and a second one ends the sign-in.

use usher_auth::LaunchPages;
use usher_domain::ErrorCode;
use usher_sandbox::browser::Browser;

use crate::support::{BROWSER, PendingSignIn, World, get, raw};

fn pages(pending: &PendingSignIn) -> LaunchPages {
    pending.launch_pages.clone().expect("a sign-in that listens")
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn launch_page_leads_to_sign_in_page() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let page = pages(&pending).create().unwrap();
    assert!(!page.as_str().contains(&pending.parameter("state")), "{page}");
    let answer = get(pending.port(), page.path()).await;
    assert_eq!(status(&answer), "303", "{answer}");
    let low = answer.to_ascii_lowercase();
    assert!(answer.contains(&format!("location: {}\r\n", pending.url)), "{answer}");
    assert!(
        low.contains("cache-control: no-store") && low.contains("referrer-policy: no-referrer"),
        "{answer}"
    );
    Browser::new().approve(&pending.url, "ada").await;
    pending.ended().await.unwrap();
}

#[tokio::test]
async fn launch_page_asked_for_twice_voids_sign_in() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let (port, page) = (pending.port(), pages(&pending).create().unwrap());
    assert_eq!(status(&get(port, page.path()).await), "303");
    let second = get(port, page.path()).await;
    assert_eq!(status(&second), "410");
    assert!(!second.to_ascii_lowercase().contains("location:"), "{second}");
    let failure = pending.ended().await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::Cancelled);
    assert!(failure.cause.contains("asked for twice"), "{failure}");
    assert!(world.summary().sign_ins.is_empty());
}

#[tokio::test]
async fn launch_page_asked_for_by_nobody_is_not_used_up() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let (port, page) = (pending.port(), pages(&pending).create().unwrap());
    let path = page.path();
    for (request, refused) in [
        (format!("HEAD {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), "405"),
        (format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "403"),
        (format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nSec-Purpose: prefetch\r\n\r\n"), "503"),
        (format!("GET {path}x HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), "404"),
    ] {
        assert_eq!(status(&raw(port, &request).await), refused, "{request}");
    }
    assert_eq!(status(&get(port, path).await), "303");
    // The browser is opened again, with a page of its own.
    let again = pages(&pending).create().unwrap();
    assert_eq!(status(&get(port, again.path()).await), "303");
    assert!(!pending.is_finished());
    pending.cancel().await;
}
