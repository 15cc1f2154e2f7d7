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

/// Publishes `latest` with this code, unless the version of this name, or without a name the one published last, is the
/// same: so that a deployment can be repeated.
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
    let error = match publish(client, name, body) {
        Ok(metadata) => return Ok(Published { metadata, was_there: false }),
        Err(error) => error,
    };
    if !error.is(ErrorCode::NothingToPublish) && !error.is(ErrorCode::VersionExists) {
        return Err(error);
    }
    let (latest, published): (Vec<_>, Vec<_>) = versions(client, name)?
        .into_iter()
        .map(|version| version.metadata)
        .partition(|metadata| metadata.version == VersionName::LATEST);
    // Newest first.
    let newest = published.first().map(|metadata| metadata.version.clone());
    let there = match version {
        None => published.into_iter().next(),
        Some(version) => published.into_iter().find(|metadata| metadata.version == version.as_str()),
    };
    match (latest.first(), there) {
        (Some(latest), Some(metadata))
            if (error.is(ErrorCode::NothingToPublish) && newest.as_ref() == Some(&metadata.version))
                || is_same(latest, &metadata) =>
        {
            Ok(Published { metadata, was_there: true })
        }
        _ => Err(error),
    }
}

/// Whether a version was published with what `latest` is now, as far as a server tells: not the values of secrets.
fn is_same(latest: &FunctionMetadata, version: &FunctionMetadata) -> bool {
    let of_version = FunctionMetadata {
        func_urn: latest.func_urn.clone(),
        version: latest.version.clone(),
        version_description: latest.version_description.clone(),
        image_name: latest.image_name.clone(),
        last_modified: latest.last_modified.clone(),
        reserved_instance_count: latest.reserved_instance_count,
        reserved_instance_idle_mode: latest.reserved_instance_idle_mode,
        ..version.clone()
    };
    of_version == *latest && latest.encrypted_user_data.as_deref().unwrap_or_default().len() <= "{}".len()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(version: &str, memory_size: i64) -> FunctionMetadata {
        FunctionMetadata {
            func_urn: format!("urn:fss:local:local:function:default:f:{version}"),
            version: version.to_owned(),
            last_modified: version.to_owned(),
            memory_size,
            ..FunctionMetadata::default()
        }
    }

    #[test]
    fn a_version_is_the_same_when_only_what_versions_have_differs() {
        assert!(is_same(&metadata("latest", 128), &metadata("v1", 128)));
        assert!(!is_same(&metadata("latest", 256), &metadata("v1", 128)));
    }

    #[test]
    fn secrets_may_differ_unseen() {
        let with = |version, secrets: &str| FunctionMetadata {
            encrypted_user_data: Some(secrets.to_owned()),
            ..metadata(version, 128)
        };
        assert!(is_same(&with("latest", "{}"), &with("v1", "{}")));
        let keys = r#"{"PASSWORD":""}"#;
        assert!(!is_same(&with("latest", keys), &with("v1", keys)));
    }
}
