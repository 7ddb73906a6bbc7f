//! Work that is finished whether or not anyone still waits for it.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::runtime::Handle;

/// Runs its work where it is awaited. When it is dropped before the work is done, the rest runs in a task of its own.
///
/// That is what a task for the whole work would come to, but costs one only when somebody hangs up.
pub struct Finishing<T: Send + 'static>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

impl<T: Send + 'static> Finishing<T> {
    /// `work` must not panic: what has panicked cannot be polled again.
    pub fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl<T: Send + 'static> Future for Finishing<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.0 else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Finishing<T> {
    fn drop(&mut self) {
        let Some(work) = self.0.take() else { return };
        // Outside a runtime there is nothing left to finish it: the process is at its end, after the drain timeout.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { drop(work.await) });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_is_dropped_is_finished() {
        let (begin, begun) = oneshot::channel();
        let (finish, finished) = oneshot::channel();
        let work = Finishing::new(async move {
            begun.await.unwrap();
            finish.send(()).unwrap();
        });
        // Polled once, then given up.
        assert!(tokio::time::timeout(Duration::from_millis(10), work).await.is_err());
        begin.send(()).unwrap();
        finished.await.unwrap();
    }

    #[tokio::test]
    async fn what_is_awaited_answers() {
        assert_eq!(Finishing::new(async { 7 }).await, 7);
    }
}
