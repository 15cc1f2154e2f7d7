use super::*;

const DESCRIPTION: &str = r#"
    id = "i"
    name = "n"
    description = "d"
    runtime = "Custom"
    category = "Web"
    guide = "g"
    created = 2026-11-23
    updated = 2026-11-24
    parameters = [{ name = "word", description = "", default = "Hello" }]

    [[functions]]
    suffix = "f"
    template = "hello"
    description = "of ${application}"
    user-data = { WORD = "${word}" }

    [[aliases]]
    function = "f"
    name = "live"
    version = "v1"

    [[triggers]]
    function = "f"
    alias = "live"
    type = "TIMER"
    data = { name = "${application}-timer", deep = { list = ["${region}"] }, count = 1 }
"#;

fn parameters<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn the_applications_are_read() {
    assert!(applications().len() >= 2);
    let mut ids = HashSet::new();
    for application in applications() {
        assert!(ids.insert(&application.id), "{} has the id of another one", application.name);
        assert!(application.image.starts_with(b"\x89PNG"), "{}", application.name);
        assert!(!application.guide.is_empty() && !application.category.is_empty(), "{}", application.name);
    }
}

#[test]
fn a_deployment_has_names_and_values_filled_in() {
    let application = Application::read(DESCRIPTION, b"").unwrap();
    let given = parameters([("word", "Ahoy")]);
    let deployment = application.deploy("shop", "p1", "local", &given).unwrap();
    let [Resource::Function { name, settings, .. }, Resource::Alias { function, .. }, trigger] =
        &deployment.resources[..]
    else {
        panic!("{deployment:?}");
    };
    assert_eq!((name.as_str(), function.as_str()), ("shop-f", "shop-f"));
    assert_eq!((settings.description.as_str(), settings.user_data["WORD"].as_str()), ("of shop", "Ahoy"));
    let Resource::Trigger { trigger, .. } = trigger else { panic!("{trigger:?}") };
    assert_eq!(trigger.data["name"].as_str(), Some("shop-timer"));
    assert_eq!(trigger.data["deep"]["list"][0].as_str(), Some("local"));
}

#[test]
fn parameters_have_defaults_and_unknown_ones_are_refused() {
    let application = Application::read(DESCRIPTION, b"").unwrap();
    let deployment = application.deploy("shop", "p1", "local", &BTreeMap::new()).unwrap();
    let Resource::Function { settings, .. } = &deployment.resources[0] else { panic!("{deployment:?}") };
    assert_eq!(settings.user_data["WORD"], "Hello");
    let refused = application.deploy("shop", "p1", "local", &parameters([("wort", "x")])).unwrap_err();
    assert_eq!(refused.to_string(), "the application has no parameter `wort`; it has: word");
}

#[test]
fn descriptions_are_read_strictly() {
    for (what, with) in [
        ("category = \"Web\"", "category = \"Web\"\nkategory = \"Web\""),
        ("category = \"Web\"", ""),
        ("template = \"hello\"", "template = \"nothing\""),
        ("alias = \"live\"", "alias = \"test\""),
        ("function = \"f\"\n    name", "function = \"g\"\n    name"),
        ("${region}", "${planet}"),
        ("2026-11-24", "2026-11-24T00:00:00Z"),
    ] {
        assert!(DESCRIPTION.contains(what), "{what}");
        Application::read(&DESCRIPTION.replacen(what, with, 1), b"").unwrap_err();
    }
}

#[test]
fn days_are_numbers_and_moments() {
    for (text, number, millis) in [
        ("1970-01-01", 19_700_101, 0),
        ("2000-02-29", 20_000_229, 951_782_400_000),
        ("2026-11-23", 20_261_123, 1_795_392_000_000),
    ] {
        let day = Day::try_from(text.parse::<toml::value::Datetime>().unwrap()).unwrap();
        assert_eq!((day.number(), day.millis()), (number, millis), "{text}");
    }
}
