//! Events with their headers, to and from the bytes of the log.

use event_log::OwnedRecord;
use events_schema::{Event, Header, Personal, Sha256};

use crate::Error;

/// An event that is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Where, when, by whom.
    pub header: Header,
    /// What happened.
    pub event: Event,
}

/// An event that has just become durable, with the bytes that were stored and what is personal in them.
#[derive(Debug)]
pub struct Stored {
    /// The event.
    pub recorded: Recorded,
    /// Its free text.
    pub personal: Personal,
    /// The canonical header and the data, as they are in the log.
    pub bytes: OwnedRecord,
}

impl Recorded {
    /// Reads what is stored at a position.
    ///
    /// # Errors
    /// When the bytes are not an event that this version knows.
    pub fn read(position: u64, header: &[u8], data: &[u8]) -> Result<Self, Error> {
        let unreadable = |problem: String| Error::Unreadable { position, problem };
        let header = Header::from_bytes(header).map_err(|error| unreadable(error.to_string()))?;
        if header.position != position {
            return Err(unreadable(format!("its id is {}", header.position)));
        }
        let event =
            Event::read(header.event_type, data).map_err(|error| unreadable(error.to_string()))?;
        Ok(Self { header, event })
    }
}

/// The bytes to be stored; fills in the digest of the data.
pub(crate) fn to_record(header: &mut Header, event: &Event, personal: &Personal) -> OwnedRecord {
    let data = event.write(personal);
    header.data_hash = Sha256::of(&data);
    OwnedRecord {
        header: header.to_bytes(),
        data,
    }
}
