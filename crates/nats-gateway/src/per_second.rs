//! How many of something are let in within a second, whoever sends them.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// So many within a second, and no more.
#[derive(Debug)]
pub(crate) struct PerSecond {
    most: u32,
    counted: Mutex<(Instant, u32)>,
}

impl PerSecond {
    pub(crate) fn new(most: u32) -> Self {
        Self {
            most,
            counted: Mutex::new((Instant::now(), 0)),
        }
    }

    /// Whether one more may.
    pub(crate) fn may(&self) -> bool {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = &mut *counted;
        if since.elapsed() >= Duration::from_secs(1) {
            (*since, *count) = (Instant::now(), 0);
        }
        *count = count.saturating_add(1);
        *count <= self.most
    }
}
