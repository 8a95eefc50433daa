//! The log of the service: lines on standard error, as JSON unless a terminal is looking.
//!
//! Whoever logs never waits. A pipe that nobody reads takes some lines and then stops whoever writes to it; were that
//! a task that answers, one reader that went to sleep would stop the service. So lines are put into a queue of limited
//! length, and a thread of their own waits for standard error. What the queue does not take is counted, and said once
//! there is room again. Libraries that do the like say nothing of what they dropped, and drop the last line too.

use std::{
    collections::VecDeque,
    io::{self, IsTerminal as _, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// What is logged unless `REDRESS_LOG` says otherwise.
pub const LOGGED: &str = "info,sled=warn,async_nats=warn,async_nats::connector=off";

/// Bytes of lines that may wait for standard error.
const WAITING_BYTES_MAX: usize = 1 << 20;

/// How long the end of the process waits for standard error to take another line.
const LINE_TAKEN_WITHIN: Duration = Duration::from_secs(1);
/// How long in all.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);

/// Lines on their way to standard error.
#[derive(Debug, Clone)]
pub struct Log(Arc<Shared>);

/// Waits when it is dropped until the log is written, also where the program breaks off.
#[derive(Debug)]
pub struct Written(Log);

impl Drop for Written {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    /// Bytes of `lines`.
    bytes: usize,
    /// Lines that were left out since it was last said.
    left_out: u64,
    /// Lines that were written.
    written: u64,
    /// Whether a line is being written.
    writing: bool,
}

/// Starts the log of this process; panics go to it too.
pub fn start() -> Log {
    let log = Log::to(io::stderr());
    let filter = tracing_subscriber::EnvFilter::try_from_env("REDRESS_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOGGED));
    let writer = log.clone();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(move || writer.clone());
    if io::stderr().is_terminal() {
        builder.compact().init();
    } else {
        builder.json().init();
    }
    // The usual report of a panic waits for standard error, and a thread that broke off would not be missed.
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(%panic, "a thread broke off");
    }));
    log
}

impl Log {
    fn to(out: impl Write + Send + 'static) -> Self {
        let log = Self(Arc::default());
        let lines = log.clone();
        // Without a thread there is no log, and the service goes on.
        let _ = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || lines.write_to(out));
        log
    }

    /// Says something beside the log, whatever waits already.
    pub fn say(&self, text: &str) {
        let mut state = self.state();
        state.add(format!("{text}\n").into_bytes());
        drop(state);
        self.0.changed.notify_all();
    }

    /// What waits at the end of the program until everything is written.
    #[must_use]
    pub fn written(&self) -> Written {
        Written(self.clone())
    }

    /// Waits until everything is written, and not for long where nobody reads.
    fn end(&self) {
        let begun = Instant::now();
        let mut state = self.state();
        let (mut written, mut since) = (state.written, begun);
        while (state.writing || !state.lines.is_empty())
            && since.elapsed() < LINE_TAKEN_WITHIN
            && begun.elapsed() < TAKEN_WITHIN
        {
            let waited = self.0.changed.wait_timeout(state, LINE_TAKEN_WITHIN / 10);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.written > written {
                (written, since) = (state.written, Instant::now());
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread that waits for standard error.
    fn write_to(&self, mut out: impl Write) {
        loop {
            let mut state = self.state();
            while state.lines.is_empty() {
                let changed = self.0.changed.wait(state);
                state = changed.unwrap_or_else(PoisonError::into_inner);
            }
            let Some(line) = state.lines.pop_front() else {
                continue;
            };
            state.bytes -= line.len();
            state.writing = true;
            drop(state);
            // A log that cannot be written is no reason to stop serving.
            let _ = out.write_all(&line).and_then(|()| out.flush());
            let mut state = self.state();
            state.writing = false;
            state.written += 1;
            let left_out = if state.bytes < WAITING_BYTES_MAX / 2 {
                std::mem::take(&mut state.left_out)
            } else {
                0
            };
            drop(state);
            self.0.changed.notify_all();
            if left_out > 0 {
                tracing::warn!(
                    left_out,
                    "lines of this log were left out: nobody read standard error, and the service did not wait"
                );
            }
        }
    }
}

impl State {
    fn add(&mut self, line: Vec<u8>) {
        self.bytes += line.len();
        self.lines.push_back(line);
    }
}

/// Takes each line in one piece, as a subscriber hands it over.
impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.state();
        if state.bytes + line.len() > WAITING_BYTES_MAX {
            state.left_out += 1;
        } else {
            state.add(line.to_vec());
        }
        drop(state);
        self.0.changed.notify_all();
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read as _,
        sync::mpsc::{self, Sender},
    };

    use super::*;

    #[test]
    fn nobody_who_logs_waits_for_a_reader_and_the_end_does_not_for_long() {
        let (reader, writer) = io::pipe().unwrap();
        let mut log = Log::to(writer);
        let line = [b'x'; 1_000];
        for _ in 0..10_000 {
            log.write_all(&line).unwrap();
        }
        assert!(log.state().left_out > 8_000);
        assert!(log.state().bytes <= WAITING_BYTES_MAX);
        log.say("the last words");
        log.end();
        drop(reader);
    }

    #[test]
    fn what_is_read_late_comes_whole_and_ends_with_the_last_words() {
        let (mut reader, writer) = io::pipe().unwrap();
        let mut log = Log::to(writer);
        let mut taken = 0_usize;
        while log.state().left_out == 0 {
            log.write_all(format!("line {taken}\n").as_bytes()).unwrap();
            taken += 1;
        }
        log.say("the last words");
        let (found, last_words): (Sender<String>, _) = mpsc::channel();
        let reading = thread::spawn(move || {
            let (mut text, mut chunk) = (String::new(), vec![0; 65_536]);
            while !text.ends_with("the last words\n") {
                let read = reader.read(&mut chunk).unwrap();
                assert!(read > 0, "the log never ends");
                text.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
            }
            found.send(text).unwrap();
        });
        let text = last_words.recv().unwrap();
        reading.join().unwrap();
        // The last of them was the first that did not fit.
        for (number, line) in text.lines().enumerate().take(taken - 1) {
            assert_eq!(line, format!("line {number}"));
        }
        assert_eq!(text.lines().count(), taken);
        log.end();
        assert_eq!(log.state().written, taken as u64);
        assert_eq!(log.state().left_out, 0, "it is said once there is room");
    }

    #[test]
    fn standard_error_that_is_closed_stops_nobody() {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut log = Log::to(writer);
        log.write_all(b"a line\n").unwrap();
        log.end();
        assert_eq!(log.state().written, 1);
    }
}
