//! Signing in: by browser, by device code, with a pasted address, and at another authorization server.

mod browser;
mod callback;
mod device;
mod oidc;
mod token_exchange;
