//! The examples of events: the header as an object, and the data as it is stored but for the blanks.

use std::collections::BTreeSet;

use events_schema::{CommandName, EVENT_TYPES, Event, Header, Sha256, read_personal};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{commands, files};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    header: Value,
    data: Box<RawValue>,
}

/// An example as it would be stored.
struct Stored {
    name: String,
    header: Header,
    header_bytes: Vec<u8>,
    data: String,
}

fn stored() -> Vec<Stored> {
    files::names("examples/events")
        .into_iter()
        .map(|name| {
            let text = files::text(&format!("examples/events/{name}.json"));
            let Example { header, data } =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let header_bytes = serde_json_canonicalizer::to_vec(&header).unwrap();
            let header =
                Header::from_bytes(&header_bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            let data = files::compact(data.get());
            Stored {
                name,
                header,
                header_bytes,
                data,
            }
        })
        .collect()
}

fn read(stored: &Stored) -> Event {
    Event::read(stored.header.event_type, stored.data.as_bytes())
        .unwrap_or_else(|error| panic!("{}: {error}", stored.name))
}

#[test]
fn each_event_type_has_one_example() {
    let types: Vec<_> = stored().iter().map(|s| s.header.event_type).collect();
    assert_eq!(types.len(), EVENT_TYPES.len());
    assert_eq!(
        BTreeSet::from_iter(types),
        EVENT_TYPES.iter().copied().collect()
    );
}

#[test]
fn an_example_is_called_what_its_event_is_called() {
    for stored in stored() {
        // `Case(Notice(WarningIssued(WarningIssued { ...`
        let event = format!("{:?}", read(&stored));
        let (name, _) = event.split_once(' ').unwrap();
        assert_eq!(stored.name, name.rsplit('(').next().unwrap());
    }
}

#[test]
fn each_header_is_written_as_it_is_read() {
    for stored in stored() {
        assert_eq!(
            String::from_utf8(stored.header.to_bytes()).unwrap(),
            String::from_utf8(stored.header_bytes).unwrap(),
            "{}",
            stored.name
        );
    }
}

#[test]
fn each_payload_is_written_as_it_is_read() {
    for stored in stored() {
        let event = read(&stored);
        let data = stored.data.as_bytes();
        let personal = read_personal(stored.header.event_type, data).unwrap();
        let written = String::from_utf8(event.write(&personal)).unwrap();
        assert_eq!(written, stored.data, "{}", stored.name);
    }
}

#[test]
fn each_datahash_is_that_of_the_stored_data() {
    for stored in stored() {
        assert_eq!(
            stored.header.data_hash,
            Sha256::of(stored.data.as_bytes()),
            "{}",
            stored.name
        );
    }
}

#[test]
fn no_position_is_taken_twice_and_each_event_follows_its_predecessor() {
    let mut taken = BTreeSet::new();
    for Stored { name, header, .. } in stored() {
        assert!(
            taken.insert((header.log_id.clone(), header.position)),
            "{name}: position {} is taken",
            header.position
        );
        assert_eq!(header.previous.is_none(), header.revision == 1, "{name}");
        for earlier in [header.previous, header.causation].into_iter().flatten() {
            assert!(earlier < header.position, "{name}");
        }
    }
}

/// The event whose facts hold the command, for the commands that other teams send.
fn recorded_as(name: CommandName) -> Option<&'static str> {
    match name {
        CommandName::IssueWarning => Some("WarningIssued"),
        CommandName::IssuePenalty => Some("PenaltyIssued"),
        CommandName::WithdrawNotice => Some("NoticeWithdrawn"),
        CommandName::RecordCodeReview => Some("CodeReviewRecorded"),
        CommandName::VerifyRectification => Some("RectificationVerified"),
        CommandName::Rectify => Some("RectificationDeclared"),
        CommandName::SubmitAppeal => Some("AppealSubmitted"),
        CommandName::AmendAppeal => Some("AppealAmended"),
        CommandName::WithdrawAppeal => Some("AppealWithdrawn"),
        CommandName::ClaimAppeal => Some("AppealClaimed"),
        CommandName::UnclaimAppeal => Some("AppealUnclaimed"),
        CommandName::Decide => Some("AppealRuled"),
        CommandName::AdoptRulebook => Some("RulebookAdopted"),
        CommandName::PublishCalendar => Some("CalendarPublished"),
        CommandName::ReleaseDeadlines => Some("DeadlinesReleased"),
        CommandName::ReachDeadline | CommandName::ReviseDeadline => None,
    }
}

#[test]
fn the_first_event_of_a_command_holds_everything_that_it_said() {
    for &name in CommandName::ALL {
        let Some(event) = recorded_as(name) else {
            continue;
        };
        let body = files::json(&format!("examples/commands/{name}.json"));
        let example = files::json(&format!("examples/events/{event}.json"));
        let data = &example["data"];
        assert_eq!(data["facts"]["command"], body["facts"], "{name}");
        assert_eq!(data.get("personal"), body.get("personal"), "{name}");
        let header = &example["header"];
        assert_eq!(
            header["actor"],
            commands::sender(name).to_string(),
            "{name}"
        );
        let hash = commands::parsed(name).hash.to_string();
        assert_eq!(header["commandhash"], hash, "{name}");
    }
}

#[test]
fn unknown_fields_of_an_event_are_passed_over() {
    for stored in stored() {
        let newer = stored.data.replacen(
            "{\"facts\":{",
            "{\"since_v9\":1,\"facts\":{\"since_v9\":{\"a\":[]},",
            1,
        );
        let newer = newer.replace(",}", "}");
        let event = Event::read(stored.header.event_type, newer.as_bytes());
        assert_eq!(event, Ok(read(&stored)), "{}", stored.name);
    }
}
