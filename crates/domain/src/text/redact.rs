//! Redacts secrets in text of other programs before it is shown or logged.

use crate::is_control_or_format;

/// Runs of token characters at least this long are redacted. Codes, states, verifiers and tokens of the
/// protocol are all longer; model names, error codes and UUID groups between dashes are shorter or have
/// word separators inside.
const LONGEST_HARMLESS_RUN: usize = 24;

/// Returns `text` with everything that could be a token, key or code replaced by `[redacted]`.
///
/// For error messages of a provider and for log lines. It replaces long runs of token characters that mix letters
/// and digits, and everything that begins like a known key (`sk-`, `rt_`, `at-`,
/// `eyJ`, a pass), and cuts the result to 500 characters.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(512));
    let mut run = String::new();
    for character in text.chars().take(4_000) {
        if is_token_character(character) {
            run.push(character);
        } else {
            push_run(&mut out, &run);
            run.clear();
            out.push(if is_control_or_format(character) { ' ' } else { character });
        }
    }
    push_run(&mut out, &run);
    truncate(out, 500)
}

/// Returns whether `text` has something that begins like a known key or token.
///
/// For values that a person chose, which may have long names with digits: a model, a host, a path.
pub fn has_known_secret(text: &str) -> bool {
    text.split(|character| !is_token_character(character)).any(begins_like_secret)
}

fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '~' | '+' | '%')
}

fn push_run(out: &mut String, run: &str) {
    out.push_str(if is_secret_like(run) { "[redacted]" } else { run });
}

fn is_secret_like(run: &str) -> bool {
    if begins_like_secret(run) {
        return true;
    }
    run.len() >= LONGEST_HARMLESS_RUN
        && run.bytes().any(|byte| byte.is_ascii_digit())
        && run.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !is_error_code(run)
}

fn begins_like_secret(run: &str) -> bool {
    let known = ["sk-", "rt_", "rt-", "at-", "eyJ", "sess-", crate::Pass::PREFIX];
    run.len() >= 12 && known.iter().any(|start| run.starts_with(start))
}

/// Returns whether it is words joined by underscores, with no digit but that of a version: `chatpass_v2_not_authorized`.
fn is_error_code(run: &str) -> bool {
    let is_version = |word: &[u8]| matches!(word, [b'v', digit] if digit.is_ascii_digit());
    let is_word = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_lowercase);
    run.split('_').map(str::as_bytes).all(|word| is_version(word) || is_word(word))
}

fn truncate(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{has_known_secret, redact};

    #[test]
    fn redact_replaces_tokens_and_keeps_words() {
        let redacted = redact("Bad token eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln for model gpt-6.2-sol");
        assert_eq!(redacted, "Bad token [redacted] for model gpt-6.2-sol");
    }

    #[test]
    fn redact_recognizes_key_prefixes() {
        assert_eq!(redact("key sk-abcdefghij is wrong"), "key [redacted] is wrong");
        assert_eq!(redact("rt_rec_abcdef"), "[redacted]");
        assert_eq!(redact("the pass usher_pass_abc-def_ghi"), "the pass [redacted]");
    }

    #[test]
    fn redact_keeps_error_codes() {
        for code in ["unsupported_country_region_territory", "chatpass_v2_scope_not_authorized"] {
            assert_eq!(redact(code), code);
        }
        for token in
            ["abcdefghijklmnopqrstuvwxyz0", "abcdefghij_v2_klmnopqrstu9wxyz", "abcdefghijklmnopqrs_v22_tuv"]
        {
            assert_eq!(redact(token), "[redacted]");
        }
    }

    #[test]
    fn redact_replaces_control_characters() {
        assert_eq!(redact("a\u{1b}[2Jb"), "a [2Jb");
        assert_eq!(redact("a\u{202e}b"), "a b");
    }

    #[test]
    fn known_secrets_are_found_and_long_names_are_not() {
        for secret in
            ["sk-proj-abcdefghijk", "https://x.example/v1?key=eyJhbGciOiJub25lIn0", "a, usher_pass_abcdef"]
        {
            assert!(has_known_secret(secret), "{secret}");
        }
        for name in [
            "deepseek-r1-distill-llama-70b-q4",
            "https://a1b2c3-eastus2-prod.openai.azure.com/openai/v1",
            "task-1234567890",
        ] {
            assert!(!has_known_secret(name), "{name}");
        }
    }

    #[test]
    fn redact_truncates_long_text() {
        assert_eq!(redact(&"word ".repeat(400)).chars().count(), 501);
    }
}
