use super::*;
use proptest::prelude::*;
use std::io::Write as _;
use zip::{ZipWriter, write::SimpleFileOptions};

const WASM: &[u8] = b"\0asm\x0d\0\x01\0";

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn module_for(package: &Package, handler: &str) -> Option<String> {
    package.module_for(&handler.parse().unwrap())
}

#[test]
fn a_bare_wasm_file_is_called_by_its_name() {
    let package = Package::from_wasm("orders.wasm", WASM).unwrap();
    assert_eq!(module_for(&package, "orders.handle").as_deref(), Some("orders"));
    assert_eq!(module_for(&package, "index.handler"), None);
    assert_eq!(module_for(&package, "bootstrap").as_deref(), Some("orders"));
}

#[test]
fn the_handler_picks_among_the_files_of_a_zip() {
    let zip = zip(&[("src/one.wasm", WASM), ("bootstrap.wasm", WASM), ("data.json", b"{}")]);
    let package = Package::from_zip(&zip).unwrap();
    assert_eq!(module_for(&package, "src/one.handler").as_deref(), Some("src/one"));
    assert_eq!(module_for(&package, "bootstrap").as_deref(), Some("bootstrap"));
    assert_eq!(module_for(&package, "one"), None);
}

#[test]
fn the_same_files_have_the_same_digest_and_others_another() {
    let one = Package::from_wasm("a", WASM).unwrap().digest();
    assert!(one == Package::from_zip(&zip(&[("a.wasm", WASM)])).unwrap().digest());
    assert!(one != Package::from_wasm("b", WASM).unwrap().digest());
}

#[test]
fn paths_that_lead_out_of_the_package_are_refused() {
    for name in ["../a.wasm", "/a.wasm", "a/../../b.wasm"] {
        let error = Package::from_zip(&zip(&[(name, WASM)]));
        assert!(matches!(error, Err(PackageError::UnsafePath(_))), "{name}: {error:?}");
    }
}

#[test]
fn a_name_that_leads_out_of_the_package_is_refused() {
    for name in ["../a", "/a", "a/../../b"] {
        assert!(matches!(Package::from_wasm(name, WASM), Err(PackageError::UnsafePath(_))), "{name}");
    }
}

#[test]
fn a_file_is_read_by_its_content_not_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("upload.bin");
    fs::write(&path, zip(&[("a.wasm", WASM)])).unwrap();
    assert_eq!(Package::read(&path).unwrap().modules().collect::<Vec<_>>(), ["a"]);
    fs::write(&path, WASM).unwrap();
    assert_eq!(Package::read(&path).unwrap().modules().collect::<Vec<_>>(), ["upload"]);
    fs::write(&path, "text").unwrap();
    assert!(matches!(Package::read(&path), Err(PackageError::UnknownFormat(_))));
}

#[test]
fn links_are_refused() {
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    zip.add_symlink("a.wasm", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let error = Package::from_zip(&zip.finish().unwrap().into_inner());
    assert!(matches!(error, Err(PackageError::UnsafePath(_))), "{error:?}");
}

#[test]
fn what_holds_no_wasm_is_refused() {
    assert!(matches!(Package::from_zip(&zip(&[("a.js", b"1")])), Err(PackageError::NoWasm)));
    assert!(matches!(Package::from_wasm("a", &b"1"[..]), Err(PackageError::UnknownFormat(_))));
    assert!(matches!(Package::from_zip(b"PK nonsense"), Err(PackageError::DamagedZip(_))));
}

#[test]
fn a_folder_reads_like_the_zip_of_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/a.wasm"), WASM).unwrap();
    let package = Package::read(folder.path()).unwrap();
    assert!(package.digest() == Package::from_zip(&zip(&[("src/a.wasm", WASM)])).unwrap().digest());
    let missing = Package::read(&folder.path().join("none.wasm"));
    assert!(matches!(missing, Err(PackageError::Read { .. })));
}

fn dependency(entries: &[(&str, &[u8])]) -> Package {
    Package::dependency_from_zip(&zip(entries)).unwrap()
}

fn file<'a>(package: &'a Package, path: &str) -> &'a [u8] {
    package.files().find(|(known, _)| *known == Path::new(path)).unwrap().1
}

