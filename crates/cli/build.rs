//! The binary carries the guest SDK and the project templates; a new file in either has to rebuild it.

fn main() {
    for folder in ["../../guest-sdk", "../../Cargo.toml", "templates"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
