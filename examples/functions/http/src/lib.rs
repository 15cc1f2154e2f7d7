//! A function that answers HTTP requests: a component with `wasi:http/incoming-handler`.
//!
//! [`route`] is plain Rust and tested as such; `http.rs` carries requests and responses across.

#[cfg(target_family = "wasm")]
mod http;

/// A request, as far as the routes look at it.
#[derive(Debug)]
pub struct Request<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The path, without the query.
    pub path: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// What is answered.
#[derive(Debug, PartialEq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: body.into().into_bytes() }
    }
}

/// Finds the answer to a request.
pub fn route(request: &Request<'_>) -> Response {
    match (request.method, request.path) {
        ("GET", "/") => Response::text(200, "Hello, world!\n"),
        ("GET", path) if path.starts_with("/hello/") => {
            Response::text(200, format!("Hello, {}!\n", &path["/hello/".len()..]))
        }
        ("POST", "/echo") => {
            Response { status: 200, content_type: "application/octet-stream", body: request.body.to_vec() }
        }
        (_, "/" | "/echo") => Response::text(405, "this path has another method\n"),
        _ => Response::text(404, "there is nothing here\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, path: &str, status: u16, body: &str) {
        let response = route(&Request { method, path, body: b"ping" });
        assert_eq!((response.status, String::from_utf8(response.body).unwrap().as_str()), (status, body));
    }

    #[test]
    fn every_route_answers() {
        check("GET", "/", 200, "Hello, world!\n");
        check("GET", "/hello/Ada", 200, "Hello, Ada!\n");
        check("POST", "/echo", 200, "ping");
    }

    #[test]
    fn other_paths_and_methods_are_refused() {
        check("GET", "/nowhere", 404, "there is nothing here\n");
        check("DELETE", "/", 405, "this path has another method\n");
    }
}
