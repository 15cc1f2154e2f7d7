//! The code of functions (manual, 7.6.4 and 7.6.5), and the download of packages.
//!
//! The link that is answered with a function's code is signed and lasts some minutes: like the cloud's, it is enough by
//! itself, so that any client can follow it.

use super::{dependencies, metadata};
use crate::{app::App, call::Call, failure::Failure};
use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    response::{IntoResponse as _, Response},
};
use base64::{
    DecodeError, Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};
use bytes::Bytes;
use fngraph::{CodeType, Delivery, ErrorCode, Function, Handler, Package, RegistryError, Timestamp, Version};
use fngraph_api::{
    Json,
    code::{FunctionCode, ShowFunctionCode, UpdateFunctionCode, UpdateFunctionCodeBody},
    metadata::FuncCode,
    time,
};
use http::{HeaderValue, header::CONTENT_TYPE};
use serde::Deserialize;
use std::time::Duration;

/// The most bytes of a package within a request (`FSS.1071`). What is fetched may have 300 MiB.
const PACKAGE_BYTES: usize = 50 << 20;

/// The most bytes of the text form of a wasm file (`FSS.1072`), which takes many times as much to be read. The cloud has
/// 10 KB for code from its editor.
const TEXT_BYTES: usize = 1 << 20;

/// How long a link lasts: enough for a slow line, too short to be passed round.
const LINK: Duration = Duration::from_secs(15 * 60);

/// What links are signed for, so that no other signature of this server is one.
const PURPOSE: &str = "fngraph code link v1";

/// Base64 as clients write it, with the padding or without it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Code as a request delivers it.
pub(crate) struct Delivered {
    pub(crate) code_type: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) filename: Option<String>,
    pub(crate) code: Option<FuncCode>,
}

/// Answers the code of a version.
pub(crate) async fn show(call: Call<ShowFunctionCode>) -> Result<Json<FunctionCode>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let version = metadata::version(&function, &urn)?;
    tell(&call.app, &call.origin, &function, version).await.map(Json)
}

/// Gives `latest` other code.
pub(crate) async fn update(call: Call<UpdateFunctionCode>) -> Result<Json<FunctionCode>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let version = metadata::version(&function, &urn)?;
    let Call { app, project, origin, body: Json(body), .. } = call;
    // Before code is fetched or compiled for nothing.
    app.runtime.registry().check_editable(&function.id, &version.name)?;
    let used = dependencies::resolve(&app, &project, body.depend_version_list, body.depend_list)?;
    let UpdateFunctionCodeBody { code_type, code_url, code_filename, func_code, .. } = body;
    let delivered = Delivered { code_type: Some(code_type), url: code_url, filename: code_filename, code: func_code };
    let package = receive(&app, delivered, &version.settings.handler).await?;
    let version = app.runtime.update_code_with(&metadata::urn(&app, &function, version), package, used).await?;
    tell(&app, &origin, &function, &version).await.map(Json)
}

/// The package that a request delivers: a zip or a wasm file, from which the text form of one is made.
pub(crate) async fn receive(app: &App, delivered: Delivered, handler: &Handler) -> Result<Package, Failure> {
    let code_type = code_type(delivered.code_type.as_deref())?;
    let FuncCode { file, link } = delivered.code.unwrap_or_default();
    let filename = delivered.filename.filter(|name| !name.is_empty());
    let (bytes, url, default) = match code_type {
        CodeType::Inline => {
            let file = file.filter(|file| !file.is_empty()).ok_or_else(missing)?;
            let name = handler.file().unwrap_or("bootstrap").to_owned();
            let bytes = blocking(move || decode(&file).and_then(|bytes| assemble(&name, bytes))).await?;
            let ending = if is_zip(&bytes) { "zip" } else { "wasm" };
            (bytes, None, format!("{}.{ending}", handler.file().unwrap_or("bootstrap")))
        }
        CodeType::Zip => {
            let file = file.filter(|file| !file.is_empty()).ok_or_else(missing)?;
            let bytes = blocking(move || decode(&file)).await?;
            if !is_zip(&bytes) {
                let text = "the code is no zip file, which `zip` says; send a single wasm file as `inline`";
                return Err(Failure::new(ErrorCode::InvalidFileType, text));
            }
            (bytes, None, "index.zip".to_owned())
        }
        CodeType::Obs => {
            let url = delivered.url.or(link).filter(|url| !url.is_empty());
            let url = url.ok_or_else(|| Failure::new(ErrorCode::InvalidUrl, "`code_url` says where the code is"))?;
            let fetched = app.options.code_sources.fetch(&url).await;
            let bytes = fetched.map_err(|error| Failure::new(error.code(), error.to_string()))?;
            if !is_zip(&bytes) && !is_wasm(&bytes) {
                let text = "at `code_url` is neither a zip nor a wasm file";
                return Err(Failure::new(ErrorCode::InvalidFileType, text));
            }
            let name = file_name(&url);
            (bytes, Some(url), name)
        }
    };
    let delivery = Delivery { code_type, url: url.unwrap_or_default(), filename: filename.unwrap_or(default) };
    Ok(Package { bytes, delivery })
}

