use super::*;
use ::zip::{ZipWriter, write::SimpleFileOptions};
use fngraph_registry::{
    Additional, Alias, AsyncConfig, Bucket, BucketFeed, CodeType, Combine, Creation, Delivery, Destination, Elsewhere,
    Gateway, GatewayAuth, GatewayMethod, GatewayProtocol, HeaderRule, Isolation, Limits, Matches, MaxInstances,
    Network, NewDependency, ObjectEvent, PathMatch, Registry, Removal, Routing, Runtime, Scaling, Settings, Source,
    Timer, Timing, Trigger, TriggerKind,
};
use fngraph_store::Sqlite;
use fngraph_types::Memory;
use proptest::{collection::btree_map, collection::vec, option, prelude::*};
use std::{io::Write as _, time::Duration};

const AT: Timestamp = Timestamp::from_millis(1_735_689_600_000);
const CONFIG: &str = "func_name: f\nruntime: Custom\nhandler: index.handler\nmemory_size: 128\ntimeout: 3\n";

fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn registry() -> Registry {
    let threads = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = Arc::new(Sqlite::in_memory().unwrap());
    let opening = Registry::open(Arc::clone(&store) as _, Arc::clone(&store) as _, store, Limits::default());
    threads.block_on(opening).unwrap()
}

fn whole(archive: &[u8]) -> Result<WholeFunction, ArchiveError> {
    let archive = Archive::read(archive)?;
    archive.whole(&registry(), Import::default(), &Scope::default(), AT).map(|(whole, _)| whole)
}

/// The YAML file is refused, with this code and these words.
#[track_caller]
fn refused(yaml: &str, code: ErrorCode, words: &str) {
    archive_refused(&packed(&[("f.yaml", yaml.as_bytes()), ("code.zip", b"PK")]), code, words);
}

#[track_caller]
fn archive_refused(archive: &[u8], code: ErrorCode, words: &str) {
    let error = whole(archive).unwrap_err();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    assert_eq!(error.code(), code, "{text}");
    assert!(text.contains(words), "{text}");
}

#[test]
fn the_smallest_archive_is_a_configuration_and_code() {
    let whole = whole(&packed(&[("f.yaml", CONFIG.as_bytes()), ("code.zip", b"PK")])).unwrap();
    assert_eq!(whole.latest.id, FunctionId::local("f"));
    assert_eq!(whole.latest.settings, Settings::new("index.handler".parse().unwrap()));
    assert_eq!((whole.latest.scaling, &whole.latest.code.bytes[..]), (Scaling::default(), &b"PK"[..]));
}

