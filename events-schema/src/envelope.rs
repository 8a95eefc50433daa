//! The envelope: a `CloudEvents` 1.0 header, stored as RFC 8785 canonical JSON.
//!
//! The header holds everything but the data, and the digest of the stored data bytes. Its bytes are what
//! the log hashes, so a payload can be erased and every proof still holds, and any JCS library makes
//! the same bytes again.

use serde::Deserialize;

use crate::{AccountId, Actor, CommandId, CorrelationId, Instant, RulebookVersion, Sha256, Stream};

/// Everything about an event but its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The position in the log, dense from 0: `id`.
    pub position: u64,
    /// The identity of the log, 32 hexadecimal digits: `source` is `/redress/` and it.
    pub log_id: Box<str>,
    /// The stable name and version: `type`.
    pub event_type: &'static str,
    /// The thing whose history it belongs to: `subject`.
    pub stream: Stream,
    /// When it was recorded: `time`.
    pub time: Instant,
    /// The how manieth event of the stream it is, counted from 1: `revision`.
    pub revision: u64,
    /// The position of the event of the stream before it, if there is one: `previous`.
    pub previous: Option<u64>,
    /// The account concerned, for events of a case or an account: `account`.
    pub account: Option<AccountId>,
    /// The command that it came from: `commandid`.
    pub command_id: Option<CommandId>,
    /// The content of that command; on the first event of a commit only: `commandhash`.
    pub command_hash: Option<Sha256>,
    /// What the caller tied it to: `correlationid`.
    pub correlation_id: Option<CorrelationId>,
    /// The position of the event that set the deadline that caused it: `causationid`.
    pub causation: Option<u64>,
    /// Who acted: `actor`.
    pub actor: Actor,
    /// When the command was received, which decides what was in time; on the first event of a commit
    /// only, and absent where it equals `time`: `receivedtime`.
    pub received: Option<Instant>,
    /// The rulebook under which it was decided: `rulebook`.
    pub rulebook: Option<RulebookVersion>,
    /// SHA-256 of the stored data bytes: `datahash`.
    pub data_hash: Sha256,
}

/// Why stored bytes are no header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the header of an event does not read: {problem}")]
pub struct InvalidHeader {
    problem: String,
}

impl InvalidHeader {
    fn new(problem: impl std::fmt::Display) -> Self {
        Self {
            problem: problem.to_string(),
        }
    }
}

