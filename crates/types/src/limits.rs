//! The function model's limits. Each is the cloud's number unless its comment says otherwise.

use std::time::Duration;

/// The largest event of a synchronous invocation, in bytes (`FSS.4140` beyond it).
pub const EVENT_BYTES: usize = 6 * 1024 * 1024;

/// The largest event of an asynchronous invocation, in bytes.
pub const ASYNC_EVENT_BYTES: usize = 256 * 1024;

/// The largest result of an invocation, in bytes (`FSS.4004` and `FSS.4008` beyond it).
pub const RESULT_BYTES: usize = 6 * 1024 * 1024;

/// The timeout of an invocation when none is configured.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);

/// The timeout of an initializer when none is configured.
pub const DEFAULT_INITIALIZER_TIMEOUT: Duration = Duration::from_secs(3);

/// The timeout of a pre-stop when none is configured. The cloud's range is 1 to 90 seconds and it names no default;
/// the shortest keeps a stop quick.
pub const DEFAULT_PRE_STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// The longest timeout: 72 hours, for asynchronous invocations.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(259_200);

/// What `/tmp` of an instance holds when nothing else is configured, in bytes (`FSS.4207` beyond it).
pub const DEFAULT_TMP_BYTES: u64 = 512 * 1024 * 1024;

/// A longer log message becomes several lines, each of at most this many bytes.
pub const LOG_LINE_BYTES: usize = 90 * 1024;

/// The most files and folders of a code package. The cloud names this number for dependencies.
pub const PACKAGE_FILES: usize = 30_000;

/// The most bytes of a code package as it is uploaded.
pub const PACKAGE_BYTES: u64 = 300 * 1024 * 1024;

/// The most bytes of a code package after unpacking.
pub const UNPACKED_BYTES: u64 = 1500 * 1024 * 1024;

/// The most bytes of a dependency's package after unpacking.
pub const DEPENDENCY_BYTES: u64 = 300 * 1024 * 1024;

/// The most dependencies of a function (`FSS.1045` beyond it).
pub const DEPENDENCIES: usize = 20;

/// The most dependencies of a project (`FSS.1045` beyond it). Ours: they are held in memory, and so are their versions.
pub const DEPENDENCIES_PER_PROJECT: usize = 1000;

/// The most versions of a dependency (`FSS.1045` beyond it). Ours, for the same reason.
pub const DEPENDENCY_VERSIONS: usize = 100;

/// The most characters of a dependency's name.
pub const DEPENDENCY_NAME_CHARS: usize = 96;

/// What `/tmp` of an instance may hold at most, in bytes: the other size on offer (manual, 7.6.2).
pub const LARGEST_TMP_BYTES: u64 = 10_240 * 1024 * 1024;

/// The longest timeout of a pre-stop (manual, 7.6.2).
pub const LONGEST_PRE_STOP_TIMEOUT: Duration = Duration::from_secs(90);

/// The most pairs of user data (`FSS.1017` beyond it).
pub const USER_DATA_PAIRS: usize = 20;

/// The most characters of all keys and values of user data together (`FSS.1018` beyond it, whose text still says 2 KB).
pub const USER_DATA_CHARS: usize = 4096;

/// The most characters of a description (`FSS.1019` beyond it).
pub const DESCRIPTION_CHARS: usize = 512;

/// The most instances of a function, reserved ones too.
pub const INSTANCES: u32 = 1000;

/// The most requests that one instance serves at a time.
pub const REQUESTS_PER_INSTANCE: u32 = 1000;

/// The most versions of a function, `latest` included.
pub const VERSIONS: usize = 20;

/// The most aliases of a function (`FSS.1043` beyond it).
pub const ALIASES: usize = 10;

/// The most tags of a function.
pub const TAGS: usize = 20;

/// The most characters of a tag's key.
pub const TAG_KEY_CHARS: usize = 128;

/// The most characters of a tag's value.
pub const TAG_VALUE_CHARS: usize = 255;

/// The most test events of a function (`FSS.1068` beyond it).
pub const TEST_EVENTS: usize = 10;

/// The most bytes of a test event's content (`FSS.1069` beyond it).
pub const TEST_EVENT_BYTES: usize = 4096;

/// The most characters of a test event's name (`FSS.1074` beyond it).
pub const TEST_EVENT_NAME_CHARS: usize = 25;

/// The most bytes of all attributes of a version together, as JSON. Ours: they are held in memory.
pub const ATTRIBUTE_BYTES: usize = 64 * 1024;

/// The most triggers of a version or an alias (`FSS.1306` beyond it).
pub const TRIGGERS: usize = 10;

/// The most triggers of a function that poll a service (`FSS.1123` beyond it).
pub const POLLED_TRIGGERS: usize = 10;

/// The most bytes of the keys with which a function is traced. Ours: they are sent as headers.
pub const TRACING_KEY_BYTES: usize = 128;
