//! A function as it is stored.

use crate::{Alias, AsyncConfig, Function, Reservation, TestEvent, Trigger, Version, cipher::Cipher, trigger::Source};
use fngraph_store::FunctionRecord;
use fngraph_types::{FunctionId, Qualifier, Timestamp, VersionName};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// The newest form that this program reads. Grow it when an older program would misread a document; a new field with
/// a default needs no new form.
const FORM: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Document {
    form: u32,
    created_at: Timestamp,
    latest: Arc<Version>,
    #[serde(default)]
    published: Vec<Arc<Version>>,
    #[serde(default)]
    aliases: Vec<Alias>,
    #[serde(default)]
    async_configs: BTreeMap<VersionName, AsyncConfig>,
    #[serde(default)]
    reservations: BTreeMap<Qualifier, Reservation>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    collected_at: Option<Timestamp>,
    #[serde(default)]
    test_events: Vec<TestEvent>,
    #[serde(default)]
    triggers: Vec<Trigger>,
    /// For whom it is traced: JSON, sealed.
    #[serde(default)]
    tracing: Option<String>,
    /// The passwords of those triggers that have some, by id: JSON, sealed.
    #[serde(default)]
    trigger_secrets: BTreeMap<String, String>,
    /// The encrypted user data of those versions that have some: JSON, sealed.
    #[serde(default)]
    secrets: BTreeMap<VersionName, String>,
}

/// The record to store.
pub(crate) fn write(function: &Function, cipher: &Cipher) -> FunctionRecord {
    let document = Document {
        form: FORM,
        created_at: function.created_at,
        latest: Arc::clone(&function.latest),
        published: function.published.clone(),
        aliases: function.aliases.clone(),
        async_configs: function.async_configs.clone(),
        reservations: function.reservations.clone(),
        tags: function.tags.clone(),
        collected_at: function.collected_at,
        test_events: function.test_events.clone(),
        triggers: function.triggers.clone(),
        tracing: seal_tracing(function, cipher),
        trigger_secrets: seal_triggers(function, cipher),
        secrets: seal(function, cipher),
    };
    let document = serde_json::to_string(&document).expect("its keys are texts and nothing in it refuses");
    FunctionRecord { id: function.id.clone(), revision: function.revision, document }
}

/// The function in a record, or what is wrong with it.
pub(crate) fn read(record: &FunctionRecord, cipher: &Cipher) -> Result<Function, String> {
    let document: Document = serde_json::from_str(&record.document).map_err(|error| error.to_string())?;
    if document.form > FORM {
        return Err(format!("its form is {}, and this program reads up to {FORM}; upgrade it", document.form));
    }
    let mut function = Function {
        id: record.id.clone(),
        revision: record.revision,
        created_at: document.created_at,
        latest: document.latest,
        published: document.published,
        aliases: document.aliases,
        async_configs: document.async_configs,
        reservations: document.reservations,
        tags: document.tags,
        collected_at: document.collected_at,
        test_events: document.test_events,
        triggers: document.triggers,
        tracing: None,
    };
    let latest = |version: &Arc<Version>| version.name.is_latest();
    if !latest(&function.latest) || function.published.iter().any(latest) {
        return Err("its versions are mixed up".to_owned());
    }
    for (name, sealed) in &document.secrets {
        open(&mut function, name, sealed, cipher)
            .ok_or_else(|| format!("the encrypted user data of its version `{name}` cannot be decrypted"))?;
    }
    if let Some(sealed) = &document.tracing {
        open_tracing(&mut function, sealed, cipher).ok_or("its keys for tracing cannot be decrypted")?;
    }
    for (id, sealed) in &document.trigger_secrets {
        open_trigger(&mut function, id, sealed, cipher)
            .ok_or_else(|| format!("the passwords of its trigger `{id}` cannot be decrypted"))?;
    }
    Ok(function)
}

fn seal(function: &Function, cipher: &Cipher) -> BTreeMap<VersionName, String> {
    let secretive = function.versions().filter(|version| !version.settings.encrypted_user_data.is_empty());
    let sealed = secretive.map(|version| {
        let pairs: &BTreeMap<_, _> = &version.settings.encrypted_user_data;
        let pairs = serde_json::to_string(pairs).expect("a map of texts is always JSON");
        (version.name.clone(), cipher.seal(&place(&function.id, &version.name), &pairs))
    });
    sealed.collect()
}

fn open(function: &mut Function, name: &VersionName, sealed: &str, cipher: &Cipher) -> Option<()> {
    let pairs = cipher.open(&place(&function.id, name), sealed)?;
    let pairs: BTreeMap<_, _> = serde_json::from_str(&pairs).ok()?;
    function.version_mut(name)?.settings.encrypted_user_data = pairs.into();
    Some(())
}

fn seal_triggers(function: &Function, cipher: &Cipher) -> BTreeMap<String, String> {
    let sealed = function.triggers.iter().filter_map(|trigger| match &trigger.source {
        Source::Elsewhere(elsewhere) if !elsewhere.secrets.is_empty() => {
            let pairs: &BTreeMap<_, _> = &elsewhere.secrets;
            let pairs = serde_json::to_string(pairs).expect("a map of texts is always JSON");
            Some((trigger.id.clone(), cipher.seal(&trigger_place(&function.id, &trigger.id), &pairs)))
        }
        _ => None,
    });
    sealed.collect()
}

fn open_trigger(function: &mut Function, id: &str, sealed: &str, cipher: &Cipher) -> Option<()> {
    let pairs = cipher.open(&trigger_place(&function.id, id), sealed)?;
    let pairs: BTreeMap<_, _> = serde_json::from_str(&pairs).ok()?;
    let trigger = function.triggers.iter_mut().find(|trigger| trigger.id == id)?;
    let Source::Elsewhere(elsewhere) = &mut trigger.source else { return None };
    elsewhere.secrets = pairs.into();
    Some(())
}

fn seal_tracing(function: &Function, cipher: &Cipher) -> Option<String> {
    let tracing = serde_json::to_string(function.tracing.as_ref()?).expect("two texts are always JSON");
    Some(cipher.seal(&tracing_place(&function.id), &tracing))
}

fn open_tracing(function: &mut Function, sealed: &str, cipher: &Cipher) -> Option<()> {
    let tracing = cipher.open(&tracing_place(&function.id), sealed)?;
    function.tracing = Some(serde_json::from_str(&tracing).ok()?);
    Some(())
}

fn tracing_place(id: &FunctionId) -> String {
    format!("{id} tracing")
}

fn trigger_place(id: &FunctionId, trigger: &str) -> String {
    format!("{id} trigger {trigger}")
}

/// What encrypted user data belong to, so that nobody can give them to another function by moving them.
fn place(id: &FunctionId, version: &VersionName) -> String {
    format!("{id}:{version}")
}

#[cfg(test)]
mod tests;
