//! One sign-in: the authorization request, the redirect or the device code, and the exchange for tokens.

mod authorization;
mod callback;
mod connections;
mod device;
mod flow;
mod identity;
mod launch_page;
mod loopback;
mod pasted_address;
mod result_page;
mod token_exchange;

pub use flow::{
    FlowKind, PastedRedirect, RequestedIdentity, SignInFlow, SignInInput, SignInProgress, SignInRequest,
};
pub use identity::OtherAccountDecision;
pub(crate) use identity::{is_other_account, other_account};
pub use launch_page::LaunchPages;
pub use loopback::{BusyPort, port_holder};
