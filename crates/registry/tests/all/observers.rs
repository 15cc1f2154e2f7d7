use crate::scenario::{Scenario, at, described};
use fngraph_registry::{Function, Observer, Registry};
use fngraph_types::{FunctionId, VersionName};
use std::sync::{Arc, Mutex};

/// Writes down what it hears, and checks that the registry shows it already.
struct Ear {
    registry: Registry,
    heard: Mutex<Vec<(FunctionId, Option<u64>)>>,
}

impl Observer for Ear {
    fn changed(&self, id: &FunctionId, function: Option<&Arc<Function>>) {
        assert_eq!(self.registry.function(id).as_ref(), function);
        self.heard.lock().unwrap().push((id.clone(), function.map(|function| function.revision)));
    }
}

async fn listening() -> (Scenario, Arc<Ear>) {
    let scenario = Scenario::new().await;
    let ear = Arc::new(Ear { registry: scenario.registry.clone(), heard: Mutex::default() });
    scenario.registry.subscribe(ear.clone());
    (scenario, ear)
}

#[tokio::test]
async fn changes_are_heard_after_they_can_be_seen() {
    let (scenario, ear) = listening().await;
    scenario.create("g").await.unwrap();
    scenario.publish("v1").await;
    scenario.create("g").await.unwrap_err();
    scenario.registry.delete(&scenario.id).await.unwrap();
    let (f, g) = (scenario.id.clone(), FunctionId::local("g"));
    let heard = ear.heard.lock().unwrap().clone();
    assert_eq!(heard, [(g, Some(1)), (f.clone(), Some(2)), (f.clone(), Some(3)), (f, None)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_changes_of_one_function_are_heard_in_order() {
    let (scenario, ear) = listening().await;
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (registry, id) = (scenario.registry.clone(), scenario.id.clone());
        writers.spawn(async move {
            let settings = described(&number.to_string());
            registry.update_settings(&id, &VersionName::latest(), settings, at(number)).await.unwrap();
        });
    }
    writers.join_all().await;
    let heard: Vec<_> = ear.heard.lock().unwrap().iter().filter_map(|(_, revision)| *revision).collect();
    assert_eq!(heard, (2..=101).collect::<Vec<_>>());
}
