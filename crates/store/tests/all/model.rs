//! Random lives of requests, compared with a model that keeps them in a map.

use crate::support::{NOW, directory, failure, id, request, retry, seconds, success};
use fngraph_store::{Acceptance, RequestStatus, RequestStore, Sqlite};
use proptest::{prelude::*, test_runner::Config};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
    Accept(u128),
    Begin(u128),
    Retry { bits: u128, counts: bool },
    Succeed(u128),
    Fail(u128),
    Forget,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let bits = 0..5u128;
    prop_oneof![
        4 => bits.clone().prop_map(Step::Accept),
        4 => bits.clone().prop_map(Step::Begin),
        2 => (bits.clone(), any::<bool>()).prop_map(|(bits, counts)| Step::Retry { bits, counts }),
        2 => bits.clone().prop_map(Step::Succeed),
        1 => bits.prop_map(Step::Fail),
        1 => Just(Step::Forget),
        1 => Just(Step::Restart),
    ]
}

#[derive(Debug, Default)]
struct Model(BTreeMap<u128, (&'static str, u32)>);

impl Model {
    fn end(&mut self, bits: u128, status: RequestStatus) -> bool {
        let found = self.0.get_mut(&bits).filter(|(status, _)| matches!(*status, "WAIT" | "RUNNING"));
        found.map(|state| state.0 = status.as_str()).is_some()
    }

    fn pending(&self) -> Vec<(u128, u32)> {
        let unfinished = self.0.iter().filter(|(_, (status, _))| matches!(*status, "WAIT" | "RUNNING"));
        unfinished.map(|(bits, (_, attempts))| (*bits, *attempts)).collect()
    }
}

async fn take(step: &Step, store: &Sqlite, model: &mut Model) {
    match *step {
        Step::Accept(bits) => {
            let new = !model.0.contains_key(&bits);
            model.0.entry(bits).or_insert(("WAIT", 0));
            let expected = if new { Acceptance::New } else { Acceptance::Duplicate(id(bits)) };
            assert_eq!(store.accept(request(bits)).await.unwrap(), expected);
        }
        Step::Begin(bits) => {
            let waiting = model.0.get_mut(&bits).filter(|(status, _)| *status == "WAIT");
            let expected = waiting.map(|state| {
                *state = ("RUNNING", state.1 + 1);
                state.1 - 1
            });
            let attempt = store.begin(id(bits), NOW).await.unwrap();
            assert_eq!(attempt.map(|attempt| attempt.earlier), expected);
        }
        Step::Retry { bits, counts } => {
            let found = model.0.get_mut(&bits).filter(|(status, _)| matches!(*status, "WAIT" | "RUNNING"));
            let expected = found.map(|state| {
                let back = u32::from(state.0 == "RUNNING" && !counts);
                *state = ("WAIT", state.1 - back);
            });
            let finished = store.finish(id(bits), retry(NOW, counts)).await.unwrap();
            assert_eq!(finished, expected.is_some());
        }
        Step::Succeed(bits) => {
            let expected = model.end(bits, RequestStatus::Success);
            assert_eq!(store.finish(id(bits), success(NOW)).await.unwrap(), expected);
        }
        Step::Fail(bits) => {
            let expected = model.end(bits, RequestStatus::Fail);
            assert_eq!(store.finish(id(bits), failure(NOW, None)).await.unwrap(), expected);
        }
        Step::Forget => {
            let before = model.0.len();
            model.0.retain(|_, (status, _)| matches!(*status, "WAIT" | "RUNNING"));
            let forgotten = store.forget_requests(NOW + seconds(1), 99).await.unwrap();
            assert_eq!(forgotten, u64::try_from(before - model.0.len()).unwrap());
        }
        Step::Restart => {
            for state in model.0.values_mut().filter(|(status, _)| *status == "RUNNING") {
                state.0 = "WAIT";
            }
            let recovered = store.recover(NOW).await.unwrap();
            let pending: Vec<_> = recovered.iter().map(|pending| (pending.id.as_u128(), pending.attempts)).collect();
            assert_eq!(pending, model.pending());
        }
    }
}

async fn compare(store: &Sqlite, model: &Model) {
    for bits in 0..5 {
        let record = store.request(id(bits)).await.unwrap();
        let state = record.map(|record| (record.status.as_str(), record.attempts));
        assert_eq!(state, model.0.get(&bits).copied(), "{bits}");
    }
}

proptest! {
    #![proptest_config(Config { cases: 48, ..Config::default() })]

    #[test]
    fn requests_live_as_in_the_model(steps in prop::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (directory, mut store) = directory();
        let mut model = Model::default();
        for step in &steps {
            if matches!(step, Step::Restart) {
                drop(store);
                store = Sqlite::open(directory.path()).unwrap();
            }
            runtime.block_on(take(step, &store, &mut model));
            runtime.block_on(compare(&store, &model));
        }
    }
}
