//! Searches the output and files of a program for secrets: plain, encoded, and in parts.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Any run of this many bytes of a secret counts as a leak.
const SLICE: usize = 12;

/// Secrets to search for, each with its kind.
#[derive(Default)]
pub struct Secrets {
    /// Every run of a secret and of its encodings, all of one length so that a text is scanned once.
    needles: HashMap<[u8; SLICE], &'static str>,
    /// Secrets that are shorter than a run.
    short: HashMap<Vec<u8>, &'static str>,
    kinds: BTreeSet<&'static str>,
}

impl Secrets {
    /// Adds a secret to search for.
    pub fn add(&mut self, kind: &'static str, secret: &str) {
        let bytes = secret.as_bytes();
        assert!(bytes.len() >= 8, "{kind}: a secret this short would be found everywhere");
        self.kinds.insert(kind);
        if bytes.len() < SLICE {
            self.short.insert(bytes.to_vec(), kind);
        }
        self.add_runs(kind, bytes, SLICE, <[u8]>::to_vec);
        // Nine bytes are twelve characters of base64. Wherever a slice of a secret begins in the encoded data, some
        // nine bytes of it begin at a base64 group.
        self.add_runs(kind, bytes, 9, |run| STANDARD_NO_PAD.encode(run).into_bytes());
        self.add_runs(kind, bytes, 9, |run| URL_SAFE_NO_PAD.encode(run).into_bytes());
        self.add_runs(kind, bytes, 6, |run| hex(run).into_bytes());
        self.add_runs(kind, bytes, 6, |run| hex(run).to_ascii_uppercase().into_bytes());
    }

    fn add_runs(&mut self, kind: &'static str, secret: &[u8], length: usize, encode: fn(&[u8]) -> Vec<u8>) {
        for run in secret.windows(length) {
            let needle = encode(run).try_into().expect("each encoding makes twelve bytes of its run");
            self.needles.insert(needle, kind);
        }
    }

    /// Returns the kinds of the added secrets.
    pub fn kinds(&self) -> &BTreeSet<&'static str> {
        &self.kinds
    }

    /// Returns the kind of the first secret in `text`, in any of the known encodings.
    pub fn found_in(&self, text: &[u8]) -> Option<&'static str> {
        let has = |byte| text.contains(&byte);
        self.found_plain(text)
            .or_else(|| has(b'%').then(|| self.found_plain(&percent_decoded(text))).flatten())
            .or_else(|| has(b'\\').then(|| self.found_plain(&unescaped(text))).flatten())
            .or_else(|| has(0).then(|| self.found_plain(&without_zeros(text))).flatten())
            .or_else(|| has(b',').then(|| self.found_plain(&listed(text))).flatten())
    }

    fn found_plain(&self, text: &[u8]) -> Option<&'static str> {
        let run = text.windows(SLICE).find_map(|run| self.needles.get(run));
        let short = || {
            let mut short = self.short.iter();
            short.find(|(secret, _)| text.windows(secret.len()).any(|run| run == secret.as_slice()))
        };
        run.or_else(|| short().map(|(_, kind)| kind)).copied()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    })
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Decodes percent-encoding such as `%41`.
fn percent_decoded(text: &[u8]) -> Vec<u8> {
    decoded(text, |rest| match rest {
        [b'%', high, low, ..] => Some((hex_byte(&[*high, *low])?, 3)),
        _ => None,
    })
}

/// Decodes the escapes of JSON that a token can need, and those of Rust's byte strings.
fn unescaped(text: &[u8]) -> Vec<u8> {
    decoded(text, |rest| match rest {
        [b'\\', b'u', b'0', b'0', high, low, ..] => Some((hex_byte(&[*high, *low])?, 6)),
        [b'\\', b'x', high, low, ..] => Some((hex_byte(&[*high, *low])?, 4)),
        [b'\\', same @ (b'/' | b'"' | b'\\'), ..] => Some((*same, 2)),
        _ => None,
    })
}

