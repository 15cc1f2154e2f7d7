//! Dependencies: files that functions share.

use crate::{Delivery, Invalid, Package, name, settings::validate};
use fngraph_store::{Digest, DocumentRecord};
use fngraph_types::{ErrorCode, Timestamp, limits};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The collection of the documents.
pub(crate) const COLLECTION: &str = "dependencies";

/// The newest form that this program reads; see that of functions.
const FORM: u32 = 1;

/// The most characters of a runtime's name. Ours.
const RUNTIME_CHARS: usize = 64;

/// Files that functions of a project share (manual, 7.3). A function names the versions that it depends on in
/// [`crate::Settings::dependencies`], and finds their files beside those of its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Its id, unique everywhere; whoever creates it chooses one.
    pub id: String,
    /// Whose it is.
    pub project_id: Arc<str>,
    /// Its name, unique in the project: 1 to 96 letters, digits, `_`, `.` and `-`, with a letter at the start and a
    /// letter or digit at the end.
    pub name: String,
    /// Its versions, the newest last. There is one at least.
    pub versions: Vec<Arc<DependencyVersion>>,
    /// Counts its changes, from 1.
    pub(crate) revision: u64,
    /// The number of the version that was created last, which may be gone: numbers are given once.
    pub(crate) last_number: u32,
}

/// One version of a dependency. Its files never change while a function depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependencyVersion {
    /// Its id, unique everywhere: what functions name.
    pub id: String,
    /// Its number among the versions of the dependency, from 1.
    pub number: u32,
    /// The runtime that it was made for, as whoever uploaded it said. It changes nothing here.
    pub runtime: String,
    /// What people say about it, up to 512 characters.
    #[serde(default)]
    pub description: String,
    /// Its package, a zip.
    pub package: Digest,
    /// The size of the package as it was uploaded.
    pub package_bytes: u64,
    /// The MD5 of the package, in hexadecimal: what the cloud calls `etag`.
    pub etag: String,
    /// How the package came.
    #[serde(default)]
    pub delivery: Delivery,
    /// When it was uploaded.
    pub modified_at: Timestamp,
}

/// A version of a dependency to upload.
#[derive(Debug, Clone)]
pub struct NewDependency {
    /// The project.
    pub project_id: Arc<str>,
    /// The dependency's name.
    pub name: String,
    /// The dependency's id, if there is none of this name yet.
    pub id: String,
    /// The version's id.
    pub version_id: String,
    /// The runtime that it is made for: up to 64 characters.
    pub runtime: String,
    /// What people say about it: up to 512 characters.
    pub description: String,
    /// Its files: a zip. Whoever creates it has looked into that.
    pub package: Package,
    /// The moment.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Document {
    form: u32,
    name: String,
    last_number: u32,
    versions: Vec<Arc<DependencyVersion>>,
}

impl Dependency {
    /// The version of this number.
    pub fn version(&self, number: u32) -> Option<&Arc<DependencyVersion>> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// The newest version.
    ///
    /// # Panics
    /// Never, for what a registry answers: it keeps no dependency without versions.
    pub fn newest(&self) -> &Arc<DependencyVersion> {
        self.versions.last().expect("a dependency without versions is deleted")
    }

    /// The bytes of its packages; versions that share one count once.
    pub(crate) fn package_bytes(&self) -> u64 {
        let packages: std::collections::BTreeMap<_, _> =
            self.versions.iter().map(|version| (version.package, version.package_bytes)).collect();
        packages.values().sum()
    }

    /// The record to store.
    pub(crate) fn write(&self) -> DocumentRecord {
        let document = Document {
            form: FORM,
            name: self.name.clone(),
            last_number: self.last_number,
            versions: self.versions.clone(),
        };
        let body = serde_json::to_string(&document).expect("its keys are texts and nothing in it refuses");
        DocumentRecord { collection: COLLECTION.to_owned(), key: self.key(), revision: self.revision, body }
    }

    /// The dependency in a record, or what is wrong with it.
    pub(crate) fn read(record: &DocumentRecord) -> Result<Self, String> {
        let document: Document = serde_json::from_str(&record.body).map_err(|error| error.to_string())?;
        if document.form > FORM {
            return Err(format!("its form is {}, and this program reads up to {FORM}; upgrade it", document.form));
        }
        let (project, id) = record.key.split_once('/').ok_or("its key names no project")?;
        if document.versions.is_empty() {
            return Err("it has no versions".to_owned());
        }
        Ok(Self {
            id: id.to_owned(),
            project_id: project.into(),
            name: document.name,
            versions: document.versions,
            revision: record.revision,
            last_number: document.last_number,
        })
    }

