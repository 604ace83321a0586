//! One sign-in: the authorization request, the redirect or the device code, and the exchange for tokens.

mod authorization;
mod device;
mod flow;
mod loopback;
mod token_exchange;

pub use flow::{FlowKind, PastedRedirect, SignInFlow, SignInProgress};
pub use loopback::{BusyPort, port_holder};
