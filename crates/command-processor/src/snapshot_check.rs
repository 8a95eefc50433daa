//! Whether the snapshot of the caches is what the log says.
//!
//! A start takes a snapshot at its word about where the events are that matter: one that keeps some of them back is
//! decided on as if they had never been. Its digest says that it is as it was written, and anybody can write one. So
//! whoever verifies folds the same from the first event on, and compares.

use std::path::Path;

use event_log::LogReader;

use crate::{
    Contradiction, Error, Recorded,
    memory::Memory,
    snapshot::{self, Loaded, Snapshot},
};

/// Events after which closed cases leave memory.
const FORGET_EVERY: u64 = 10_000;

/// Folds what a snapshot should hold beside it.
pub struct SnapshotCheck {
    loaded: Loaded,
    memory: Memory,
}

impl SnapshotCheck {
    /// Of the snapshot beside a log, if there is one. Where the log cannot be read it is not compared, and what is
    /// wrong with the log is for others to say.
    pub fn of(dir: &Path, reader: &LogReader) -> Self {
        let loaded = snapshot::read(dir, reader);
        Self {
            loaded: loaded.unwrap_or_else(|error| Loaded::Refused(error.to_string())),
            memory: Memory::default(),
        }
    }

    /// Takes in the next event of the log, from the first one on.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn take_in(&mut self, recorded: &Recorded, reader: &LogReader) -> Result<(), Error> {
        let position = recorded.header.position;
        if let Loaded::Snapshot(snapshot) = &self.loaded
            && position < snapshot.next_position
        {
            self.memory
                .apply(&recorded.header, &recorded.event, reader)?;
            if position.is_multiple_of(FORGET_EVERY) {
                self.memory.forget_closed();
            }
        }
        Ok(())
    }

    /// What is to be said of a snapshot that a start leaves out, with which nothing can be compared: it costs time
    /// only.
    pub fn finding(&self) -> Option<String> {
        match &self.loaded {
            Loaded::Refused(why) => Some(format!(
                "{} was not compared: {why}. A start leaves it out, folds the whole log and makes it again; where nobody \
                 changed the version or copied the folder, look at the disk",
                snapshot::SNAPSHOT_FILE
            )),
            Loaded::None | Loaded::Contradicts(_) | Loaded::Snapshot(_) => None,
        }
    }

    /// How the snapshot shows that the log had other events once, if it does.
    pub fn contradiction(&self) -> Option<&Contradiction> {
        match &self.loaded {
            Loaded::Contradicts(how) => Some(how),
            Loaded::None | Loaded::Refused(_) | Loaded::Snapshot(_) => None,
        }
    }

    /// Whether there is a snapshot that a start would take.
    pub fn is_taken(&self) -> bool {
        matches!(self.loaded, Loaded::Snapshot(_))
    }

    /// What is wrong with a snapshot that a start would take, once every event is taken in.
    pub fn problem(self) -> Option<String> {
        let Self { loaded, memory } = self;
        let Loaded::Snapshot(snapshot) = loaded else {
            return None;
        };
        let differing = differing(&snapshot, &memory);
        (!differing.is_empty()).then(|| {
            format!(
                "{} is not what the log says up to position {}, in {}: a service that starts from it decides on what never \
                 was. Delete the file, it is made again from the log, and look at what was decided since it was written",
                snapshot::SNAPSHOT_FILE,
                snapshot.next_position,
                differing.join(", ")
            )
        })
    }
}