#[test]
fn hostile_archives_are_refused() {
    let yaml = CONFIG.as_bytes();
    for (archive, code, words) in [
        (b"no zip".to_vec(), ErrorCode::InvalidFileType, "no zip"),
        (b"PK\x03\x04 nor this".to_vec(), ErrorCode::InvalidCode, "damaged"),
        (packed(&[("code.zip", b"PK")]), ErrorCode::InvalidYaml, "no YAML file"),
        (packed(&[("a.yaml", yaml), ("b.yml", yaml)]), ErrorCode::TooManyYamlFiles, "2 YAML files"),
        (packed(&[("a.yaml", yaml), ("b/c.YAML", yaml)]), ErrorCode::TooManyYamlFiles, "2 YAML files"),
        (packed(&[("../f.yaml", yaml)]), ErrorCode::InvalidCode, "`../f.yaml`"),
        (packed(&[("/f.yaml", yaml)]), ErrorCode::InvalidCode, "`/f.yaml`"),
        (packed(&[("f.yaml", yaml)]), ErrorCode::CodeMissing, "no file beside"),
        (packed(&[("f.yaml", yaml), ("a.zip", b"PK"), ("b.zip", b"PK")]), ErrorCode::CodeMissing, "code_file"),
        (packed(&[("f.yaml", &[b' '; YAML_BYTES + 1])]), ErrorCode::ArchiveTooLarge, "4194304"),
    ] {
        archive_refused(&archive, code, words);
    }
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.add_symlink("f.yaml", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    archive_refused(&zip.finish().unwrap().into_inner(), ErrorCode::InvalidCode, "`f.yaml`");
}

/// Some hundred megabytes of zeros are some hundred kilobytes in a zip. Its header may say the truth or lie.
#[test]
fn bombs_are_refused_when_they_have_burst_a_little() {
    let zeros = vec![0; 1 << 20];
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("code.zip", SimpleFileOptions::default()).unwrap();
    for _ in 0..=UNPACKED_BYTES >> 20 {
        zip.write_all(&zeros).unwrap();
    }
    let honest = zip.finish().unwrap().into_inner();
    archive_refused(&honest, ErrorCode::ArchiveTooLarge, "unpacked bytes");

    let size = u32::try_from(UNPACKED_BYTES + (1 << 20)).unwrap().to_le_bytes();
    let mut lying = honest;
    let places: Vec<_> = lying.windows(4).enumerate().filter(|(_, bytes)| *bytes == size).map(|(at, _)| at).collect();
    assert!(!places.is_empty(), "the size stands in the directory at the end");
    for place in places {
        lying[place..place + 4].copy_from_slice(&7_u32.to_le_bytes());
    }
    assert!(whole(&lying).is_err());
}

#[test]
fn yaml_that_describes_no_function_is_refused_and_the_place_told() {
    let with = |line: &str| format!("{CONFIG}{line}\n");
    for (yaml, words) in [
        (String::new(), "line 1"),
        ("- 1\n".to_owned(), "line 1"),
        ("{".to_owned(), "line"),
        ("func_name: f\n".to_owned(), "runtime"),
        (with("colour: red"), "colour"),
        (with("timeout: 5"), "timeout"),
        (with("memory: 1\nmemory: 2"), "memory"),
        (with("user_data: [1]"), "line 6"),
        (with("user_data: {A: 1, A: 2}"), "line 6"),
        (with("enable_snapshot: perhaps"), "line 6"),
        (with("strategy_config: {concurrency: 1, many: 2}"), "many"),
        (with("description: !danger x"), "line 6"),
        (
            with(
                "versions: [{version: v1, func_name: g, runtime: Custom, handler: a.b, memory_size: 128, timeout: 3}]",
            ),
            "func_name",
        ),
        (with("versions: [{runtime: Custom, handler: a.b, memory_size: 128, timeout: 3}]"), "version"),
        (with("---\nfunc_name: g"), "document"),
        (CONFIG.replace("timeout: 3", "timeout: -3"), "seconds"),
        (CONFIG.replace("timeout: 3", "timeout: .inf"), "line 5"),
        (CONFIG.replace("timeout: 3", "timeout: 99999999999"), "seconds"),
        (CONFIG.replace("memory_size: 128", "memory_size: much"), "line 4"),
    ] {
        refused(&yaml, ErrorCode::InvalidYaml, words);
    }
    archive_refused(&packed(&[("f.yaml", b"\xff\xfe"), ("code.zip", b"PK")]), ErrorCode::InvalidYaml, "UTF-8");
}

#[test]
fn yaml_bombs_are_refused() {
    // A billion laughs: each line is ten of the one before.
    let mut laughs = format!("{CONFIG}attributes:\n  a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n");
    for depth in 1..10 {
        let of = vec![format!("*a{}", depth - 1); 10].join(",");
        laughs.push_str(&format!("  a{depth}: &a{depth} [{of}]\n"));
    }
    refused(&laughs, ErrorCode::InvalidYaml, "budget breached");
    let nested = format!("{CONFIG}attributes: {{a: {}{}}}\n", "[".repeat(10_000), "]".repeat(10_000));
    refused(&nested, ErrorCode::InvalidYaml, "");
    let block: String = (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth + 1))).collect();
    refused(&format!("{CONFIG}attributes:\n{block}"), ErrorCode::InvalidYaml, "");
    refused(&format!("{CONFIG}tags: {{{}}}\n", "a: b, ".repeat(300_000)), ErrorCode::InvalidYaml, "");
}

