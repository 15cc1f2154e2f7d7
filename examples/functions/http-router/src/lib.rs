//! An HTTP component (`wasi:http/incoming-handler`) with routes.
//!
//! | request             | answer                                              |
//! | ------------------- | --------------------------------------------------- |
//! | `GET /`             | what there is                                       |
//! | `GET /hello/{name}` | a greeting                                          |
//! | `POST /echo`        | the body, piece by piece while it still arrives     |
//! | `GET /stream`       | several chunks, each sent before the next is made   |
//! | another method      | 405, with the header `allow`                        |
//! | another path        | 404                                                 |
//!
//! [`Route::find`] is plain Rust and tested as such; `http.rs` carries requests and answers across.

#[cfg(target_family = "wasm")]
mod http;
mod percent;

/// What `GET /` says.
pub const INDEX: &str = "GET /hello/{name}, POST /echo, GET /stream\n";

/// How many chunks `GET /stream` sends.
pub const CHUNKS: u32 = 5;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// What there is.
    Index,
    /// A greeting.
    Hello {
        /// Whom to greet.
        name: String,
    },
    /// The request's own body and type.
    Echo,
    /// [`CHUNKS`] chunks, see [`chunk`].
    Stream,
    /// The path has other methods.
    MethodNotAllowed {
        /// Which ones.
        allow: &'static str,
    },
    /// There is no such path.
    NotFound,
}

impl Route {
    /// Finds what a request asks for, by its method in upper case and its path without the query.
    pub fn find(method: &str, path: &str) -> Self {
        let (route, allow) = match path {
            "/" => (Self::Index, "GET"),
            "/echo" => (Self::Echo, "POST"),
            "/stream" => (Self::Stream, "GET"),
            path => match path.strip_prefix("/hello/").and_then(percent::decode) {
                Some(name) if !name.is_empty() && !name.contains('/') => (Self::Hello { name }, "GET"),
                _ => return Self::NotFound,
            },
        };
        if method == allow { route } else { Self::MethodNotAllowed { allow } }
    }

    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Index | Self::Hello { .. } | Self::Echo | Self::Stream => 200,
            Self::NotFound => 404,
            Self::MethodNotAllowed { .. } => 405,
        }
    }

    /// The whole text of the answer; none where the answer is made while it is sent.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Index => Some(INDEX.to_owned()),
            Self::Hello { name } => Some(format!("Hello, {name}!\n")),
            Self::NotFound => Some("there is nothing here\n".to_owned()),
            Self::MethodNotAllowed { allow } => Some(format!("this path takes {allow}\n")),
            Self::Echo | Self::Stream => None,
        }
    }
}

/// One chunk of [`Route::Stream`], the first being 1.
pub fn chunk(number: u32) -> String {
    format!("chunk {number} of {CHUNKS}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, path: &str, route: Route) {
        assert_eq!(Route::find(method, path), route, "{method} {path}");
    }

    fn hello(name: &str) -> Route {
        Route::Hello { name: name.to_owned() }
    }

    #[test]
    fn every_path_is_found() {
        check("GET", "/", Route::Index);
        check("GET", "/hello/Ada", hello("Ada"));
        check("POST", "/echo", Route::Echo);
        check("GET", "/stream", Route::Stream);
    }

    #[test]
    fn names_are_percent_decoded() {
        check("GET", "/hello/Ada%20Lovelace", hello("Ada Lovelace"));
        check("GET", "/hello/%E4%BD%A0%e5%a5%bd", hello("你好"));
    }

    #[test]
    fn other_paths_are_not_found_whatever_the_method() {
        for path in ["", "/nowhere", "/hello", "/hello/", "/hello/a/b", "/hello/a%2Fb", "/hello/%ff", "/hello/%2"] {
            check("GET", path, Route::NotFound);
            check("DELETE", path, Route::NotFound);
        }
    }

    #[test]
    fn other_methods_are_refused_with_the_right_one() {
        check("POST", "/", Route::MethodNotAllowed { allow: "GET" });
        check("DELETE", "/hello/Ada", Route::MethodNotAllowed { allow: "GET" });
        check("GET", "/echo", Route::MethodNotAllowed { allow: "POST" });
    }

    #[test]
    fn answers_that_are_no_streams_have_a_text_and_a_status() {
        let answer = |method, path| {
            let route = Route::find(method, path);
            (route.status(), route.text())
        };
        assert_eq!(answer("GET", "/hello/Ada"), (200, Some("Hello, Ada!\n".to_owned())));
        assert_eq!(answer("GET", "/nowhere"), (404, Some("there is nothing here\n".to_owned())));
        assert_eq!(answer("PUT", "/echo"), (405, Some("this path takes POST\n".to_owned())));
        assert_eq!(answer("POST", "/echo"), (200, None));
        assert_eq!(chunk(1), "chunk 1 of 5\n");
    }

    #[test]
    fn sample_event_is_a_greeting() {
        let event: serde_json::Value = serde_json::from_str(include_str!("../event.json")).expect("the sample is JSON");
        let text = |field: &str| event[field].as_str().expect("the field is text").to_owned();
        check(&text("httpMethod"), &text("path"), hello("Ada"));
    }
}
