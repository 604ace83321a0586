//! Which services there are and what sets each apart.

/// A service that answers; the two that only pretend to are in the routes.
pub(super) struct Service {
    /// Its name in the address.
    pub(super) kind: &'static str,
    /// Between the kind and the endpoint.
    pub(super) prefix: &'static str,
    pub(super) responses: bool,
    pub(super) chat: bool,
    pub(super) access: Access,
}

/// What it wants to see before it answers.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// A key as bearer, as the Platform.
    Key,
    /// Nothing; a bearer is not looked at.
    NoKey,
    /// A header of its own; a bearer is not looked at.
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

/// Those that answer everything with the same thing.
const NON_SERVICES: [&str; 2] = ["redirecting", "html"];

/// The endpoint that a path below `/compatible/` means, such as `models`; whether the service has it is another
/// matter.
pub(crate) fn service_of(path: &str) -> Option<&str> {
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
    use super::service_of;

    #[test]
    fn endpoint_path_is_recognized_below_its_base_only() {
        assert_eq!(service_of("/compatible/both/v1/models"), Some("models"));
        assert_eq!(service_of("/compatible/html/v1/chat/completions"), Some("chat/completions"));
        assert_eq!(service_of("/compatible/unversioned/models"), Some("models"));
        assert_eq!(service_of("/compatible/unversioned/v1/models"), Some("v1/models"));
        for elsewhere in
            ["/compatible/both/models", "/compatible/nobody/v1/models", "/compatible/both", "/v1/models"]
        {
            assert_eq!(service_of(elsewhere), None, "{elsewhere}");
        }
    }
}
