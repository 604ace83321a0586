//! How large the store may get: what is written can be read again, and a full store loses nothing.

use std::sync::Arc;

use url::Url;
use usher_auth::{ApiKeys, Passes};
use usher_domain::{ApiKey, ErrorCode, PassScope, ProviderId, UnixTime};
use usher_sandbox::Fault;

use crate::support::{BROWSER, World, file_store};

fn provider() -> ProviderId {
    ProviderId::named("openai-compatible", usher_domain::ProviderSlug::new("one").unwrap())
}

#[tokio::test]
async fn file_larger_than_usher_writes_is_refused_and_left_in_place() {
    let world = World::new().await;
    world.sign_in("ada").await;
    let path = world.home.path().join("secrets.usher");
    let mut content = std::fs::read(&path).unwrap();
    content.resize(16 * 1024 * 1024 + 1, b' ');
    std::fs::write(&path, &content).unwrap();
    let failure = usher_auth::VaultSummary::read(&world.store_of(file_store())).unwrap_err();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
    assert!(failure.cause.contains("larger than 16384 KiB"), "{failure}");
    assert_eq!(std::fs::read(&path).unwrap().len(), content.len());
}

#[tokio::test]
async fn expired_passes_are_removed_by_the_next_new_one() {
    let world = World::new().await;
    let passes = Passes::new(Arc::clone(&world.store), world.clock.clone());
    let now = usher_domain::ports::Clock::now(&*world.clock);
    for (name, end) in [("soon", Some(now.plus(60))), ("later", Some(now.plus(6000))), ("never", None)] {
        passes.create(name, PassScope::default(), end).await.unwrap();
    }
    world.clock.forward(100);
    assert_eq!(passes.list().await.unwrap().len(), 3, "looking removes nothing");
    passes.create("new", PassScope::default(), None::<UnixTime>).await.unwrap();
    let names: Vec<_> = passes.list().await.unwrap().iter().map(|pass| pass.name.clone()).collect();
    assert_eq!(names, ["later", "never", "new"]);
}

#[tokio::test]
async fn pass_with_an_endless_text_is_refused() {
    let world = World::new().await;
    let passes = Passes::new(Arc::clone(&world.store), world.clock.clone());
    let long = || Some("x".repeat(5000));
    for scope in [
        PassScope { model: long(), ..PassScope::default() },
        PassScope { folder: long(), ..PassScope::default() },
    ] {
        let refused = passes.create("one", scope, None).await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::BadUsage);
        assert!(refused.cause.contains("at most"), "{refused}");
    }
}

#[tokio::test]
async fn token_of_unreasonable_size_is_refused_at_sign_in_and_revoked() {
    let world = World::new().await;
    let long = "x".repeat(40 * 1024);
    let body = format!(r#"{{"access_token":"{long}","refresh_token":"rt_long","id_token":"i"}}"#);
    let body = serde_json::from_str(&body).unwrap();
    world
        .sandbox
        .push_fault("token.authorization_code", Fault::Status { status: 200, body, headers: [].into() });
    let pending = world.start(BROWSER).await;
    usher_sandbox::browser::Browser::new().approve(&pending.url, "ada").await;
    let failure = pending.ended().await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::MalformedAnswer);
    assert!(failure.cause.contains("at most 32768"), "{failure}");
    assert_eq!(world.sandbox.count("revoke"), 1, "{:?}", world.sandbox.counts());
    assert!(world.summary().sign_ins.is_empty());
}

/// A key as long as keys are allowed to be is saved as before.
#[tokio::test]
async fn longest_key_is_saved() {
    let world = World::new().await;
    let keys = ApiKeys::new(Arc::clone(&world.store), world.clock.clone());
    let base = Url::parse("https://service.example/v1").unwrap();
    keys.save(&provider(), &base, ApiKey::new("k".repeat(8192))).await.unwrap();
    assert_eq!(world.summary().keys.len(), 1);
}
