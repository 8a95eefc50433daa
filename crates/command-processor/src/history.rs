//! The history of one stream, found by walking back from its last event.
//!
//! A history has no bound: a party may rectify again for each new release. So its events are never in memory all at once,
//! and whoever asks for one is told how much had to be read for it.

use event_log::LogReader;
use events_schema::Header;

use crate::{Error, Recorded};

/// Bytes of events that are kept while walking back. Nearly every history is shorter; of a longer one the older events
/// are read twice.
const READ_ONCE_BYTES_MAX: usize = 1024 * 1024;

/// The positions of a stream's events from one position on up to the last one, which is at `head`, ascending.
pub(crate) fn positions(from: u64, head: u64, reader: &LogReader) -> Result<Vec<u64>, Error> {
    let mut positions = Vec::new();
    let mut next = Some(head);
    while let Some(position) = next.filter(|it| *it >= from) {
        let header = Header::from_bytes(read(position, reader)?.header());
        let header = header.map_err(|error| unreadable(position, error.to_string()))?;
        next = header.previous;
        positions.push(position);
    }
    positions.reverse();
    Ok(positions)
}

/// Hands out a stream's events from its first to the one at this position. Gives how many bytes they have.
pub(crate) fn for_each(
    head: u64,
    reader: &LogReader,
    mut take: impl FnMut(&Recorded),
) -> Result<usize, Error> {
    let mut bytes = 0;
    let mut newest = Vec::new();
    let mut older = Vec::new();
    let mut next = Some(head);
    while let Some(position) = next {
        if bytes > READ_ONCE_BYTES_MAX {
            older = positions(0, position, reader)?;
            break;
        }
        let record = read(position, reader)?;
        bytes += record.header().len() + record.data().len();
        let recorded = Recorded::read(position, record.header(), record.data())?;
        next = recorded.header.previous;
        newest.push(recorded);
    }
    for record in reader.read_many(older) {
        let record = record?;
        bytes += record.header().len() + record.data().len();
        take(&Recorded::read(
            record.position(),
            record.header(),
            record.data(),
        )?);
    }
    newest.iter().rev().for_each(take);
    Ok(bytes)
}

fn read(position: u64, reader: &LogReader) -> Result<event_log::StoredRecord, Error> {
    reader.read(position)?.ok_or_else(|| {
        let problem = "it is named as the previous event of a stream and is not there";
        unreadable(position, problem.to_owned())
    })
}

const fn unreadable(position: u64, problem: String) -> Error {
    Error::Unreadable { position, problem }
}

#[cfg(test)]
mod tests {
    use events_schema::{CodeReviewState, Stream};
    use test_support::{DEV7, PLATFORM, day, id, mistaken, rectify};

    use super::*;
    use crate::{
        Answer, Page, Processor, Views, snapshot,
        testing::{accept, submission},
        writer::tests::two_warnings,
    };

    /// Rectified again for each of so many releases. Then the notice is withdrawn, and the case is closed.
    fn closed_after(releases: usize, processor: &mut Processor) {
        for number in 0..releases {
            let release = format!("1.{number}");
            let again = rectify("W1").with_release(&release, CodeReviewState::Passed);
            let submission = submission(DEV7, &format!("r-{number}"), again);
            let answer = processor.take(&submission, day(2), day(2)).unwrap();
            assert!(matches!(answer, Answer::Accepted(_)), "{answer:?}");
        }
        accept(processor, (PLATFORM, "w"), mistaken("W1"), day(3));
    }

    #[test]
    fn a_long_history_is_handed_out_whole_and_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let mut processor = two_warnings(dir.path());
        closed_after(2_000, &mut processor);
        let reader = processor.reader();
        let head = processor.memory().head(&Stream::Case(id("C1"))).unwrap();

        let all = positions(0, head.position, &reader).unwrap();
        assert_eq!(all.len() as u64, head.revision);
        let later = positions(all[1_000], head.position, &reader).unwrap();
        assert_eq!(later, all[1_000..]);
        let mut handed_out = Vec::new();
        let bytes = for_each(head.position, &reader, |recorded| {
            handed_out.push(recorded.header.position);
        });
        assert_eq!(handed_out, all);
        assert!(handed_out.is_sorted());
        let stored: Vec<_> = reader.read_many(all).map(Result::unwrap).collect();
        let bytes = bytes.unwrap();
        let sum: usize = stored
            .iter()
            .map(|it| it.header().len() + it.data().len())
            .sum();
        assert_eq!(bytes, sum);
        assert!(sum > READ_ONCE_BYTES_MAX, "{sum}");

        // Whoever asks for the case has all of it read.
        drop((processor, reader));
        let (processor, report) = Processor::open_existing(dir.path()).unwrap();
        let (views, feed, _) = Views::start(&processor, report.views).unwrap();
        let looked = views.case(&id("C1")).unwrap();
        assert_eq!(looked.read_back, bytes);
        assert!(looked.found.unwrap().closed);
        let page = Page {
            cases_max: 10,
            before: None,
        };
        let inbox = views.inbox(&id("dev7"), &page).unwrap();
        assert_eq!(inbox.read_back, bytes);
        drop(views);
        feed.join();
    }

    #[test]
    fn a_long_case_is_never_read_again_after_it_was_closed() {
        let dir = tempfile::tempdir().unwrap();
        let mut processor = two_warnings(dir.path());
        closed_after(100, &mut processor);
        for from_snapshot in [false, true] {
            if from_snapshot {
                snapshot::write(&processor);
            }
            drop(processor);
            let (again, report) = Processor::open_existing(dir.path()).unwrap();
            assert_eq!(report.from_snapshot > 0, from_snapshot);
            processor = again;
            let id = format!("x-{from_snapshot}");
            let refused = submission(DEV7, &id, rectify("W1"));
            let answer = processor.take(&refused, day(4), day(4)).unwrap();
            assert!(matches!(answer, Answer::Refused(_)), "{answer:?}");
            assert_eq!(processor.take_read_back(), 0);
            processor.commit().unwrap();
        }
    }

    #[test]
    fn a_closed_case_is_read_once_however_often_somebody_sends_a_command_about_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut processor = two_warnings(dir.path());
        closed_after(20, &mut processor);
        // A start from it finds open cases alone.
        snapshot::write(&processor);
        drop(processor);
        let (mut processor, _) = Processor::open_existing(dir.path()).unwrap();
        let mut read_back = Vec::new();
        for number in 0..4 {
            let refused = submission(DEV7, &format!("x-{number}"), rectify("W1"));
            processor.take(&refused, day(4), day(4)).unwrap();
            read_back.push(processor.take_read_back());
            processor.commit().unwrap();
        }
        assert!(read_back[0] > 20 * 300, "{read_back:?}");
        assert_eq!(read_back[1..], [0, 0, 0]);
    }
}
