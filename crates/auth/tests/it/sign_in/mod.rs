//! Sign-in by browser, device code and pasted address, and at another authorization server.

mod browser;
mod callback;
mod device;
mod oidc;
mod token_exchange;
