//! How wasmtime is set up: what guests may use, how they are interrupted, and where their memory comes from.

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result, WasmBacktraceDetails};

/// How instances get their memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Allocation {
    /// From slots that were reserved ahead; the fast way.
    Pooling,
    /// From the system each time, because the address space is too small for slots.
    OnDemand,
}

/// Address space of one memory: all that 32 bits reach, so that compiled code needs no bounds checks.
const MEMORY_SLOT_BYTES: usize = 4 << 30;

/// What a component may consist of. Components made from Python or JavaScript have a dozen core instances; those from
/// Rust or C have three or four.
const CORE_INSTANCES_PER_COMPONENT: u32 = 50;
const MEMORIES_PER_COMPONENT: u32 = 4;
const TABLES_PER_COMPONENT: u32 = 20;

/// How many tables an average component has, to size the pool: tables reserve address space, core instances are only
/// counted.
const TABLES_ON_AVERAGE: u32 = 3;

/// The largest table: StarlingMonkey's has about 60 000 elements.
const TABLE_ELEMENTS: usize = 100_000;

/// Bookkeeping of one instance inside wasmtime; the largest languages' runtimes need several megabytes.
const INSTANCE_BYTES: usize = 10 << 20;

/// Memory that a slot keeps between instances. Clearing it is cheaper than giving it back and faulting it in again,
/// up to about this size.
const MEMORY_KEEP_RESIDENT: usize = 64 << 10;
const TABLE_KEEP_RESIDENT: usize = 16 << 10;

/// An engine for this many instances at once.
pub(super) fn engine(instances: u32) -> Result<(Engine, Allocation)> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(instances)));
    match Engine::new(&config) {
        Ok(engine) => Ok((engine, Allocation::Pooling)),
        Err(error) => {
            tracing::warn!(?error, "the address space for pooled instances is not to be had; they start slower");
            config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
            Ok((Engine::new(&config)?, Allocation::OnDemand))
        }
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        // WASI 0.3's concurrency makes every plain call four times slower.
        .concurrency_support(false)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .memory_init_cow(true);
    config
}

fn pool(instances: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(CORE_INSTANCES_PER_COMPONENT))
        .total_memories(instances.saturating_add(instances / 4).max(MEMORIES_PER_COMPONENT))
        .total_tables(instances.saturating_mul(TABLES_ON_AVERAGE).max(TABLES_PER_COMPONENT))
        .total_stacks(instances)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .max_tables_per_component(TABLES_PER_COMPONENT)
        .max_component_instance_size(INSTANCE_BYTES)
        .max_core_instance_size(INSTANCE_BYTES)
        .max_memory_size(MEMORY_SLOT_BYTES)
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(MEMORY_KEEP_RESIDENT)
        .table_keep_resident(TABLE_KEEP_RESIDENT);
    pool
}
