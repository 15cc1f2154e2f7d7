use super::*;

fn config() -> FunctionConfig {
    let mut config = FunctionConfig::new("index.handler".parse().unwrap());
    config.initializer = Some("index.start".parse().unwrap());
    config
}

fn package(bytes: &'static [u8]) -> Package {
    Package::from_wasm("index", bytes).unwrap()
}

const CODE: &[u8] = b"\0asm code";

#[track_caller]
fn check(change: impl FnOnce(&mut FunctionConfig), same: bool) {
    let mut changed = config();
    change(&mut changed);
    assert_eq!(key(&package(CODE), &config()) == key(&package(CODE), &changed), same, "{changed:?}");
}

#[test]
fn what_the_initializer_can_see_makes_another_snapshot() {
    check(|_| (), true);
    check(|config| config.memory = fngraph_types::Memory::mib(256).unwrap(), false);
    check(|config| config.timeout *= 2, false);
    check(|config| config.initializer_timeout += Duration::from_millis(1), false);
    check(|config| config.initializer = Some("index.other".parse().unwrap()), false);
    check(|config| config.handler = "index.other".parse().unwrap(), false);
    check(|config| config.identity.version = "v1".to_owned(), false);
    check(|config| config.identity.project_id = "other".to_owned(), false);
    check(|config| drop(config.user_data.insert("COLOUR".to_owned(), "red".to_owned())), false);
    check(|config| drop(config.secrets.insert("PASSWORD".to_owned(), "hush".to_owned())), false);
}

#[test]
fn what_it_cannot_see_does_not() {
    check(|config| config.network = Network::Allowed, true);
    check(|config| config.tmp_bytes += 1, true);
    check(|config| config.pre_stop_timeout *= 2, true);
}

#[test]
fn other_code_makes_another_snapshot() {
    assert_ne!(key(&package(CODE), &config()), key(&package(b"\0asm other"), &config()));
}

#[test]
fn the_value_of_a_secret_is_not_part_of_the_name() {
    let with = |value: &str| {
        let mut config = config();
        config.secrets.insert("PASSWORD".to_owned(), value.to_owned());
        key(&package(CODE), &config)
    };
    assert_eq!(with("hush"), with("psst"));
}

#[test]
fn levels_are_kept_as_bytes() {
    for level in Initialized::LEVELS {
        let kept = Initialized::from_byte(Initialized { level }.to_byte());
        assert_eq!(kept.map(|kept| kept.level), Some(level));
    }
    assert!(Initialized::from_byte(4).is_none());
}
