//! Functions as files (manual, 7.12).
//!
//! Export answers a link, as it does for code; the archive is made when the link is followed, so nothing has to be kept
//! until then.

use super::{code, config, metadata, triggers};
use crate::{app::App, call::Call, failure::Failure, query};
use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    response::{IntoResponse as _, Response},
};
use fngraph::{Archive, ErrorCode, Export, Handler, Import, Settings, Timestamp};
use fngraph_api::{
    Json,
    archive::{ExportFunction, ExportQuery, ExportedFunction, ImportFunction, ImportFunctionBody, ImportedFunction},
    config::UpdateFunctionConfigBody,
    metadata::Attributes,
};
use http::{
    HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// How long a link lasts: as long as one to code.
const LINK: Duration = Duration::from_secs(15 * 60);

/// What links are signed for, so that no other signature of this server is one.
const PURPOSE: &str = "fngraph export link v1";

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Archive,
    Config,
    Code,
}

/// The query of a link.
#[derive(Debug, Serialize, Deserialize)]
struct Link {
    kind: Kind,
    aliases: bool,
    triggers: bool,
    /// Seconds since 1970.
    expires: i64,
    /// What makes it one of ours.
    signature: String,
}

/// Answers where a version can be downloaded.
pub(crate) async fn export(call: Call<ExportFunction>) -> Result<Json<ExportedFunction>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let version = metadata::version(&function, &urn)?;
    let Call { app, origin, query, .. } = call;
    let (kind, export) = read(&query)?;
    let name = &function.id.name;
    if kind == Kind::Code {
        let filename = &version.delivery.filename;
        let file_name = if filename.is_empty() { format!("{name}.zip") } else { filename.clone() };
        return Ok(Json(ExportedFunction {
            file_name,
            code_url: code::link(&app, &origin, &version.code.to_string()),
        }));
    }
    let urn = metadata::urn(&app, &function, version);
    // What cannot be written is refused here, where somebody reads the answer.
    app.runtime.export_config(&urn, export)?;
    let ending = if kind == Kind::Config { "yaml" } else { "zip" };
    let Export { aliases, triggers } = export;
    let expires = seconds(app.now() + LINK);
    let mut link = Link { kind, aliases, triggers, expires, signature: String::new() };
    link.signature = signature(&app, &urn, &link).to_string();
    let query = serde_urlencoded::to_string(&link).unwrap_or_default();
    let code_url = format!("{origin}/exports/{urn}?{query}");
    Ok(Json(ExportedFunction { file_name: format!("{name}.{ending}"), code_url }))
}

/// Answers an archive or a configuration to whoever has a link to it that has not expired.
pub(crate) async fn download(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let nothing = || Failure::new(ErrorCode::NotFound, "the link is wrong or has expired; export the function again");
    let Path(urn) = path.map_err(|_| nothing())?;
    let link: Link = serde_urlencoded::from_str(&query.unwrap_or_default()).map_err(|_| nothing())?;
    let given = blake3::Hash::from_hex(&link.signature).map_err(|_| nothing())?;
    // Hashes are compared in constant time.
    if given != signature(&app, &urn, &link) || link.expires < seconds(app.now()) {
        return Err(nothing());
    }
    let export = Export { aliases: link.aliases, triggers: link.triggers };
    let (media, ending, mut response) = match link.kind {
        Kind::Archive => ("application/zip", "zip", app.runtime.export(&urn, export).await?.into_response()),
        Kind::Config => ("application/yaml", "yaml", app.runtime.export_config(&urn, export)?.into_response()),
        Kind::Code => return Err(nothing()),
    };
    let name = urn.split(':').nth(6).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.{ending}\""));
    headers.extend(disposition.ok().map(|value| (CONTENT_DISPOSITION, value)));
    Ok(response)
}

