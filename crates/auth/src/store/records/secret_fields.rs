//! Secrets as fields of the records: the one place where they are serialized.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serializer};
use usher_domain::Secret;

pub(in crate::store) fn expose<Kind, S: Serializer>(secret: &Secret<Kind>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose())
}

pub(in crate::store) fn enclose<'de, Kind, D: Deserializer<'de>>(from: D) -> Result<Secret<Kind>, D::Error> {
    String::deserialize(from).map(Secret::new)
}

pub(in crate::store) fn enclose_shared<'de, Kind, D: Deserializer<'de>>(
    from: D,
) -> Result<Arc<Secret<Kind>>, D::Error> {
    enclose(from).map(Arc::new)
}

#[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
pub(in crate::store) fn expose_some<Kind, S: Serializer>(
    secret: &Option<Secret<Kind>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => to.serialize_some(secret.expose()),
        None => to.serialize_none(),
    }
}

pub(in crate::store) fn enclose_some<'de, Kind, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Secret<Kind>>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(Secret::new))
}

#[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
pub(in crate::store) fn expose_some_shared<Kind, S: Serializer>(
    secret: &Option<Arc<Secret<Kind>>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => to.serialize_some(secret.expose()),
        None => to.serialize_none(),
    }
}

pub(in crate::store) fn enclose_some_shared<'de, Kind, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Arc<Secret<Kind>>>, D::Error> {
    Ok(enclose_some(from)?.map(Arc::new))
}
