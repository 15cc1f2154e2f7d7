//! Publishing and deleting versions.

use super::Registry;
use crate::{Function, RegistryError, Version, settings::validate};
use fngraph_store::Digest;
use fngraph_types::{FunctionId, Qualifier, Timestamp, VersionName, limits};
use std::sync::Arc;
use time::OffsetDateTime;

/// How to publish a version (manual, 7.7.7).
#[derive(Debug, Clone, Default)]
pub struct Publish {
    /// Its name. Default: the moment, `vYYYYMMDD-HHMMSS` in UTC.
    pub version: Option<VersionName>,
    /// What to say about it, up to 512 characters. Default: nothing.
    pub description: String,
    /// The digest of the code to publish, for callers that want to be sure which it is. Default: whatever it is.
    pub digest: Option<Digest>,
}

impl Registry {
    /// Publishes `latest`: its code and settings become a version that never changes.
    ///
    /// # Errors
    /// When nothing changed since the last publication, the code is another than was meant, the name is taken or
    /// `latest`, or there are 20 versions already, with `latest`.
    pub async fn publish(
        &self,
        id: &FunctionId,
        publish: Publish,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        validate::description(&publish.description)?;
        if publish.version.as_ref().is_some_and(VersionName::is_latest) {
            return Err(RegistryError::LatestTaken);
        }
        self.change(id, move |function| publish_latest(function, publish, at)).await
    }

    /// Deletes a published version with its aliases, asynchronous configuration, reserved instances and triggers, also
    /// those of its aliases.
    ///
    /// # Errors
    /// When it does not exist, is `latest`, or is the additional version of an alias.
    pub async fn delete_version(&self, id: &FunctionId, version: &VersionName) -> Result<(), RegistryError> {
        let version = version.clone();
        self.change(id, move |function| delete(function, &version)).await
    }
}

fn publish_latest(function: &mut Function, publish: Publish, at: Timestamp) -> Result<Arc<Version>, RegistryError> {
    let latest = &function.latest;
    if let Some(given) = publish.digest.filter(|given| *given != latest.code) {
        return Err(RegistryError::OtherCode { given: given.to_string(), current: latest.code.to_string() });
    }
    let name = publish.version.unwrap_or_else(|| default_name(function, at));
    if function.version(&name).is_some() {
        return Err(RegistryError::VersionExists { function: function.id.clone(), version: name });
    }
    if let Some(last) = function.published.last().filter(|last| same_instances(last, latest)) {
        return Err(RegistryError::NothingToPublish { function: function.id.clone(), version: last.name.clone() });
    }
    if function.versions().count() >= limits::VERSIONS {
        return Err(RegistryError::TooManyVersions { function: function.id.clone(), limit: limits::VERSIONS });
    }
    let version = Arc::new(Version {
        name,
        description: publish.description,
        modified_at: at,
        revision: function.revision,
        ..Version::clone(latest)
    });
    function.published.push(Arc::clone(&version));
    Ok(version)
}

fn same_instances(one: &Version, other: &Version) -> bool {
    one.code == other.code && one.settings == other.settings
}

/// The moment, and a number when that is taken: two publications in a second are no reason to fail.
fn default_name(function: &Function, at: Timestamp) -> VersionName {
    let moment = OffsetDateTime::from_unix_timestamp(at.as_millis().div_euclid(1000));
    let moment = moment.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = moment.to_calendar_date();
    let (hour, minute, second) = moment.to_hms();
    let name = format!("v{year:04}{:02}{day:02}-{hour:02}{minute:02}{second:02}", u8::from(month));
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.clone())
        .chain(numbered)
        .map(|name| name.parse().expect("digits, a letter and hyphens name a version"))
        .find(|name| function.version(name).is_none())
        .expect("there are fewer versions than numbers")
}

fn delete(function: &mut Function, name: &VersionName) -> Result<(), RegistryError> {
    if name.is_latest() {
        return Err(RegistryError::LatestStays(function.id.clone()));
    }
    function.require_version(name)?;
    let tries = |alias: &&crate::Alias| alias.additional.as_ref().is_some_and(|other| other.version == *name);
    if let Some(alias) = function.aliases.iter().find(tries) {
        return Err(RegistryError::AdditionalVersionInUse { version: name.clone(), alias: alias.name.clone() });
    }
    let Function { published, aliases, async_configs, reservations, triggers, .. } = function;
    published.retain(|version| version.name != *name);
    async_configs.remove(name);
    let mut gone = vec![Qualifier::Version(name.clone())];
    aliases.retain(|alias| {
        let stays = alias.version != *name;
        if !stays {
            gone.push(Qualifier::Alias(alias.name.clone()));
        }
        stays
    });
    reservations.retain(|qualifier, _| !gone.contains(qualifier));
    triggers.retain(|trigger| !gone.contains(&trigger.qualifier));
    Ok(())
}
