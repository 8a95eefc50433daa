//! The threads that look things up for those who ask: few, and behind everybody else.
//!
//! Reading blocks, folding a case and writing half a megabyte of JSON takes as long as it takes. The tasks that stamp
//! commands and send answers must not wait for it, and where the processors are all taken, whoever commands goes first.

use std::io;

use rustix::process::{getpriority_process, setpriority_process};
use tokio::runtime::{Builder, Handle, Runtime};

/// How far these threads stand back behind the others of the process, in the nice levels of the system.
const STAND_BACK: i32 = 10;

/// The level of those who stand back the most.
const LAST: i32 = 19;

/// The threads. They end when this is dropped, each with what it is at.
#[derive(Debug)]
pub(crate) struct Readers {
    /// Always there but while it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Readers {
    /// So many of them.
    pub(crate) fn start(threads: usize) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(threads)
            .thread_name("queries")
            .on_thread_start(|| {
                if let Err(error) = stand_back() {
                    tracing::debug!(%error, "a thread for queries goes before nobody and behind nobody");
                }
            })
            .build()?;
        let handle = runtime.handle().clone();
        Ok(Self {
            runtime: Some(runtime),
            handle,
        })
    }

    /// Where they are given what to do.
    pub(crate) const fn handle(&self) -> &Handle {
        &self.handle
    }
}

fn stand_back() -> rustix::io::Result<()> {
    let level = getpriority_process(None)?;
    setpriority_process(None, (level + STAND_BACK).min(LAST))
}

impl Drop for Readers {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Whoever drops this may run on another runtime, which must not wait.
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn they_stand_back_and_nobody_else_does() {
        let readers = Readers::start(2).unwrap();
        let nice = || getpriority_process(None).unwrap();
        let own = nice();
        let theirs = readers.handle().spawn_blocking(nice).await.unwrap();
        assert_eq!(theirs, (own + STAND_BACK).min(LAST));
        assert_eq!(nice(), own);
    }
}
