//! Invocations over HTTP, by the API and by the gateway, beside a bare axum route that answers the same bytes, and beside `wasmtime serve` with the same
//! component. Servers run in processes of their own and take turns.
#![allow(missing_docs, reason = "it is a program")]

use axum::{
    Router,
    body::Bytes,
    routing::{get, post},
};
use fngraph::{Runtime, Source, Trigger};
use fngraph_benches::{
    Guest, event,
    http::{Server, request},
    load::{Calls, Load, Rate},
    machine::{Busy, resident_of},
    report::Report,
    threads,
};
use fngraph_server::{Api, App, AppKeys, Auth, Bounds, Gateway, Listener, Options};
use fngraph_triggers::Triggers;
use serde_json::json;
use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

const PATH: &str = "/v2/local/fgs/functions/FUNCTION/invocations";
const IDLE: &str = "memory/server/idle";
/// Connections at a time.
const CONNECTIONS: [u32; 3] = [1, 32, 320];
/// How often each server has its turn, and for how long.
const TURNS: u32 = 3;
const TURN: Duration = Duration::from_secs(2);
/// The open loop asks for this part of what the server was seen to do.
const SHARE: f64 = 0.5;

fn main() {
    match env::args().nth(1).as_deref() {
        Some("serve-fngraph") => return serve_fngraph(),
        Some("serve-gateway") => return serve_gateway(),
        Some("serve-axum") => return serve_axum(),
        _ => {}
    }
    let report = Report::new(env!("CARGO_TARGET_TMPDIR"));
    let threads = threads();
    if report.wants(IDLE) {
        report.bytes(IDLE, resident_of(&ours("serve-fngraph").process().to_string()));
    }
    let component = env!("CARGO_TARGET_TMPDIR").to_owned() + "/http.wasm";
    std::fs::write(&component, Guest::http().wasm).expect("the target folder is writable");
    for connections in CONNECTIONS {
        let hello = format!("http/hello/{connections}");
        if report.wants(&hello) {
            let tiny = request("POST", &PATH.replace("FUNCTION", "tiny"), &event(128));
            let servers = [("fngraph", ours("serve-fngraph"), tiny.clone()), ("axum", ours("serve-axum"), tiny)];
            threads.block_on(compare(&report, &hello, connections, servers));
        }
        let gateway = format!("http/gateway/{connections}");
        if report.wants(&gateway) {
            let get = request("GET", "/answer", b"");
            let servers = [("fngraph", ours("serve-gateway"), get.clone()), ("axum", ours("serve-axum"), get)];
            threads.block_on(compare(&report, &gateway, connections, servers));
        }
        let component_id = format!("http/component/{connections}");
        let streamed_id = format!("http/gateway-component/{connections}");
        let Some(wasmtime) = wasmtime() else {
            report.note("`cargo xtask bench-report` installs wasmtime; without it nothing is compared with it");
            continue;
        };
        let theirs = || {
            let mut wasmtime = Command::new(&wasmtime);
            wasmtime.args(["serve", "--addr", "127.0.0.1:0", "--max-instance-reuse-count", "1000000"]);
            Server::start_telling_stderr(wasmtime.args(["-Scli", &component]))
        };
        let get = request("GET", "/", b"");
        if report.wants(&streamed_id) {
            let servers = [("fngraph", ours("serve-gateway"), get.clone()), ("wasmtime-serve", theirs(), get.clone())];
            threads.block_on(compare(&report, &streamed_id, connections, servers));
        }
        if report.wants(&component_id) {
            let event =
                json!({ "httpMethod": "GET", "path": "/", "headers": {}, "body": "", "isBase64Encoded": false });
            let event = request("POST", &PATH.replace("FUNCTION", "http"), event.to_string().as_bytes());
            let servers = [("fngraph", ours("serve-fngraph"), event), ("wasmtime-serve", theirs(), get)];
            threads.block_on(compare(&report, &component_id, connections, servers));
        }
    }
}