/// Creates a function from an archive.
pub(crate) async fn import(call: Call<ImportFunction>) -> Result<Json<ImportedFunction>, Failure> {
    let Call { app, project, body: Json(body), .. } = call;
    let ImportFunctionBody { func_name, file_type, file_code, package, encrypted_user_data, .. } = body;
    if !file_type.eq_ignore_ascii_case("zip") {
        return Err(Failure::new(ErrorCode::InvalidFileType, "`file_type` is `zip`, which archives are"));
    }
    let encrypted_user_data = checked(UpdateFunctionConfigBody { encrypted_user_data, ..Default::default() })?;
    let archive = code::blocking(move || {
        let refused = |error| Failure::new(ErrorCode::InvalidCode, format!("`file_code` is no base64: {error}"));
        let bytes = code::decode_base64(&file_code).map_err(refused)?;
        Archive::read(&bytes).map_err(|error| fngraph::Error::from(error).into())
    });
    let archive = archive.await?;
    for attributes in archive.attributes() {
        let attributes = attributes.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let attributes: Attributes = serde_json::from_value(Value::Object(attributes)).map_err(|error| {
            Failure::new(ErrorCode::InvalidYaml, format!("`attributes` in the YAML file are not the API's: {error}"))
        })?;
        checked(UpdateFunctionConfigBody { attributes, ..Default::default() })?;
    }
    let import = Import {
        project_id: Some(project),
        package: package.filter(|package| !package.is_empty()),
        name: func_name.filter(|name| !name.is_empty()),
        encrypted_user_data: encrypted_user_data.encrypted_user_data,
    };
    let ready = app.runtime.ready_import(&archive, import).await?;
    let imported = match &app.options.triggers {
        Some(triggers) => triggers.import(ready).await?,
        None => {
            ready.triggers().iter().try_for_each(triggers::may_rest)?;
            app.runtime.finish_import(ready).await?
        }
    };
    let function = imported.function;
    let metadata = metadata::of(&app, &function, &function.latest);
    Ok(Json(ImportedFunction { metadata, missing_secrets: imported.missing }))
}

/// Settings of nothing, changed as the API allows.
fn checked(change: UpdateFunctionConfigBody) -> Result<Settings, Failure> {
    let handler: Handler = config::handler("index.handler")?;
    let mut settings = Settings::new(handler);
    config::apply(change, &mut settings)?;
    Ok(settings)
}

/// What a query asks for.
fn read(query: &ExportQuery) -> Result<(Kind, Export), Failure> {
    let config = switch("config", query.config.as_deref())?;
    let code = switch("code", query.code.as_deref())?;
    let aliases = switch("aliases", query.aliases.as_deref())?.unwrap_or(false);
    let triggers = switch("triggers", query.triggers.as_deref())?.unwrap_or(false);
    let kind = match (query::given(query.kind.as_deref()), config, code) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            return Err(query::refused("type", "alone: without `config` and `code`"));
        }
        (Some("code"), None, None) => Kind::Code,
        (Some("config"), None, None) => Kind::Config,
        (Some(_), None, None) => return Err(query::refused("type", "`code` or `config`")),
        (None, Some(true), Some(true)) => Kind::Archive,
        (None, Some(true), None | Some(false)) => Kind::Config,
        (None, None | Some(false), Some(true)) => Kind::Code,
        (None, None | Some(false), None | Some(false)) => {
            let text = "nothing is exported: `config=true` and `code=true`, one of them, or `type` say what";
            return Err(Failure::new(ErrorCode::InvalidQuery, text));
        }
    };
    if kind == Kind::Code && (aliases || triggers) {
        return Err(query::refused("aliases` and `triggers", "left out where only the code is exported"));
    }
    Ok((kind, Export { aliases, triggers }))
}

/// Reads a switch. Python's clients write them with a capital.
fn switch(name: &str, text: Option<&str>) -> Result<Option<bool>, Failure> {
    let text = text.map(str::to_ascii_lowercase);
    query::read(name, text.as_deref(), "`true` or `false`")
}

fn signature(app: &App, urn: &str, link: &Link) -> blake3::Hash {
    let Link { kind, aliases, triggers, expires, signature: _ } = link;
    let text = format!("{urn} {kind:?} {aliases} {triggers} {expires}");
    blake3::keyed_hash(&app.runtime.derive_secret(PURPOSE), text.as_bytes())
}

fn seconds(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `config`, `code` and `type` ask for together.
    #[track_caller]
    fn check(config: &str, code: &str, kind: &str, expected: Option<Kind>) {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let query = ExportQuery { config: text(config), code: text(code), kind: text(kind), ..ExportQuery::default() };
        let result = read(&query).map(|(kind, _)| kind);
        assert_eq!(result.as_ref().ok(), expected.as_ref(), "{query:?}");
        assert!(result.is_ok() || result.is_err_and(|failure| failure.code() == ErrorCode::InvalidQuery));
    }

    #[test]
    fn either_the_switches_or_the_type_say_what_is_exported() {
        check("true", "true", "", Some(Kind::Archive));
        check("True", "TRUE", "", Some(Kind::Archive));
        check("true", "", "", Some(Kind::Config));
        check("true", "false", "", Some(Kind::Config));
        check("false", "true", "", Some(Kind::Code));
        check("", "", "code", Some(Kind::Code));
        check("", "", "config", Some(Kind::Config));
        for (config, code, kind) in [
            ("", "", ""),
            ("false", "false", ""),
            ("true", "", "code"),
            ("", "false", "config"),
            ("", "", "all"),
            ("1", "", ""),
        ] {
            check(config, code, kind, None);
        }
    }
}
