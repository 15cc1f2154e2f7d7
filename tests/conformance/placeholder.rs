//! What stands in braces in a case.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph_test_support::{guests, package};
use std::{collections::BTreeMap, fs, path::Path};

/// The values of names in braces.
#[derive(Debug, Default)]
pub(crate) struct Placeholders(BTreeMap<String, String>);

impl Placeholders {
    pub(crate) fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// The text with the values of all names that it has in braces. Braces with anything else in them stay: JSON has
    /// them too, and so have patterns.
    ///
    /// `{zip:faults}` is a package with that guest in base64 (`{zip:faults+hello}` with both), `{repeat:x:100}` is a
    /// hundred times `x`, and `{base64:text}` is what it says. `{archive:hello:func_name=f;timeout=3}` is an exported
    /// function: that guest's code and a YAML file of these lines, or, with `|` between them, several files; `#100` is a
    /// comment of that length.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            match after.split_once('}').and_then(|(name, rest)| Some((self.value(name)?, rest))) {
                Some((value, after)) => {
                    filled.push_str(&value);
                    rest = after;
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        filled
    }

    fn value(&self, name: &str) -> Option<String> {
        match name.split_once(':') {
            None => self.0.get(name).cloned(),
            Some(("zip", guests)) => Some(zip(guests)),
            Some(("archive", what)) => {
                let (guest, files) = what.split_once(':')?;
                Some(archive(guest, files))
            }
            Some(("base64", text)) => Some(BASE64_STANDARD.encode(text)),
            Some(("repeat", what)) => {
                let (text, times) = what.rsplit_once(':')?;
                Some(text.repeat(times.parse().ok()?))
            }
            Some(_) => None,
        }
    }
}

/// A package with these guests, joined by `+`, in base64.
fn zip(guests: &str) -> String {
    let files: Vec<_> = guests.split('+').map(|guest| (format!("{guest}.wasm"), wasm(guest))).collect();
    let files: Vec<(&str, &Path)> = files.iter().map(|(name, path)| (name.as_str(), *path)).collect();
    BASE64_STANDARD.encode(package(&files))
}

/// An archive with the code of a guest and these YAML files, in base64.
fn archive(guest: &str, files: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: String, content: &[u8]| {
        let path = folder.path().join(&name);
        fs::write(&path, content).unwrap();
        (name, path)
    };
    let lines = |file: &str| {
        let line = |line: &str| match line.strip_prefix('#') {
            Some(length) => format!("# {}\n", "x".repeat(length.parse().unwrap())),
            None => format!("{}\n", line.replacen('=', ": ", 1)),
        };
        file.split(';').filter(|line| !line.is_empty()).map(line).collect::<String>()
    };
    let files = files.split('|').enumerate();
    let mut entries: Vec<_> =
        files.map(|(number, file)| write(format!("f{number}.yaml"), lines(file).as_bytes())).collect();
    if !guest.is_empty() {
        let name = format!("{guest}.wasm");
        entries.push(write("code.zip".to_owned(), &package(&[(&name, wasm(guest))])));
    }
    let entries: Vec<_> = entries.iter().map(|(name, path)| (name.as_str(), path.as_path())).collect();
    BASE64_STANDARD.encode(package(&entries))
}

/// The guests that cases can name.
#[track_caller]
fn wasm(guest: &str) -> &'static Path {
    match guest {
        "checkout" => guests::checkout(),
        "discounts" => guests::discounts(),
        "faults" => guests::faults(),
        "faults_command" => guests::faults_command(),
        "faults_http" => guests::faults_http(),
        "hello" => guests::hello(),
        _ => panic!("the cases know no guest {guest}"),
    }
}

#[test]
fn names_in_braces_are_filled_in_and_json_stays() {
    let mut placeholders = Placeholders::default();
    placeholders.set("urn", "urn:fss".to_owned());
    let check = |text: &str, filled: &str| assert_eq!(placeholders.fill(text), filled);
    check("fgs/functions/{urn}:v1/code", "fgs/functions/urn:fss:v1/code");
    check(r#"{"a":{"b":"{urn}"}}"#, r#"{"a":{"b":"urn:fss"}}"#);
    check("{}", "{}");
    check("{any} {unclosed", "{any} {unclosed");
    check("{repeat:ab:3}", "ababab");
    check("{base64:{}}", "ew==}");
}
