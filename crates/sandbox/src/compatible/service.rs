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
    Anybody,
    /// A header of its own; a bearer is not looked at.
    Header,
}

const USUAL: Service =
    Service { kind: "both", prefix: "/v1", responses: true, chat: true, access: Access::Key };

pub(super) const SERVICES: &[Service] = &[
    USUAL,
    Service { kind: "chat-only", responses: false, ..USUAL },
    Service { kind: "responses-only", chat: false, ..USUAL },
    Service { kind: "keyless", access: Access::Anybody, ..USUAL },
    Service { kind: "header", access: Access::Header, ..USUAL },
    Service { kind: "unversioned", prefix: "", ..USUAL },
];

/// Those that answer everything with the same thing.
const PRETENDERS: [&str; 2] = ["redirecting", "html"];

/// The endpoint that a path below `/compatible/` means, such as `models`; whether the service has it is another
/// matter.
pub(crate) fn door(path: &str) -> Option<&str> {
    let (kind, rest) = path.strip_prefix("/compatible/")?.split_once('/')?;
    let service = SERVICES.iter().find(|service| service.kind == kind);
    let prefix = match service {
        Some(service) => service.prefix,
        None if PRETENDERS.contains(&kind) => USUAL.prefix,
        None => return None,
    };
    match prefix.strip_prefix('/') {
        Some(version) => rest.strip_prefix(version)?.strip_prefix('/'),
        None => Some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::door;

    #[test]
    fn a_path_means_an_endpoint_only_where_its_service_has_its_base() {
        assert_eq!(door("/compatible/both/v1/models"), Some("models"));
        assert_eq!(door("/compatible/html/v1/chat/completions"), Some("chat/completions"));
        assert_eq!(door("/compatible/unversioned/models"), Some("models"));
        assert_eq!(door("/compatible/unversioned/v1/models"), Some("v1/models"));
        for elsewhere in
            ["/compatible/both/models", "/compatible/nobody/v1/models", "/compatible/both", "/v1/models"]
        {
            assert_eq!(door(elsewhere), None, "{elsewhere}");
        }
    }
}