#[test]
fn values_that_break_a_rule_have_the_codes_of_create() {
    for (from, to, code) in [
        ("Custom", "Java8", ErrorCode::InvalidRuntime),
        ("index.handler", "a..b.c..", ErrorCode::InvalidHandler),
        ("memory_size: 128", "memory_size: 100", ErrorCode::InvalidMemory),
        ("timeout: 3", "timeout: 3\npackage: f", ErrorCode::SameNamesInYaml),
        ("func_name: f\n", "", ErrorCode::FunctionNotInYaml),
        ("timeout: 3", "timeout: 3\ncode_type: tar", ErrorCode::InvalidCodeType),
        ("timeout: 3", "timeout: 3\nstrategy_config: {concurrency: 1001}", ErrorCode::InvalidConcurrency),
        ("timeout: 3", "timeout: 3\naliases: [{name: 1, version: v1}]", ErrorCode::InvalidAlias),
        ("timeout: 3", "timeout: 3\naliases: [{name: a, version: ''}]", ErrorCode::InvalidVersion),
        ("timeout: 3", "timeout: 3\ndependencies: [{name: words, version: 1}]", ErrorCode::DependencyNotFound),
    ] {
        refused(&CONFIG.replace(from, to), code, "");
    }
}

#[test]
fn destinations_are_functions_of_the_project() {
    let with = |urn: &str| {
        format!(
            "{CONFIG}async_invoke_config:\n  max_async_event_age_in_seconds: 60\n  max_async_retry_attempts: 1\n  \
             on_success: {{FunctionGraph: {{func_urn: '{urn}'}}}}\n"
        )
    };
    for (urn, expected) in [
        ("shop:g", "urn:fss:local:local:function:shop:g"),
        ("shop:g:v1", "urn:fss:local:local:function:shop:g:v1"),
        ("shop:g:!prod", "urn:fss:local:local:function:shop:g:!prod"),
        ("urn:fss:x:local:function:shop:g", "urn:fss:x:local:function:shop:g"),
    ] {
        let yaml = with(urn);
        let whole = whole(&packed(&[("f.yaml", yaml.as_bytes()), ("code.zip", b"PK")])).unwrap();
        let config = &whole.async_configs[&VersionName::latest()];
        assert_eq!(config.on_success, Some(Destination::Function { urn: expected.to_owned() }));
    }
    for urn in ["urn:fss:local:other:function:shop:g", "other:shop:g:v1", "a:b:c:d:e", ""] {
        refused(&with(urn), ErrorCode::InvalidAsyncConfig, "no function of the project");
    }
}

#[test]
fn the_network_is_what_the_attribute_says_unless_the_file_says_otherwise() {
    for (lines, expected) in [
        ("", Network::Denied),
        ("attributes: {network_controller: {disable_public_network: false}}", Network::Allowed),
        ("attributes: {network_controller: {disable_public_network: true}}", Network::Denied),
        ("network: allowed", Network::Allowed),
        ("network: denied\nattributes: {network_controller: {disable_public_network: false}}", Network::Denied),
    ] {
        let yaml = format!("{CONFIG}{lines}\n");
        let whole = whole(&packed(&[("f.yaml", yaml.as_bytes()), ("code.zip", b"PK")])).unwrap();
        assert_eq!(whole.latest.settings.network, expected, "{lines}");
    }
}

/// Any text that YAML can hold, and those that look like something else in it.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "",
        " ",
        "null",
        "~",
        "yes",
        "on",
        "0x1F",
        "1_000",
        "1.5",
        "-",
        "- a",
        "a: b",
        "#x",
        "'",
        "\"",
        "<<",
        "*a",
        "&a",
        "!x",
        "\n",
        "a\nb\n",
        "\ta",
        "a\r\nb",
        "%",
        "@",
        "`",
        "{}",
        "[1]",
        "\u{85}",
        "\u{2028}",
        "2026-11-23",
        ".inf",
        "true",
        "\\",
        "${A}",
        "---",
        "...",
        "=",
        "\u{7f}",
        "\u{1b}[0m",
        "\u{feff}",
    ])
    .prop_map(str::to_owned);
    prop_oneof![3 => "\\PC{0,20}", 1 => any::<String>().prop_map(|text| text.chars().take(20).collect()), 2 => odd]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let times = (1_u64..259_200_000, 1_u64..259_200_000, 1_u64..90_000).prop_map(|(timeout, initializer, pre_stop)| {
        (Duration::from_millis(timeout), Duration::from_millis(initializer), Duration::from_millis(pre_stop))
    });
    let entries =
        ("[a-z]{1,5}\\.[a-z]{1,5}", option::of("[a-z]{1,5}\\.[a-z]{1,5}"), option::of("[a-z]{1,5}\\.[a-z]{1,5}"));
    let pairs = btree_map("[A-Za-z][A-Za-z0-9_]{0,5}", text(), 0..4);
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), 0_u32..=100);
    let rest = (prop::sample::select(Memory::SIZES.to_vec()), text(), btree_map(text(), value(), 0..4));
    (times, entries, pairs, switches, rest).prop_map(|(times, entries, pairs, switches, rest)| {
        let (handler, initializer, pre_stop) = entries;
        let mut settings = Settings::new(handler.parse().unwrap());
        (settings.timeout, settings.initializer_timeout, settings.pre_stop_timeout) = times;
        settings.initializer = initializer.map(|entry| entry.parse().unwrap());
        settings.pre_stop = pre_stop.map(|entry| entry.parse().unwrap());
        settings.user_data = pairs;
        let (http, allowed, fresh, large, warm_pool) = switches;
        settings.runtime = if http { Runtime::Http } else { Runtime::Custom };
        settings.network = if allowed { Network::Allowed } else { Network::Denied };
        settings.isolation = if fresh { Isolation::Fresh } else { Isolation::Reuse };
        settings.tmp_bytes = if large { limits::LARGEST_TMP_BYTES } else { limits::DEFAULT_TMP_BYTES };
        settings.dynamic_memory = large;
        settings.warm_pool = warm_pool;
        let (memory, description, attributes) = rest;
        settings.memory = Memory::mib(memory).unwrap();
        (settings.description, settings.attributes) = (description, attributes);
        settings
    })
}

