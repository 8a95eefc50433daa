//! Taking in a commit that was decided elsewhere: by the leader whose log this one follows. Nothing is decided here.

use event_log::{Commit, commit_hash, leaf_hash};
use events_schema::{Personal, Sha256, read_personal};

use super::Processor;
use crate::{Error, Recorded, Stored};

impl Processor {
    /// Writes the next commit of a log that another processor leads, durably, and takes it into memory. Gives its events,
    /// in order.
    ///
    /// The hash is that of the leader for this commit. It covers all history before it, so a commit is taken only where
    /// both logs are the same up to it, byte for byte.
    ///
    /// # Errors
    /// [`Error::NotNext`] where it is not the next commit of the same history, or its bytes are not what its headers say;
    /// nothing is written then. Whatever keeps the log from being written or read, after which the process must stop.
    pub fn adopt(&mut self, commit: Commit, hash: Sha256) -> Result<Vec<Stored>, Error> {
        let head = self.log.head();
        let first = head.next_position;
        let not_next = |problem: String| Error::NotNext {
            position: first,
            problem,
        };
        if self.has_uncommitted() {
            let problem = "something was decided here that is not written yet";
            return Err(not_next(problem.to_owned()));
        }
        let leaves: Vec<_> = commit
            .records
            .iter()
            .map(|it| leaf_hash(&it.header))
            .collect();
        let found = Sha256(commit_hash(&head.last_commit_hash, first, &leaves));
        if found != hash {
            return Err(not_next(format!(
                "its hash is {found} here, and {hash} is said"
            )));
        }
        let events = (first..).zip(&commit.records).map(|(position, record)| {
            let recorded = Recorded::read(position, &record.header, &record.data)?;
            // The hash of the commit covers headers, and each header the data.
            if recorded.header.data_hash != Sha256::of(&record.data) {
                let problem = format!("the data of event {position} is not what its header says");
                return Err(not_next(problem));
            }
            let personal = read_personal(recorded.header.event_type, &record.data);
            Ok((recorded, personal.unwrap_or_else(|_| Personal::none())))
        });
        let events = events.collect::<Result<Vec<_>, Error>>()?;
        self.log.append(std::slice::from_ref(&commit))?;
        for (Recorded { header, event }, _) in &events {
            self.memory.apply(header, event, &self.reader)?;
        }
        self.group.next_position = self.log.head().next_position;
        self.memory.forget_closed();
        let stored = events.into_iter().zip(commit.records);
        Ok(stored
            .map(|((recorded, personal), bytes)| Stored {
                recorded,
                personal,
                bytes,
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use event_log::{EventLog, LogId, LogReader, OwnedRecord};
    use events_schema::{AdoptRulebook, Command};
    use test_support::{
        DEV7, PLATFORM, ROOT, appeal, day, label, penalty, publication, rulebook, warning,
        withdraw_appeal,
    };

    use super::*;
    use crate::{Answer, testing::submission};

    fn leader(dir: &Path) -> Processor {
        let (mut processor, _) =
            Processor::open(dir, &label("tests"), day(0), &mut |_, _| {}).unwrap();
        let adopt = AdoptRulebook {
            toml: rulebook().toml(),
        };
        let calendar = Command::PublishCalendar(publication("utc"));
        for (sender, id, command) in [
            (ROOT, "c", calendar),
            (ROOT, "r", Command::AdoptRulebook(adopt)),
            (PLATFORM, "w", warning().into()),
            (
                PLATFORM,
                "p",
                penalty().with_case("C2").with_location("elsewhere").into(),
            ),
            (DEV7, "a", appeal("A1", "W1").into()),
            (DEV7, "again", appeal("A2", "W1").into()),
        ] {
            let sent = submission(sender, id, command);
            processor.take(&sent, day(1), day(1)).unwrap();
        }
        processor.commit().unwrap();
        processor.fire_due(day(90), day(90), usize::MAX).unwrap();
        processor.commit().unwrap();
        processor
    }

    /// A log of the same identity that has no event yet.
    fn follower(dir: &Path, log_id: LogId) -> Processor {
        drop(EventLog::create(dir, log_id).unwrap());
        Processor::open_existing(dir).unwrap().0
    }

    /// Every commit of a log with its hash.
    fn commits(reader: &LogReader) -> Vec<(Commit, Sha256)> {
        let (mut commits, mut position) = (Vec::new(), 0);
        while let Some(place) = reader.commit_of(position).unwrap() {
            let end = place.first_position + place.records;
            let records = reader.range(position, end).map(|record| {
                let record = record.unwrap();
                OwnedRecord {
                    header: record.header().into(),
                    data: record.data().into(),
                }
            });
            let commit = Commit {
                records: records.collect(),
            };
            commits.push((commit, Sha256(place.hash)));
            position = end;
        }
        commits
    }

    #[test]
    fn a_follower_has_the_same_log_and_answers_the_same() {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let mut leader = leader(dirs[0].path());
        let mut follower = follower(dirs[1].path(), leader.reader().log_id());
        for (commit, hash) in commits(&leader.reader()) {
            let number = commit.records.len();
            assert_eq!(follower.adopt(commit, hash).unwrap().len(), number);
        }
        assert_eq!(follower.head(), leader.head());
        assert_eq!(follower.memory().heads, leader.memory().heads);
        assert_eq!(follower.memory().lasting, leader.memory().lasting);
        assert_eq!(follower.next_due(), leader.next_due());
        // It could take over at once.
        for (sender, id, command) in [
            (DEV7, "a", Command::from(appeal("A1", "W1"))),
            (DEV7, "next", withdraw_appeal("A1")),
        ] {
            let sent = submission(sender, id, command);
            let answers =
                [&mut leader, &mut follower].map(|it| it.take(&sent, day(91), day(91)).unwrap());
            assert!(matches!(answers[0], Answer::Accepted(_)), "{answers:?}");
            assert_eq!(answers[0], answers[1]);
        }
        let stored = [&mut leader, &mut follower].map(|it| it.commit().unwrap().len());
        assert_eq!(stored[0], stored[1]);
        assert_eq!(follower.head(), leader.head());
    }

    #[test]
    fn what_is_not_the_next_commit_of_the_same_history_is_not_taken() {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let leader = leader(dirs[0].path());
        let mut follower = follower(dirs[1].path(), leader.reader().log_id());
        let commits = commits(&leader.reader());
        let [first, second, third, ..] = commits.as_slice() else {
            panic!("{} commits", commits.len());
        };
        follower.adopt(first.0.clone(), first.1).unwrap();
        let head = follower.head();
        let mut other_data = second.0.clone();
        other_data.records[0].data.push(b' ');
        let mut other_header = second.0.clone();
        other_header.records[0].header.push(b' ');
        for (commit, hash, says) in [
            (third.0.clone(), third.1, "its hash is"),
            (first.0.clone(), first.1, "its hash is"),
            (second.0.clone(), third.1, "its hash is"),
            (other_header, second.1, "its hash is"),
            (other_data, second.1, "is not what its header says"),
        ] {
            let refused = follower.adopt(commit, hash).unwrap_err().to_string();
            assert!(refused.contains(says), "{refused}");
            assert_eq!(follower.head(), head);
        }
        follower.adopt(second.0.clone(), second.1).unwrap();
        // What is decided here meanwhile is no part of the leader's history.
        let sent = submission(ROOT, "own", Command::PublishCalendar(publication("cn")));
        follower.take(&sent, day(1), day(1)).unwrap();
        let refused = follower.adopt(third.0.clone(), third.1).unwrap_err();
        assert!(refused.to_string().contains("not written yet"), "{refused}");
    }
}
