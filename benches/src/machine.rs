//! What the machine is, how much of it others use, and how much of its memory is ours. Linux tells; elsewhere nobody
//! knows.

use std::fs;

/// How long processors have been at work, in ticks.
#[derive(Debug, Clone, Copy, Default)]
struct Ticks {
    all: u64,
    busy: u64,
    ours: u64,
}

impl Ticks {
    /// Up to now; a server's work, by its process, is ours too.
    fn now(server: Option<u32>) -> Option<Self> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let numbers = |text: &str| text.split_whitespace().map_while(|word| word.parse().ok()).collect::<Vec<u64>>();
        // user, nice, system, idle, iowait, irq, softirq, steal
        let cpu = numbers(stat.lines().next()?.strip_prefix("cpu")?);
        let all = cpu.iter().take(8).sum();
        let ours = used("self")? + server.and_then(|server| used(&server.to_string())).unwrap_or_default();
        Some(Self { all, busy: all - cpu.get(3)? - cpu.get(4)?, ours })
    }
}

/// What a process used, in ticks.
fn used(process: &str) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is the program's name, in parentheses; utime and stime are the 14th and 15th.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split_whitespace().collect();
    Some(fields.get(11..13)?.iter().map_while(|word| word.parse::<u64>().ok()).sum())
}

/// How busy the machine is while something is measured.
#[derive(Debug, Clone, Copy)]
pub struct Busy {
    begin: Option<Ticks>,
    server: Option<u32>,
    /// The share of others, when it is over.
    others: Option<f64>,
}

impl Busy {
    /// From now on.
    pub fn begin() -> Self {
        Self { begin: Ticks::now(None), server: None, others: None }
    }

    /// From now on, with a server of ours in a process of its own.
    pub fn begin_with(server: u32) -> Self {
        Self { begin: Ticks::now(Some(server)), server: Some(server), others: None }
    }

    /// Up to now; without it, up to the report.
    pub fn end(self) -> Self {
        Self { others: Some(self.others()), ..self }
    }

    /// The share of all processors that other programs, and the system on their behalf, used since then.
    pub(crate) fn others(self) -> f64 {
        let share = self.begin.zip(Ticks::now(self.server)).map(|(begin, now)| {
            let others = (now.busy - begin.busy).saturating_sub(now.ours - begin.ours);
            others as f64 / (now.all - begin.all).max(1) as f64
        });
        self.others.or(share).unwrap_or_default()
    }
}

/// The memory of this process that is resident, in bytes.
///
/// # Panics
/// Where the system does not tell.
pub fn resident() -> u64 {
    resident_of("self")
}

/// The memory of a process that is resident, in bytes.
///
/// # Panics
/// Where the system does not tell.
pub fn resident_of(process: &str) -> u64 {
    // The sum over all mappings; the short files are estimates.
    let smaps = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).expect("the system is Linux");
    let rss = smaps.lines().find_map(|line| line.strip_prefix("Rss:")?.trim().strip_suffix(" kB"));
    rss.and_then(|kib| kib.trim().parse::<u64>().ok()).expect("the system tells") * 1024
}

/// Processors and their make.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("machine: {cores} × {}", model.map_or(std::env::consts::ARCH, |(_, model)| model))
}
