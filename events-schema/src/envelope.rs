//! The envelope: a `CloudEvents` 1.0 header, stored as RFC 8785 canonical JSON.
//!
//! The header holds everything but the data, and the digest of the stored data bytes. Its bytes are what
//! the log hashes, so a payload can be erased and every proof still holds, and any JCS library makes
//! the same bytes again.

use std::{fmt, str::FromStr};

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
    /// Its number among the events of the stream, counted from 1: `revision`.
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
    /// Read by hand, as they are written: a header is read for every event of a replay, and the general reader took
    /// longer than folding the event. Members that are unknown are passed over, since a newer version may add some.
    ///
    /// # Errors
    /// When they are not canonical, lack a member, or name an event type that this version does not know.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidHeader> {
        let mut read = Read::default();
        for member in members(bytes)? {
            let (name, value) = member?;
            read.take(name, value)
                .map_err(|problem| InvalidHeader::new(format_args!("{name}: {problem}")))?;
        }
        read.finish()
    }
}

/// What was read of a header so far.
#[derive(Default)]
struct Read {
    account: Option<AccountId>,
    actor: Option<Actor>,
    causation: Option<u64>,
    command_hash: Option<Sha256>,
    command_id: Option<CommandId>,
    correlation_id: Option<CorrelationId>,
    data_hash: Option<Sha256>,
    position: Option<u64>,
    previous: Option<u64>,
    received: Option<Instant>,
    revision: Option<u64>,
    rulebook: Option<RulebookVersion>,
    log_id: Option<Box<str>>,
    specified: bool,
    stream: Option<Stream>,
    time: Option<Instant>,
    event_type: Option<&'static str>,
}

impl Read {
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "account" => self.account = Some(parse(value)?),
            "actor" => self.actor = Some(parse(value)?),
            "causationid" => self.causation = Some(number(value)?),
            "commandhash" => self.command_hash = Some(parse(value)?),
            "commandid" => self.command_id = Some(CommandId::recorded(value)),
            "correlationid" => self.correlation_id = Some(parse(value)?),
            "datahash" => self.data_hash = Some(parse(value)?),
            "id" => self.position = Some(number(value)?),
            "previous" => self.previous = Some(number(value)?),
            "receivedtime" => self.received = Some(stored_time(value)?),
            "revision" => self.revision = Some(number(value)?),
            "rulebook" => self.rulebook = Some(parse(value)?),
            "source" => {
                let log_id = value
                    .strip_prefix("/redress/")
                    .ok_or_else(|| format!("`{value}` is no source of ours"))?;
                self.log_id = Some(log_id.into());
            }
            "specversion" if value == "1.0" => self.specified = true,
            "specversion" => return Err(format!("is `{value}` and not 1.0")),
            "subject" => self.stream = Some(parse(value)?),
            "time" => self.time = Some(stored_time(value)?),
            "type" => {
                let known = crate::events::known_type(value)
                    .ok_or_else(|| format!("`{value}` is unknown to this version"))?;
                self.event_type = Some(known);
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Header, InvalidHeader> {
        fn needed<T>(value: Option<T>, name: &str) -> Result<T, InvalidHeader> {
            value.ok_or_else(|| InvalidHeader::new(format_args!("{name}: is missing")))
        }
        needed(self.specified.then_some(()), "specversion")?;
        Ok(Header {
            position: needed(self.position, "id")?,
            log_id: needed(self.log_id, "source")?,
            event_type: needed(self.event_type, "type")?,
            stream: needed(self.stream, "subject")?,
            time: needed(self.time, "time")?,
            revision: needed(self.revision, "revision")?,
            previous: self.previous,
            account: self.account,
            command_id: self.command_id,
            command_hash: self.command_hash,
            correlation_id: self.correlation_id,
            causation: self.causation,
            actor: needed(self.actor, "actor")?,
            received: self.received,
            rulebook: self.rulebook,
            data_hash: needed(self.data_hash, "datahash")?,
        })
    }
}

fn parse<T: FromStr<Err: fmt::Display>>(value: &str) -> Result<T, String> {
    value.parse().map_err(|error: T::Err| error.to_string())
}

fn stored_time(value: &str) -> Result<Instant, String> {
    Instant::read_stored(value).map_err(|error| error.to_string())
}

/// A whole number in decimal, as it is written: no sign and no leading zero.
fn number(value: &str) -> Result<u64, String> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let leading = value.len() > 1 && value.starts_with('0');
    value
        .parse()
        .ok()
        .filter(|_| digits && !leading)
        .ok_or_else(|| format!("`{value}` is no whole number"))
}

