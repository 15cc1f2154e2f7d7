//! Creating a function, or changing one that is there.

use super::{entries::Entries, wanted::Wanted};
use crate::{
    client::{
        FunctionName,
        archive::Archive,
        call::Client,
        refusal::{CallError, found},
    },
    exit::{Exit, Failure},
    units,
};
use fngraph_api::{
    Empty, Json,
    code::{UpdateFunctionCode, UpdateFunctionCodeBody},
    config::{ShowFunctionConfig, UpdateFunctionConfig, UpdateFunctionConfigBody},
    functions::{CreateFunction, CreateFunctionBody},
    metadata::{Attributes, FunctionMetadata},
};
use fngraph_types::{ErrorCode, FunctionId};

/// How long a new function's invocation may take, in seconds.
const TIMEOUT: i64 = 3;

/// The function as it is; none when there is none.
pub(super) fn show(client: &Client, name: &FunctionName) -> Result<Option<FunctionMetadata>, CallError> {
    let shown = client.call::<ShowFunctionConfig>(&client.function(name), &Empty {}, Empty {});
    Ok(found(shown, ErrorCode::FunctionNotFound)?.map(|Json(metadata)| metadata))
}

/// What is to become of a function.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) client: &'a Client,
    pub(super) name: &'a FunctionName,
    pub(super) archive: &'a Archive,
    pub(super) wanted: Wanted,
}

impl Change<'_> {
    pub(super) fn create(&self) -> Result<(Action, FunctionMetadata), CallError> {
        let FunctionId { package, name, .. } = self.name.urn(self.client.scope()).function;
        let Entries { runtime, handler, initializer, pre_stop } = &self.wanted.entries;
        let Wanted { settings, user_data, .. } = &self.wanted;
        let body = CreateFunctionBody {
            func_name: name.to_string(),
            package: package.to_string(),
            runtime: (*runtime).to_owned(),
            timeout: settings.timeout.unwrap_or(TIMEOUT),
            handler: handler.to_string(),
            memory_size: settings.memory.unwrap_or_default().as_mib().into(),
            code_type: Some("zip".to_owned()),
            code_url: None,
            code_filename: Some(format!("{name}.zip")),
            func_code: Some(self.archive.code()),
            depend_version_list: self.wanted.dependencies.clone(),
            depend_list: None,
            user_data: user_data.open.clone(),
            encrypted_user_data: user_data.encrypted.clone(),
            description: settings.description.clone(),
            initializer_handler: initializer.as_ref().map(ToString::to_string),
            initializer_timeout: initializer.as_ref().and(settings.initializer_timeout),
            pre_stop_handler: pre_stop.as_ref().map(ToString::to_string),
            pre_stop_timeout: pre_stop.as_ref().and(settings.pre_stop_timeout),
            generation: Some("v2".to_owned()),
            enable_dynamic_memory: settings.dynamic_memory,
            attributes: self.wanted.attributes(&Attributes::default()),
        };
        let Json(created) = self.client.call::<CreateFunction>(&self.client.project(), &Empty {}, Json(body))?;
        // What cannot be said when a function is created. Secrets were, and are not told: that is no difference.
        let mut rest = self.wanted.difference(&created);
        rest.encrypted_user_data = None;
        if rest == UpdateFunctionConfigBody::default() {
            return Ok((Action::Created, created));
        }
        Ok((Action::Created, self.configure(rest)?))
    }

    pub(super) fn update(&self, existing: FunctionMetadata) -> Result<(Action, FunctionMetadata), Failure> {
        if existing.runtime != self.wanted.entries.runtime {
            let text = format!(
                "`{}` has the runtime `{}`, and the code is for `{}`",
                self.name, existing.runtime, self.wanted.entries.runtime
            );
            return Err(Failure::text(Exit::Refused, text).hint(format!(
                "--name deploys another function; `fngraph delete {}` makes room for this one",
                self.name
            )));
        }
        let difference = self.wanted.difference(&existing);
        let is_other_code = existing.digest != self.archive.digest();
        let is_configured = difference == UpdateFunctionConfigBody::default();
        let mut changed: Vec<_> = is_other_code.then(|| "code".to_owned()).into_iter().collect();
        changed.extend(members(&difference));
        let metadata = match (is_other_code, is_configured) {
            (false, true) => return Ok((Action::Unchanged, existing)),
            (false, false) => self.configure(difference)?,
            (true, true) => {
                self.send(&existing)?;
                show(self.client, self.name)?.unwrap_or(existing)
            }
            (true, false) => self.send_and_configure(&existing, difference)?,
        };
        Ok((Action::Updated(changed), metadata))
    }

    /// Changes code and configuration. Servers check the one against the other, so that a handler that only the old code
    /// has is changed first, and one that only the new code has afterwards.
    fn send_and_configure(
        &self,
        existing: &FunctionMetadata,
        difference: UpdateFunctionConfigBody,
    ) -> Result<FunctionMetadata, Failure> {
        let has_other_entries = difference.handler.is_some()
            || difference.initializer_handler.is_some()
            || difference.pre_stop_handler.is_some();
        match self.send(existing) {
            Ok(()) => Ok(self.configure(difference)?),
            Err(error @ CallError::Refused(_)) if has_other_entries => {
                if self.configure(difference).is_err() {
                    let hint = format!(
                        "the server runs `{}` until it is told otherwise; keep that name, or `fngraph delete {}` first",
                        existing.handler, self.name
                    );
                    return Err(Failure::from(error).hint(hint));
                }
                self.send(existing)?;
                Ok(show(self.client, self.name)?.unwrap_or_else(|| existing.clone()))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn send(&self, existing: &FunctionMetadata) -> Result<(), CallError> {
        let body = UpdateFunctionCodeBody {
            code_type: "zip".to_owned(),
            code_url: None,
            code_filename: Some(format!("{}.zip", existing.func_name)),
            func_code: Some(self.archive.code()),
            depend_version_list: self.wanted.dependencies.clone(),
            depend_list: None,
            code_encrypt_kms_key_id: None,
        };
        self.client.call::<UpdateFunctionCode>(&self.client.function(self.name), &Empty {}, Json(body))?;
        Ok(())
    }

    fn configure(&self, body: UpdateFunctionConfigBody) -> Result<FunctionMetadata, CallError> {
        let path = self.client.function(self.name);
        let Json(metadata) = self.client.call::<UpdateFunctionConfig>(&path, &Empty {}, Json(body))?;
        Ok(metadata)
    }
}

/// What a change is about, in the API's words.
fn members(change: &UpdateFunctionConfigBody) -> Vec<String> {
    match serde_json::to_value(change) {
        Ok(serde_json::Value::Object(members)) => members.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

/// What became of a function.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    Created,
    /// Of this.
    Updated(Vec<String>),
    Unchanged,
}

impl Action {
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated(_) => "updated",
            Self::Unchanged => "unchanged",
        }
    }

    pub(super) fn text(&self, name: &FunctionName, metadata: &FunctionMetadata) -> String {
        let size = units::bytes(u64::try_from(metadata.code_size).unwrap_or_default());
        let FunctionMetadata { runtime, handler, .. } = metadata;
        match self {
            Self::Created => format!("created {name}: runtime {runtime}, handler {handler}, {size} of code"),
            Self::Updated(what) => format!("updated {name}: {}", what.join(", ")),
            Self::Unchanged => format!("{name} is so already"),
        }
    }
}
