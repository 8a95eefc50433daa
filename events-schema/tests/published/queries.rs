//! The examples of queries, of their answers, and of what a party is told.

use std::fmt::Debug;

use events_schema::{
    AccountView, Actor, CaseView, DeadlinesView, Header, InboxView, Notification, Query, QueryName,
    Sha256, Status, StoredEvents,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::files;

fn names() -> impl Iterator<Item = String> {
    QueryName::ALL.iter().copied().map(|name| name.to_string())
}

#[test]
fn each_query_and_each_answer_has_one_example() {
    assert_eq!(files::names("examples/queries"), names().collect());
    assert_eq!(files::names("examples/answers"), names().collect());
}

#[test]
fn each_query_is_written_as_it_is_read() {
    let auditor: Actor = "auditor:eve".parse().unwrap();
    for &name in QueryName::ALL {
        let body = files::compact(&files::text(&format!("examples/queries/{name}.json")));
        let query = Query::read(name, &auditor, body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(query.body()).unwrap(), body, "{name}");
    }
}

fn written_as_it_is_read<T: DeserializeOwned + Serialize + Debug>(file: &str) -> T {
    let text = files::compact(&files::text(file));
    let read: T = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text, "{file}");
    let newer = text.replacen('{', "{\"since_v9\":1,", 1);
    assert!(serde_json::from_str::<T>(&newer).is_ok(), "{file}");
    read
}

#[test]
fn each_answer_is_written_as_it_is_read_and_one_with_more_fields_is_read_too() {
    for &name in QueryName::ALL {
        let file = format!("examples/answers/{name}.json");
        match name {
            QueryName::Case => drop(written_as_it_is_read::<CaseView>(&file)),
            QueryName::Account => drop(written_as_it_is_read::<AccountView>(&file)),
            QueryName::Inbox => drop(written_as_it_is_read::<InboxView>(&file)),
            QueryName::Deadlines => drop(written_as_it_is_read::<DeadlinesView>(&file)),
            QueryName::Status => drop(written_as_it_is_read::<Status>(&file)),
            QueryName::Events => {
                let page: StoredEvents = written_as_it_is_read(&file);
                for event in page.events {
                    let header = Header::from_bytes(event.header.as_bytes()).unwrap();
                    assert_eq!(header.data_hash, Sha256::of(event.data.as_bytes()));
                }
            }
        }
    }
    drop(written_as_it_is_read::<Notification>(
        "examples/Notification.json",
    ));
}
