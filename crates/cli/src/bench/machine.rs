//! The machine that measured, for whoever reads the numbers later.

use serde::Serialize;
use std::{env, fmt, fs, process::Command, thread};

/// What of a machine decides how fast it is.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Machine {
    /// How many cores this process may use.
    pub(super) cores: u16,
    /// The processor's name, or its architecture where it has none.
    pub(super) cpu: String,
    /// The operating system.
    pub(super) os: String,
    /// Whether this program was built without optimisation.
    pub(super) debug_build: bool,
}

impl Machine {
    /// This machine.
    pub(super) fn current() -> Self {
        let cores = thread::available_parallelism().map_or(1, |cores| u16::try_from(cores.get()).unwrap_or(u16::MAX));
        Self {
            cores,
            cpu: cpu().unwrap_or_else(|| env::consts::ARCH.to_owned()),
            os: format!("{} {}", env::consts::OS, env::consts::ARCH),
            debug_build: cfg!(debug_assertions),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores = if self.cores == 1 { "core" } else { "cores" };
        write!(f, "{} {cores} of {}, {}", self.cores, self.cpu, self.os)
    }
}

fn cpu() -> Option<String> {
    if cfg!(target_os = "macos") {
        let sysctl = Command::new("sysctl").args(["-n", "machdep.cpu.brand_string"]).output().ok()?;
        return Some(String::from_utf8_lossy(&sysctl.stdout).trim().to_owned()).filter(|name| !name.is_empty());
    }
    model_name(&fs::read_to_string("/proc/cpuinfo").ok()?)
}

fn model_name(cpuinfo: &str) -> Option<String> {
    let value = cpuinfo.lines().find(|line| line.starts_with("model name"))?.split_once(':')?.1;
    Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_without_its_padding() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some  CPU @ 2.00GHz\nmodel name\t: other\n";
        assert_eq!(model_name(cpuinfo).as_deref(), Some("Some CPU @ 2.00GHz"));
        assert_eq!(model_name("processor : 0\n"), None);
    }

    #[test]
    fn a_machine_has_a_core() {
        assert!(Machine::current().cores >= 1);
    }
}
