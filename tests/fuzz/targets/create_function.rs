//! No body makes creating a function panic, and what is refused leaves nothing behind.
#![no_main]

use axum::{Router, body::Body};
use fngraph::Runtime;
use fngraph_server::{App, Auth, Options};
use http::Request;
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;
use tower::ServiceExt as _;

/// A runtime that never ends, and the API around it.
fn api() -> &'static (tokio::runtime::Runtime, Runtime, Router) {
    static API: OnceLock<(tokio::runtime::Runtime, Runtime, Router)> = OnceLock::new();
    API.get_or_init(|| {
        let threads = tokio::runtime::Runtime::new().expect("the system has threads to give");
        let runtime = threads.block_on(Runtime::builder().build()).expect("the defaults are valid");
        let router = fngraph_server::router(App::new(runtime.clone(), Auth::open(), Options::default()));
        (threads, runtime, router)
    })
}

fuzz_target!(|body: &[u8]| {
    let (threads, runtime, router) = api();
    threads.block_on(async {
        let request = Request::post("/v2/p1/fgs/functions").body(Body::from(body.to_vec())).expect("it is a request");
        let answer = router.clone().oneshot(request).await.expect("routers answer");
        assert!(!answer.status().is_server_error(), "{}", answer.status());
        let functions = runtime.functions(Some("p1"));
        assert_eq!(functions.len(), usize::from(answer.status().is_success()));
        for function in functions {
            runtime.registry().delete(&function.id).await.expect("it is there");
        }
    });
});
