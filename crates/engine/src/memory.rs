//! One limit over all memories and tables of an instance, and the measure of what they use.

use fngraph_types::Memory;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use wasmtime::ResourceLimiter;

/// What a table costs for each element: a lazily initialised function reference.
const ELEMENT_BYTES: usize = size_of::<usize>();

/// Counts what an instance's memories and tables hold and refuses what exceeds the limit.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    limit: usize,
    used: usize,
    /// What the last growth added, to take it back when the platform could not provide it.
    last_growth: usize,
    /// What was refused since this was last asked.
    refused: Option<Refused>,
    host: Arc<HostMemory>,
}

/// Why an instance did not get more memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It would have had more than is configured for it.
    Instance {
        /// What it would have had, in bytes.
        wanted: u64,
    },
    /// All instances together would have had more than the host gives them.
    Host {
        /// What the host gives them, in bytes.
        limit: u64,
    },
}

/// What all instances of an engine hold together.
#[derive(Debug)]
pub(crate) struct HostMemory {
    limit: u64,
    used: AtomicU64,
}

impl HostMemory {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, used: AtomicU64::new(0) }
    }

    /// What memories and tables of all instances hold, in bytes.
    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: u64) -> bool {
        let within = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.limit);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_ok()
    }

    fn give_back(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl MemoryMeter {
    pub(crate) fn new(limit: Memory, host: Arc<HostMemory>) -> Self {
        let limit = usize::try_from(limit.bytes()).unwrap_or(usize::MAX);
        Self { limit, used: 0, last_growth: 0, refused: None, host }
    }

    /// What all memories and tables hold, in bytes. They never shrink, so this is the peak as well.
    pub(crate) fn used(&self) -> u64 {
        self.used as u64
    }

    /// Why the guest did not get what it asked for, if that happened since this was last asked.
    pub(crate) fn take_refused(&mut self) -> Option<Refused> {
        self.refused.take()
    }

    fn grow(&mut self, bytes: usize) -> bool {
        let wanted = self.used.saturating_add(bytes);
        if wanted > self.limit {
            self.refused = Some(Refused::Instance { wanted: wanted as u64 });
            return false;
        }
        if !self.host.take(bytes as u64) {
            self.refused = Some(Refused::Host { limit: self.host.limit });
            return false;
        }
        self.used = wanted;
        self.last_growth = bytes;
        true
    }

    fn undo(&mut self) {
        let bytes = std::mem::take(&mut self.last_growth);
        self.used -= bytes;
        self.host.give_back(bytes as u64);
    }
}

impl Drop for MemoryMeter {
    fn drop(&mut self) {
        self.host.give_back(self.used as u64);
    }
}

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(desired.saturating_sub(current)))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.undo();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(desired.saturating_sub(current).saturating_mul(ELEMENT_BYTES)))
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.undo();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;

    fn meter(host: &Arc<HostMemory>) -> MemoryMeter {
        MemoryMeter::new(Memory::DEFAULT, Arc::clone(host))
    }

    fn host(mib: usize) -> Arc<HostMemory> {
        Arc::new(HostMemory::new((mib * MIB) as u64))
    }

    #[test]
    fn memories_and_tables_share_one_limit() {
        let mut meter = meter(&host(1000));
        assert!(meter.memory_growing(0, 100 * MIB, None).unwrap());
        assert!(meter.table_growing(0, 3 * MIB, None).unwrap());
        assert!(!meter.memory_growing(0, 5 * MIB, None).unwrap());
        assert_eq!(meter.used(), 124 * MIB as u64);
        assert_eq!(meter.take_refused(), Some(Refused::Instance { wanted: 129 * MIB as u64 }));
        assert_eq!(meter.take_refused(), None);
    }

    #[test]
    fn growth_that_the_platform_could_not_provide_is_not_counted() {
        let mut meter = meter(&host(1000));
        assert!(meter.memory_growing(MIB, 2 * MIB, None).unwrap());
        meter.memory_grow_failed(wasmtime::Error::msg("no pages")).unwrap();
        assert_eq!(meter.used(), 0);
    }

    #[test]
    fn instances_share_what_the_host_gives() {
        let host = host(10);
        let (mut first, mut second) = (meter(&host), meter(&host));
        assert!(first.memory_growing(0, 6 * MIB, None).unwrap());
        assert!(!second.memory_growing(0, 5 * MIB, None).unwrap());
        assert_eq!(second.take_refused(), Some(Refused::Host { limit: 10 * MIB as u64 }));
        drop(first);
        assert_eq!(host.used(), 0);
        assert!(second.memory_growing(0, 5 * MIB, None).unwrap());
    }
}
