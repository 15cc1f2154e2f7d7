use super::*;
use crate::{
    Additional, CodeType, Combine, CronTactic, Delivery, Destination, Elsewhere, HeaderRule, Isolation, Matches,
    MaxInstances, MetricTactic, Network, Routing, Runtime, Scaling, Settings, SnapshotState, Timer, Timing, Tracing,
    TriggerKind, snapshot::Snapshot,
};
use fngraph_store::{Digest, Secret};
use fngraph_types::{FunctionId, Memory};
use proptest::{collection::btree_map, collection::vec, option, prelude::*};
use std::time::Duration;

prop_compose! {
    fn settings()(
        handler in "[a-z]{1,8}\\.[a-z]{1,8}",
        initializer in option::of("[a-z]{1,8}"),
        memory in prop::sample::select(&Memory::SIZES[..]),
        millis in (1u64..259_200_000, 1u64..259_200_000, 1u64..90_000),
        user_data in btree_map("[a-z]{1,4}", "\\PC{0,8}", 0..3),
        flags in any::<[bool; 4]>(),
        warm_pool in 0u32..=100,
        description in "\\PC{0,20}",
        secrets in btree_map("[a-z]{5,8}", "\\PC{0,8}", 0..3),
        attributes in btree_map("[a-z]{1,4}", "\\PC{0,8}", 0..3),
        dependencies in vec("[a-f0-9-]{1,36}", 0..3),
    ) -> Settings {
        Settings {
            handler: handler.parse().unwrap(),
            runtime: if flags[0] { Runtime::Http } else { Runtime::Custom },
            memory: Memory::mib(memory).unwrap(),
            timeout: Duration::from_millis(millis.0),
            pre_stop: initializer.as_ref().map(|text| text.parse().unwrap()),
            initializer: initializer.map(|text| text.parse().unwrap()),
            initializer_timeout: Duration::from_millis(millis.1),
            pre_stop_timeout: Duration::from_millis(millis.2),
            user_data,
            encrypted_user_data: secrets.into(),
            tmp_bytes: 512 << 20,
            network: if flags[1] { Network::Allowed } else { Network::Denied },
            dynamic_memory: flags[2],
            isolation: if flags[3] { Isolation::Fresh } else { Isolation::Reuse },
            warm_pool,
            description,
            dependencies,
            attributes: attributes.into_iter().map(|(key, value)| (key, value.into())).collect(),
        }
    }
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let failed = "\\PC{0,5}".prop_map(|reason| SnapshotState::Failed { code: "FSS.4009".to_owned(), reason });
    let state =
        prop_oneof![Just(SnapshotState::Disabled), Just(SnapshotState::Creating), Just(SnapshotState::Ready), failed];
    (state, any::<u64>()).prop_map(|(state, revision)| Snapshot::new(state, revision))
}

prop_compose! {
    fn version(name: &'static str)(
        settings in settings(),
        max in -1i64..=1000,
        concurrency in 1u32..=1000,
        code in any::<u64>(),
        modified_at in any::<i64>(),
        revision in any::<u64>(),
        snapshot in snapshot(),
    ) -> Arc<Version> {
        Arc::new(Version {
            name: name.parse().unwrap(),
            description: settings.description.clone(),
            settings,
            scaling: Scaling { max_instances: MaxInstances::try_from(max).unwrap(), concurrency },
            code: Digest::of(&code.to_le_bytes()),
            code_bytes: code,
            delivery: Delivery { code_type: CodeType::Obs, url: code.to_string(), filename: String::new() },
            modified_at: Timestamp::from_millis(modified_at),
            revision,
            snapshot,
        })
    }
}

fn aliases() -> impl Strategy<Value = Vec<Alias>> {
    let matches = prop_oneof![
        "\\PC{0,5}".prop_map(Matches::Equals),
        vec("\\PC{0,5}".prop_map(String::from), 0..3).prop_map(Matches::In),
    ];
    let rule = ("[a-z]{1,5}", matches).prop_map(|(header, matches)| HeaderRule { header, matches });
    let routing = prop_oneof![
        (0u8..=100).prop_map(Routing::Weight),
        (any::<bool>(), vec(rule, 1..3)).prop_map(|(and, rules)| {
            Routing::Rules { combine: if and { Combine::And } else { Combine::Or }, rules }
        }),
    ];
    let alias = ("[a-z]{1,5}", option::of(routing), any::<i64>()).prop_map(|(name, routing, at)| Alias {
        name: name.parse().unwrap(),
        version: VersionName::latest(),
        additional: routing.map(|routing| Additional { version: "v1".parse().unwrap(), routing }),
        description: name,
        modified_at: Timestamp::from_millis(at),
    });
    vec(alias, 0..3)
}

