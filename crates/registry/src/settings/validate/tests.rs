use super::*;
use crate::{Runtime, Settings};

fn settings() -> Settings {
    Settings::new("index.handler".parse().unwrap())
}

/// Settings changed like this are refused with this code and these words, or are fine.
fn check(change: impl FnOnce(&mut Settings), expected: Result<(), (ErrorCode, &str)>) {
    let mut settings = settings();
    change(&mut settings);
    match (settings.validate(), expected) {
        (Ok(()), Ok(())) => {}
        (Err(invalid), Err((code, words))) => {
            assert_eq!(invalid.code(), code, "{invalid}");
            assert!(invalid.to_string().contains(words), "{invalid}");
        }
        (given, expected) => panic!("{given:?} instead of {expected:?}"),
    }
}

#[test]
fn the_defaults_are_the_clouds() {
    let settings = settings();
    assert_eq!(settings.validate(), Ok(()));
    assert_eq!((settings.memory.as_mib(), settings.timeout), (128, Duration::from_secs(3)));
}

#[test]
fn timeouts_have_ranges() {
    check(|s| s.timeout = Duration::from_millis(1), Ok(()));
    check(|s| s.timeout = limits::LONGEST_TIMEOUT, Ok(()));
    check(
        |s| s.timeout = Duration::ZERO,
        Err((ErrorCode::InvalidTimeout, "the timeout is `0ns`; allowed: 1 ms to 259200 s")),
    );
    check(|s| s.timeout = Duration::from_secs(259_201), Err((ErrorCode::InvalidTimeout, "`259201s`")));
    check(|s| s.timeout = Duration::from_micros(1_500), Err((ErrorCode::InvalidTimeout, "whole milliseconds")));
    check(|s| s.initializer_timeout = Duration::from_secs(301), Ok(()));
    check(
        |s| s.initializer_timeout = Duration::ZERO,
        Err((ErrorCode::InvalidInitializerTimeout, "the initializer timeout")),
    );
    check(|s| s.pre_stop_timeout = Duration::from_secs(90), Ok(()));
    check(|s| s.pre_stop_timeout = Duration::from_secs(91), Err((ErrorCode::InvalidParameter, "1 ms to 90 s")));
}

#[test]
fn user_data_are_few_short_and_named() {
    let pairs = |count: usize| {
        move |s: &mut Settings| s.user_data = (0..count).map(|i| (format!("k{i}"), String::new())).collect()
    };
    check(pairs(20), Ok(()));
    check(pairs(21), Err((ErrorCode::TooManyUserData, "0 to 20 pairs")));

    let value = |chars: usize| move |s: &mut Settings| drop(s.user_data.insert("key".to_owned(), "ä".repeat(chars)));
    check(value(4093), Ok(()));
    check(value(4094), Err((ErrorCode::UserDataTooLarge, "is `4097`; allowed: up to 4096 characters")));

    let key = |key: &'static str| move |s: &mut Settings| drop(s.user_data.insert(key.to_owned(), String::new()));
    check(key("Db_Host1"), Ok(()));
    check(key("RUNTIME_COLOUR"), Ok(()));
    for refused in ["", "1st", "_key", "a-b", "ä", "RUNTIME_MEMORY", "RUNTIME_USERDATA"] {
        check(key(refused), Err((ErrorCode::InvalidUserData, "no name that the platform sets")));
    }
}

#[test]
fn secret_user_data_keep_the_same_rules_and_are_counted_apart() {
    let pairs = |count: usize| (0..count).map(|i| (format!("k{i}"), "v".repeat(100))).collect::<BTreeMap<_, _>>();
    let open = |count| (0..count).map(|i| (format!("open{i}"), String::new())).collect::<BTreeMap<_, _>>();
    check(|s| (s.user_data, s.encrypted_user_data) = (open(20), pairs(20).into()), Ok(()));
    check(|s| s.encrypted_user_data = pairs(21).into(), Err((ErrorCode::TooManyUserData, "is `21`")));
    let secret = |key: &'static str, value: String| {
        move |s: &mut Settings| drop(s.encrypted_user_data.insert(key.to_owned(), value))
    };
    check(secret("key", "hush".repeat(1024)), Err((ErrorCode::UserDataTooLarge, "is `4099`")));
    check(secret("RUNTIME_MEMORY", "hush".to_owned()), Err((ErrorCode::InvalidUserData, "is `RUNTIME_MEMORY`")));
    let both = |s: &mut Settings| {
        s.user_data.insert("key".to_owned(), "open".to_owned());
        s.encrypted_user_data.insert("key".to_owned(), "hush".to_owned());
    };
    check(both, Err((ErrorCode::InvalidUserData, "is `key`; allowed: a key that is not among")));
}

#[test]
fn secrets_are_not_shown_by_settings() {
    let mut settings = settings();
    settings.encrypted_user_data.insert("PASSWORD".to_owned(), "hush".to_owned());
    let (shown, json) = (format!("{settings:?}"), serde_json::to_string(&settings).unwrap());
    assert!(shown.contains("PASSWORD") && !shown.contains("hush"), "{shown}");
    assert!(!json.contains("PASSWORD") && !json.contains("hush"), "{json}");
}

#[test]
fn attributes_are_bounded_together() {
    let attribute =
        |chars: usize| move |s: &mut Settings| drop(s.attributes.insert("xrole".to_owned(), "a".repeat(chars).into()));
    // `{"xrole":""}` around the value.
    check(attribute(65_536 - 12), Ok(()));
    check(attribute(65_536 - 11), Err((ErrorCode::InvalidParameter, "the size of the attributes is `65537`")));
}

#[test]
fn sizes_are_on_offer_or_not() {
    check(|s| s.tmp_bytes = 10_240 << 20, Ok(()));
    check(|s| s.tmp_bytes = 1024, Err((ErrorCode::InvalidParameter, "the temporary storage is `1024`")));
    check(|s| s.warm_pool = 100, Ok(()));
    check(|s| s.warm_pool = 101, Err((ErrorCode::InvalidParameter, "0 to 100 instances")));
    check(|s| s.description = "ä".repeat(512), Ok(()));
    check(|s| s.description = "a".repeat(513), Err((ErrorCode::DescriptionTooLong, "is `513`")));
}

#[test]
fn runtimes_have_the_clouds_names() {
    for runtime in [Runtime::Custom, Runtime::Http] {
        assert_eq!(runtime.to_string().parse(), Ok(runtime));
    }
    let invalid = "Node.js18.15".parse::<Runtime>().unwrap_err();
    assert_eq!(invalid.code(), ErrorCode::InvalidRuntime);
    assert!(invalid.to_string().contains("`Node.js18.15`; allowed: `Custom`, or `http`"), "{invalid}");
}
