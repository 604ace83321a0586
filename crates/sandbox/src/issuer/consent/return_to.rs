//! The redirect back to the client.

use axum::response::Redirect;
use url::Url;

/// Where the browser is redirected after the decision.
#[derive(Clone)]
pub(crate) struct ReturnTo {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
}

impl ReturnTo {
    pub(crate) fn with_error(&self, error: &str, description: &str) -> Redirect {
        self.with(&[("error", error), ("error_description", description)])
    }

    pub(crate) fn with(&self, parameters: &[(&str, &str)]) -> Redirect {
        let mut url = Url::parse(&self.redirect_uri).expect("a registered redirect is a URL");
        url.query_pairs_mut().extend_pairs(parameters);
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        // 303: the browser comes from a form and must not send it to the client.
        Redirect::to(url.as_str())
    }
}