fn decoded(text: &[u8], first: impl Fn(&[u8]) -> Option<(u8, usize)>) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let (byte, length) = first(&text[at..]).unwrap_or((text[at], 1));
        plain.push(byte);
        at += length;
    }
    plain
}

/// Removes zero bytes, which turns the UTF-16 of web views into plain bytes.
fn without_zeros(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte != 0).collect()
}

/// Decodes lists of numbers, which is how Rust's `Debug` prints bytes.
fn listed(text: &[u8]) -> Vec<u8> {
    let lists = text.split(|byte| !(byte.is_ascii_digit() || byte.is_ascii_whitespace() || *byte == b','));
    let numbers = lists.flat_map(|list| list.split(|byte| !byte.is_ascii_digit()));
    numbers.filter_map(|digits| std::str::from_utf8(digits).ok()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "rt_sandbox_9fK-27vQ_x.Zm3";

    /// Returns whether the token is found in `text` with other text before and after it.
    fn is_found(text: &[u8]) -> bool {
        let mut secrets = Secrets::default();
        secrets.add("token", TOKEN);
        let surrounded = [b"before ".as_slice(), text, b" after"].concat();
        secrets.found_in(&surrounded) == Some("token")
    }

    fn each(byte: impl Fn(u8) -> String) -> Vec<u8> {
        TOKEN.bytes().map(byte).collect::<String>().into_bytes()
    }

    #[test]
    fn secret_plain_or_twelve_byte_part_is_found() {
        assert!(is_found(TOKEN.as_bytes()));
        for part in TOKEN.as_bytes().windows(SLICE) {
            assert!(is_found(part));
        }
        for part in TOKEN.as_bytes().windows(SLICE - 1) {
            assert!(!is_found(part), "eleven bytes may be a prefix");
        }
    }

    #[test]
    fn secret_in_base64_at_any_offset_is_found() {
        for before in ["", "a", "ab", "abc"] {
            for part in TOKEN.as_bytes().windows(SLICE) {
                let surrounded_part = [before.as_bytes(), part, b"and more"].concat();
                assert!(is_found(STANDARD_NO_PAD.encode(&surrounded_part).as_bytes()), "{before}");
                assert!(is_found(URL_SAFE_NO_PAD.encode(&surrounded_part).as_bytes()), "{before}");
            }
        }
    }

    #[test]
    fn secret_in_any_escape_form_is_found() {
        let forms =
            [
                each(|byte| format!("%{byte:02X}")),
                each(|byte| format!("%{byte:02x}")),
                each(|byte| {
                    if byte.is_ascii_alphanumeric() {
                        char::from(byte).into()
                    } else {
                        format!("%{byte:02X}")
                    }
                }),
                each(|byte| format!("\\u{byte:04x}")),
                each(|byte| format!("\\x{byte:02x}")),
                each(|byte| format!("{byte:02x}")),
                each(|byte| format!("{byte:02X}")),
                each(|byte| format!("{byte}, ")),
                each(|byte| format!("{byte},")),
                each(|byte| format!("    {byte},\n")),
                each(|byte| format!("{}\0", char::from(byte))),
            ];
        for form in forms {
            assert!(is_found(&form), "{}", String::from_utf8_lossy(&form));
        }
        let encoded = STANDARD_NO_PAD.encode(TOKEN).replace('+', "%2B").replace('/', "\\/");
        assert!(is_found(encoded.as_bytes()), "{encoded}");
    }

    #[test]
    fn short_secret_is_found_only_complete() {
        let mut secrets = Secrets::default();
        secrets.add("code", "K7QX-9PLM");
        assert_eq!(secrets.found_in(b"the code is K7QX-9PLM."), Some("code"));
        assert_eq!(secrets.found_in(b"the code is K7QX-9PL."), None);
    }

    #[test]
    fn text_without_secret_is_not_found() {
        let text = "usher_net::client: sending method=POST path=/oauth/token 1, 2, 3 %20 \\n rt_sandbox_";
        assert!(!is_found(text.as_bytes()));
    }
}
