//! Links of hostile pages, and properties of all links.

use proptest::prelude::*;

use super::*;

fn add(parameters: &[(&str, &str)]) -> Result<DeepLink, Failure> {
    let mut link = Url::parse("usher://add").unwrap();
    link.query_pairs_mut().extend_pairs(parameters);
    DeepLink::parse(link.as_str())
}

fn added(parameters: &[(&str, &str)]) -> ProposedService {
    match add(parameters).unwrap() {
        DeepLink::Add(service) => service,
        DeepLink::Open(panel) => panic!("opens {panel:?}"),
    }
}

#[test]
fn every_panel_is_opened_by_its_name() {
    for name in LinkPanel::VARIANTS {
        let panel = name.parse().unwrap();
        assert_eq!(DeepLink::parse(&format!("usher://open/{name}")).unwrap(), DeepLink::Open(panel));
    }
    for wrong in [
        "",
        "/",
        "/Gateway",
        "/gateway/",
        "/gateway/x",
        "//gateway",
        "/../gateway",
        "/accounts?use=1",
        "/add#x",
    ] {
        assert!(DeepLink::parse(&format!("usher://open{wrong}")).is_err(), "{wrong}");
    }
}

#[test]
fn service_is_read_with_all_that_it_says() {
    let service = added(&[
        ("name", "My GPU 日本"),
        ("base_url", "https://gpu.example:8443/v1"),
        ("wire", "chat_completions"),
        ("timeout", "90"),
    ]);
    assert_eq!(service.name, "My GPU 日本");
    assert_eq!(service.base_url.to_string(), "https://gpu.example:8443/v1");
    assert_eq!((service.wire, service.timeout_seconds), (Some(Wire::ChatCompletions), Some(90)));
    let least = added(&[("name", "Local"), ("base_url", "http://127.0.0.1:8000")]);
    assert_eq!((least.wire, least.timeout_seconds), (None, None));
    // Browsers write a slash after the host.
    assert!(DeepLink::parse("usher://add/?name=x&base_url=https%3A%2F%2Fgpu.example").is_ok());
    assert!(added(&[("name", "Groq"), ("base_url", "https://api.groq.com/openai/v1")]).name == "Groq");
}

#[test]
fn other_links_are_rejected() {
    for link in [
        "",
        "usher",
        "usher:",
        "usher:add",
        "usher://",
        "usher:///add",
        "usher://Add?name=x&base_url=https://a.example",
        "usher://remove?name=x",
        "usher://sign-out",
        "usher://ada@open/gateway",
        "usher://a:b@open/gateway",
        "usher://open:80/gateway",
        "usher://open/gateway#x",
        "https://open/gateway",
        "file:///open/gateway",
        "usher://open/gate way",
        "usher://open/gateway\n",
        "usher://op\ten/gateway",
        "usher://open/gateway\u{202e}",
        "usher://add/x?name=x&base_url=https://a.example",
        "--hidden",
    ] {
        assert!(DeepLink::parse(link).is_err(), "{link:?}");
    }
    let long = format!("usher://open/{}", "a".repeat(MAX_BYTES));
    assert!(DeepLink::parse(&long).unwrap_err().cause.contains("longer than"));
}

#[test]
fn parameters_that_are_unknown_doubled_or_missing_are_rejected() {
    let (name, base) = (("name", "x1"), ("base_url", "https://a.example"));
    for wrong in [
        vec![name],
        vec![base],
        vec![name, name, base],
        vec![name, base, base],
        vec![name, base, ("key", "sk-1")],
        vec![name, base, ("api_key", "sk-1")],
        vec![name, base, ("headers", "x")],
        vec![name, base, ("Name", "x")],
        vec![name, base, ("local_network", "true")],
        vec![name, base, ("wire", "Responses")],
        vec![name, base, ("wire", "")],
        vec![name, base, ("timeout", "0")],
        vec![name, base, ("timeout", "3601")],
        vec![name, base, ("timeout", "+5")],
        vec![name, base, ("timeout", "05")],
        vec![name, base, ("timeout", "")],
    ] {
        let refused = add(&wrong).unwrap_err();
        assert!(!refused.to_string().contains("sk-1"), "{refused}");
    }
}

