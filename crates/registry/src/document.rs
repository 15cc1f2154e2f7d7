//! A function as it is stored.

use crate::{Alias, AsyncConfig, Function, Reservation, Version};
use fngraph_store::FunctionRecord;
use fngraph_types::{Qualifier, Timestamp, VersionName};
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
}

/// The record to store.
pub(crate) fn write(function: &Function) -> FunctionRecord {
    let document = Document {
        form: FORM,
        created_at: function.created_at,
        latest: Arc::clone(&function.latest),
        published: function.published.clone(),
        aliases: function.aliases.clone(),
        async_configs: function.async_configs.clone(),
        reservations: function.reservations.clone(),
    };
    let document = serde_json::to_string(&document).expect("its keys are texts and nothing in it refuses");
    FunctionRecord { id: function.id.clone(), revision: function.revision, document }
}

/// The function in a record, or what is wrong with it.
pub(crate) fn read(record: &FunctionRecord) -> Result<Function, String> {
    let document: Document = serde_json::from_str(&record.document).map_err(|error| error.to_string())?;
    if document.form > FORM {
        return Err(format!("its form is {}, and this program reads up to {FORM}; upgrade it", document.form));
    }
    let function = Function {
        id: record.id.clone(),
        revision: record.revision,
        created_at: document.created_at,
        latest: document.latest,
        published: document.published,
        aliases: document.aliases,
        async_configs: document.async_configs,
        reservations: document.reservations,
    };
    let latest = |version: &Arc<Version>| version.name.is_latest();
    if !latest(&function.latest) || function.published.iter().any(latest) {
        return Err("its versions are mixed up".to_owned());
    }
    Ok(function)
}

#[cfg(test)]
mod tests;