    /// The key of its document. Ids of projects have no slash.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}", self.project_id, self.id)
    }
}

impl NewDependency {
    /// Whether it keeps the rules that can be seen without looking into the package.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn validate(&self) -> Result<(), Invalid> {
        name::validate_project(&self.project_id)?;
        if !is_name(&self.name) {
            let rule = "1 to 96 letters, digits, `_`, `.` and `-`, with a letter at the start and a letter or digit at the end";
            return Err(Invalid::new(ErrorCode::InvalidDependency, "dependency's name", &self.name, rule));
        }
        if !(1..=RUNTIME_CHARS).contains(&self.runtime.chars().count()) {
            let rule = "1 to 64 characters";
            return Err(Invalid::new(ErrorCode::InvalidRuntime, "dependency's runtime", &self.runtime, rule));
        }
        validate::description(&self.description)?;
        let bytes = self.package.bytes.len() as u64;
        if !(1..=limits::PACKAGE_BYTES).contains(&bytes) {
            let rule = "a zip of up to 314572800 bytes (300 MiB)";
            return Err(Invalid::new(ErrorCode::InvalidDependency, "size of the dependency's package", bytes, rule));
        }
        self.package.delivery.validate()
    }
}

fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let ends = text.ends_with(|c: char| c.is_ascii_alphanumeric());
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    begins && ends && is_plain && text.len() <= limits::DEPENDENCY_NAME_CHARS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut NewDependency), expected: Option<ErrorCode>) {
        let mut new = NewDependency {
            project_id: "p1".into(),
            name: "words".to_owned(),
            id: "d1".to_owned(),
            version_id: "v1".to_owned(),
            runtime: "Custom".to_owned(),
            description: String::new(),
            package: Package::from("zip"),
            at: Timestamp::EPOCH,
        };
        change(&mut new);
        assert_eq!(new.validate().err().map(|invalid| invalid.code()), expected, "{new:?}");
    }

    #[test]
    fn dependencies_keep_the_rules() {
        for name in ["a", "A1", "a-b_c.d2", &"a".repeat(96)] {
            check(|new| new.name = name.to_owned(), None);
        }
        for name in ["", "1a", ".a", "a.", "a-", "a b", "a/b", "ä", &"a".repeat(97)] {
            check(|new| new.name = name.to_owned(), Some(ErrorCode::InvalidDependency));
        }
        check(|new| new.runtime = String::new(), Some(ErrorCode::InvalidRuntime));
        check(|new| new.runtime = "a".repeat(65), Some(ErrorCode::InvalidRuntime));
        check(|new| new.description = "ä".repeat(512), None);
        check(|new| new.description = "ä".repeat(513), Some(ErrorCode::DescriptionTooLong));
        check(|new| new.package = Package::from(""), Some(ErrorCode::InvalidDependency));
        check(|new| new.package.delivery.url = "a".repeat(2049), Some(ErrorCode::InvalidParameter));
        check(|new| new.project_id = "p/1".into(), Some(ErrorCode::InvalidParameter));
    }

    #[test]
    fn what_is_stored_is_read_back_and_what_is_damaged_says_why() {
        let version = DependencyVersion {
            id: "v2".to_owned(),
            number: 2,
            runtime: "Custom".to_owned(),
            description: String::new(),
            package: Digest::of(b"zip"),
            package_bytes: 3,
            etag: "e".to_owned(),
            delivery: Delivery::default(),
            modified_at: Timestamp::EPOCH,
        };
        let dependency = Dependency {
            id: "d1".to_owned(),
            project_id: "p1".into(),
            name: "words".to_owned(),
            versions: vec![Arc::new(version)],
            revision: 7,
            last_number: 3,
        };
        let record = dependency.write();
        assert_eq!((record.key.as_str(), Dependency::read(&record)), ("p1/d1", Ok(dependency)));
        for (key, body, words) in [
            ("d1", record.body.clone(), "no project"),
            ("p1/d1", record.body.replace("\"form\":1", "\"form\":2"), "upgrade"),
            ("p1/d1", "{}".to_owned(), "missing field"),
            ("p1/d1", r#"{"form":1,"name":"words","last_number":1,"versions":[]}"#.to_owned(), "no versions"),
        ] {
            let damaged = DocumentRecord { key: key.to_owned(), body, ..record.clone() };
            let reason = Dependency::read(&damaged).unwrap_err();
            assert!(reason.contains(words), "{reason}");
        }
    }
}
