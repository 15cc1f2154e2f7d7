//! What connections may take.

use std::{num::NonZeroU32, time::Duration};

/// What connections may take. Bodies are bounded where they are read, since that depends on the operation.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Most connections at once; more wait, unaccepted, until one ends. Each costs an open file and some 10 KB, 64 KB
    /// while it sends long heads. Default 1024, the files that a process usually may open less what the store needs.
    pub connections: NonZeroU32,
    /// Most requests at once on a connection of HTTP/2. Default 256: with fewer a single busy client waits for itself,
    /// with more it leaves others less.
    pub streams: NonZeroU32,
    /// How long TLS may take to agree. Default 10 s, several round trips of the worst line.
    pub handshake: Duration,
    /// How long after it connected a client may take to send the head of its first request. Default 30 s. Heads of
    /// later requests have as long as [`Bounds::idle`] leaves them.
    pub head: Duration,
    /// How long a client may do nothing: send no request, no more of a body that is waited for, or take nothing of its
    /// answer. Its connection is then closed, at the latest when the same time has passed once more; one with a call
    /// that runs never is. Default 75 s, more than the minute that clients commonly keep connections, so that they
    /// close first and never send on a closing one.
    pub idle: Duration,
    /// How long requests may go on after the shutdown. Default 25 s: orchestrators commonly kill after 30 s, and what
    /// the functions accepted has still to be stored.
    pub drain: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        const CONNECTIONS: NonZeroU32 = NonZeroU32::new(1024).expect("it is not zero");
        const STREAMS: NonZeroU32 = NonZeroU32::new(256).expect("it is not zero");
        Self {
            connections: CONNECTIONS,
            streams: STREAMS,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            drain: Duration::from_secs(25),
        }
    }
}
