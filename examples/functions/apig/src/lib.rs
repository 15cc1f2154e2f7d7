//! Answers an API gateway: query, path, body, headers, statuses and a binary answer.
//!
//! | request                                | answer                                      |
//! | -------------------------------------- | ------------------------------------------- |
//! | `GET /greet?name=Ada&language=fr`      | a greeting as text                          |
//! | `GET /greet/Ada`                       | the same; the API's path is `/greet/{name}` |
//! | `POST /greet` with `{"name": "Ada"}`   | 201 and the greeting as JSON                |
//! | `GET /pixel`                           | a GIF image of one transparent pixel        |
//! | another method on these                | 405, with the header `allow`                |
//! | anything else                          | 404                                         |

use fngraph_guest::event::{ApigEvent, ApigResponse};
use fngraph_guest::{Context, Error};
use serde::{Deserialize, Serialize};

/// The smallest GIF: one transparent pixel.
const PIXEL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

/// The body of `POST /greet`.
#[derive(Debug, Deserialize)]
struct Visitor {
    name: String,
    language: Option<String>,
}

/// The answer to `POST /greet`.
#[derive(Debug, Serialize)]
struct Greeting {
    message: String,
}

/// Answers one request.
///
/// # Errors
/// None of its own: what is wrong with a request is an answer with a status of 400 or more. An error would reach the
/// client as a failure of the gateway.
#[fngraph_guest::handler]
pub fn handler(request: ApigEvent, ctx: &Context) -> Result<ApigResponse, Error> {
    let response = answer(&request)?;
    ctx.logger().info(format_args!("{} {}: {}", request.http_method, request.path, response.status_code));
    Ok(response.header("x-request-id", ctx.request_id()))
}

fn answer(request: &ApigEvent) -> Result<ApigResponse, Error> {
    let path = request.path.trim_end_matches('/');
    let resource = path.strip_prefix('/').and_then(|path| path.split('/').next());
    match (resource, request.http_method.as_str()) {
        (Some("greet"), "GET") => Ok(greet(request)),
        (Some("greet"), "POST") => match request.json::<Visitor>() {
            Ok(visitor) => create(&visitor),
            Err(error) => Ok(ApigResponse::text(format!("{}\n", error.message())).status(400)),
        },
        (Some("pixel"), "GET") => {
            Ok(ApigResponse::bytes(PIXEL).header("content-type", "image/gif").header("cache-control", "no-store"))
        }
        (Some("greet"), _) => Ok(refuse("GET, POST")),
        (Some("pixel"), _) => Ok(refuse("GET")),
        _ => Ok(ApigResponse::text("there is nothing here\n").status(404)),
    }
}

fn greet(request: &ApigEvent) -> ApigResponse {
    let language = request.query("language").or_else(|| request.header("accept-language"));
    match request.path_parameter("name").or_else(|| request.query("name")) {
        Some(name) => ApigResponse::text(format!("{}\n", greeting(name, language))).header("vary", "accept-language"),
        None => ApigResponse::text("whom? /greet/{name} or /greet?name=\n").status(400),
    }
}

fn create(visitor: &Visitor) -> Result<ApigResponse, Error> {
    let message = greeting(&visitor.name, visitor.language.as_deref());
    Ok(ApigResponse::json(&Greeting { message })?.status(201))
}

fn greeting(name: &str, language: Option<&str>) -> String {
    let word = match language.and_then(|language| language.get(..2)) {
        Some("de") => "Hallo",
        Some("fr") => "Bonjour",
        Some("zh") => "你好",
        _ => "Hello",
    };
    format!("{word}, {name}!")
}

fn refuse(allow: &str) -> ApigResponse {
    ApigResponse::text("this path has other methods\n").status(405).header("allow", allow)
}

#[cfg(test)]
mod tests;
