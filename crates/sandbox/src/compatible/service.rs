//! The compatible services, and what each does differently.

/// A service with endpoints; the two without any are in the routes.
pub(super) struct Service {
    /// Its name in the URL.
    pub(super) kind: &'static str,
    /// The part of the URL between the kind and the endpoint.
    pub(super) prefix: &'static str,
    pub(super) responses: bool,
    pub(super) chat: bool,
    pub(super) access: Access,
}

/// How a service authenticates a request.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// By a key as bearer token, like the Platform.
    Key,
    /// Not at all; a bearer token is ignored.
    NoKey,
    /// By a header of its own; a bearer token is ignored.
    Header,
}

const DEFAULT_SERVICE: Service =
    Service { kind: "both", prefix: "/v1", responses: true, chat: true, access: Access::Key };

pub(super) const SERVICES: &[Service] = &[
    DEFAULT_SERVICE,
    Service { kind: "chat-only", responses: false, ..DEFAULT_SERVICE },
    Service { kind: "responses-only", chat: false, ..DEFAULT_SERVICE },
    Service { kind: "keyless", access: Access::NoKey, ..DEFAULT_SERVICE },
    Service { kind: "header", access: Access::Header, ..DEFAULT_SERVICE },
    Service { kind: "unversioned", prefix: "", ..DEFAULT_SERVICE },
];

/// The kinds that have one response for everything.
const NON_SERVICES: [&str; 2] = ["redirecting", "html"];

/// Returns the endpoint of a path below `/compatible/`, such as `models`, whether the service has it or not.
pub(crate) fn endpoint_path(path: &str) -> Option<&str> {
    let (kind, rest) = path.strip_prefix("/compatible/")?.split_once('/')?;
    let service = SERVICES.iter().find(|service| service.kind == kind);
    let prefix = match service {
        Some(service) => service.prefix,
        None if NON_SERVICES.contains(&kind) => DEFAULT_SERVICE.prefix,
        None => return None,
    };
    match prefix.strip_prefix('/') {
        Some(version) => rest.strip_prefix(version)?.strip_prefix('/'),
        None => Some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::endpoint_path;

    #[test]
    fn endpoint_path_is_recognized_below_its_base_only() {
        assert_eq!(endpoint_path("/compatible/both/v1/models"), Some("models"));
        assert_eq!(endpoint_path("/compatible/html/v1/chat/completions"), Some("chat/completions"));
        assert_eq!(endpoint_path("/compatible/unversioned/models"), Some("models"));
        assert_eq!(endpoint_path("/compatible/unversioned/v1/models"), Some("v1/models"));
        for path in
            ["/compatible/both/models", "/compatible/nobody/v1/models", "/compatible/both", "/v1/models"]
        {
            assert_eq!(endpoint_path(path), None, "{path}");
        }
    }
}
