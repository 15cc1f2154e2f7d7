//! Publishing `latest` as a version.

use super::{
    call::{Client, pages},
    name::FunctionName,
    refusal::CallError,
};
use fngraph_api::{
    Empty, Json,
    metadata::FunctionMetadata,
    versions::{CreateFunctionVersion, CreateVersionBody, FunctionVersion, ListFunctionVersions, VersionsQuery},
};
use fngraph_types::{ErrorCode, VersionName};

/// A version with what `latest` is now.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) metadata: FunctionMetadata,
    /// Whether it was there before.
    was_there: bool,
}

impl Published {
    /// For people.
    pub(super) fn text(&self, name: &FunctionName) -> String {
        let version = &self.metadata.version;
        if self.was_there {
            format!("{name}:{version} was published with this before")
        } else {
            format!("published {name}:{version}")
        }
    }
}

/// Publishes `latest`.
pub(super) fn publish(
    client: &Client,
    name: &FunctionName,
    body: CreateVersionBody,
) -> Result<FunctionMetadata, CallError> {
    let path = client.function(&name.with(None));
    let Json(metadata) = client.call::<CreateFunctionVersion>(&path, &Empty {}, Json(body))?;
    Ok(metadata)
}

/// Publishes `latest` with this code, unless the version published last is the same.
pub(super) fn once(
    client: &Client,
    name: &FunctionName,
    version: Option<&VersionName>,
    digest: &str,
) -> Result<Published, CallError> {
    let body = CreateVersionBody {
        digest: Some(digest.to_owned()),
        version: version.map(ToString::to_string),
        description: None,
    };
    match publish(client, name, body) {
        Ok(metadata) => Ok(Published { metadata, was_there: false }),
        Err(error) if error.is(ErrorCode::NothingToPublish) => {
            // Newest first, but for `latest`.
            let newest = versions(client, name)?.into_iter().find(|it| it.metadata.version != VersionName::LATEST);
            let is_it = |it: &FunctionVersion| version.is_none_or(|version| version.as_str() == it.metadata.version);
            match newest.filter(is_it) {
                Some(newest) => Ok(Published { metadata: newest.metadata, was_there: true }),
                None => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// All versions.
pub(super) fn versions(client: &Client, name: &FunctionName) -> Result<Vec<FunctionVersion>, CallError> {
    let path = client.function(&name.with(None));
    pages(|marker| {
        let query = VersionsQuery { marker: Some(marker), maxitems: None };
        let Json(page) = client.call::<ListFunctionVersions>(&path, &query, Empty {})?;
        Ok((page.versions, page.next_marker, page.count))
    })
}
