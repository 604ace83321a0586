//! The files of the page, which are built into the program.

use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Method, StatusCode, Uri};
use usher_app::App;

/// A file of the page.
struct PageFile {
    /// Its path in an address.
    path: &'static str,
    /// Its content, as every browser takes it.
    gzipped: &'static [u8],
}

const FILES: &[PageFile] = include!(concat!(env!("OUT_DIR"), "/page_files.rs"));

/// Returns whether this program was built with the page.
pub fn has_page() -> bool {
    !FILES.is_empty()
}

/// Answers with a file of the page; `/` is the page in the language of settings or browser.
pub(crate) fn file(app: &App, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let page = (uri.path() == "/").then(|| app.language.of_browser(preferred(headers)).page());
    let path = page.map_or_else(|| uri.path().to_owned(), |page| format!("/{page}"));
    match FILES.iter().find(|file| file.path == path) {
        Some(file) => {
            let headers = [(CONTENT_TYPE, content_type(&path)), (CONTENT_ENCODING, "gzip")];
            (headers, file.gzipped).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Returns the languages that a browser prefers. Browsers name the best first.
fn preferred(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let languages = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    languages.split(',').map(|language| language.split(';').next().unwrap_or_default())
}

/// Returns the media type of a file. Browsers run no script of another type than its own.
fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
