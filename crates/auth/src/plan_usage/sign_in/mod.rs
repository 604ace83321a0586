//! One sign-in for plan usage: the authorization request, the redirect, and the exchange for tokens (siwc §3 to §6).

mod completion;
mod flow;
mod request;

pub use self::flow::{PlanIdentity, PlanSignInFlow, PlanSignInKind, PlanSignInRequest};