/// First each server as fast as it can, in turns; then each at the same rate, half of what the slower one did.
async fn compare(report: &Report, id: &str, connections: u32, servers: [(&str, Server, Vec<u8>); 2]) {
    let mut seen = [Calls::none(), Calls::none()];
    let mut busy: Vec<Busy> = servers.iter().map(|(_, server, _)| Busy::begin_with(server.process())).collect();
    for _ in 0..TURNS {
        for (number, (_, server, request)) in servers.iter().enumerate() {
            let load = Load { callers: connections as usize, warm_up: TURN / 4, measured: TURN };
            let call = caller(server, connections, request).await;
            let begun = Busy::begin_with(server.process());
            seen[number].append(&load.run(call).await);
            // The last turn stands for all.
            busy[number] = begun.end();
        }
    }
    for ((name, ..), (calls, busy)) in servers.iter().zip(seen.iter().zip(busy)) {
        report.calls(&format!("{id}/{name}"), calls, busy);
    }
    let rates = seen.iter().map(|calls| calls.latency.len() as f64 / calls.elapsed.as_secs_f64());
    let rate = Rate { callers: connections, per_second: rates.fold(f64::MAX, f64::min) * SHARE, measured: TURN * 2 };
    for (name, server, request) in &servers {
        let busy = Busy::begin_with(server.process());
        let calls = rate.run(caller(server, connections, request).await).await;
        report.calls(&format!("{}-open/{name}", id), &calls, busy);
    }
}

/// What one caller does, on a connection of its own.
async fn caller(
    server: &Server,
    connections: u32,
    request: &[u8],
) -> impl Fn(usize) -> futures::future::BoxFuture<'static, bool> + Send + Sync + 'static {
    let connections = Arc::new(server.connect(connections).await);
    let request = Arc::<[u8]>::from(request);
    move |number| {
        let (connections, request) = (Arc::clone(&connections), Arc::clone(&request));
        Box::pin(async move { connections[number].lock().await.call(&request).await })
    }
}

/// This program as a server.
fn ours(what: &str) -> Server {
    Server::start(Command::new(env::current_exe().expect("the program has a path")).arg(what))
}

fn serve_fngraph() {
    threads().block_on(async {
        let runtime = Runtime::builder().build().await.expect("the defaults are valid");
        for guest in [Guest::tiny(), Guest::http()] {
            guest.deploy(&runtime, guest.name, guest.settings()).await;
        }
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(address, None, Bounds::default()).await.expect("a port is free");
        say(&listener.url());
        let api = Api::new(App::new(runtime, Auth::open(), Options::default()));
        let drained = listener.serve(api, std::future::pending()).await;
        assert_eq!(drained.requests_cut, 0, "it serves for ever");
    });
}

/// A function that handles events at `/answer`, and one that answers HTTP itself everywhere else.
fn serve_gateway() {
    threads().block_on(async {
        let runtime = Runtime::builder().build().await.expect("the defaults are valid");
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(address, None, Bounds::default()).await.expect("a port is free");
        let mut options = fngraph_triggers::Options::default();
        options.gateway = Some(listener.url());
        let triggers = Triggers::start(runtime.clone(), options).await.expect("the options are valid");
        for (guest, path, matching) in [(Guest::answer(), "/answer", "exact"), (Guest::http(), "/", "prefix")] {
            guest.deploy(&runtime, guest.name, guest.settings()).await;
            let gateway = json!({
                "kind": "apig", "api_id": "bench", "api_name": "bench", "path": path, "matching": matching,
                "method": "ANY", "protocol": "HTTP", "auth": "NONE", "timeout": 5000,
            });
            let gateway = serde_json::from_value(gateway).expect("it is a gateway trigger");
            let trigger = Trigger::new(guest.name, Source::Gateway(gateway), runtime.now());
            let function = runtime.function(guest.name).expect("it is a name").expect("it was deployed");
            triggers.create(&function.id, trigger).await.expect("the paths are free");
        }
        say(&listener.url());
        let app = App::new(runtime, Auth::open(), Options::default());
        let drained = listener.serve(Gateway::new(app, triggers, AppKeys::default()), std::future::pending()).await;
        assert_eq!(drained.requests_cut, 0, "it serves for ever");
    });
}

fn serve_axum() {
    threads().block_on(async {
        let route = PATH.replace("local", "{project_id}").replace("FUNCTION", "{function_urn}");
        let router = Router::new().route(&route, post(|body: Bytes| async { body }));
        // As many bytes as the gateway's function answers.
        let router = router.route("/answer", get(|| async { Bytes::from_static(&[b'x'; 128]) }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        say(&format!("http://{}", listener.local_addr().expect("it has an address")));
        axum::serve(listener, router).await.expect("it serves for ever");
    });
}

#[expect(clippy::print_stdout, reason = "it is how the address is told")]
fn say(line: &str) {
    println!("{line}");
}

/// Where `cargo xtask bench-report` puts wasmtime.
fn wasmtime() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join(".cache/tools/bin/wasmtime");
    path.exists().then_some(path)
}
