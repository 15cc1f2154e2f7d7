//! The thread that lets running guests be interrupted, and that knows roughly what time it is.

use crate::clock;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, SystemTime},
};
use wasmtime::EngineWeak;

/// How often running code gets the chance to stop or to make room for others. Longer would let timeouts overshoot
/// further (the budget is 5 ms), shorter would cost more wake-ups than it gains.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// Ticks while it lives.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Option<mpsc::Sender<()>>,
    /// The wall clock at the last tick, in microseconds since 1970: asking the system costs a tenth of a call.
    now: Arc<AtomicU64>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(engine: EngineWeak) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel::<()>();
        let now = Arc::new(AtomicU64::new(micros(clock::wall())));
        let ticking = Arc::clone(&now);
        // An OS thread, since a task would starve when guests keep all of the runtime's threads busy.
        let thread = thread::Builder::new().name("fngraph-ticker".to_owned()).spawn(move || {
            while let Err(mpsc::RecvTimeoutError::Timeout) = stopped.recv_timeout(TICK) {
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
                ticking.store(micros(clock::wall()), Ordering::Relaxed);
            }
        })?;
        Ok(Self { stop: Some(stop), now, thread: Some(thread) })
    }

    /// The wall clock at the last tick.
    pub(crate) fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_micros(self.now.load(Ordering::Relaxed))
    }
}

fn micros(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

impl Drop for Ticker {
    fn drop(&mut self) {
        // Closing the channel ends the thread's wait.
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It cannot panic, and if it did there is nothing left to do about it.
            let _ = thread.join();
        }
    }
}
