//! Where the service reads the time.

use std::{
    fmt, fs,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use events_schema::Instant;
use rustix::time::{ClockId, clock_gettime};

/// The first instant of the year 9900, in microseconds after 1970.
const BEYOND: i64 = 250_246_627_200_000_000;

/// Where Linux tells one boot of a machine from the next.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// What the clocks of a machine say at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock, which somebody may set.
    pub wall: Instant,
    /// The boot clock: for how long the machine has run, the time included in which it slept. Nobody can set it.
    pub since_boot: Duration,
}

/// One boot of one machine. The boot clock of another one says nothing beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootId(pub [u8; 16]);

/// The clocks that the writer and its intake read: those of the machine, unless a test has its own.
#[derive(Clone)]
pub struct Clock {
    read: Arc<dyn Fn() -> Reading + Send + Sync>,
    boot: Option<BootId>,
}

impl Clock {
    /// The clocks of this machine.
    pub fn of_this_machine() -> Self {
        let boot = fs::read_to_string(BOOT_ID).ok();
        let boot = boot.and_then(|text| uuid::Uuid::parse_str(text.trim()).ok());
        Self::new(boot.map(|id| BootId(id.into_bytes())), || Reading {
            wall: now(),
            since_boot: since_boot(),
        })
    }

    /// Clocks that are read so. Without a boot, nothing is known of what the boot clock said before.
    pub fn new(boot: Option<BootId>, read: impl Fn() -> Reading + Send + Sync + 'static) -> Self {
        Self {
            read: Arc::new(read),
            boot,
        }
    }

    /// What they say now.
    pub fn read(&self) -> Reading {
        (self.read)()
    }

    /// The boot of the machine, where it is known.
    pub const fn boot(&self) -> Option<BootId> {
        self.boot
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock")
            .field("boot", &self.boot)
            .finish_non_exhaustive()
    }
}

/// The wall clock of this machine. One that is before 1970 or after 9900 says nothing that could be believed, and is
/// held to these: no library that reckons with times goes much further, and deadlines come after it.
pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let microseconds = since.map_or(0, |since| since.as_micros());
    Instant::from_microseconds(i64::try_from(microseconds).unwrap_or(i64::MAX).min(BEYOND))
}

/// Whether the wall clock of this machine says nothing that could be believed: a time before 1970, or after 9900.
pub fn is_beyond_belief() -> bool {
    let microseconds = now().microseconds();
    microseconds == 0 || microseconds == BEYOND
}

fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
