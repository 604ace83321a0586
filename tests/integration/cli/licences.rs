//! `usher licences`: what others wrote, with the texts of its licences.

use usher_tests::Home;

#[tokio::test]
async fn licences_are_listed_and_printed_without_a_home() {
    let mut home = Home::at_addresses("http://127.0.0.1:1", "http://127.0.0.1:1");
    home.set("USHER_HOME", "/nonexistent/home");
    let packages = home.json(&["licences"]).await.done()["packages"].as_array().unwrap().clone();
    assert!(packages.len() > 300, "{}", packages.len());
    let of = |name: &str| packages.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}"));
    assert_eq!((&of("svelte")["kind"], &of("svelte")["licence"]), (&"npm".into(), &"MIT".into()));
    assert_eq!(of("serde")["licence"], "MIT OR Apache-2.0");
    let text = home.run(&["licences", "serde"]).await.stdout;
    assert!(text.contains("Permission is hereby granted") && text.contains("Apache License"), "{text}");
    let texts = home.json(&["licences", "zbus"]).await.done()["packages"][0]["texts"].clone();
    assert!(texts[0].as_str().unwrap().contains("Permission is hereby granted"), "{texts}");
    assert_eq!(home.json(&["licences", "none"]).await.error_code(2), "bad_usage");
}
