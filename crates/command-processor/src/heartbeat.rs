//! The heartbeat: when the service was last seen alive, in a file beside the log.
//!
//! The log alone cannot tell a quiet service from one that was away, nor a clock that was set while nothing ran from
//! one that was not. So every ten seconds, and at a stop, the writer notes what the clocks say, and how far the log
//! goes. It is written in place: a file that is renamed makes ext4 write back beside every fdatasync. It is synced at a
//! stop only: one that a power cut takes back by a few seconds is as good.
//!
//! While the clock is in doubt nothing is noted, so that the file never vouches for it.
//!
//! ```text
//! file  = one slot at 0, one at 4,096, written in turns; the valid one of the higher generation counts
//! slot  = "RDRS-ALV" || version = 2 (u32) || log id (32 hex) || generation (u64) || wall clock (i64 microseconds)
//!         || boot id, or zeros where it is not known (16) || boot clock (u64 microseconds)
//!         || wall clock (i64) and boot clock (u64) when they were first believed in this boot
//!         || next position (u64) || hash of the last commit (32) || crc32c of all before (u32)
//! ```
//!
//! Integers are big-endian.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use event_log::{Head, LogId};
use events_schema::Instant;

use crate::{
    Error,
    beside::{self, InPlace, failed, set_aside_foreign, set_aside_no_file},
    clock::{BootId, Reading},
};

/// The name of the file in the data folder.
pub const HEARTBEAT_FILE: &str = "alive";

const MAGIC: &[u8; 8] = b"RDRS-ALV";
const VERSION: u32 = 2;
const SLOT_STRIDE: u64 = 4_096;
const SLOT_BYTES: usize = 8 + 4 + 32 + 8 + 8 + 16 + 8 + 8 + 8 + 8 + 32 + 4;
const FILE_BYTES: usize = 8_192;

const OF_ANOTHER_LOG: &str = "is of another log";

const NO_FILE: &str = "is no file";

/// It was made, and the process ended before the first beat, or the clock was in doubt ever since.
const NOTHING_NOTED: &str = "has nothing noted";

/// How often it is noted that the service is alive.
const BEAT_EVERY: Duration = Duration::from_secs(10);

/// When the service was last seen alive, and how far its log went then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Beat {
    pub(crate) wall: Instant,
    pub(crate) boot: Option<BootId>,
    pub(crate) since_boot: Duration,
    /// What both clocks said when they were first believed in this boot, or when the administrator last looked at them.
    pub(crate) trusted: Reading,
    pub(crate) next_position: u64,
    pub(crate) last_commit_hash: [u8; 32],
}

/// What is known of when the service was last seen alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LastAlive {
    /// The log is new, and nothing has served it before.
    New,
    /// There is no heartbeat that says it, and why.
    Unknown(&'static str),
    /// It was noted.
    At(Beat),
}

/// What was found in place of a heartbeat.
pub(crate) enum HeartbeatFile {
    /// No file.
    None,
    /// A file that says nothing of this log, and why.
    Useless(&'static str),
    /// The last beat.
    Beat(Beat),
}

impl LastAlive {
    /// What the heartbeat of a log says, of which nothing was served but its beginning if it is new.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read(dir: &Path, log_id: LogId, is_new: bool) -> Result<Self, Error> {
        Ok(match read(dir, log_id)? {
            HeartbeatFile::None | HeartbeatFile::Useless(NOTHING_NOTED) if is_new => Self::New,
            HeartbeatFile::None => Self::Unknown("is missing"),
            HeartbeatFile::Useless(why) => Self::Unknown(why),
            HeartbeatFile::Beat(beat) => Self::At(beat),
        })
    }
}

/// Reads the heartbeat of a log.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read(dir: &Path, log_id: LogId) -> Result<HeartbeatFile, Error> {
    let path = dir.join(HEARTBEAT_FILE);
    let in_place = beside::read(&path, FILE_BYTES as u64);
    let bytes = match in_place.map_err(|source| failed("read", &path, source))? {
        InPlace::File(bytes) => bytes,
        InPlace::Nothing => return Ok(HeartbeatFile::None),
        InPlace::NoFile => return Ok(HeartbeatFile::Useless(NO_FILE)),
    };
    Ok(match newest(&bytes) {
        // It was made, and killed before it had its length.
        None if matches!(bytes.len(), 0 | FILE_BYTES) && bytes.iter().all(|byte| *byte == 0) => {
            HeartbeatFile::Useless(NOTHING_NOTED)
        }
        None => HeartbeatFile::Useless("is damaged"),
        Some(slot) if slot.log_id != log_id.to_string() => HeartbeatFile::Useless(OF_ANOTHER_LOG),
        Some(slot) => HeartbeatFile::Beat(slot.beat),
    })
}

