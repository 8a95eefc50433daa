//! Waiting for a fact instead of sleeping for a while.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Between two looks. Short beside everything that is waited for, and cheap enough on a busy machine.
const PAUSE: Duration = Duration::from_millis(5);

/// Looks until there is something to see, and gives it; `None` when the time is over.
pub(crate) fn poll<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return Some(seen);
        }
        if start.elapsed() > limit {
            return None;
        }
        thread::sleep(PAUSE);
    }
}

/// Looks until there is something to see, and gives it.
///
/// # Panics
///
/// When the limit passes first; `what` says in the message what was waited for.
#[track_caller]
pub fn wait_for<T>(what: &str, limit: Duration, look: impl FnMut() -> Option<T>) -> T {
    poll(limit, look).unwrap_or_else(|| panic!("waited {limit:?} in vain for {what}"))
}
