//! One call: what goes in, what comes out, and what it cost.

use crate::{InvokeError, Log, Startup, log};
use bytes::Bytes;
use fngraph_types::{ErrorCode, Identity, Memory, RequestId, TraceContext};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// One call of a function.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Invocation {
    /// The event, at most 6 MB. What it means is between the caller and the handler.
    pub event: Bytes,
    /// The id of the call. Default: random.
    pub request_id: RequestId,
    /// How often this call was attempted before. Default: 0.
    pub attempt: u32,
    /// The alias through which the function was called. Default: none.
    pub alias: Option<Arc<str>>,
    /// Where in a function flow the call stands. Default: nowhere.
    pub workflow: Option<Arc<Workflow>>,
    /// Where in a distributed trace the call stands. Default: nowhere.
    pub trace: Option<Arc<TraceContext>>,
}

/// Where in a function flow a call stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// The id of the flow.
    pub workflow_id: String,
    /// The id of this execution of the flow.
    pub run_id: String,
    /// The id of the state (node) that called the function.
    pub state_id: String,
}

impl Invocation {
    /// A first attempt with a random request id.
    pub fn new(event: impl Into<Bytes>) -> Self {
        Self {
            event: event.into(),
            request_id: RequestId::random(),
            attempt: 0,
            alias: None,
            workflow: None,
            trace: None,
        }
    }
}

/// What came of an invocation.
#[derive(Debug)]
#[must_use = "the result may be an error"]
pub struct Outcome {
    /// The handler's result, at most 6 MB, or why there is none.
    pub result: Result<Bytes, InvokeError>,
    /// What the invocation cost.
    pub receipt: Receipt,
    /// What it wrote.
    pub log: Log,
}

/// What one invocation cost. All durations are measured, none is estimated.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Receipt {
    /// The id of the invocation.
    pub request_id: RequestId,
    /// Which function ran.
    pub identity: Arc<Identity>,
    /// Whether the invocation had to wait for a new instance.
    pub start: Start,
    /// When the handler was called, to about a millisecond.
    pub at: SystemTime,
    /// Waiting for admission. The engine itself never queues; the invoker fills it in.
    pub queue: Duration,
    /// Compiling or loading the artifact; only of a cold start.
    pub load: Duration,
    /// Creating the instance; only of a cold start.
    pub instantiate: Duration,
    /// Running the initializer; only of a cold start.
    pub initialize: Duration,
    /// Running the handler.
    pub handle: Duration,
    /// What the instance's memories and tables held at most, in bytes.
    pub memory_used: u64,
    /// The configured memory.
    pub memory: Memory,
    /// The size of the event, in bytes.
    pub bytes_in: usize,
    /// The size of the result, in bytes; 0 without one.
    pub bytes_out: usize,
    /// The code of the failure; none for a success.
    pub error: Option<ErrorCode>,
}

/// Whether an invocation found an instance that was ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Start {
    /// A new instance was created for it.
    Cold,
    /// The instance had served before, or was created ahead.
    Warm,
    /// A reserved instance served it. The engine knows of no reservations; the invoker says so.
    Reserved,
}

impl Start {
    /// The word that logs and metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
            Self::Reserved => "reserved",
        }
    }
}

impl Receipt {
    /// The receipt of a warm invocation that has cost nothing yet, for whoever runs functions in another way.
    pub fn new(request_id: RequestId, identity: Arc<Identity>, memory: Memory, at: SystemTime) -> Self {
        Self {
            request_id,
            identity,
            start: Start::Warm,
            at,
            queue: Duration::ZERO,
            load: Duration::ZERO,
            instantiate: Duration::ZERO,
            initialize: Duration::ZERO,
            handle: Duration::ZERO,
            memory_used: 0,
            memory,
            bytes_in: 0,
            bytes_out: 0,
            error: None,
        }
    }

