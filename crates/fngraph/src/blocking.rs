//! A runtime for programs that are not asynchronous.

use crate::{BuildError, Builder, Runtime};
use std::{ops::Deref, time::Duration};

/// How long dropping waits for calls that run.
const DRAIN: Duration = Duration::from_secs(5);

/// A [`Runtime`] with threads of its own, for tests and programs that are not asynchronous. It has all of the runtime's
/// methods; [`Blocking::run`] waits for their futures.
#[derive(Debug)]
pub struct Blocking {
    runtime: Runtime,
    threads: tokio::runtime::Runtime,
}

impl Blocking {
    /// Makes the runtime and its threads.
    ///
    /// # Errors
    /// As [`Builder::build`], or when the threads cannot be had.
    ///
    /// # Panics
    /// Inside of an asynchronous program; use [`Builder::build`] there.
    pub fn open(builder: Builder) -> Result<Self, BuildError> {
        let threads = tokio::runtime::Builder::new_multi_thread()
            .thread_name("fngraph")
            .enable_all()
            .build()
            .map_err(BuildError::Threads)?;
        let runtime = threads.block_on(builder.build())?;
        Ok(Self { runtime, threads })
    }

    /// Waits for what a method of the runtime returns.
    ///
    /// # Panics
    /// Inside of an asynchronous program.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.threads.block_on(work)
    }
}

impl Deref for Blocking {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        &self.runtime
    }
}

impl Drop for Blocking {
    fn drop(&mut self) {
        self.threads.block_on(self.runtime.shutdown(DRAIN));
    }
}
