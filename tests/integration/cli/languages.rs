//! The command line in other languages: people read it whole, programs read English.
//!
//! Japanese is the pseudo-locale: its sentences have no Latin letters but names, so each other Latin word in them is a text
//! that was forgotten. A language that lacks a text that Japanese has does not compile.

use regex::Regex;
use usher_sandbox::{Options, Sandbox};
use usher_tests::{Home, Output, signed_in};

/// Latin words of Japanese text: names, and words of the systems that it is about.
const NAMES: [&str; 28] = [
    "API",
    "Business",
    "CLI",
    "ChatGPT",
    "Claude",
    "Code",
    "Codex",
    "Ctrl-C",
    "Enter",
    "Enterprise",
    "ID",
    "OpenAI",
    "Plus",
    "Pro",
    "SSH",
    "URL",
    "Usher",
    "ada",
    "config.toml",
    "secrets.usher",
    "ok",
    "s",
    "min",
    "h",
    "K",
    "http",
    "ms",
    "Web",
];

/// Values that commands print: ids, efforts, roles, states of the system, names that a test gave.
const VALUES: [&str; 18] = [
    "openai",
    "openai-compatible",
    "chatgpt",
    "low",
    "medium",
    "high",
    "xhigh",
    "minimal",
    "none",
    "main",
    "small",
    "haiku",
    "renamed",
    "local",
    "keyring",
    "codex-cli",
    "Personal",
    "ready",
];

/// Tools, by id and name.
const TOOLS: [&str; 20] = [
    "codex",
    "codex-app",
    "desktop",
    "app",
    "claude-code",
    "opencode",
    "pi",
    "aider",
    "cline",
    "Cline",
    "continue",
    "Continue",
    "goose",
    "zed",
    "Zed",
    "qwen-code",
    "Qwen",
    "llm",
    "scripts",
    "Scripts",
];

/// Returns the words of a Japanese output that are English.
fn english_words(output: &Output) -> Vec<String> {
    // Commands, addresses, paths, e-mail addresses, options, variables and ids are the same in each language.
    let same = Regex::new(concat!(
        r"`[^`]*`|https?://[!-~]+|[A-Za-z0-9_.+-]+@[A-Za-z0-9_.-]+|~?/[A-Za-z0-9_./~-]+|--[a-z-]+|[A-Z_]{4,}",
        r"|[A-Za-z0-9_.:-]*[0-9][A-Za-z0-9_.:-]*",
    ))
    .unwrap();
    let text = format!("{}\n{}", output.stdout, output.stderr);
    // A cause may be English. Lines for a shell or a file are indented.
    let is_sentence =
        |line: &&str| !["原因: ", "    ", "  usher "].iter().any(|start| line.starts_with(start));
    let lines = text.lines().filter(is_sentence);
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = same.replace_all(&text, " ");
    let word = Regex::new(r"[A-Za-z][A-Za-z.'-]*").unwrap();
    let words = word.find_iter(&text).map(|found| found.as_str().trim_end_matches(['.', '-']).to_owned());
    let known = [&NAMES[..], &VALUES[..], &TOOLS[..]].concat();
    words.filter(|word| !known.contains(&word.as_str())).collect()
}