fn async_configs() -> impl Strategy<Value = BTreeMap<VersionName, AsyncConfig>> {
    let destination = prop_oneof![
        "[a-z]{1,5}".prop_map(|urn| Destination::Function { urn }),
        ("[a-z]{1,5}", "\\PC{0,5}", 0u16..=365).prop_map(|(bucket, prefix, expires_days)| Destination::Obs {
            bucket,
            prefix,
            expires_days
        }),
        "[a-z]{1,5}".prop_map(|topic_urn| Destination::Smn { topic_urn }),
        "[a-z]{1,5}".prop_map(|stream_name| Destination::Dis { stream_name }),
    ];
    let config = (1u64..86_400, 0u8..=3, option::of(destination), any::<bool>()).prop_map(|(age, retries, to, log)| {
        AsyncConfig {
            max_age: Duration::from_secs(age),
            max_retries: retries,
            on_success: to.clone(),
            on_failure: to,
            status_log: log,
            ..AsyncConfig::new(Timestamp::EPOCH)
        }
    });
    btree_map("[a-z]{1,5}".prop_map(|name| name.parse().unwrap()), config, 0..3)
}

fn reservations() -> impl Strategy<Value = BTreeMap<Qualifier, Reservation>> {
    let cron = ("[a-z]{1,5}", 0u32..1000, any::<i64>()).prop_map(|(name, count, at)| CronTactic {
        name,
        schedule: "CRON_TZ=Europe/Berlin 0 0 8 ? * mon".parse().unwrap(),
        count,
        start: Timestamp::from_millis(at),
        expires: Timestamp::from_millis(at),
    });
    let metric = ("[a-z]{1,5}", 1u32..=99).prop_map(|(name, threshold)| MetricTactic { name, threshold, min: 1 });
    let reservation =
        (0u32..1000, any::<bool>(), vec(cron, 0..2), vec(metric, 0..2)).prop_map(|(count, idle_mode, cron, metric)| {
            Reservation { idle_mode, cron, metric, ..Reservation::new(count, Timestamp::EPOCH) }
        });
    btree_map("!?[a-z]{1,5}".prop_map(|name| name.parse().unwrap()), reservation, 0..3)
}

fn test_event(content: &str) -> TestEvent {
    let (id, name) = ("3b659dc0".to_owned(), "event".to_owned());
    TestEvent { id, name, content: content.into(), modified_at: Timestamp::from_millis(1) }
}

/// A trigger with a password, or one of those that act.
fn trigger() -> impl Strategy<Value = Trigger> {
    let kafka = btree_map("[a-z]{1,4}", "\\PC{0,8}", 0..3).prop_map(|secrets: BTreeMap<String, String>| {
        let settings = serde_json::from_str(r#"{"topic_ids": ["t"], "batch_size": 100}"#).unwrap();
        Source::Elsewhere(Elsewhere { kind: TriggerKind::Kafka, settings, secrets: secrets.into() })
    });
    let timer = "\\PC{0,8}".prop_map(|user_event| {
        let timing = Timing::Cron("0 0 8 ? * mon".parse().unwrap());
        Source::Timer(Timer { name: "timer".to_owned(), timing, user_event })
    });
    let topic = "\\PC{0,8}".prop_map(|topic_urn| Source::Topic { topic_urn });
    let source = prop_oneof![kafka, timer, topic];
    let trigger = (source, "!?[a-z]{1,5}", any::<bool>(), any::<i64>());
    trigger.prop_map(|(source, qualifier, is_active, at)| {
        let trigger = Trigger::new("1", source, Timestamp::from_millis(at));
        Trigger { qualifier: qualifier.parse().unwrap(), is_active, ..trigger }
    })
}

fn cipher(seed: u8) -> Cipher {
    Cipher::new(&Secret::from_bytes([seed; 32]))
}

prop_compose! {
    fn function()(
        revision in any::<u64>(),
        created_at in any::<i64>(),
        latest in version("latest"),
        published in vec(version("v1"), 0..2),
        aliases in aliases(),
        async_configs in async_configs(),
        reservations in reservations(),
        tags in btree_map("\\PC{1,4}", "\\PC{0,4}", 0..3),
        collected_at in option::of(any::<i64>()),
        content in option::of("\\PC{0,20}"),
        triggers in vec(trigger(), 0..3),
        keys in option::of(("[a-z]{1,4}", "[a-z]{1,4}")),
    ) -> Function {
        Function {
            id: FunctionId::local("f"),
            revision,
            created_at: Timestamp::from_millis(created_at),
            latest,
            published,
            aliases,
            async_configs,
            reservations,
            tags,
            collected_at: collected_at.map(Timestamp::from_millis),
            test_events: content.into_iter().map(|content| test_event(&content)).collect(),
            triggers: triggers.into_iter().enumerate().map(|(at, it)| Trigger { id: at.to_string(), ..it }).collect(),
            tracing: keys.map(|(access_key, secret_key)| Tracing { access_key, secret_key }),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_function_is_read_as_it_was_written(function in function()) {
        prop_assert_eq!(read(&write(&function, &cipher(1)), &cipher(1)), Ok(function));
    }

    #[test]
    fn any_text_is_read_or_refused(document in "\\PC{0,80}") {
        let record = FunctionRecord { id: FunctionId::local("f"), revision: 1, document };
        prop_assert!(read(&record, &cipher(1)).is_err());
    }
}