/// Which log the heartbeat says it is of.
pub(crate) fn log_named(dir: &Path) -> io::Result<Option<String>> {
    Ok(
        match beside::read(&dir.join(HEARTBEAT_FILE), FILE_BYTES as u64)? {
            InPlace::File(bytes) => newest(&bytes).map(|slot| slot.log_id),
            InPlace::Nothing | InPlace::NoFile => None,
        },
    )
}

/// The file, open to be written.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    file: File,
    path: PathBuf,
    log_id: LogId,
    boot: Option<BootId>,
    generation: u64,
    /// What the clocks said when they were first believed in this boot.
    trusted: Option<Reading>,
    /// What the boot clock said at the last beat.
    noted: Option<Duration>,
}

impl Heartbeat {
    /// Opens the file, making it if there is none, to be written in this boot of the machine.
    pub(crate) fn open(dir: &Path, log_id: LogId, boot: Option<BootId>) -> Result<Self, Error> {
        let path = dir.join(HEARTBEAT_FILE);
        let failed = |source| failed("open", &path, source);
        match read(dir, log_id)? {
            HeartbeatFile::Useless(OF_ANOTHER_LOG) => set_aside_foreign(dir, HEARTBEAT_FILE),
            HeartbeatFile::Useless(NO_FILE) => set_aside_no_file(dir, HEARTBEAT_FILE),
            HeartbeatFile::None | HeartbeatFile::Useless(_) | HeartbeatFile::Beat(_) => Ok(()),
        }
        .map_err(failed)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut bytes = Vec::new();
        let mut begin = (&file).take(FILE_BYTES as u64);
        begin.read_to_end(&mut bytes).map_err(failed)?;
        if length != FILE_BYTES as u64 {
            // All of it once, so that no later beat makes the file grow.
            let mut whole = bytes.clone();
            whole.resize(FILE_BYTES, 0);
            file.set_len(FILE_BYTES as u64)
                .and_then(|()| file.write_all_at(&whole, 0))
                .and_then(|()| file.sync_all())
                .and_then(|()| File::open(dir)?.sync_all())
                .map_err(failed)?;
        }
        let last = newest(&bytes);
        let generation = last.as_ref().map_or(0, |slot| slot.generation);
        let of_this_boot = last.filter(|slot| boot.is_some() && slot.beat.boot == boot);
        Ok(Self {
            file,
            path,
            log_id,
            boot,
            generation,
            trusted: of_this_boot.map(|slot| slot.beat.trusted),
            noted: None,
        })
    }

    /// Notes that the service is alive, if it was not noted a moment ago. The reading must be one that was looked at
    /// and believed, or the file would vouch for a clock that nobody has looked at. A failure is reported: at the worst
    /// a later start waits for the administrator.
    pub(crate) fn beat_now_and_then(&mut self, reading: Reading, head: Head) {
        let due = self
            .noted
            .is_none_or(|noted| reading.since_boot.saturating_sub(noted) >= BEAT_EVERY);
        if due {
            self.beat(reading, head);
        }
    }

    /// Notes that the service is alive, and that the administrator has looked at the clocks: from now on they are
    /// compared with what they say now.
    pub(crate) fn beat_anew(&mut self, reading: Reading, head: Head) {
        self.trusted = None;
        self.beat(reading, head);
    }

    /// Notes that the service is alive.
    pub(crate) fn beat(&mut self, reading: Reading, head: Head) {
        self.noted = Some(reading.since_boot);
        let beat = Beat {
            wall: reading.wall,
            boot: self.boot,
            since_boot: reading.since_boot,
            trusted: *self.trusted.get_or_insert(reading),
            next_position: head.next_position,
            last_commit_hash: head.last_commit_hash,
        };
        if let Err(error) = self.write(&beat) {
            tracing::warn!(%error, path = %self.path.display(), "that the service is alive was not noted");
        }
    }

    /// The last beat, which a power cut must not take back.
    pub(crate) fn last_beat(&mut self, reading: Reading, head: Head) {
        self.beat(reading, head);
        if let Err(error) = self.file.sync_data() {
            tracing::warn!(%error, path = %self.path.display(), "that the service was alive was not synced");
        }
    }

    fn write(&mut self, beat: &Beat) -> io::Result<()> {
        let generation = self.generation + 1;
        let slot = encode(beat, self.log_id, generation);
        self.file
            .write_all_at(&slot, generation % 2 * SLOT_STRIDE)?;
        self.generation = generation;
        Ok(())
    }
}