/// The members of a canonical object whose values are texts without escapes, in their order.
fn members(
    bytes: &[u8],
) -> Result<impl Iterator<Item = Result<(&str, &str), InvalidHeader>>, InvalidHeader> {
    let not_canonical = || InvalidHeader::new("is not canonical JSON of plain texts");
    let mut rest = str::from_utf8(bytes)
        .ok()
        .and_then(|text| text.strip_prefix('{')?.strip_suffix('}'))
        .ok_or_else(not_canonical)?;
    let mut before = "";
    let mut ended = false;
    Ok(std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let member = member(rest).filter(|(name, ..)| *name > before);
        let Some((name, value, after)) = member else {
            ended = true;
            return Some(Err(not_canonical()));
        };
        before = name;
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None => ended = true,
        }
        if ended && !after.is_empty() {
            return Some(Err(not_canonical()));
        }
        Some(Ok((name, value)))
    }))
}

/// The first member of a text, and what comes after it.
fn member(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.strip_prefix('"')?.split_once('"')?;
    let (value, rest) = rest.strip_prefix(":\"")?.split_once('"')?;
    let plain = |text: &str| text.bytes().all(|byte| byte >= b' ' && byte != b'\\');
    (plain(name) && plain(value)).then_some((name, value, rest))
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

    #[test]
    fn times_of_the_year_0000_that_earlier_versions_stored_are_read() {
        let stored = String::from_utf8(full().to_bytes()).unwrap();
        for (name, at) in [
            ("time", full().time),
            ("receivedtime", full().received.unwrap()),
        ] {
            let [now, then] = [at.to_string(), "0000-02-29T23:59:59.999999Z".to_owned()]
                .map(|it| format!("\"{name}\":\"{it}\""));
            assert!(stored.contains(&now), "{now}");
            let bytes = stored.replace(&now, &then).into_bytes();
            let header = Header::from_bytes(&bytes).unwrap();
            assert_eq!(header.to_bytes(), bytes, "{name}");
        }
    }

    #[test]
    fn what_is_not_as_it_was_written_is_no_header() {
        let stored = String::from_utf8(full().to_bytes()).unwrap();
        let read = |text: &str| Header::from_bytes(text.as_bytes());
        assert_eq!(read(&stored).unwrap(), full());
        let newer = stored.replace("\"time\"", "\"tenant\":\"t1\",\"time\"");
        assert_eq!(read(&newer).unwrap(), full(), "a member of a newer version");
        for (from, to, problem) in [
            (
                "\"id\":\"41\"",
                "\"id\":\"+41\"",
                "id: `+41` is no whole number",
            ),
            (
                "\"id\":\"41\"",
                "\"id\":\"041\"",
                "id: `041` is no whole number",
            ),
            ("\"id\":\"41\"", "\"id\":41", "not canonical"),
            ("\"id\":\"41\",", "", "id: is missing"),
            ("\"1.0\"", "\"1.1\"", "specversion: is `1.1` and not 1.0"),
            ("{\"account", "{ \"account", "not canonical"),
            ("\"dev7\"", "\"dev\\u0037\"", "not canonical"),
            (
                "appeal.submitted.v1\"}",
                "appeal.submitted.v9\"}",
                "type: `redress.appeal.submitted.v9`",
            ),
            ("submitted.v1\"}", "submitted.v1\",}", "not canonical"),
            ("submitted.v1\"}", "submitted.v1\"}}", "not canonical"),
            (
                "\"account\":\"dev7\",",
                "\"account\":\"dev7\",\"account\":\"dev7\",",
                "not canonical",
            ),
        ] {
            assert!(stored.contains(from), "{from}");
            let error = read(&stored.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(problem), "{from} -> {to}: {error}");
        }
        assert!(read("{}").is_err());
        assert!(read("").is_err());
    }
}
