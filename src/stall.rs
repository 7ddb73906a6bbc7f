//! Cuts off clients that take nothing of what is sent to them: without it one that stops reading holds its connection, and
//! what is buffered for it, for as long as it likes.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// A connection whose writes fail with `TimedOut` once the peer has taken nothing for a while.
pub struct StallGuard<S> {
    stream: S,
    timeout: Duration,
    /// Runs while a write waits.
    stalled: Pin<Box<Sleep>>,
    waiting: bool,
}

impl<S> StallGuard<S> {
    /// Lets a write wait at most `timeout`.
    pub fn new(stream: S, timeout: Duration) -> Self {
        Self { stream, timeout, stalled: Box::pin(sleep(timeout)), waiting: false }
    }

    fn watch<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = false;
            return written;
        }
        if !self.waiting {
            self.waiting = true;
            self.stalled.as_mut().reset(Instant::now() + self.timeout);
        }
        ready!(self.stalled.as_mut().poll(context));
        metrics::counter!("nexus_connections_stalled_total").increment(1);
        tracing::info!("a client that takes nothing of what is sent to it is cut off");
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for StallGuard<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for StallGuard<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, buf);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bufs);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Flushing a socket does nothing, so it must not end a wait that a write began.
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn only_a_peer_that_takes_nothing_is_cut_off() {
        let (ours, mut theirs) = tokio::io::duplex(4);
        let mut guarded = StallGuard::new(ours, Duration::from_millis(300));
        // Slow, but it takes something each time: it may take longer than the timeout in all.
        let reader = tokio::spawn(async move {
            let mut taken = [0; 2];
            for _ in 0..4 {
                tokio::time::sleep(Duration::from_millis(150)).await;
                theirs.read_exact(&mut taken).await.unwrap();
            }
            theirs
        });
        guarded.write_all(&[0; 12]).await.unwrap();
        let _theirs = reader.await.unwrap();
        let error = guarded.write_all(&[0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
