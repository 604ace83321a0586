//! Texts in the files of systemd and launchd.

/// How every property list begins.
pub(crate) const PLIST_HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n";

/// Quotes one word as systemd reads it (systemd.syntax(7)); a percent sign would begin a specifier.
pub(crate) fn systemd_word(word: &str) -> String {
    let escaped = word.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{escaped}\"")
}

/// Escapes a text of a property list.
pub(crate) fn plist_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Returns the text that [`plist_text`] wrote.
#[cfg(not(windows))]
pub(crate) fn text_of_plist(text: &str) -> String {
    text.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
}
