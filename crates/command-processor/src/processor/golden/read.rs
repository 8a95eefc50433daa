//! What the golden history shows: every query by every role, of what is one's own and what is not, page by page; and
//! what its parties are told of each event.

use std::fmt::Write as _;

use events_schema::{Actor, Query, QueryName, Rejection, read_personal};
use projections::{ReadModel, notification};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{Processor, ReadingRoom, Recorded, Views};

const ASKERS: [&str; 6] = [
    "auditor:gold",
    "platform:enforcement",
    "administrator:root",
    "reviewer:ann",
    "party:dev1",
    "party:gold1",
];

/// Queries with their bodies. A case, its account and its pages; the same of another; what there is not; what does not
/// read.
const ASKED: [(&str, &str); 23] = [
    ("Case", r#"{"case":"C1x0"}"#),
    ("Case", r#"{"case":"C3x3"}"#),
    ("Case", r#"{"case":"C2x27"}"#),
    ("Case", r#"{"case":"C4x31"}"#),
    ("Case", r#"{"case":"G1"}"#),
    ("Case", r#"{"case":"none"}"#),
    ("Case", "{}"),
    ("Account", r#"{"account":"dev1"}"#),
    (
        "Account",
        r#"{"account":"dev1","limit":2,"before":"C1x10"}"#,
    ),
    ("Account", r#"{"account":"gold1"}"#),
    ("Account", "{}"),
    ("Inbox", r#"{"account":"dev1","limit":1}"#),
    ("Inbox", r#"{"account":"gold1"}"#),
    ("Inbox", r#"{"account":"dev3","limit":3}"#),
    ("Inbox", ""),
    ("Deadlines", ""),
    ("Deadlines", r#"{"limit":1}"#),
    ("Deadlines", r#"{"case":"C4x31"}"#),
    ("Events", r#"{"from":40,"limit":2}"#),
    ("Events", r#"{"case":"G1","limit":3}"#),
    ("Events", r#"{"case":"G1","from":290}"#),
    ("Events", r#"{"account":"dev1"}"#),
    ("Status", "{}"),
];

/// A line for each asker and query: the answer, or why there is none.
pub(super) fn answers(processor: &Processor, views: ReadModel) -> String {
    for name in QueryName::ALL {
        let asked = ASKED.iter().any(|(asked, _)| *asked == name.as_str());
        assert!(asked, "{} is asked by nobody", name.as_str());
    }
    let (views, ..) = Views::start(processor, views).unwrap();
    let (_, status) = watch::channel(processor.status(processor.last_time().unwrap()));
    let room = ReadingRoom::new(views, status, usize::MAX);
    let head = processor.head().next_position;
    let mut lines = String::new();
    for asker in ASKERS {
        let actor: Actor = asker.parse().unwrap();
        for (name, body) in ASKED {
            let answer = answer(&room, &actor, (name, body), head);
            let line = json!({"as": asker, "query": name, "body": body, "answer": answer});
            writeln!(lines, "{line}").unwrap();
        }
    }
    lines
}

fn answer(room: &ReadingRoom, asker: &Actor, (name, body): (&str, &str), head: u64) -> Value {
    let name = QueryName::parse(name).unwrap();
    let answer = match Query::read(name, asker, body.as_bytes()) {
        Err(malformed) => Err(malformed.into()),
        Ok(query) => room.answer(asker, query, head).unwrap().found,
    };
    answer.map_or_else(
        |rejection: Rejection| json!({"refused": rejection}),
        |view| serde_json::to_value(view).unwrap(),
    )
}

/// A line for each event of which a party is told.
pub(super) fn notifications(processor: &Processor) -> String {
    let mut lines = String::new();
    for record in processor.reader().range(0, processor.head().next_position) {
        let record = record.unwrap();
        let recorded = Recorded::read(record.position(), record.header(), record.data()).unwrap();
        let Recorded { header, event } = &recorded;
        let personal = read_personal(header.event_type, record.data()).unwrap();
        if let Some(told) = notification(header, event, &personal) {
            writeln!(lines, "{}", serde_json::to_string(&told).unwrap()).unwrap();
        }
    }
    lines
}
