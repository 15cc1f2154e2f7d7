//! What bodies are made of.

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema, schema::Type};
use utoipa::{IntoParams, ToSchema};

/// Schemas under the names that others refer to them by.
pub type Named = Vec<(String, RefOr<Schema>)>;

/// A body, of a request or of an answer.
pub trait Content: Sized + Send + 'static {
    /// The `Content-Type`; none for no body at all.
    const TYPE: Option<&'static str>;

    /// Reads it.
    ///
    /// # Errors
    /// When the bytes are something else.
    fn read(bytes: &Bytes) -> Result<Self, ContentError>;

    /// Writes it.
    fn write(self) -> Bytes;

    /// What it looks like; the schemas that this refers to are added to `named`.
    fn schema(named: &mut Named) -> RefOr<Schema>;
}

/// A body that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}the body is not what the operation takes: {reason}", if place.is_empty() { String::new() } else { format!("`{place}`: ") })]
pub struct ContentError {
    /// The member that is wrong; empty when it is the whole.
    place: String,
    reason: String,
}

/// JSON of this type.
#[derive(Debug, Clone, PartialEq)]
pub struct Json<T>(pub T);

/// No body; also no query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct Empty {}

/// Bytes as they are: an event, a result, a package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Raw(pub Bytes);

impl<T: Serialize + DeserializeOwned + ToSchema + Send + 'static> Content for Json<T> {
    const TYPE: Option<&'static str> = Some("application/json");

    fn read(bytes: &Bytes) -> Result<Self, ContentError> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let place = error.path().to_string();
            let place = if place == "." { String::new() } else { place };
            ContentError { place, reason: error.into_inner().to_string() }
        })?;
        json.end().map_err(|error| ContentError { place: String::new(), reason: error.to_string() })?;
        Ok(Self(value))
    }

    fn write(self) -> Bytes {
        // Models have text keys and no value that refuses to be written.
        serde_json::to_vec(&self.0).map(Bytes::from).unwrap_or_default()
    }

    fn schema(named: &mut Named) -> RefOr<Schema> {
        T::schemas(named);
        match T::schema() {
            // Lists and the like have no name of their own.
            RefOr::T(schema @ (Schema::Object(_) | Schema::AllOf(_))) => {
                let name = T::name().into_owned();
                named.push((name.clone(), RefOr::T(schema)));
                RefOr::Ref(Ref::from_schema_name(name))
            }
            other => other,
        }
    }
}

impl Content for Empty {
    const TYPE: Option<&'static str> = None;

    fn read(_: &Bytes) -> Result<Self, ContentError> {
        Ok(Self {})
    }

    fn write(self) -> Bytes {
        Bytes::new()
    }

    fn schema(_: &mut Named) -> RefOr<Schema> {
        RefOr::T(Schema::default())
    }
}

impl Content for Raw {
    const TYPE: Option<&'static str> = Some("application/octet-stream");

    fn read(bytes: &Bytes) -> Result<Self, ContentError> {
        Ok(Self(bytes.clone()))
    }

    fn write(self) -> Bytes {
        self.0
    }

    fn schema(_: &mut Named) -> RefOr<Schema> {
        RefOr::T(ObjectBuilder::new().schema_type(Type::String).build().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::CreateEventBody;

    fn error(json: &'static str) -> String {
        Json::<CreateEventBody>::read(&Bytes::from_static(json.as_bytes())).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_the_member() {
        assert!(error(r#"{"name": 7, "content": ""}"#).starts_with("`name`: "), "{}", error(r#"{"name": 7}"#));
        assert!(error("{} {}").contains("missing field"), "{}", error("{} {}"));
        assert!(error("").starts_with("the body is not"), "{}", error(""));
    }
}