#[test]
fn a_dependency_needs_no_wasm_and_has_rules_of_its_own() {
    assert_eq!(dependency(&[("words/de.txt", b"Tee")]).modules().count(), 0);
    let refused = |entries: &[(&str, &[u8])]| Package::dependency_from_zip(&zip(entries)).unwrap_err();
    assert!(matches!(refused(&[("a.txt", b""), ("b/a.txt~", b"")]), PackageError::Backup(_)));
    assert!(matches!(refused(&[]), PackageError::Empty));
    assert!(matches!(refused(&[("../a.txt", b"")]), PackageError::UnsafePath(_)));
    assert!(matches!(refused(&[("a", b""), ("a/b", b"")]), PackageError::FileAndFolder(_)));
    assert!(matches!(Package::dependency_from_zip(WASM), Err(PackageError::DamagedZip(_))));
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_unpacked() {
    let bomb = zip(&[("a.txt", &vec![0; usize::try_from(limits::DEPENDENCY_BYTES).unwrap() + 1])]);
    assert!(bomb.len() < 1 << 20, "it is small: {}", bomb.len());
    let error = Package::dependency_from_zip(&bomb).unwrap_err();
    assert!(matches!(error, PackageError::TooLarge { what: "unpacked bytes", .. }), "{error:?}");
}

#[test]
fn files_of_dependencies_replace_those_of_the_code_and_later_ones_those_of_earlier() {
    let code =
        Package::from_zip(&zip(&[("index.wasm", WASM), ("a", b"code"), ("b", b"code"), ("c", b"code")])).unwrap();
    let first = dependency(&[("b", b"first"), ("c", b"first"), ("d", b"first")]);
    let second = dependency(&[("c", b"second")]);
    let merged = code.clone().with_dependencies(&[first.clone(), second.clone()]).unwrap();
    let contents: Vec<_> = ["a", "b", "c", "d", "index.wasm"].into_iter().map(|path| file(&merged, path)).collect();
    assert_eq!(contents, [b"code", b"first", b"second", b"first", WASM] as [&[u8]; 5]);

    let other = code.clone().with_dependencies(&[second.clone(), first.clone()]).unwrap();
    assert_eq!(file(&other, "c"), b"first");
    assert!(merged.digest() != other.digest() && merged.digest() != code.digest());
    assert!(merged.digest() == code.clone().with_dependencies(&[first, second]).unwrap().digest());
    assert!(code.clone().with_dependencies(&[]).unwrap().digest() == code.digest());
}

#[test]
fn a_file_that_is_a_folder_to_a_dependency_is_refused() {
    let code = Package::from_zip(&zip(&[("index.wasm", WASM), ("data", b"")])).unwrap();
    let error = code.with_dependencies(&[dependency(&[("data/a.txt", b"")])]).unwrap_err();
    assert!(error.to_string().contains("`data`"), "{error}");
}

#[test]
fn the_wasm_of_a_dependency_is_meant_only_when_it_is_named() {
    let with = |own: &str, lent: &[(&str, &[u8])]| {
        let code = Package::from_zip(&zip(&[(own, WASM)])).unwrap();
        code.with_dependencies(&[dependency(lent)]).unwrap()
    };
    let merged = with("index.wasm", &[("bootstrap.wasm", WASM), ("lib.wasm", WASM)]);
    assert_eq!(module_for(&merged, "bootstrap").as_deref(), Some("index"));
    assert_eq!(module_for(&merged, "lib.handler").as_deref(), Some("lib"));
    assert_eq!(merged.libraries().into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["lib", "bootstrap"]);
    // It has taken the place of the code's own.
    let replaced = with("index.wasm", &[("index.wasm", b"\0asm\x01\0\0\0")]);
    assert_eq!(module_for(&replaced, "bootstrap").as_deref(), Some("index"));
    assert!(replaced.libraries().is_empty());
}

proptest! {
    #[test]
    fn no_bytes_panic_the_zip_reader(bytes in prop::collection::vec(any::<u8>(), 0..400), at in 0usize..200) {
        let mut damaged = zip(&[("a.wasm", WASM), ("b/c.txt", b"text")]);
        for (offset, byte) in bytes.into_iter().enumerate() {
            if let Some(target) = damaged.get_mut(at + offset) {
                *target = byte;
            }
        }
        let _ = Package::from_zip(&damaged);
        let _ = Package::dependency_from_zip(&damaged);
    }
}
