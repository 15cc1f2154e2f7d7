//! The OpenAPI document, made from the operations.

use crate::{Content, ErrorBody, Json, Method, Named, Operation};
use utoipa::IntoParams as _;
use utoipa::openapi::{
    Components, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, Required, Response,
    ResponseBuilder,
    content::ContentBuilder,
    path::{OperationBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
};

/// An operation as a value.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// Its name in the cloud's SDKs.
    pub id: &'static str,
    /// The manual's section.
    pub section: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: &'static str,
    item: fn(&mut Named) -> PathItem,
}

impl Description {
    pub(crate) const fn of<O: Operation>() -> Self {
        Self { id: O::ID, section: O::SECTION, method: O::METHOD, path: O::PATH, item: item::<O> }
    }
}

/// The OpenAPI document of these operations.
pub fn openapi(operations: impl IntoIterator<Item = &'static Description>) -> OpenApi {
    let mut named = Vec::new();
    let mut paths = PathsBuilder::new();
    for operation in operations {
        // Items of one path are merged.
        paths = paths.path(operation.path, (operation.item)(&mut named));
    }
    let mut components = Components::new();
    components.schemas.extend(named);
    let info = InfoBuilder::new()
        .title("fngraph")
        .description(Some("The FunctionGraph v2 API, served by fngraph."))
        .version(env!("CARGO_PKG_VERSION"))
        .build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

fn item<O: Operation>(named: &mut Named) -> PathItem {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(O::ID))
        .summary(Some(O::SUMMARY.trim()))
        .description(Some(format!("Manual, {}.", O::SECTION)))
        .tag(O::SECTION.rsplit_once('.').map_or(O::SECTION, |(chapter, _)| chapter));
    let places = [
        (ParameterIn::Path, O::Path::into_params(|| Some(ParameterIn::Path))),
        (ParameterIn::Query, O::Query::into_params(|| Some(ParameterIn::Query))),
    ];
    for (place, parameters) in places {
        for mut parameter in parameters {
            parameter.parameter_in = place.clone();
            operation = operation.parameter(parameter);
        }
    }
    if let Some(media) = O::Body::TYPE {
        let content = ContentBuilder::new().schema(Some(O::Body::schema(named))).build();
        let body = RequestBodyBuilder::new().content(media, content).required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    operation = operation.response(O::STATUS.to_string(), response::<O::Answer>("It is done.", named));
    operation = operation.response("default", response::<Json<ErrorBody>>("It failed, and nothing changed.", named));
    PathItem::new(method(O::METHOD), operation)
}

fn response<C: Content>(text: &str, named: &mut Named) -> Response {
    let response = ResponseBuilder::new().description(text);
    match C::TYPE {
        Some(media) => response.content(media, ContentBuilder::new().schema(Some(C::schema(named))).build()).build(),
        None => response.build(),
    }
}

fn method(method: Method) -> HttpMethod {
    match method {
        Method::Get => HttpMethod::Get,
        Method::Post => HttpMethod::Post,
        Method::Put => HttpMethod::Put,
        Method::Delete => HttpMethod::Delete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Empty, operations};
    use std::collections::BTreeSet;

    #[test]
    fn every_operation_is_in_the_document() {
        let document = serde_json::to_value(openapi(operations())).unwrap();
        for operation in operations() {
            let item = &document["paths"][operation.path][operation.method.as_str().to_lowercase()];
            assert_eq!(item["operationId"], operation.id, "{}", operation.path);
            for parameter in operation.path.split(['{', '}']).skip(1).step_by(2) {
                let parameters = item["parameters"].as_array().unwrap();
                let named = |p: &&serde_json::Value| p["name"] == parameter && p["in"] == "path";
                assert!(parameters.iter().any(|p| named(&p)), "{}: {parameter} is not described", operation.id);
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(openapi(operations())).unwrap();
        let text = document.to_string();
        for (start, prefix) in text.match_indices("#/components/schemas/") {
            let name = text[start + prefix.len()..].split('"').next().unwrap();
            assert!(document["components"]["schemas"].get(name).is_some(), "{name} is not described");
        }
    }

    #[test]
    fn no_two_operations_are_one() {
        let ids: BTreeSet<_> = operations().map(|operation| operation.id).collect();
        let routes: BTreeSet<_> = operations().map(|operation| (operation.method.as_str(), operation.path)).collect();
        assert_eq!((ids.len(), routes.len()), (operations().count(), operations().count()));
    }

    #[test]
    fn a_body_that_is_none_is_not_described() {
        let mut named = Vec::new();
        assert!(response::<Empty>("done", &mut named).content.is_empty() && named.is_empty());
    }
}
