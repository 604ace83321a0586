//! One sign-in: the authorization request, the redirect or the device code, and the exchange for tokens.

mod authorization;
mod callback;
mod connections;
mod device;
mod flow;
mod launch_page;
mod loopback;
mod pasted_address;
mod result_page;
mod token_exchange;

pub use flow::{FlowKind, PastedRedirect, SignInFlow, SignInProgress};
pub use launch_page::LaunchPages;
pub use loopback::{BusyPort, port_holder};