impl Header {
    /// The canonical bytes: members in order, no blanks, numbers as decimal strings.
    ///
    /// Written by hand because every value is an identifier, a number, an instant or a digest, none of
    /// which needs escaping; a test compares it with a JCS library.
    pub fn to_bytes(&self) -> Vec<u8> {
        use std::io::Write as _;

        let mut bytes = Vec::with_capacity(640);
        let mut member = |name: &str, value: std::fmt::Arguments<'_>| {
            bytes.push(if bytes.is_empty() { b'{' } else { b',' });
            // Writing into a vector cannot fail.
            let _ = write!(bytes, "\"{name}\":\"{value}\"");
        };
        if let Some(account) = &self.account {
            member("account", format_args!("{account}"));
        }
        member("actor", format_args!("{}", self.actor));
        if let Some(position) = self.causation {
            member("causationid", format_args!("{position}"));
        }
        if let Some(hash) = self.command_hash {
            member("commandhash", format_args!("{hash}"));
        }
        if let Some(id) = &self.command_id {
            member("commandid", format_args!("{id}"));
        }
        if let Some(id) = &self.correlation_id {
            member("correlationid", format_args!("{id}"));
        }
        member("datahash", format_args!("{}", self.data_hash));
        member("id", format_args!("{}", self.position));
        if let Some(position) = self.previous {
            member("previous", format_args!("{position}"));
        }
        if let Some(received) = self.received {
            member("receivedtime", format_args!("{received}"));
        }
        member("revision", format_args!("{}", self.revision));
        if let Some(version) = &self.rulebook {
            member("rulebook", format_args!("{version}"));
        }
        member("source", format_args!("/redress/{}", self.log_id));
        member("specversion", format_args!("1.0"));
        member("subject", format_args!("{}", self.stream));
        member("time", format_args!("{}", self.time));
        member("type", format_args!("{}", self.event_type));
        bytes.push(b'}');
        bytes
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// When they are not JSON, lack a member, or name an event type that this version does not know.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidHeader> {
        #[derive(Deserialize)]
        struct Stored<'a> {
            account: Option<AccountId>,
            actor: Actor,
            causationid: Option<&'a str>,
            commandhash: Option<Sha256>,
            commandid: Option<&'a str>,
            correlationid: Option<CorrelationId>,
            datahash: Sha256,
            id: &'a str,
            previous: Option<&'a str>,
            receivedtime: Option<Instant>,
            revision: &'a str,
            rulebook: Option<RulebookVersion>,
            source: &'a str,
            specversion: &'a str,
            subject: Stream,
            time: Instant,
            #[serde(rename = "type")]
            event_type: &'a str,
        }

        let number = |text: &str| text.parse::<u64>().map_err(InvalidHeader::new);
        let stored: Stored<'_> = serde_json::from_slice(bytes).map_err(InvalidHeader::new)?;
        if stored.specversion != "1.0" {
            return Err(InvalidHeader::new(format_args!(
                "specversion is `{}` and not 1.0",
                stored.specversion
            )));
        }
        let log_id = stored.source.strip_prefix("/redress/").ok_or_else(|| {
            InvalidHeader::new(format_args!("`{}` is no source of ours", stored.source))
        })?;
        let event_type = crate::events::known_type(stored.event_type).ok_or_else(|| {
            InvalidHeader::new(format_args!(
                "the event type `{}` is unknown to this version",
                stored.event_type
            ))
        })?;
        Ok(Self {
            position: number(stored.id)?,
            log_id: log_id.into(),
            event_type,
            stream: stored.subject,
            time: stored.time,
            revision: number(stored.revision)?,
            previous: stored.previous.map(number).transpose()?,
            account: stored.account,
            command_id: stored.commandid.map(CommandId::recorded),
            command_hash: stored.commandhash,
            correlation_id: stored.correlationid,
            causation: stored.causationid.map(number).transpose()?,
            actor: stored.actor,
            received: stored.receivedtime,
            rulebook: stored.rulebook,
            data_hash: stored.datahash,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Header {
        Header {
            position: 41,
            log_id: "0123456789abcdef0123456789abcdef".into(),
            event_type: "redress.appeal.submitted.v1",
            stream: "case/C1".parse().unwrap(),
            time: "2026-03-02T01:02:03.000004Z".parse().unwrap(),
            revision: 3,
            previous: Some(17),
            account: Some("dev7".parse().unwrap()),
            command_id: Some("cmd-1".parse().unwrap()),
            command_hash: Some(Sha256::of(b"command")),
            correlation_id: Some("exchange-9".parse().unwrap()),
            causation: Some(16),
            actor: "party:dev7".parse().unwrap(),
            received: Some("2026-03-02T01:02:02.999999Z".parse().unwrap()),
            rulebook: Some("guide-1".parse().unwrap()),
            data_hash: Sha256::of(b"data"),
        }
    }

    #[test]
    fn the_header_is_what_a_jcs_library_writes() {
        let mut least = full();
        least.previous = None;
        least.account = None;
        least.command_id = None;
        least.command_hash = None;
        least.correlation_id = None;
        least.causation = None;
        least.received = None;
        least.rulebook = None;
        for header in [full(), least] {
            let bytes = header.to_bytes();
            let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), bytes);
            assert_eq!(Header::from_bytes(&bytes).unwrap(), header);
        }
    }
}
