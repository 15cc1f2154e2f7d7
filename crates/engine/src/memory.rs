//! One limit over all memories and tables of an instance, and the measure of what they use.

use fngraph_types::Memory;
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
    /// The size that was refused since the flag was last taken.
    refused: Option<usize>,
}

impl MemoryMeter {
    pub(crate) fn new(limit: Memory) -> Self {
        let limit = usize::try_from(limit.bytes()).unwrap_or(usize::MAX);
        Self { limit, used: 0, last_growth: 0, refused: None }
    }

    /// What all memories and tables hold, in bytes. They never shrink, so this is the peak as well.
    pub(crate) fn used(&self) -> u64 {
        self.used as u64
    }

    /// The size that the guest asked for and did not get, if it did since this was last asked.
    pub(crate) fn take_refused(&mut self) -> Option<u64> {
        self.refused.take().map(|bytes| bytes as u64)
    }

    fn grow(&mut self, bytes: usize) -> bool {
        let wanted = self.used.saturating_add(bytes);
        if wanted > self.limit {
            self.refused = Some(wanted);
            return false;
        }
        self.used = wanted;
        self.last_growth = bytes;
        true
    }

    fn undo(&mut self) {
        self.used -= std::mem::take(&mut self.last_growth);
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

    #[test]
    fn memories_and_tables_share_one_limit() {
        let mut meter = MemoryMeter::new(Memory::DEFAULT);
        assert!(meter.memory_growing(0, 100 * MIB, None).unwrap());
        assert!(meter.table_growing(0, 3 * MIB, None).unwrap());
        assert!(!meter.memory_growing(0, 5 * MIB, None).unwrap());
        assert_eq!(meter.used(), 124 * MIB as u64);
        assert_eq!(meter.take_refused(), Some(129 * MIB as u64));
        assert_eq!(meter.take_refused(), None);
    }

    #[test]
    fn growth_that_the_platform_could_not_provide_is_not_counted() {
        let mut meter = MemoryMeter::new(Memory::DEFAULT);
        assert!(meter.memory_growing(MIB, 2 * MIB, None).unwrap());
        meter.memory_grow_failed(wasmtime::Error::msg("no pages")).unwrap();
        assert_eq!(meter.used(), 0);
    }
}
