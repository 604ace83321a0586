//! The page of the callback port that a browser is started with, in place of the sign-in page.
//!
//! Other users of the computer can read the arguments with which a browser is started. The address of the sign-in page
//! contains the `state` of the sign-in, so the browser gets a page that sends it on, once.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use url::Url;
use usher_domain::Failure;

use crate::platform::random::random;

/// Pages that are kept: one for each time that a user opens the browser again.
const MAX_PAGES: usize = 32;
const NAME_BYTES: usize = 16;

/// Creates the pages that send a browser to the sign-in page.
#[derive(Clone)]
pub struct LaunchPages {
    port: u16,
    pages: Arc<Mutex<VecDeque<Page>>>,
}

struct Page {
    path: String,
    was_visited: bool,
}

/// A request for one of the pages.
pub(super) struct Visit(String);

impl LaunchPages {
    pub(super) fn new(port: u16) -> Self {
        Self { port, pages: Arc::default() }
    }

    /// Creates a page and returns its address, which works once.
    pub fn create(&self) -> Result<Url, Failure> {
        let path = format!("/start/{}", URL_SAFE_NO_PAD.encode(random::<NAME_BYTES>()?));
        let url = Url::parse(&format!("http://127.0.0.1:{}{path}", self.port));
        let mut pages = self.pages.lock();
        if pages.len() == MAX_PAGES {
            pages.pop_front();
        }
        pages.push_back(Page { path, was_visited: false });
        Ok(url.expect("a port and a path of letters and digits"))
    }

    pub(super) fn find(&self, path: &str) -> Option<Visit> {
        self.pages.lock().iter().any(|page| page.path == path).then(|| Visit(path.to_owned()))
    }

    /// Notes the visit and returns whether it is the first one of its page.
    pub(super) fn is_first(&self, visit: &Visit) -> bool {
        let mut pages = self.pages.lock();
        let page = pages.iter_mut().find(|page| page.path == visit.0);
        page.is_some_and(|page| !std::mem::replace(&mut page.was_visited, true))
    }
}

impl fmt::Debug for LaunchPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LaunchPages").field("port", &self.port).finish_non_exhaustive()
    }
}

impl PartialEq for LaunchPages {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.pages, &other.pages)
    }
}

impl Eq for LaunchPages {}
