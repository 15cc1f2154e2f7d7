//! The contract's imports, answered from the state of the running instance.

use super::{
    State,
    bindings::fngraph::function::{context, logger},
};
use crate::{Level, clock};
use std::collections::BTreeSet;

impl context::Host for State {
    fn request_id(&mut self) -> String {
        self.call.request_id.to_string()
    }

    fn attempt(&mut self) -> u32 {
        self.call.attempt
    }

    fn remaining_time(&mut self) -> u64 {
        let left = self.call.deadline.saturating_duration_since(clock::monotonic());
        u64::try_from(left.as_millis()).unwrap_or(u64::MAX)
    }

    fn alias(&mut self) -> Option<String> {
        self.call.alias.as_deref().map(str::to_owned)
    }

    fn function(&mut self) -> context::Metadata {
        let config = &self.config;
        context::Metadata {
            project_id: config.identity.project_id.clone(),
            package: config.identity.package.clone(),
            name: config.identity.name.clone(),
            version: config.identity.version.clone(),
            handler: config.handler.to_string(),
            memory: config.memory.as_mib(),
            cpu: config.memory.millicores(),
            timeout: u64::try_from(config.timeout.as_millis()).unwrap_or(u64::MAX),
        }
    }

    fn instance_id(&mut self) -> String {
        self.instance_id.get_or_insert_with(fngraph_types::RequestId::random).to_string()
    }

    fn user_data(&mut self, key: String) -> Option<String> {
        let config = &self.config;
        if let Some(secret) = config.secrets.get(&key) {
            self.secret_read = Some("its secret user data");
            return Some(secret.clone());
        }
        config.user_data.get(&key).cloned()
    }

    fn user_data_keys(&mut self) -> Vec<String> {
        let keys: BTreeSet<_> = self.config.user_data.keys().chain(self.config.secrets.keys()).collect();
        keys.into_iter().cloned().collect()
    }

    fn agency(&mut self) -> Option<context::Credentials> {
        let agency = self.config.agency.as_ref()?;
        self.secret_read = Some("the credentials of its agency");
        Some(context::Credentials {
            access_key: agency.access_key.clone(),
            secret_key: agency.secret_key.clone(),
            security_token: agency.security_token.clone(),
            token: agency.token.clone(),
        })
    }

    fn workflow(&mut self) -> Option<context::Flow> {
        self.call.workflow.as_ref().map(|workflow| context::Flow {
            workflow_id: workflow.workflow_id.clone(),
            run_id: workflow.run_id.clone(),
            state_id: workflow.state_id.clone(),
        })
    }

    fn traceparent(&mut self) -> Option<String> {
        self.call.trace.as_ref().map(|trace| trace.traceparent())
    }

    fn tracestate(&mut self) -> Option<String> {
        self.call.trace.as_ref()?.tracestate().map(str::to_owned)
    }
}

impl logger::Host for State {
    fn enabled(&mut self, level: logger::Level) -> bool {
        self.recorder.enabled(level.into())
    }

    fn set_level(&mut self, level: logger::Level) {
        self.recorder.set_level(level.into());
    }

    fn log(&mut self, level: logger::Level, message: String) {
        self.recorder.message(level.into(), &message);
    }
}

impl From<logger::Level> for Level {
    fn from(level: logger::Level) -> Self {
        match level {
            logger::Level::Debug => Self::Debug,
            logger::Level::Info => Self::Info,
            logger::Level::Warn => Self::Warn,
            logger::Level::Error => Self::Error,
        }
    }
}
