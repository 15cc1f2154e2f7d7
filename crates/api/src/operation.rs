//! What an operation of the API is: one type says it all, for the server's routes, the client's calls and the
//! OpenAPI document.

use crate::Content;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::IntoParams;

/// One operation of the API. Nobody has a value of such a type; `operations!` declares them.
pub trait Operation: Send + Sync + 'static {
    /// Its name in the cloud's SDKs.
    const ID: &'static str;
    /// The manual's section.
    const SECTION: &'static str;
    /// What it does, in one sentence.
    const SUMMARY: &'static str;
    /// The HTTP method.
    const METHOD: Method;
    /// The path, with parameters in braces.
    const PATH: &'static str;
    /// The HTTP status of a success.
    const STATUS: u16;
    /// The parameters of the path.
    type Path: Serialize + DeserializeOwned + IntoParams + Send + Sync + 'static;
    /// The parameters of the query.
    type Query: Serialize + DeserializeOwned + IntoParams + Send + Sync + 'static;
    /// What is sent.
    type Body: Content;
    /// What is answered.
    type Answer: Content;

    /// The path and query of a call.
    fn target(path: &Self::Path, query: &Self::Query) -> String {
        let mut target = fill(Self::PATH, path);
        // Queries are flat structs of texts and numbers, which can always be written.
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query);
        }
        target
    }
}

/// The methods that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or does.
    Post,
    /// Changes.
    Put,
    /// Deletes.
    Delete,
}

impl Method {
    /// As HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Declares operations of the API: types that implement [`Operation`], and the list of them.
///
/// ```text
/// operations! {
///     /// Lists the test events of a function.
///     ListEvents = Get "/v2/{project_id}/fgs/functions/{function_urn}/events" => 200, "7.4.1" {
///         path: FunctionPath, query: Empty, body: Empty, answer: Json<EventList>
///     }
/// }
/// ```
macro_rules! operations {
    ($(
        $(#[doc = $summary:literal])+
        $name:ident = $method:ident $path:literal => $status:literal, $section:literal {
            path: $parameters:ty, query: $query:ty, body: $body:ty, answer: $answer:ty $(,)?
        }
    )+) => {
        $(
            $(#[doc = $summary])+
            #[doc = concat!("\nManual, ", $section, ": `", $path, "`.")]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl $crate::Operation for $name {
                const ID: &'static str = stringify!($name);
                const SECTION: &'static str = $section;
                const SUMMARY: &'static str = concat!($($summary),+);
                const METHOD: $crate::Method = $crate::Method::$method;
                const PATH: &'static str = $path;
                const STATUS: u16 = $status;
                type Path = $parameters;
                type Query = $query;
                type Body = $body;
                type Answer = $answer;
            }
        )+

        /// The operations of this resource.
        pub(crate) const OPERATIONS: &[$crate::Description] = &[$($crate::Description::of::<$name>()),+];
    };
}
pub(crate) use operations;

/// The parameters of paths that name a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ProjectPath {
    /// The project.
    pub project_id: String,
}

/// The parameters of paths that name a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct FunctionPath {
    /// The project.
    pub project_id: String,
    /// The function: a URN, with or without a version or alias, or a part of one that is enough.
    pub function_urn: String,
}

/// What [`fill`] leaves as it is: RFC 3986's unreserved characters. Colons of URNs are escaped, as the cloud's SDKs do.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path with its parameters filled in.
fn fill<P: Serialize>(template: &str, parameters: &P) -> String {
    let parameters = serde_json::to_value(parameters).unwrap_or_default();
    let mut filled = String::with_capacity(template.len() + 64);
    for (number, part) in template.split(['{', '}']).enumerate() {
        if number % 2 == 0 {
            filled.push_str(part);
            continue;
        }
        match &parameters[part] {
            Value::String(text) => filled.extend(utf8_percent_encode(text, RESERVED)),
            Value::Null => {}
            other => filled.extend(utf8_percent_encode(&other.to_string(), RESERVED)),
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Empty;
    use crate::events::{EventPath, ShowEvent};

    #[test]
    fn parameters_are_escaped() {
        let path = EventPath {
            project_id: "p1".to_owned(),
            function_urn: "urn:fss:local:p1:function:default:f:!prod".to_owned(),
            event_id: "a/b".to_owned(),
        };
        let target = ShowEvent::target(&path, &Empty {});
        assert_eq!(
            target,
            "/v2/p1/fgs/functions/urn%3Afss%3Alocal%3Ap1%3Afunction%3Adefault%3Af%3A%21prod/events/a%2Fb"
        );
    }
}
