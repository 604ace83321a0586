//! One sign-in: the authorization request, the redirect or the device code, and the exchange for tokens.

pub(crate) mod authorization;
mod device;
mod flow;
pub(crate) mod identity;
pub(crate) mod progress;
pub(crate) mod redirect;
mod token_exchange;

pub use flow::{FlowKind, RequestedIdentity, SignInFlow, SignInRequest};
pub use identity::OtherAccountDecision;
pub(crate) use identity::{is_other_account, other_account};
pub use progress::{PastedRedirect, SignInInput, SignInProgress};
pub use redirect::{BusyPort, LaunchPages, port_holder};
