//! Sign-in by browser, device code and pasted address, and at another authorization server.

mod browser;
mod callback;
mod callback_load;
mod device;
mod identity;
mod launch_page;
mod oidc;
mod token_exchange;