struct Slot {
    log_id: String,
    generation: u64,
    beat: Beat,
}

fn encode(beat: &Beat, log_id: LogId, generation: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(SLOT_BYTES);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(log_id.to_string().as_bytes());
    bytes.extend_from_slice(&generation.to_be_bytes());
    bytes.extend_from_slice(&beat.wall.microseconds().to_be_bytes());
    bytes.extend_from_slice(&beat.boot.map_or([0; 16], |BootId(id)| id));
    bytes.extend_from_slice(&microseconds(beat.since_boot).to_be_bytes());
    bytes.extend_from_slice(&beat.trusted.wall.microseconds().to_be_bytes());
    bytes.extend_from_slice(&microseconds(beat.trusted.since_boot).to_be_bytes());
    bytes.extend_from_slice(&beat.next_position.to_be_bytes());
    bytes.extend_from_slice(&beat.last_commit_hash);
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
    bytes
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// The valid slot of the higher generation.
fn newest(bytes: &[u8]) -> Option<Slot> {
    let (first, rest) = bytes.split_at_checked(usize::try_from(SLOT_STRIDE).ok()?)?;
    let slots = [first, rest].into_iter().filter_map(decode);
    slots.max_by_key(|slot| slot.generation)
}

fn decode(bytes: &[u8]) -> Option<Slot> {
    let (content, crc) = bytes.get(..SLOT_BYTES)?.split_last_chunk::<4>()?;
    if crc32c::crc32c(content) != u32::from_be_bytes(*crc) {
        return None;
    }
    let mut rest = content;
    let mut take = |count: usize| {
        let (taken, left) = rest.split_at_checked(count)?;
        rest = left;
        Some(taken)
    };
    if take(8)? != MAGIC || take(4)? != VERSION.to_be_bytes() {
        return None;
    }
    let log_id = String::from_utf8(take(32)?.to_vec()).ok()?;
    let generation = u64::from_be_bytes(take(8)?.try_into().ok()?);
    let wall = i64::from_be_bytes(take(8)?.try_into().ok()?);
    let boot: [u8; 16] = take(16)?.try_into().ok()?;
    let since_boot = u64::from_be_bytes(take(8)?.try_into().ok()?);
    let trusted = Reading {
        wall: Instant::from_microseconds(i64::from_be_bytes(take(8)?.try_into().ok()?)),
        since_boot: Duration::from_micros(u64::from_be_bytes(take(8)?.try_into().ok()?)),
    };
    let next_position = u64::from_be_bytes(take(8)?.try_into().ok()?);
    let last_commit_hash = take(32)?.try_into().ok()?;
    Some(Slot {
        log_id,
        generation,
        beat: Beat {
            wall: Instant::from_microseconds(wall),
            boot: (boot != [0; 16]).then_some(BootId(boot)),
            since_boot: Duration::from_micros(since_boot),
            trusted,
            next_position,
            last_commit_hash,
        },
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const LOG: LogId = LogId([7; 16]);

    const BOOT: Option<BootId> = Some(BootId([3; 16]));

    fn reading(seconds: i64) -> Reading {
        Reading {
            wall: Instant::from_microseconds(seconds * 1_000_000),
            since_boot: Duration::from_secs(u64::try_from(seconds).unwrap()),
        }
    }

    fn head(next_position: u64) -> Head {
        Head {
            next_position,
            commits: next_position,
            last_commit_hash: [9; 32],
        }
    }

    fn seen(dir: &Path) -> Option<(i64, u64)> {
        match read(dir, LOG).unwrap() {
            HeartbeatFile::Beat(beat) => {
                Some((beat.wall.microseconds() / 1_000_000, beat.next_position))
            }
            HeartbeatFile::None | HeartbeatFile::Useless(_) => None,
        }
    }

    fn trusted(dir: &Path) -> Option<Reading> {
        match read(dir, LOG).unwrap() {
            HeartbeatFile::Beat(beat) => Some(beat.trusted),
            HeartbeatFile::None | HeartbeatFile::Useless(_) => None,
        }
    }

    #[test]
    fn the_last_beat_is_found_again_and_one_that_is_torn_leaves_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(
            read(dir.path(), LOG).unwrap(),
            HeartbeatFile::None
        ));
        let mut heartbeat = Heartbeat::open(dir.path(), LOG, BOOT).unwrap();
        assert!(matches!(
            read(dir.path(), LOG).unwrap(),
            HeartbeatFile::Useless(NOTHING_NOTED)
        ));
        heartbeat.beat(reading(10), head(4));
        heartbeat.beat(reading(20), head(5));
        assert_eq!(seen(dir.path()), Some((20, 5)));
        assert_eq!(trusted(dir.path()), Some(reading(10)));
        drop(heartbeat);
        let mut heartbeat = Heartbeat::open(dir.path(), LOG, BOOT).unwrap();
        heartbeat.beat(reading(30), head(6));
        assert_eq!(seen(dir.path()), Some((30, 6)));
        assert_eq!(trusted(dir.path()), Some(reading(10)));

        let path = dir.path().join(HEARTBEAT_FILE);
        let whole = fs::read(&path).unwrap();
        assert_eq!(whole.len(), FILE_BYTES);
        let newest = usize::from(heartbeat.generation % 2 == 1) * 4_096;
        for torn in newest..newest + SLOT_BYTES {
            let mut bytes = whole.clone();
            bytes[torn] ^= 0x10;
            fs::write(&path, bytes).unwrap();
            assert_eq!(seen(dir.path()), Some((20, 5)), "byte {torn}");
        }
    }

    #[test]
    fn clocks_are_compared_with_the_first_beat_of_the_boot_until_somebody_has_looked() {
        let dir = tempfile::tempdir().unwrap();
        let open = |boot| Heartbeat::open(dir.path(), LOG, boot).unwrap();
        open(BOOT).beat(reading(10), head(4));
        open(BOOT).beat(reading(20), head(4));
        assert_eq!(trusted(dir.path()), Some(reading(10)));
        open(BOOT).beat_anew(reading(30), head(4));
        open(BOOT).beat(reading(40), head(4));
        assert_eq!(trusted(dir.path()), Some(reading(30)));
        for (seconds, boot) in [(50, Some(BootId([4; 16]))), (60, None), (70, None)] {
            open(boot).beat(reading(seconds), head(4));
            assert_eq!(trusted(dir.path()), Some(reading(seconds)));
        }
    }

    #[test]
    fn a_beat_comes_every_ten_seconds() {
        let dir = tempfile::tempdir().unwrap();
        let mut heartbeat = Heartbeat::open(dir.path(), LOG, BOOT).unwrap();
        for (at, expected) in [(100, 100), (109, 100), (110, 110), (111, 110)] {
            heartbeat.beat_now_and_then(reading(at), head(1));
            assert_eq!(seen(dir.path()), Some((expected, 1)), "{at}");
        }
    }

    #[test]
    fn a_file_that_is_damaged_says_nothing_and_is_written_anew_and_one_of_another_log_is_kept_aside()
     {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(HEARTBEAT_FILE);
        let mut other = Heartbeat::open(dir.path(), LogId([8; 16]), BOOT).unwrap();
        other.beat(reading(10), head(4));
        assert!(matches!(
            read(dir.path(), LOG).unwrap(),
            HeartbeatFile::Useless("is of another log")
        ));
        let foreign = fs::read(&path).unwrap();
        let mut heartbeat = Heartbeat::open(dir.path(), LOG, BOOT).unwrap();
        heartbeat.last_beat(reading(15), head(4));
        assert_eq!(seen(dir.path()), Some((15, 4)));
        let kept = dir.path().join("alive.of-another-log");
        assert!(fs::read(kept).unwrap() == foreign);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        fs::write(path.join("mine"), "dear to somebody").unwrap();
        assert!(matches!(
            read(dir.path(), LOG).unwrap(),
            HeartbeatFile::Useless(NO_FILE)
        ));
        let mut heartbeat = Heartbeat::open(dir.path(), LOG, BOOT).unwrap();
        heartbeat.last_beat(reading(16), head(4));
        assert_eq!(seen(dir.path()), Some((16, 4)));
        assert!(dir.path().join("alive.set-aside").join("mine").exists());
        fs::write(&path, "").unwrap();
        let found = |is_new| LastAlive::read(dir.path(), LOG, is_new).unwrap();
        assert_eq!(found(true), LastAlive::New);
        assert_eq!(found(false), LastAlive::Unknown(NOTHING_NOTED));
        Heartbeat::open(dir.path(), LOG, BOOT).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [0; FILE_BYTES]);
        for damage in [&b"alive"[..], &[1; FILE_BYTES], &[0xff; FILE_BYTES + 1]] {
            fs::write(&path, damage).unwrap();
            assert!(matches!(
                read(dir.path(), LOG).unwrap(),
                HeartbeatFile::Useless("is damaged")
            ));
            let mut heartbeat = Heartbeat::open(dir.path(), LOG, BOOT).unwrap();
            heartbeat.last_beat(reading(20), head(5));
            assert_eq!(seen(dir.path()), Some((20, 5)));
        }
    }
}
