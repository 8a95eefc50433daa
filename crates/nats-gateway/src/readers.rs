//! The threads that look things up for those who ask: few, and behind everybody else.
//!
//! Reading blocks, folding a case and writing half a megabyte of JSON takes as long as it takes. The tasks that stamp
//! commands and send answers must not wait for it, and where the processors are all taken, whoever commands goes first.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

/// How far these threads stand back, in the nice levels of the system: 0 is like everybody else, 19 the most.
const STAND_BACK: i32 = 10;

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
                if let Err(error) = rustix::process::setpriority_process(None, STAND_BACK) {
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
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let own = nice();
        let theirs = readers.handle().spawn_blocking(nice).await.unwrap();
        assert_eq!(theirs, own + STAND_BACK);
        assert_eq!(nice(), own);
    }
}
