//! The thread that lets running guests be interrupted.

use std::{io, sync::mpsc, thread, time::Duration};
use wasmtime::EngineWeak;

/// How often running code gets the chance to stop or to make room for others. Longer would let timeouts overshoot
/// further (the budget is 5 ms), shorter would cost more wake-ups than it gains.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// Ticks while it lives.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(engine: EngineWeak) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel::<()>();
        // An OS thread, since a task would starve when guests keep all of the runtime's threads busy.
        let thread = thread::Builder::new().name("fngraph-ticker".to_owned()).spawn(move || {
            while let Err(mpsc::RecvTimeoutError::Timeout) = stopped.recv_timeout(TICK) {
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
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
