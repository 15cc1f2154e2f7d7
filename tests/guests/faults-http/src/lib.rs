//! An HTTP function that misbehaves as its path says.
#![cfg(target_family = "wasm")]

use std::{
    hint::black_box,
    io::{self, Read as _},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};
use wasip2::{
    exports::http::incoming_handler::Guest,
    http::types::{ErrorCode, Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam},
};

static CALLS: AtomicU32 = AtomicU32::new(0);

struct Function;

wasip2::http::proxy::export!(Function);

impl Guest for Function {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        match path.as_str() {
            "/echo" => respond(out, |stream| stream.write_all(&body(&request))),
            "/count" => respond(out, |stream| write!(stream, "{}", CALLS.fetch_add(1, Ordering::Relaxed) + 1)),
            "/headers" => {
                let headers = request.headers().entries();
                respond(out, |stream| {
                    for (name, value) in &headers {
                        writeln!(stream, "{name}: {}", String::from_utf8_lossy(value))?;
                    }
                    Ok(())
                });
            }
            "/silent" => drop(out),
            "/refuse" => ResponseOutparam::set(out, Err(ErrorCode::HttpRequestUriInvalid)),
            "/unfinished" => {
                let response = OutgoingResponse::new(Fields::new());
                std::mem::forget(response.body());
                ResponseOutparam::set(out, Ok(response));
            }
            "/panic" => panic!("no answer today"),
            "/spin" => loop {
                black_box(());
            },
            "/sleep-in-body" => respond(out, |stream| {
                stream.write_all(b"wait for it")?;
                stream.flush()?;
                thread::sleep(Duration::from_secs(3600));
                Ok(())
            }),
            "/big" => respond(out, |stream| (0..7 * 16).try_for_each(|_| stream.write_all(&[b'x'; 64 * 1024]))),
            other => respond(out, |stream| write!(stream, "nothing at {other}")),
        }
    }
}

fn body(request: &IncomingRequest) -> Vec<u8> {
    let mut bytes = Vec::new();
    let body = request.consume().expect("the body is taken only here");
    let mut stream = body.stream().expect("the stream is taken only here");
    stream.read_to_end(&mut bytes).expect("the body is readable");
    bytes
}

fn respond(out: ResponseOutparam, write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().expect("the body is taken only here");
    ResponseOutparam::set(out, Ok(response));
    let mut stream = body.write().expect("the stream is taken only here");
    let written = write(&mut stream).and_then(|()| io::Write::flush(&mut stream));
    drop(stream);
    if written.is_ok() {
        let _ = OutgoingBody::finish(body, None);
    }
}