/// What a file is called that was fetched from here.
pub(crate) fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

fn missing() -> Failure {
    Failure::new(ErrorCode::CodeMissing, "`func_code.file` is the code, as base64; there is no default one here")
}

fn code_type(given: Option<&str>) -> Result<CodeType, Failure> {
    let refused = |text: &str| Failure::new(ErrorCode::InvalidCodeType, text);
    match given.filter(|given| !given.is_empty()) {
        None => Err(refused("`code_type` says how the code comes: `inline`, `zip` or `obs`")),
        Some("jar") => {
            Err(refused("Java archives do not run here; compile the function to WebAssembly and send it as `zip`"))
        }
        Some("Custom-Image-Swr") => {
            Err(refused("container images do not run here; compile the function to WebAssembly and send it as `zip`"))
        }
        Some(other) => Ok(other.parse().map_err(RegistryError::from)?),
    }
}

/// Work that takes longer than other requests should wait.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let stopped = |_| Failure::new(ErrorCode::Unavailable, "the platform stopped");
    tokio::task::spawn_blocking(work).await.map_err(stopped)?
}

fn decode(text: &str) -> Result<Bytes, Failure> {
    if text.len() / 4 * 3 > PACKAGE_BYTES + 2 {
        let text = format!("the code has more than {PACKAGE_BYTES} bytes, the most that may be sent; use `obs`");
        return Err(Failure::new(ErrorCode::PackageTooLarge, text));
    }
    let refused = |error| Failure::new(ErrorCode::InvalidCode, format!("`func_code.file` is no base64: {error}"));
    decode_base64(text).map_err(refused)
}

/// Base64 as clients write it: with the padding or without it, and some break lines.
pub(crate) fn decode_base64(text: &str) -> Result<Bytes, DecodeError> {
    let joined: String;
    let text = if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        joined = text.split_ascii_whitespace().collect();
        &joined
    } else {
        text
    };
    LENIENT.decode(text).map(Bytes::from)
}