fn scaling() -> impl Strategy<Value = Scaling> {
    (-1_i64..=1000, 1_u32..=1000).prop_map(|(number, concurrency)| {
        let max_instances = MaxInstances::try_from(number).unwrap();
        Scaling { max_instances, concurrency }
    })
}

fn code() -> impl Strategy<Value = Package> {
    let code_type = prop::sample::select(vec![CodeType::Inline, CodeType::Zip, CodeType::Obs]);
    let bytes = prop_oneof!["PK[a-z]{0,4}", "[a-z]{1,4}"];
    (bytes, code_type, text(), text()).prop_map(|(bytes, code_type, url, filename)| Package {
        bytes: bytes.into(),
        delivery: Delivery { code_type, url, filename },
    })
}

fn async_config() -> impl Strategy<Value = AsyncConfig> {
    let destination = prop_oneof![
        "[a-z]{1,4}(:[a-z]{1,4}|:![a-z]{1,4})?"
            .prop_map(|name| { Destination::Function { urn: format!("urn:fss:local:local:function:default:{name}") } }),
        ("[a-z]{1,5}", text(), 0_u16..=365)
            .prop_map(|(bucket, prefix, expires_days)| { Destination::Obs { bucket, prefix, expires_days } }),
        "[a-z]{1,5}".prop_map(|topic_urn| Destination::Smn { topic_urn }),
        "[a-z]{1,5}".prop_map(|stream_name| Destination::Dis { stream_name }),
    ];
    let ends = (option::of(destination.clone()), option::of(destination));
    (1_u64..=86_400, 0_u8..=3, ends, any::<bool>()).prop_map(|(age, max_retries, ends, status_log)| {
        let (on_success, on_failure) = ends;
        let max_age = Duration::from_secs(age);
        AsyncConfig { max_age, max_retries, on_success, on_failure, status_log, ..AsyncConfig::new(AT) }
    })
}

fn routing() -> impl Strategy<Value = Routing> {
    let matches = prop_oneof![text().prop_map(Matches::Equals), vec(text(), 0..3).prop_map(Matches::In)];
    let rule = ("[A-Za-z-]{1,5}", matches).prop_map(|(header, matches)| HeaderRule { header, matches });
    let combine = prop::sample::select(vec![Combine::And, Combine::Or]);
    let rules = (combine, vec(rule, 1..4)).prop_map(|(combine, rules)| Routing::Rules { combine, rules });
    prop_oneof![(0_u8..=100).prop_map(Routing::Weight), rules]
}

