//! The way of log lines to standard error: a bounded queue and one thread that writes.
//!
//! Whoever reads standard error may be slow, gone, or out of space, and a service that waits for its log, or ends because of it,
//! serves nobody. So a line that finds the queue full or cannot be written is lost, and counted.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::fmt::MakeWriter;

/// How long the end of the process waits for lines that are still to be written.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// The counter of lines that nobody will read.
pub const LOST: &str = "nexus_log_lines_lost_total";

/// Takes lines; never waits, never fails.
#[derive(Clone)]
pub struct Lines {
    queue: SyncSender<Vec<u8>>,
    /// Lines taken and not yet written.
    waiting: Arc<AtomicUsize>,
}

impl Lines {
    /// Lines for `sink`, of which at most `capacity` wait.
    ///
    /// # Errors
    /// When the thread that writes cannot be started.
    pub fn to(sink: impl Write + Send + 'static, capacity: usize) -> io::Result<Self> {
        let (queue, lines) = sync_channel(capacity);
        let waiting = Arc::new(AtomicUsize::new(0));
        let written = Arc::clone(&waiting);
        thread::Builder::new().name("log".to_owned()).spawn(move || write_all(&lines, sink, &written))?;
        Ok(Self { queue, waiting })
    }

    /// Waits until what was taken is written, but no longer than [`FLUSH_TIMEOUT`].
    fn flush(&self) {
        let deadline = Instant::now() + FLUSH_TIMEOUT;
        while self.waiting.load(Ordering::Acquire) > 0 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn write_all(lines: &Receiver<Vec<u8>>, mut sink: impl Write, waiting: &AtomicUsize) {
    while let Ok(line) = lines.recv() {
        // In one piece, so that lines of other processes do not come between.
        if sink.write_all(&line).and_then(|()| sink.flush()).is_err() {
            lost();
        }
        waiting.fetch_sub(1, Ordering::Release);
    }
}

fn lost() {
    metrics::counter!(LOST).increment(1);
}

/// One line: the subscriber writes each in one call.
pub struct Line<'a>(&'a Lines);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.waiting.fetch_add(1, Ordering::Relaxed);
        if self.0.queue.try_send(line.to_owned()).is_err() {
            self.0.waiting.fetch_sub(1, Ordering::Relaxed);
            lost();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;
    fn make_writer(&'a self) -> Line<'a> {
        Line(self)
    }
}

/// Held until the end of the process: what was logged is written before that, within reason.
#[must_use]
pub struct Flush(Lines);

impl Flush {
    /// Flushes `lines` when it is dropped.
    pub fn of(lines: Lines) -> Self {
        Self(lines)
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        self.0.flush();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A sink that blocks while its lock is held.
    #[derive(Clone, Default)]
    struct Slow(Arc<Mutex<Vec<u8>>>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_blocked_sink_costs_lines_and_no_time() {
        let sink = Slow::default();
        let lines = Lines::to(sink.clone(), 3).unwrap();
        let held = sink.0.lock().unwrap();
        // Three wait, one more may be in the writer's hands; the others are lost, and nobody waits for the lock.
        for number in 0..100 {
            lines.make_writer().write_all(format!("{number}\n").as_bytes()).unwrap();
        }
        assert!(lines.waiting.load(Ordering::Acquire) <= 4);
        drop(held);
        drop(Flush::of(lines));
        let written = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert!(written.starts_with("0\n1\n2\n") && written.lines().count() <= 4, "{written}");
    }
}