/// A zip or a wasm file as it is; a wasm file in its text form is made one.
fn assemble(name: &str, bytes: Bytes) -> Result<Bytes, Failure> {
    if is_zip(&bytes) || is_wasm(&bytes) {
        return Ok(bytes);
    }
    let refused = |reason: &str| {
        let text = format!("`{name}` is neither a zip nor a wasm file, nor the text form of one: {reason}");
        Failure::new(ErrorCode::InvalidCode, text)
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| refused("it is no text"))?;
    if text.len() > TEXT_BYTES {
        let text = format!("the text has more than {TEXT_BYTES} bytes; send the wasm file that it stands for");
        return Err(Failure::new(ErrorCode::InlineCodeTooLarge, text));
    }
    // The first line says what is wrong; the others draw where.
    let reason = |error: wat::Error| refused(error.to_string().lines().next().unwrap_or_default());
    wat::parse_str(text).map(Bytes::from).map_err(reason)
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

fn is_wasm(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm")
}

/// What is answered about code.
async fn tell(app: &App, origin: &str, function: &Function, version: &Version) -> Result<FunctionCode, Failure> {
    let file = match version.delivery.code_type {
        CodeType::Inline => BASE64_STANDARD.encode(package(app, version).await?),
        CodeType::Zip | CodeType::Obs => String::new(),
    };
    let digest = version.code.to_string();
    let link = link(app, origin, &digest);
    let used = dependencies::of(app, &function.id.project_id, &version.settings.dependencies);
    let metadata = metadata::of(app, function, version);
    Ok(FunctionCode {
        func_urn: metadata.func_urn,
        func_name: metadata.func_name,
        domain_id: metadata.domain_id,
        runtime: metadata.runtime,
        code_type: metadata.code_type,
        code_url: metadata.code_url,
        code_filename: metadata.code_filename,
        code_size: metadata.code_size,
        digest,
        last_modified: time::format(version.modified_at),
        func_code: FuncCode { file: Some(file), link: Some(link) },
        depend_version_list: version.settings.dependencies.clone(),
        depend_list: used.iter().map(|(dependency, _)| dependency.id.clone()).collect(),
        dependencies: used.iter().map(|(one, version)| dependencies::tell(app, origin, one, version)).collect(),
        strategy_config: metadata::strategy(version.scaling),
        code_encrypt_kms_key_id: metadata.attributes.code_encrypt_kms_key_id,
    })
}

/// Where whoever has this link can download a package for some minutes.
pub(crate) fn link(app: &App, origin: &str, digest: &str) -> String {
    let expires = seconds(app.now() + LINK);
    format!("{origin}/packages/{digest}?expires={expires}&signature={}", signature(app, digest, expires))
}

async fn package(app: &App, version: &Version) -> Result<Bytes, Failure> {
    let gone = || Failure::new(ErrorCode::CodeNotFound, "the stored code is gone; send it again");
    app.runtime.registry().code(version.code).await?.ok_or_else(gone)
}

/// What makes a link one of ours.
#[derive(Deserialize)]
struct Signed {
    expires: i64,
    signature: String,
}

/// Answers a package to whoever has a link to it that has not expired.
pub(crate) async fn download(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let nothing = || Failure::new(ErrorCode::NotFound, "the link is wrong or has expired; ask for the code again");
    let Path(digest) = path.map_err(|_| nothing())?;
    let signed: Signed = serde_urlencoded::from_str(&query.unwrap_or_default()).map_err(|_| nothing())?;
    let given = blake3::Hash::from_hex(&signed.signature).map_err(|_| nothing())?;
    // Hashes are compared in constant time.
    if given != signature(&app, &digest, signed.expires) || signed.expires < seconds(app.now()) {
        return Err(nothing());
    }
    let code = app.runtime.registry().code(digest.parse().map_err(|_| nothing())?).await?;
    let bytes = code.ok_or_else(nothing)?;
    let media = if is_zip(&bytes) { "application/zip" } else { "application/wasm" };
    let mut response = bytes.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    Ok(response)
}

fn signature(app: &App, digest: &str, expires: i64) -> blake3::Hash {
    blake3::keyed_hash(&app.runtime.derive_secret(PURPOSE), format!("{digest} {expires}").as_bytes())
}

fn seconds(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(code: &str, expected: Result<&[u8], ErrorCode>) {
        let bytes = decode(code).and_then(|bytes| assemble("index", bytes));
        assert_eq!(bytes.as_deref().map_err(Failure::code), expected, "{code:.80}");
    }

    #[test]
    fn code_is_base64_with_or_without_padding_and_lines() {
        for code in ["UEs=", "UEs", "UE\ns=\r\n"] {
            check(code, Ok(b"PK"));
        }
        check("AGFzbQ==", Ok(b"\0asm"));
        check(&BASE64_STANDARD.encode("(module)"), Ok(b"\0asm\x01\0\0\0"));
        for code in ["U", "U$==", "UEs=UEs=", "-_-_"] {
            check(code, Err(ErrorCode::InvalidCode));
        }
        check(&BASE64_STANDARD.encode("(module"), Err(ErrorCode::InvalidCode));
        check(&BASE64_STANDARD.encode([0xff, 0xfe]), Err(ErrorCode::InvalidCode));
    }

    #[test]
    fn there_is_a_most() {
        check(&"A".repeat(PACKAGE_BYTES / 3 * 4 + 8), Err(ErrorCode::PackageTooLarge));
        check(&BASE64_STANDARD.encode(" ".repeat(TEXT_BYTES + 1)), Err(ErrorCode::InlineCodeTooLarge));
    }

    proptest! {
        #[test]
        fn no_code_is_too_strange(code in "[A-Za-z0-9+/=\\n]{0,80}", text in "[()a-z0-9$\" ]{0,80}") {
            let _ = decode(&code).and_then(|bytes| assemble("index", bytes));
            let _ = assemble("index", Bytes::from(text));
        }
    }
}