/// Runs each command, and fails with every one that printed English.
async fn assert_japanese(home: &Home, commands: &[&[&str]]) {
    let mut forgotten = Vec::new();
    for arguments in commands {
        let output = home.run(arguments).await;
        let words = english_words(&output);
        let text = output.stdout + &output.stderr;
        let is_japanese = text.is_empty() || text.chars().any(|one| one > '\u{3000}');
        if !words.is_empty() || !is_japanese {
            forgotten.push(format!("usher {}: {words:?} in\n{text}", arguments.join(" ")));
        }
    }
    assert!(forgotten.is_empty(), "{}", forgotten.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_of_accounts_print_no_english_in_japanese() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let mut home = Home::at(&sandbox);
    home.set("LANG", "ja_JP.UTF-8");
    let commands: [&[&str]; 6] =
        [&["status"], &["usage"], &["accounts"], &["test"], &["import"], &["logout", "--yes"]];
    assert_japanese(&home, &commands).await;
    let (_sandbox, mut home) = signed_in().await;
    home.set("LANG", "ja_JP.UTF-8");
    let commands: [&[&str]; 21] = [
        &["status"],
        &["models"],
        &["use", "gpt-5.5", "--effort", "high"],
        &["use", "gpt-5.5", "--role", "small"],
        &["use", "gpt-5.5", "--effort", "heroic"],
        &["use", "no-such-model-1"],
        &["status"],
        &["usage"],
        &["test"],
        &["accounts"],
        &["accounts", "rename", "ada@example.com", "renamed"],
        &["accounts", "use", "renamed"],
        &["accounts", "remove", "nobody"],
        &["accounts", "remove", "renamed"],
        &["status", "--account", "nobody-1"],
        &["lock"],
        &["status"],
        &["unlock"],
        &["unlock"],
        &["logout", "--yes"],
        &["status"],
    ];
    assert_japanese(&home, &commands).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_of_passes_and_tools_print_no_english_in_japanese() {
    let (sandbox, mut home) = signed_in().await;
    home.set("LANG", "ja_JP.UTF-8");
    let base = format!("{}/both", sandbox.compatible());
    let exported = home.path().join("exported-1").display().to_string();
    let commands: [&[&str]; 34] = [
        &["pass", "list"],
        &["pass", "new", "tools-1", "--model", "gpt-5.5", "--expires", "7d"],
        &["pass", "new", "tools-1"],
        &["pass", "set", "tools-1", "--leave", "20"],
        &["pass", "set", "tools-1", "--leave", "0"],
        &["pass", "list"],
        &["pass", "print", "tools-2"],
        &["pass", "revoke", "tools-1"],
        &["providers"],
        &["providers", "add", "openai-compatible", "--name", "local", "--base-url", &base],
        &["providers", "disable", "openai-compatible:local"],
        &["providers", "enable", "openai-compatible:local"],
        &["providers", "use", "openai-compatible:local"],
        &["status", "--provider", "openai-compatible:local"],
        &["providers", "remove", "openai-compatible:local", "--yes"],
        &["providers", "remove", "openai-compatible:local", "--yes"],
        &["activity"],
        &["activity", "--by", "day"],
        &["activity", "receipts"],
        &["activity", "clear"],
        &["activity", "clear", "--yes"],
        &["preferences", "export", &exported],
        &["preferences", "files"],
        &["preferences", "reset"],
        &["preferences", "reset", "--yes"],
        &["tools"],
        &["tools", "--copies"],
        &["tools", "check"],
        &["tools", "restore", "--yes"],
        &["service", "status"],
        &["service", "remove"],
        &["background", "--quit"],
        &["run", "--", "no-such-program-1"],
        &["setup"],
    ];
    assert_japanese(&home, &commands).await;
}

/// What programs read is the same, byte for byte.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_the_same_in_each_language() {
    let (_sandbox, mut home) = signed_in().await;
    // The usage is seen once, at one time.
    home.hurry();
    for arguments in [
        &["status"][..],
        &["usage"],
        &["models"],
        &["accounts"],
        &["providers"],
        &["use", "gpt-5.5", "--effort", "heroic"],
        &["pass", "print", "missing"],
        &["setup"],
    ] {
        home.set("LANG", "C");
        let english = home.json(arguments).await.stdout;
        for language in ["de_DE.UTF-8", "zh_CN.UTF-8"] {
            home.set("LANG", language);
            assert_eq!(home.json(arguments).await.stdout, english, "{arguments:?} in {language}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn language_is_the_chosen_one_then_that_of_the_system() {
    let mut home = Home::at_addresses("http://127.0.0.1:9", "http://127.0.0.1:9");
    let rows = [
        ("LANG", "de_AT.UTF-8", "nicht angemeldet"),
        ("LC_MESSAGES", "fr_FR.UTF-8", "non connecté"),
        ("LC_ALL", "zh_CN.UTF-8", "未登录"),
        // Scripts that read text set it.
        ("LC_ALL", "C", "not signed in"),
        ("LC_ALL", "nl_NL.UTF-8", "non connecté"),
        // A desktop with a second language sets it; in the locale of scripts it does not count (gettext).
        ("LANGUAGE", "de:en", "nicht angemeldet"),
        ("LC_ALL", "C.UTF-8", "not signed in"),
        ("LC_ALL", "POSIX", "not signed in"),
        ("LC_ALL", "nl_NL.UTF-8", "nicht angemeldet"),
    ];
    for (variable, value, expected) in rows {
        home.set(variable, value);
        let status = home.run(&["status"]).await.stdout;
        assert!(status.contains(expected), "{variable}={value}: {status}");
    }
    home.run(&["preferences", "set", "language", "es"]).await;
    let status = home.run(&["status"]).await.stdout;
    assert!(status.contains("sin sesión"), "{status}");
    home.run(&["preferences", "set", "language", "system"]).await;
    assert!(home.run(&["status"]).await.stdout.contains("nicht angemeldet"));
}
