//! Base addresses from arbitrary texts, and from texts that are built of the parts of addresses.

use proptest::prelude::*;
use usher_domain::{BaseUrl, ErrorCode, PlainHttp, append_path, is_loopback};

const PASSWORD: &str = "sesame-9Kq";

/// Generates arbitrary texts; most are not addresses.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z0-9:/@?#.%\\[\\] \\\\-]{0,40}", "https?://\\PC{0,30}"]
}

/// Generates one of these; a repeated one is more frequent.
fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(words)
}

/// Generates texts like those that people type and copy.
fn typed() -> impl Strategy<Value = String> {
    typed_by(one_of(&["", "", "", "", "", "ada@", ":@", "@"]).prop_map(str::to_owned).boxed())
}

/// Generates the same with a text of `user` before the host.
fn typed_by(user: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let scheme = one_of(&["https://", "https://", "http://", "http://", "HTTP://", "ftp://", "https:", ""]);
    let host = one_of(&[
        "api.groq.com",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "127.0.0.1",
        "127.9.9.9",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
        "192.168.1.5",
        "8.8.8.8",
        "gpu.lan",
        "localhost.example",
        "127.0.0.1.example",
        "mañana.example",
        "",
    ]);
    let port = one_of(&["", "", "", "", ":8000", ":443", ":80", ":", ":99999"]);
    let named = one_of(&[
        "/v1",
        "/v1beta",
        "/models",
        "/responses",
        "/chat/completions",
        "/completions",
        "/chat",
        "/embeddings",
        "/messages",
        "/engines",
        "/V1",
        "/v1,",
        ";",
        "/%2F",
        "/a b",
        "/é",
    ]);
    let segment = prop_oneof!["/{1,3}", "/\\.{1,2}", "/[a-z]{1,5}", named.prop_map(str::to_owned)];
    let path = prop::collection::vec(segment, 0..6).prop_map(|parts| parts.concat());
    let rest = one_of(&["", "", "", "", "", "?", "?key=1", "#", "#part", " "]);
    (scheme, user, host, port, path, rest)
        .prop_map(|(scheme, user, host, port, path, rest)| format!("{scheme}{user}{host}{port}{path}{rest}"))
}

fn ways() -> impl Strategy<Value = PlainHttp> {
    prop_oneof![Just(PlainHttp::LoopbackOnly), Just(PlainHttp::LocalNetwork)]
}

/// Checks what is true of every text; returns whether it is an address.
fn is_sound(text: &str, plain_http: PlainHttp) -> Result<bool, TestCaseError> {
    let base = match BaseUrl::parse(text, plain_http) {
        Ok(base) => base,
        Err(refused) => {
            prop_assert_eq!(refused.code, ErrorCode::BadUrl);
            return Ok(false);
        }
    };
    let shown = base.to_string();
    let again = BaseUrl::parse(&shown, plain_http);
    prop_assert_eq!(
        again.as_ref().ok().map(ToString::to_string),
        Some(shown.clone()),
        "shown is read as itself"
    );
    let url = base.url();
    prop_assert!(url.username().is_empty() && url.password().is_none(), "{}", url);
    prop_assert!(url.query().is_none() && url.fragment().is_none(), "{}", url);
    if plain_http == PlainHttp::LoopbackOnly {
        prop_assert!(url.scheme() == "https" || url.scheme() == "http" && is_loopback(url), "{}", url);
        prop_assert!(!base.is_plain_http());
    }
    for unversioned in [false, true] {
        let root = base.root(unversioned);
        prop_assert_eq!(root.origin(), url.origin());
        prop_assert!(root.path() == "/" || !root.path().ends_with('/'), "{}", root);
        let models = append_path(&root, "/models");
        let one_slash = format!("{}/models", root.path().trim_end_matches('/'));
        prop_assert_eq!(models.path(), one_slash);
        let of_shown = again.as_ref().map(|again| again.root(unversioned));
        prop_assert_eq!(of_shown.ok(), Some(root), "it leads to the same place");
    }
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn base_url_of_arbitrary_text_is_rejected_or_sound(text in any_text(), plain_http in ways()) {
        is_sound(&text, plain_http)?;
    }

    #[test]
    fn base_url_of_url_like_text_is_rejected_or_sound(text in typed(), plain_http in ways()) {
        is_sound(&text, plain_http)?;
    }

    #[test]
    fn base_url_never_echoes_password(text in typed_by("[a-zA-Z@: ]{0,3}:sesame-9Kq[a-z@?# ]{0,3}@".boxed())) {
        for plain_http in [PlainHttp::LoopbackOnly, PlainHttp::LocalNetwork] {
            match BaseUrl::parse(&text, plain_http) {
                Ok(base) => prop_assert!(!base.to_string().contains(PASSWORD), "{} was taken", base),
                Err(refused) => {
                    prop_assert!(!refused.to_string().contains(PASSWORD), "{}: {}", text, refused);
                }
            }
        }
    }
}

#[test]
fn generated_urls_cover_accepted_and_rejected() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut counts = [0; 2];
    for _ in 0..1_000 {
        let text = proptest::strategy::ValueTree::current(&typed().new_tree(&mut runner).unwrap());
        counts[usize::from(BaseUrl::parse(&text, PlainHttp::LocalNetwork).is_ok())] += 1;
    }
    assert!(counts.iter().all(|count| *count > 100), "refused and taken: {counts:?}");
}
