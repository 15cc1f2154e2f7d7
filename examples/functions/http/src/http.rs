//! Between wasi:http and the routes.

use crate::{Request, Response, route};
use std::io::{self, Read, Write};
use wasip2::{
    exports::http::incoming_handler::Guest,
    http::types::{ErrorCode, Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam},
};

struct Function;

wasip2::http::proxy::export!(Function);

impl Guest for Function {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path_and_query = request.path_with_query().unwrap_or_default();
        let path = path_and_query.split('?').next().unwrap_or_default();
        let method = method(request.method());
        match body(&request) {
            Ok(body) => respond(out, &route(&Request { method: &method, path, body: &body })),
            Err(error) => ResponseOutparam::set(out, Err(ErrorCode::InternalError(Some(error.to_string())))),
        }
    }
}

fn method(method: Method) -> String {
    match method {
        Method::Get => "GET".to_owned(),
        Method::Head => "HEAD".to_owned(),
        Method::Post => "POST".to_owned(),
        Method::Put => "PUT".to_owned(),
        Method::Delete => "DELETE".to_owned(),
        Method::Connect => "CONNECT".to_owned(),
        Method::Options => "OPTIONS".to_owned(),
        Method::Trace => "TRACE".to_owned(),
        Method::Patch => "PATCH".to_owned(),
        Method::Other(other) => other,
    }
}

fn body(request: &IncomingRequest) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let body = request.consume().expect("the body is taken only here");
    let mut stream = body.stream().expect("the stream is taken only here");
    stream.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn respond(out: ResponseOutparam, answer: &Response) {
    let headers = Fields::new();
    let content_type = vec![answer.content_type.as_bytes().to_vec()];
    headers.set("content-type", &content_type).expect("the name and the value are valid");
    let response = OutgoingResponse::new(headers);
    response.set_status_code(answer.status).expect("the routes use valid statuses");
    let body = response.body().expect("the body is taken only here");
    ResponseOutparam::set(out, Ok(response));
    // Should the caller have gone away, nobody is left to answer.
    if write(&body, &answer.body).is_ok() {
        let _ = OutgoingBody::finish(body, None);
    }
}

fn write(body: &OutgoingBody, bytes: &[u8]) -> io::Result<()> {
    // The stream is dropped on return, as a body wants before it is finished.
    let mut stream = body.write().expect("the stream is taken only here");
    stream.write_all(bytes)?;
    Write::flush(&mut stream)
}
