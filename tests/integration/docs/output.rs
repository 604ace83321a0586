//! Compares what a command printed with what its page shows.

use std::sync::LazyLock;

use regex::Regex;

/// What differs from run to run, and what stands for it. Applied to both sides.
const FILTERS: &[(&str, &str)] = &[
    (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d? \w{3} \d{4}, \d\d:\d\d", "[time]"),
    (r"\d{4}-\d\d-\d\d", "[date]"),
    (r"(http://127\.0\.0\.1:\d+|https://auth\.openai\.com)/oauth/authorize\?\S+", "[sign-in page]"),
    (r"https://auth\.openai\.com\b", "[address]"),
    (r"http://127\.0\.0\.1:\d+", "[address]"),
    // Short times are not shown.
    (r"(?m)^(Credential|Token|Models|Answer) +(ok|-)( +\d+(\.\d+)? (ms|s))? +", "$1  $2  "),
    (r"\d+(\.\d+)? (ms|s)\b", "[duration]"),
    (r"usher_([\w-]{20,}|…)", "[secret]"),
    (r"[A-Z0-9]{4}-[A-Z0-9]{5}", "[code]"),
    (r"process \d+", "process [id]"),
    // Columns are as wide as what stands in them.
    (r" {2,}", "  "),
];

static COMPILED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let compile = |pattern| Regex::new(pattern).expect("the filter is a pattern");
    FILTERS.iter().map(|(pattern, stands_for)| (compile(pattern), *stands_for)).collect()
});

/// Returns `text` without what differs from run to run; `home` is written as people do.
fn normalized(text: &str, home: &str) -> String {
    let text = text.replace(home, "~");
    let filtered = COMPILED
        .iter()
        .fold(text, |text, (pattern, stands_for)| pattern.replace_all(&text, *stands_for).into_owned());
    let lines = filtered.lines().map(str::trim_end);
    lines.filter(|line| !line.is_empty()).fold(String::new(), |text, line| text + line + "\n")
}

/// Compares the output of a command with that of its page, where `…` stands for what is left out: a part of a line, or
/// any lines where it stands alone.
pub(super) fn compare(shown: &str, printed: &str, home: &str) -> Result<(), String> {
    let (shown, printed) = (normalized(shown, home), normalized(printed, home));
    let pattern = shown.lines().fold(String::from(r"\A"), |pattern, line| match line.trim() {
        "…" => pattern + r"(?:.*\n)*?",
        _ => pattern + &regex::escape(line).replace('…', ".*") + r"\n",
    });
    let pattern = Regex::new(&(pattern + r"\z")).expect("text that is escaped is a pattern");
    if pattern.is_match(&printed) {
        Ok(())
    } else {
        Err(format!("the page shows\n{shown}and it prints\n{printed}"))
    }
}

#[test]
fn times_addresses_and_left_out_lines_match_and_nothing_else_does() {
    let printed =
        "Usage   of /tmp/x\n5-hour window 12% used, resets Mon 24 Nov 2025, 14:00\n\nDone in 31 ms\n";
    let same = |shown: &str| compare(shown, printed, "/tmp/x").is_ok();
    assert!(same("Usage  of ~\n5-hour window 12% used, resets Sat 1 Jan 2028, 00:00\nDone in 2 ms\n"));
    assert!(same("Usage …\n…\nDone in 2 ms\n"));
    assert!(!same("Usage …\nDone in 2 ms\n"), "a line is missing");
    assert!(!same("Usage …\n5-hour window 13% used, resets Sat 1 Jan 2028, 00:00\nDone in 2 ms\n"));
    assert!(!same("…\nDone\n"));
}
