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
    }
}
