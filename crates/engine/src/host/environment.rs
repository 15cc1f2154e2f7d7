//! The guest's environment: WASI's own, and a note of who read it.

use super::State;
use wasmtime_wasi::{cli::WasiCliView as _, p2::bindings::cli::environment};

impl environment::Host for State {
    fn get_environment(&mut self) -> wasmtime::Result<Vec<(String, String)>> {
        if !self.config.secrets.is_empty() {
            self.secret_read = Some("its environment, which has secret user data");
        }
        self.cli().get_environment()
    }

    fn get_arguments(&mut self) -> wasmtime::Result<Vec<String>> {
        self.cli().get_arguments()
    }

    fn initial_cwd(&mut self) -> wasmtime::Result<Option<String>> {
        self.cli().initial_cwd()
    }
}
