//! The background process (`usher background`): it runs the gateway while no window is open, and answers the window over a
//! socket of this user. One per home.

mod client;
mod end_for_update;
mod gateway;
mod lock;
mod process;
mod protocol;
mod reasons;
mod server;
mod socket;
mod start;
mod stay;
mod unlock;

pub use end_for_update::GatewayEnd;
pub use gateway::BackgroundGateway;
pub use lock::{BackgroundHolder, BackgroundLock};
pub use process::{Background, BackgroundEnd};
pub use reasons::StayReason;
pub use start::BackgroundProgram;
pub(crate) use unlock::unlock_background;
