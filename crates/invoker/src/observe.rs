//! Where logs of invocations go: a bounded queue, and a task that stores them in batches.

use crate::metrics::Metrics;
use fngraph_engine::{Outcome, Receipt};
use fngraph_store::{LogRecord, LogStream, Store};
use fngraph_types::{ErrorCode, FunctionId, Timestamp, VersionName};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// How many logs may wait to be stored. At 256 KiB each, the most that one invocation writes, they hold 256 MiB; a
/// typical one has some hundred bytes.
const QUEUE: usize = 1024;

/// How many logs are stored together.
const BATCH: usize = 256;

enum Message {
    Log(LogRecord),
    /// Answered when everything before it is stored.
    Flush(oneshot::Sender<()>),
}

/// Takes logs without ever making an invocation wait.
#[derive(Debug, Clone)]
pub(crate) struct LogSink(mpsc::Sender<Message>);

/// Stores what the sink took.
#[derive(Debug)]
pub(crate) struct LogWriter(mpsc::Receiver<Message>);

pub(crate) fn logs() -> (LogSink, LogWriter) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (LogSink(sender), LogWriter(receiver))
}

impl LogSink {
    /// Keeps the log of an invocation that wrote something, failed, or has nobody who waits for its outcome. The others
    /// have nothing to tell, and a store would be their slowest part.
    pub(crate) fn keep(
        &self,
        function: &FunctionId,
        version: &VersionName,
        outcome: &Outcome,
        unattended: bool,
        metrics: &Metrics,
    ) {
        let Receipt { request_id, at, error, .. } = outcome.receipt;
        if outcome.log.lines().len() == 0 && error.is_none() && !unattended {
            return;
        }
        self.add(metrics, || LogRecord {
            stream: LogStream::Function,
            request: request_id,
            function: function.clone(),
            version: version.clone(),
            at: Timestamp::from(at),
            error_code: error.map_or(0, ErrorCode::number),
            text: outcome.platform_log(),
        });
    }

    /// Keeps a log if there is room.
    pub(crate) fn add(&self, metrics: &Metrics, record: impl FnOnce() -> LogRecord) {
        match self.0.try_reserve() {
            Ok(place) => place.send(Message::Log(record())),
            Err(_) => metrics.logs_dropped.increment(1),
        }
    }

    /// Waits until everything that was kept so far is stored, or cannot be.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.0.send(Message::Flush(done)).await.is_ok() {
            // The writer only goes without an answer when the process ends.
            let _ = flushed.await;
        }
    }
}

impl LogWriter {
    /// Stores logs until `stop`, and then those that are there.
    pub(crate) async fn run(mut self, store: Arc<dyn Store>, stop: CancellationToken) {
        let mut messages = Vec::with_capacity(BATCH);
        loop {
            if stop.run_until_cancelled(self.0.recv_many(&mut messages, BATCH)).await.is_none() {
                self.0.close();
                self.0.recv_many(&mut messages, QUEUE).await;
            }
            if messages.is_empty() {
                return;
            }
            let mut records = Vec::new();
            let mut waiting = Vec::new();
            for message in messages.drain(..) {
                match message {
                    Message::Log(record) => records.push(record),
                    Message::Flush(done) => waiting.push(done),
                }
            }
            if !records.is_empty()
                && let Err(error) = store.add_logs(records).await
            {
                tracing::error!(%error, "store logs");
            }
            for done in waiting {
                // Who asked may have gone.
                let _ = done.send(());
            }
        }
    }
}
