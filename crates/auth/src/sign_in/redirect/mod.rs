//! The redirect of a sign-in: the port that receives it, the pages that the browser sees, and pasted addresses.

mod callback;
mod connections;
mod launch_page;
mod loopback;
mod loopback_names;
mod pasted_address;
mod peer_user;
mod result_page;
mod wait;

pub use self::launch_page::LaunchPages;
pub(crate) use self::loopback::LoopbackListener;
pub use self::loopback::{BusyPort, port_holder};
pub(crate) use self::loopback_names::LoopbackNames;
pub(crate) use self::pasted_address::PastedAddress;
pub(crate) use self::result_page::PendingPage;
pub(crate) use self::wait::{ReceivedCode, RedirectWait};
