//! Destinations as the cloud writes them: a kind, and JSON in a text.

use crate::{call::Call, failure::Failure};
use fngraph::{Destination, ErrorCode};
use fngraph_api::{Operation, async_invocations::AsyncDestination};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[derive(Debug, Serialize, Deserialize)]
struct Function {
    func_urn: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Obs {
    bucket: String,
    #[serde(default)]
    prefix: String,
    /// Days.
    #[serde(default)]
    expires: u16,
}

#[derive(Debug, Serialize, Deserialize)]
struct Smn {
    topic_urn: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Dis {
    stream_name: String,
}

/// Reads a destination; one that names no kind is none.
pub(super) fn read<O: Operation>(
    call: &Call<O>,
    destination: Option<&AsyncDestination>,
) -> Result<Option<Destination>, Failure> {
    let Some(destination) = destination else { return Ok(None) };
    let param = destination.param.as_deref().unwrap_or_default();
    let read = match destination.destination.as_deref().unwrap_or_default() {
        "" => return Ok(None),
        "FunctionGraph" => {
            let Function { func_urn } = parse(param)?;
            // In full, so that nobody completes it from another project later; and of this project.
            let urn = call.urn(&func_urn).map_err(|_| {
                refused(&format!("the destination's `func_urn` `{}` is no function of this project", cut(&func_urn)))
            })?;
            Destination::Function { urn: urn.to_string() }
        }
        "OBS" => {
            let Obs { bucket, prefix, expires } = parse(param)?;
            Destination::Obs { bucket, prefix, expires_days: expires }
        }
        "SMN" => {
            let Smn { topic_urn } = parse(param)?;
            Destination::Smn { topic_urn }
        }
        "DIS" => {
            let Dis { stream_name } = parse(param)?;
            Destination::Dis { stream_name }
        }
        other => {
            let text =
                format!("the destination is `{}`; it must be `OBS`, `SMN`, `DIS` or `FunctionGraph`", cut(other));
            return Err(refused(&text));
        }
    };
    Ok(Some(read))
}

/// Writes a destination.
pub(super) fn answer(destination: &Destination) -> AsyncDestination {
    let (kind, param) = match destination {
        Destination::Function { urn } => ("FunctionGraph", write(&Function { func_urn: urn.clone() })),
        Destination::Obs { bucket, prefix, expires_days } => {
            ("OBS", write(&Obs { bucket: bucket.clone(), prefix: prefix.clone(), expires: *expires_days }))
        }
        Destination::Smn { topic_urn } => ("SMN", write(&Smn { topic_urn: topic_urn.clone() })),
        Destination::Dis { stream_name } => ("DIS", write(&Dis { stream_name: stream_name.clone() })),
        // The registry has no other; a new one is shown as what it is.
        other => ("", format!("{other:?}")),
    };
    AsyncDestination { destination: Some(kind.to_owned()), param: Some(param) }
}

fn parse<T: DeserializeOwned>(param: &str) -> Result<T, Failure> {
    serde_json::from_str(param).map_err(|error| refused(&format!("the destination's `param` is not its JSON: {error}")))
}

fn write<T: Serialize>(param: &T) -> String {
    serde_json::to_string(param).expect("texts and numbers are always JSON")
}

fn refused(text: &str) -> Failure {
    Failure::new(ErrorCode::InvalidAsyncConfig, text)
}

/// What a client sent may be long; its beginning tells enough.
fn cut(text: &str) -> String {
    text.chars().take(120).collect()
}
