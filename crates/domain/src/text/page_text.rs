//! Reads the text of a web page that a server sent in place of an answer.

use super::redact::redact;

/// The longest part of a page that is read.
const MAX_PAGE_BYTES: usize = 64 * 1024;
/// The longest text that is returned.
const MAX_TEXT_LENGTH: usize = 200;
/// Elements whose content is not text.
const NO_TEXT: [&str; 2] = ["script", "style"];
const ENTITIES: [(&str, &str); 6] =
    [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];

/// Returns the beginning of the text of a page, redacted and in one line; empty if it has none.
///
/// For error messages: the page of a server that is down says so in its title.
pub fn page_text(html: &str) -> String {
    let end = (0..=MAX_PAGE_BYTES.min(html.len())).rev().find(|end| html.is_char_boundary(*end));
    let mut rest = &html[..end.unwrap_or_default()];
    let mut text = String::new();
    while let Some(begin) = rest.find('<') {
        text.push_str(&rest[..begin]);
        text.push(' ');
        let tag = &rest[begin + 1..];
        let Some(end) = end_of_tag(tag) else { return shown(&text) };
        rest = &tag[end..];
    }
    text.push_str(rest);
    shown(&text)
}

/// Returns where the text behind a tag begins, and behind its content if that is none.
fn end_of_tag(tag: &str) -> Option<usize> {
    if tag.starts_with("!--") {
        return tag.find("-->").map(|end| end + 3);
    }
    let end = tag.find('>')? + 1;
    let name = tag.split(|character: char| !character.is_ascii_alphanumeric()).next().unwrap_or_default();
    if !NO_TEXT.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return Some(end);
    }
    let lower = tag.to_ascii_lowercase();
    let close = end + lower[end..].find(&format!("</{}", name.to_ascii_lowercase()))?;
    Some(close + tag[close..].find('>')? + 1)
}

fn shown(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = ENTITIES.iter().fold(text, |text, (name, character)| text.replace(name, character));
    redact(&text).chars().take(MAX_TEXT_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_page_is_what_a_person_would_read() {
        for (html, text) in [
            (
                "<html><head><title>502 Bad Gateway</title><style>h1{}</style></head>\n<h1>Try &amp; wait</h1>",
                "502 Bad Gateway Try & wait",
            ),
            ("<!-- <b> --><SCRIPT>if (a < b) {}</script >model is\n loading", "model is loading"),
            ("<p", ""),
            ("<script>alert(1)", ""),
            ("<p>sk-abcdefghijklmnop1234</p>", "[redacted]"),
            ("plain", "plain"),
        ] {
            assert_eq!(page_text(html), text, "{html}");
        }
        assert_eq!(page_text(&"é<b>".repeat(100_000)).chars().count(), MAX_TEXT_LENGTH);
        assert_eq!(page_text(&"<script>".repeat(100_000)), "");
    }
}