/// The sections of a snapshot that are not what the fold from zero comes to.
fn differing(snapshot: &Snapshot, memory: &Memory) -> Vec<&'static str> {
    let accounts = &snapshot.cases_of_accounts;
    let same_accounts = accounts.len() == memory.cases_of_accounts.len()
        && accounts
            .iter()
            .all(|(account, cases)| memory.cases_of_accounts.get(account) == Some(cases));
    let sections = [
        (
            "the time of the last event",
            Some(snapshot.last_time) == memory.platform.last_time(),
        ),
        ("the ends of the streams", snapshot.heads == memory.heads),
        (
            "the events that matter for ever",
            snapshot.lasting == memory.lasting,
        ),
        (
            "the open cases",
            snapshot.open == memory.events_of_cases_in_memory(),
        ),
        ("the cases of the accounts", same_accounts),
    ];
    let differing = sections.into_iter().filter(|(_, same)| !same);
    differing.map(|(section, _)| section).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use event_log::EventLog;
    use events_schema::{AdoptRulebook, Command, Instant};
    use sha2::{Digest as _, Sha256};
    use test_support::{PLATFORM, ROOT, day, label, penalty, publication, rulebook, warning};

    use super::*;
    use crate::{Processor, testing::accept};

    /// The check of the snapshot in a folder, with the log taken in up to a position.
    fn folded(dir: &Path, to: u64) -> SnapshotCheck {
        let (log, _) = EventLog::open(dir).unwrap();
        let reader = log.reader();
        let mut check = SnapshotCheck::of(dir, &reader);
        for record in reader.range(0, to) {
            let record = record.unwrap();
            let recorded =
                Recorded::read(record.position(), record.header(), record.data()).unwrap();
            check.take_in(&recorded, &reader).unwrap();
        }
        check
    }

    fn problem(dir: &Path) -> Option<String> {
        folded(dir, u64::MAX).problem()
    }

    #[test]
    fn a_snapshot_that_keeps_something_back_is_not_what_the_log_says() {
        let dir = tempfile::tempdir().unwrap();
        let (mut processor, _) =
            Processor::open(dir.path(), &label("tests"), day(0), &mut |_, _| {}).unwrap();
        let adopt = AdoptRulebook {
            toml: rulebook().toml(),
        };
        let calendar = Command::PublishCalendar(publication("utc"));
        accept(&mut processor, (ROOT, "c"), calendar, day(1));
        accept(
            &mut processor,
            (ROOT, "r"),
            Command::AdoptRulebook(adopt),
            day(1),
        );
        accept(&mut processor, (PLATFORM, "w"), warning(), day(1));
        let other = penalty().with_case("C2").with_location("elsewhere");
        accept(&mut processor, (PLATFORM, "p"), other, day(1));
        let (log_id, head) = (processor.reader().log_id(), processor.head());
        snapshot::write(&processor);
        // The log goes on behind its snapshot.
        let later = warning().with_case("C3").with_location("later");
        accept(&mut processor, (PLATFORM, "w"), later, day(1));
        drop(processor);
        assert_eq!(problem(dir.path()), None);

        let path = dir.path().join(snapshot::SNAPSHOT_FILE);
        for (section, forge) in FORGERIES {
            let mut forged = folded(dir.path(), head.next_position).memory;
            let mut last_time = forged.platform.last_time();
            forge(&mut forged, &mut last_time);
            let bytes = snapshot::encode(log_id, head, last_time.unwrap(), &forged);
            fs::write(&path, bytes).unwrap();
            let said = problem(dir.path()).expect(section);
            assert!(said.contains(section), "{said}");
        }
    }

    #[test]
    fn a_snapshot_that_a_start_leaves_out_is_a_finding_and_no_problem() {
        let dir = tempfile::tempdir().unwrap();
        let (processor, _) =
            Processor::open(dir.path(), &label("tests"), day(0), &mut |_, _| {}).unwrap();
        snapshot::write(&processor);
        drop(processor);
        let path = dir.path().join(snapshot::SNAPSHOT_FILE);
        let good = fs::read(&path).unwrap();
        let said = || {
            let check = folded(dir.path(), u64::MAX);
            let finding = check.finding();
            assert_eq!(check.contradiction(), None);
            assert_eq!(check.problem(), None);
            finding
        };
        assert_eq!(said(), None);
        let sealed = |mut content: Vec<u8>| {
            content.truncate(good.len() - 32);
            let digest = Sha256::digest(&content);
            [content, digest.to_vec()].concat()
        };
        let flipped = |at: usize| {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            bytes
        };
        for (bytes, why) in [
            (flipped(good.len() / 2), "damaged"),
            (flipped(good.len() - 1), "damaged"),
            (good[..good.len() - 1].to_vec(), "damaged"),
            (Vec::new(), "damaged"),
            (sealed(flipped(11)), "of another version"),
            (sealed(flipped(12)), "of another log"),
        ] {
            fs::write(&path, bytes).unwrap();
            let said = said().expect(why);
            assert!(
                said.contains(snapshot::SNAPSHOT_FILE) && said.contains(why),
                "{said}"
            );
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(said(), None);
    }

    type Forge = fn(&mut Memory, &mut Option<Instant>);

    const FORGERIES: [(&str, Forge); 5] = [
        ("the ends of the streams", |it, _| it.heads.clear()),
        ("the events that matter for ever", |it, _| {
            it.lasting.pop();
        }),
        ("the cases of the accounts", |it, _| {
            it.cases_of_accounts.clear();
        }),
        ("the time of the last event", |_, last_time| {
            *last_time = Some(day(2));
        }),
        ("the open cases", |it, _| {
            let all = std::mem::take(it);
            it.heads = all.heads;
            it.lasting = all.lasting;
            it.cases_of_accounts = all.cases_of_accounts;
        }),
    ];
}
