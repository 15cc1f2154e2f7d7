//! The guest's standard streams: input is the event of a command, output is a command's result or log lines.

use crate::log::{Output, Recorder};
use bytes::{Bytes, BytesMut};
use std::{
    io, mem,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamError, StreamResult},
};

/// How much a guest may write in one go. Nothing here ever blocks, so it only bounds one host copy.
const WRITE_BYTES: usize = 64 * 1024;

/// Where the bytes of a stream go.
pub(crate) trait Sink: Clone + Send + Sync + Unpin + 'static {
    /// Takes the bytes.
    fn accept(&self, bytes: Bytes);
}

/// Lines of the log.
#[derive(Clone)]
pub(crate) struct LogSink {
    pub(crate) recorder: Recorder,
    pub(crate) output: Output,
}

impl Sink for LogSink {
    fn accept(&self, bytes: Bytes) {
        self.recorder.write(self.output, &bytes);
    }
}

/// The result of a command, kept up to a limit.
#[derive(Clone)]
pub(crate) struct ResultSink(Arc<Mutex<Collected>>);

struct Collected {
    bytes: BytesMut,
    limit: usize,
    exceeded: bool,
}

impl ResultSink {
    pub(crate) fn new(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(Collected { bytes: BytesMut::new(), limit, exceeded: false })))
    }

    /// What was written, or none if it was more than the limit.
    pub(crate) fn take(&self) -> Option<Bytes> {
        let mut collected = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = mem::take(&mut collected.bytes).freeze();
        (!collected.exceeded).then_some(bytes)
    }
}

impl Sink for ResultSink {
    fn accept(&self, bytes: Bytes) {
        let mut collected = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if collected.bytes.len() + bytes.len() > collected.limit {
            collected.exceeded = true;
        }
        if !collected.exceeded {
            collected.bytes.extend_from_slice(&bytes);
        }
    }
}

/// A sink as a stream of the guest.
#[derive(Clone)]
pub(crate) struct SinkStream<S>(pub(crate) S);

impl<S: Sink> IsTerminal for SinkStream<S> {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl<S: Sink> StdoutStream for SinkStream<S> {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl<S: Sink> AsyncWrite for SinkStream<S> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.accept(Bytes::copy_from_slice(bytes));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[wasmtime_wasi::async_trait]
impl<S: Sink> OutputStream for SinkStream<S> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if bytes.len() > WRITE_BYTES {
            return Err(StreamError::Trap(wasmtime::Error::msg("write exceeds what check-write allowed")));
        }
        self.0.accept(bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES)
    }
}

#[wasmtime_wasi::async_trait]
impl<S: Sink> Pollable for SinkStream<S> {
    async fn ready(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_beyond_the_limit_is_dropped_whole() {
        let sink = ResultSink::new(4);
        sink.accept(Bytes::from_static(b"four"));
        assert_eq!(sink.take(), Some(Bytes::from_static(b"four")));
        sink.accept(Bytes::from_static(b"fi"));
        sink.accept(Bytes::from_static(b"ve!"));
        sink.accept(Bytes::from_static(b"x"));
        assert_eq!(sink.take(), None);
    }
}