#[test]
fn names_that_hide_something_or_are_those_of_others_are_rejected() {
    let long = "a".repeat(MAX_NAME_CHARS + 1);
    for name in [
        "",
        " ",
        "a\nb",
        "a\u{1b}[2J",
        "a\u{202e}b",
        "a\u{200b}b",
        " a",
        "a ",
        "---",
        "\u{fffd}",
        &long,
        "OpenAI",
        "openai",
        "Open AI",
        "ChatGPT",
        "Codex",
        "Usher",
        "Groq",
        "groq",
        "OpenRouter",
    ] {
        assert!(add(&[("name", name), ("base_url", "https://a.example")]).is_err(), "{name:?}");
    }
    assert!(DeepLink::parse("usher://add?name=%ff&base_url=https://a.example").is_err());
}

#[test]
fn addresses_that_are_not_what_they_look_like_are_rejected() {
    for address in [
        "http://a.example",
        "http://10.0.0.1/v1",
        "http://192.168.1.5:8000",
        "http://0.0.0.0:8000",
        "https://api.openai.com@a.example/v1",
        "https://u:p@a.example",
        "https://:p@a.example",
        "https://a.example?x=1",
        "https://a.example#x",
        "https://a.example\\@b.example",
        "https:a.example",
        "https:///a.example",
        "//a.example",
        "a.example",
        "ftp://a.example",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://аpi.openai.com/v1",
        "https://xn--pi-7kc.openai.com/v1",
        "https://ＡＰＩ.example",
        "https://a。example",
        "https://2130706433/v1",
        "https://0x7f.1/v1",
        "http://2130706433/v1",
        "http://0177.0.0.1/v1",
        "http://127.1/v1",
        "https://%61.example/v1",
        "https://a.example./v1",
        "https://a.ex\u{ad}ample",
        "https://a.example\n",
        " https://a.example",
        "https://a*.example",
        "https://a.example:0",
        "usher://open/gateway",
        "http://localhost.a.example",
        "",
    ] {
        let refused = add(&[("name", "x1"), ("base_url", address)]);
        assert!(refused.is_err(), "{address:?}: {refused:?}");
    }
    for address in [
        "https://a.example",
        "https://A.Example/v1/",
        "https://a.example:8443",
        "http://localhost:11434/v1",
        "http://127.0.0.1:1234",
        "http://[::1]:8000/v1",
        "https://192.0.2.7/v1",
        "https://a.example/v1/chat/completions",
    ] {
        assert!(add(&[("name", "x1"), ("base_url", address)]).is_ok(), "{address:?}");
    }
}

/// Texts of which a hostile link may be made.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("usher://add?".to_owned()),
        Just("usher://open/".to_owned()),
        Just("name=x1&base_url=https://a.example".to_owned()),
        Just("&key=sk-secret-1".to_owned()),
        Just("http://".to_owned()),
        Just("@".to_owned()),
        Just("%00".to_owned()),
        Just("&timeout=9".to_owned()),
        ".{0,6}",
        "[a-z:/?#@&=%.\\\\]{0,8}",
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|all| all.concat())
}

proptest! {
    #[test]
    fn link_is_read_safely_or_rejected(text in pieces()) {
        match DeepLink::parse(&text) {
            Ok(DeepLink::Add(service)) => {
                let url = service.base_url.url();
                prop_assert!(url.scheme() == "https" || crate::is_loopback(url));
                prop_assert!(url.username().is_empty() && url.password().is_none());
                prop_assert!(url.query().is_none() && url.fragment().is_none());
                prop_assert!(is_printable_within(&service.name, MAX_NAME_CHARS));
                prop_assert!(!text.contains("key="));
                // The host is in the link as the person reads it.
                let host = url.host_str().unwrap().to_owned();
                let decoded: String = Url::parse(&text).unwrap().query_pairs().map(|(_, value)| value.to_lowercase()).collect();
                prop_assert!(decoded.contains(&host), "{} in {}", host, decoded);
            }
            Ok(DeepLink::Open(_)) => prop_assert!(text.starts_with("usher://open/")),
            Err(refused) => prop_assert!(!refused.cause.contains("sk-secret")),
        }
    }

    #[test]
    fn service_that_is_written_as_a_link_is_read_back(
        name in "[a-z][A-Za-z0-9 é日]{0,20}[a-z]1",
        host in "[a-z]{1,10}\\.example",
        timeout in proptest::option::of(1_u32..=MAX_TIMEOUT),
    ) {
        let address = format!("https://{host}/v1");
        let seconds = timeout.map(|seconds| seconds.to_string());
        let mut parameters = vec![("name", name.as_str()), ("base_url", address.as_str())];
        if let Some(seconds) = &seconds {
            parameters.push(("timeout", seconds));
        }
        let service = added(&parameters);
        prop_assert_eq!(service.name, name);
        prop_assert_eq!(service.base_url.to_string(), address);
        prop_assert_eq!(service.timeout_seconds, timeout);
    }
}