fn source() -> impl Strategy<Value = Source> {
    let timer = (any::<bool>(), text()).prop_map(|(is_rate, user_event)| {
        let timing = if is_rate {
            Timing::rate("3m").unwrap()
        } else {
            Timing::cron("CRON_TZ=Asia/Shanghai 0 0 8 ? * MON").unwrap()
        };
        Source::Timer(Timer { name: "timer".to_owned(), timing, user_event })
    });
    let kind = prop::sample::select(vec![TriggerKind::Apig, TriggerKind::DedicatedGateway, TriggerKind::Apic]);
    let gateway = (kind, text(), any::<bool>(), 1_u64..=60_000).prop_map(|(kind, group_id, switch, timeout)| {
        Source::Gateway(Gateway {
            kind,
            api_id: "api".to_owned(),
            api_name: "the_api".to_owned(),
            group_name: group_id.clone(),
            group_id,
            host: "example.com".to_owned(),
            path: "/a/{b+}".to_owned(),
            matching: if switch { PathMatch::Exact } else { PathMatch::Prefix },
            method: if switch { GatewayMethod::Any } else { GatewayMethod::Patch },
            protocol: if switch { GatewayProtocol::Http } else { GatewayProtocol::Https },
            auth: if switch { GatewayAuth::Iam } else { GatewayAuth::None },
            timeout: Duration::from_millis(timeout),
            is_async: switch,
            cors: !switch,
            is_private: switch,
            env_id: "e".to_owned(),
            env_name: "RELEASE".to_owned(),
            instance_id: String::new(),
        })
    });
    let events = vec![
        ObjectEvent::Created(None),
        ObjectEvent::Created(Some(Creation::Put)),
        ObjectEvent::Created(Some(Creation::Post)),
        ObjectEvent::Created(Some(Creation::Copy)),
        ObjectEvent::Created(Some(Creation::CompleteMultipartUpload)),
        ObjectEvent::Removed(None),
        ObjectEvent::Removed(Some(Removal::Delete)),
        ObjectEvent::Removed(Some(Removal::DeleteMarkerCreated)),
    ];
    let bucket = (text(), any::<bool>(), vec(prop::sample::select(events), 1..4)).prop_map(|(prefix, grid, events)| {
        let feed = if grid {
            BucketFeed::EventGrid {
                channel_id: prefix.clone(),
                channel_name: String::new(),
                source_name: "HC.OBS.DWR".to_owned(),
                agency: prefix.clone(),
                encodes_keys: true,
            }
        } else {
            BucketFeed::Obs
        };
        let (name, bucket, suffix) = ("follow".to_owned(), "photos".to_owned(), prefix.clone());
        Source::Bucket(Bucket { feed, name, bucket, prefix, suffix, events })
    });
    let topic = "[a-z]{1,5}".prop_map(|name| Source::Topic { topic_urn: format!("urn:smn:local:local:{name}") });
    let elsewhere = btree_map(text(), value(), 0..3).prop_map(|settings| {
        let settings = settings.into_iter().collect();
        Source::Elsewhere(Elsewhere { kind: TriggerKind::Kafka, settings, secrets: Secrets::default() })
    });
    prop_oneof![timer, gateway, bucket, topic, elsewhere]
}

