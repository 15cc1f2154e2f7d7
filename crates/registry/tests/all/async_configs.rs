use crate::scenario::{Scenario, at, refused, version};
use fngraph_registry::AsyncConfig;
use fngraph_types::{ErrorCode, VersionName};

#[tokio::test]
async fn a_version_keeps_the_moment_of_its_first_configuration() {
    let scenario = Scenario::new().await;
    let (registry, id, latest) = (&scenario.registry, &scenario.id, VersionName::latest());
    registry.set_async_config(id, &latest, AsyncConfig::new(at(1))).await.unwrap();
    registry.set_async_config(id, &latest, AsyncConfig { max_retries: 3, ..AsyncConfig::new(at(2)) }).await.unwrap();
    let function = scenario.function();
    let config = &function.async_configs[&latest];
    assert_eq!((config.created_at, config.modified_at, config.max_retries), (at(1), at(2), 3));
    registry.delete_async_config(id, &latest).await.unwrap();
    assert!(scenario.function().async_configs.is_empty());
}

#[tokio::test]
async fn what_breaks_a_rule_is_not_set() {
    let scenario = Scenario::new().await;
    let (registry, id, latest) = (&scenario.registry, &scenario.id, VersionName::latest());
    let config = AsyncConfig::new(at(1));
    let many = AsyncConfig { max_retries: 4, ..config.clone() };
    refused(
        registry.set_async_config(id, &latest, many).await,
        ErrorCode::InvalidAsyncConfig,
        "is `4`; allowed: 0 to 3",
    );
    let v9 = version("v9");
    refused(registry.set_async_config(id, &v9, config).await, ErrorCode::VersionNotFound, "`v9`");
    refused(registry.delete_async_config(id, &v9).await, ErrorCode::VersionNotFound, "`v9`");
    refused(
        registry.delete_async_config(id, &latest).await,
        ErrorCode::AsyncConfigNotFound,
        "`latest` of the function `local:default:f` has no asynchronous configuration",
    );
}
