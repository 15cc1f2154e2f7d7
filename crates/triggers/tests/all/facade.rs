//! Creating and changing triggers.

use crate::support::{BEGIN, MINUTE, SECOND, deploy, start, timer};
use fngraph::{
    ErrorCode, FunctionId, Gateway, GatewayAuth, GatewayMethod, GatewayProtocol, PathMatch, Source, Trigger,
    TriggerKind,
};
use fngraph_triggers::TriggerError;

fn gateway(id: &str) -> Trigger {
    let gateway = Gateway {
        kind: TriggerKind::Apig,
        api_id: format!("{id}-api"),
        api_name: format!("api_{id}"),
        group_id: String::new(),
        group_name: String::new(),
        host: String::new(),
        path: "/orders".to_owned(),
        matching: PathMatch::Exact,
        method: GatewayMethod::Get,
        protocol: GatewayProtocol::Http,
        auth: GatewayAuth::None,
        timeout: SECOND * 5,
        is_async: false,
        cors: false,
        is_private: false,
        env_id: String::new(),
        env_name: "RELEASE".to_owned(),
        instance_id: String::new(),
    };
    Trigger::new(id, Source::Gateway(gateway), BEGIN)
}

#[tokio::test]
async fn without_a_gateway_its_kinds_are_refused() {
    let (runtime, triggers) = start().await;
    let function = deploy(&runtime, "f").await;
    let error = triggers.create(&function, gateway("a")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::TriggerUnavailable);
    assert!(error.to_string().contains("APIG") && error.to_string().contains("`gateway`"), "{error}");
    assert_eq!(triggers.gateway_url(), None);
}

#[tokio::test]
async fn what_the_registry_refuses_is_refused() {
    let (runtime, triggers) = start().await;
    let function = deploy(&runtime, "f").await;
    let nobody = FunctionId::local("nobody");
    let code = |error: TriggerError| error.code();
    let every = || timer("a", "@every 1m", BEGIN);
    assert_eq!(code(triggers.create(&nobody, every()).await.unwrap_err()), ErrorCode::FunctionNotFound);
    triggers.create(&function, every()).await.unwrap();
    assert_eq!(code(triggers.create(&function, every()).await.unwrap_err()), ErrorCode::TimerTriggerExists);
    let update = triggers.update(&function, "b", |_| Ok(())).await.unwrap_err();
    assert!(matches!(update, TriggerError::Registry(_)), "{update}");
    let refusal =
        triggers.update(&function, "a", |_| Err(TriggerError::ForeignTopic("t".to_owned()))).await.unwrap_err();
    assert!(matches!(refusal, TriggerError::ForeignTopic(_)), "{refusal}");
    let renamed = triggers.update(&function, "a", |trigger| {
        trigger.modified_at = BEGIN + MINUTE;
        Ok(())
    });
    assert_eq!(renamed.await.unwrap().modified_at, BEGIN + MINUTE);
    assert_eq!(runtime.function("f").unwrap().unwrap().triggers[0].modified_at, BEGIN + MINUTE);
}
