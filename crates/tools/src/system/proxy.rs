//! The proxy of the environment, which must not get requests to this computer.

use std::ffi::OsString;

/// Variables that send requests through a proxy, also those to this computer unless [`NO_PROXY`] says otherwise.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
/// Variables with the hosts that are asked directly. Programs read one or the other.
pub(crate) const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];
/// This computer.
pub(crate) const LOOPBACK: &str = "127.0.0.1,localhost,::1";

/// Returns the hosts that `NO_PROXY` has to name so that the gateway is asked directly; `None` where there is no proxy.
pub(crate) fn direct_hosts(get: impl Fn(&str) -> Option<OsString>) -> Option<OsString> {
    let filled = |name: &str| get(name).filter(|value| !value.is_empty());
    PROXIES.iter().find_map(|name| filled(name))?;
    let mut hosts = OsString::new();
    if let Some(before) = NO_PROXY.iter().find_map(|name| filled(name)) {
        hosts.push(before);
        hosts.push(",");
    }
    hosts.push(LOOPBACK);
    Some(hosts)
}