    /// Charges the start of the instance to this invocation.
    pub fn make_cold(&mut self, startup: Startup) {
        self.start = Start::Cold;
        self.load = startup.load;
        // A command has its own time there already.
        self.instantiate += startup.instantiate;
        self.initialize = startup.initialize;
    }

    /// What is billed: the time of the initializer and the handler, rounded up to whole milliseconds.
    pub fn billed(&self) -> Duration {
        let exact = self.initialize + self.handle;
        Duration::from_secs(exact.as_secs())
            .saturating_add(Duration::from_millis(u64::from(exact.subsec_nanos().div_ceil(1_000_000))))
    }

    /// From admission to the answer.
    pub fn total(&self) -> Duration {
        self.queue + self.load + self.instantiate + self.initialize + self.handle
    }
}

/// The platform's closing line of an invocation's log.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In pieces, because formatting one text at once takes twice as long, and every answer over HTTP has it.
        f.write_str("Finish invoke request '")?;
        f.write_str(self.request_id.encode(&mut [0; 36]))?;
        write!(f, "', duration: {}ms", Thousandths::millis(self.initialize + self.handle))?;
        write!(f, ", billing duration: {}ms", self.billed().as_millis())?;
        write!(f, ", memory used: {}MB", Thousandths::mebibytes(self.memory_used))?;
        write!(f, ", billing memory: {}", self.memory)
    }
}

impl Receipt {
    /// The log as the cloud shows it: the invocation's lines between the platform's own.
    pub fn platform_log(&self, log: &Log) -> String {
        let end = self.at + self.handle;
        let (begin, id, version) = (log::timestamp(self.at), self.request_id, &self.identity.version);
        let mut text = format!("{begin} Start invoke request '{id}', version: {version}\n");
        for line in log.lines() {
            text.push_str(&format!("{line}\n"));
        }
        text.push_str(&format!("{} {self}\n", log::timestamp(end)));
        text
    }
}

impl Outcome {
    /// [`Receipt::platform_log`] of this invocation.
    pub fn platform_log(&self) -> String {
        self.receipt.platform_log(&self.log)
    }
}

/// A number with three decimals. Floats would take longer to write than many an invocation takes.
struct Thousandths(u128);

impl Thousandths {
    fn millis(duration: Duration) -> Self {
        Self((duration.as_nanos() + 500) / 1000)
    }

    fn mebibytes(bytes: u64) -> Self {
        Self((u128::from(bytes) * 1000 + (1 << 19)) >> 20)
    }
}

impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What fits is what there is; the narrower type is quicker to write.
        match u64::try_from(self.0) {
            Ok(number) => write!(f, "{}.{:03}", number / 1000, number % 1000),
            Err(_) => write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(handle: Duration) -> Receipt {
        let identity = Arc::new(Identity::local("f"));
        let mut receipt = Receipt::new(RequestId::from_u128(1), identity, Memory::DEFAULT, SystemTime::UNIX_EPOCH);
        receipt.handle = handle;
        receipt.memory_used = 3 * 512 * 1024;
        receipt
    }

    #[test]
    fn billing_rounds_up_to_milliseconds() {
        assert_eq!(receipt(Duration::from_nanos(1)).billed(), Duration::from_millis(1));
        assert_eq!(receipt(Duration::from_micros(2049)).billed(), Duration::from_millis(3));
        assert_eq!(receipt(Duration::ZERO).billed(), Duration::ZERO);
    }

    #[test]
    fn the_platform_log_frames_the_lines() {
        let receipt = receipt(Duration::from_micros(2049));
        let outcome = Outcome { result: Ok(Bytes::new()), receipt, log: Log::default() };
        assert_eq!(
            outcome.platform_log(),
            "1970-01-01T00:00:00Z Start invoke request '00000000-0000-0000-0000-000000000001', version: latest\n\
             1970-01-01T00:00:00.002Z Finish invoke request '00000000-0000-0000-0000-000000000001', \
             duration: 2.049ms, billing duration: 3ms, memory used: 1.500MB, billing memory: 128MB\n"
        );
    }
}
