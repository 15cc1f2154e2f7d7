//! The functions as the registry knows them. An earlier process may have come to any part of it.

use anyhow::Result;
use crash_plan::Function;
use fngraph_registry::{AsyncConfig, Destination, MaxInstances, NewFunction, Registry, Scaling, Settings};
use fngraph_types::{FunctionId, Timestamp, VersionName};
use std::time::Duration;

/// Far longer than the rounds of a directory take by its clock, so that no request is ever too old.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Fewer than the attempts of one function that may run at once.
const FEW_INSTANCES: i64 = 6;

/// Creates what is missing.
pub(crate) async fn functions(registry: &Registry, now: Timestamp) -> Result<()> {
    for function in Function::ALL {
        let id = FunctionId::local(function.name());
        if registry.function(&id).is_none() {
            let mut new =
                NewFunction::new(id.clone(), Settings::new("index.handler".parse()?), function.name().into(), now);
            if function == Function::Slow {
                new.scaling = Scaling { max_instances: MaxInstances::try_from(FEW_INSTANCES)?, ..Scaling::default() };
            }
            registry.create(new).await?;
        }
        let latest = VersionName::latest();
        let configured = registry.function(&id).is_some_and(|function| function.async_configs.contains_key(&latest));
        if !configured {
            registry.set_async_config(&id, &latest, config(function, now)).await?;
        }
    }
    Ok(())
}

fn config(function: Function, now: Timestamp) -> AsyncConfig {
    let bucket = || Destination::Obs { bucket: function.name().to_owned(), prefix: String::new(), expires_days: 0 };
    let (on_success, on_failure) = match function {
        Function::Filed => (Some(bucket()), None),
        Function::Doomed => (None, Some(bucket())),
        Function::Relay => (Some(Destination::Function { urn: Function::Heir.name().to_owned() }), None),
        Function::Quick | Function::Slow | Function::Shaky | Function::Heir | Function::Keyed => (None, None),
    };
    AsyncConfig { max_age: MAX_AGE, max_retries: function.retries(), on_success, on_failure, ..AsyncConfig::new(now) }
}