/// Functions with two published versions, which an alias leads to, and all that an archive holds.
fn function() -> impl Strategy<Value = WholeFunction> {
    let version = || (settings(), scaling(), code());
    let versions = (version(), version(), version(), text());
    let configs = vec(option::of(async_config()), 3);
    let sources = vec((source(), any::<bool>(), 0_usize..3), 0..4);
    let tags = btree_map("[a-zäöü]{1,5}", "[^\\pC]{0,10}", 0..3);
    (versions, configs, routing(), sources, tags, any::<bool>()).prop_map(
        |(versions, configs, routing, sources, tags, snapshot)| {
            let (latest, v1, v2, description) = versions;
            let new = |name: &str, (settings, scaling, code): (Settings, Scaling, Package)| {
                let (name, description) = (name.parse().unwrap(), description.clone());
                NewVersion { name, description, settings, scaling, code }
            };
            let (settings, scaling, code) = latest;
            let mut whole =
                WholeFunction::new(NewFunction { id: FunctionId::local("f"), settings, scaling, code, at: AT });
            whole.published = vec![new("v1", v1), new("v2", v2)];
            let mut alias = Alias::new("prod".parse().unwrap(), "v1".parse().unwrap(), AT);
            alias.additional = Some(Additional { version: "v2".parse().unwrap(), routing });
            alias.description.clone_from(&description);
            let edge = Alias::new("edge".parse().unwrap(), VersionName::latest(), AT);
            whole.aliases = vec![alias, edge];
            let names = ["latest", "v1", "v2"].map(|name| name.parse::<VersionName>().unwrap());
            whole.async_configs =
                names.into_iter().zip(configs).filter_map(|(name, config)| Some((name, config?))).collect();
            whole.tags = tags;
            whole.published[1].settings.dependencies = vec!["w1".to_owned()];
            let settings = &mut whole.latest.settings;
            if snapshot {
                settings.runtime = Runtime::Custom;
                settings.initializer = Some("a.b".parse().unwrap());
                whole.snapshots.insert(VersionName::latest());
            }
            for (number, (source, is_active, qualifier)) in sources.into_iter().enumerate() {
                let mut trigger = Trigger::new(number.to_string(), source, AT);
                trigger.qualifier = ["latest", "v1", "!prod"][qualifier].parse().unwrap();
                trigger.details.insert(description.clone(), Value::from(number));
                // No two of a function may be called the same, or follow the same.
                match &mut trigger.source {
                    Source::Timer(timer) => timer.name.push_str(&number.to_string()),
                    Source::Gateway(gateway) => gateway.api_name.push_str(&number.to_string()),
                    Source::Bucket(bucket) => bucket.name.push_str(&number.to_string()),
                    Source::Topic { topic_urn } => topic_urn.push_str(&number.to_string()),
                    Source::Elsewhere(elsewhere) => {
                        elsewhere.settings.insert("instance_id".to_owned(), Value::from(number.to_string()));
                    }
                    other => panic!("{other:?}"),
                }
                trigger.is_active = match &trigger.source {
                    Source::Elsewhere(_) => false,
                    Source::Timer(_) => is_active,
                    _ => true,
                };
                whole.triggers.push(trigger);
            }
            whole
        },
    )
}

/// A function without what is another of each import: its id, and the ids of triggers.
fn essence(function: &Function) -> Function {
    let mut function = function.clone();
    function.id = FunctionId::local("any");
    for trigger in &mut function.triggers {
        trigger.id = String::new();
        if let Source::Gateway(gateway) = &mut trigger.source {
            gateway.api_id = String::new();
        }
    }
    function
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_imported_is_what_was_exported(whole in function()) {
        let threads = tokio::runtime::Builder::new_current_thread().build().unwrap();
        threads.block_on(async {
            let store = Arc::new(Sqlite::in_memory().unwrap());
            let opening = Registry::open(Arc::clone(&store) as _, Arc::clone(&store) as _, store, Limits::default());
            let registry = opening.await.unwrap();
            let new = NewDependency {
                project_id: "local".into(),
                name: "words".to_owned(),
                id: "d1".to_owned(),
                version_id: "w1".to_owned(),
                runtime: "Custom".to_owned(),
                description: String::new(),
                package: "zip".into(),
                at: AT,
            };
            registry.create_dependency(new).await.unwrap();
            let original = registry.restore(whole).await.unwrap_or_else(|error| panic!("{error}"));
            let all = Export { aliases: true, triggers: true };
            let draft = Draft::new(&registry, &original, &original.latest, all).unwrap();
            let mut code = BTreeMap::new();
            for digest in draft.code() {
                code.insert(digest, registry.code(digest).await.unwrap().unwrap());
            }
            let yaml = draft.yaml();
            let archive = draft.pack(&code).unwrap();
            let archive = Archive::read(&archive).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
            let import = Import { name: Some("copy".to_owned()), ..Import::default() };
            let (copy, missing) = archive.whole(&registry, import, &Scope::default(), AT).unwrap();
            prop_assert!(missing.is_empty());
            let copy = registry.restore(copy).await.unwrap_or_else(|error| panic!("{error}\n{yaml}"));
            prop_assert_eq!(essence(&copy), essence(&original), "{}", yaml);
            Ok(())
        })?;
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in vec(any::<u8>(), 0..300), at in 0_usize..300, lines in "[a-z_:\\[\\]{}&*! \\n-]{0,80}") {
        let yaml = format!("{CONFIG}{lines}");
        let mut damaged = packed(&[("f.yaml", yaml.as_bytes()), ("code.zip", b"PK")]);
        let _ = whole(&damaged);
        for (offset, byte) in bytes.into_iter().enumerate() {
            if let Some(target) = damaged.get_mut(at + offset) {
                *target = byte;
            }
        }
        let _ = whole(&damaged);
    }
}
