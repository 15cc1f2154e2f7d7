//! The context of a running component: every question goes to the host's imports.

use std::cell::OnceCell;
use std::time::Duration;

use super::{Credentials, Level, Workflow};

/// What `wit-bindgen` makes of the contract's imports and types. The world names the types on their own, so that
/// the exports of every guest can refer to this one copy of them.
#[allow(unsafe_code, missing_docs, missing_debug_implementations, unreachable_pub, reason = "generated code")]
pub(crate) mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package fngraph:guest;

            world guest {
                include fngraph:function/imports@1.0.0;
                import fngraph:function/types@1.0.0;
            }
        ",
        world: "fngraph:guest/guest",
        generate_all,
        generate_unused_types: true,
    });
}

use bindings::fngraph::function::{context, logger};

/// The imports of the contract. Facts that an instance never changes are asked for once; they are kept no longer
/// than an invocation, because an instance's memory may be a copy of another's.
#[derive(Debug, Default)]
pub(super) struct Host {
    function: OnceCell<context::Metadata>,
}

impl Host {
    pub(super) fn function(&self) -> &context::Metadata {
        self.function.get_or_init(context::function)
    }

    pub(super) fn request_id(&self) -> String {
        context::request_id()
    }

    pub(super) fn attempt(&self) -> u32 {
        context::attempt()
    }

    pub(super) fn remaining_time(&self) -> Duration {
        Duration::from_millis(context::remaining_time())
    }

    pub(super) fn alias(&self) -> Option<String> {
        context::alias()
    }

    pub(super) fn instance_id(&self) -> String {
        context::instance_id()
    }

    pub(super) fn user_data(&self, key: &str) -> Option<String> {
        context::user_data(key)
    }

    pub(super) fn user_data_keys(&self) -> Vec<String> {
        context::user_data_keys()
    }

    pub(super) fn agency(&self) -> Option<Credentials> {
        let context::Credentials { access_key, secret_key, security_token, token } = context::agency()?;
        Some(Credentials { access_key, secret_key, security_token, token })
    }

    pub(super) fn workflow(&self) -> Option<Workflow> {
        let context::Flow { workflow_id, run_id, state_id } = context::workflow()?;
        Some(Workflow { workflow_id, run_id, state_id })
    }

    pub(super) fn traceparent(&self) -> Option<String> {
        context::traceparent()
    }

    pub(super) fn tracestate(&self) -> Option<String> {
        context::tracestate()
    }

    pub(super) fn enabled(&self, level: Level) -> bool {
        logger::enabled(level.into())
    }

    pub(super) fn set_level(&self, level: Level) {
        logger::set_level(level.into());
    }

    pub(super) fn log(&self, level: Level, message: &str) {
        logger::log(level.into(), message);
    }
}

impl From<Level> for logger::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}
