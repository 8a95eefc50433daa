//! The commands that a stream has accepted, so that none takes effect twice.

use std::collections::BTreeMap;

use events_schema::{CommandId, Header, Sha256};

/// Commands up to which room is made for one more at a time. Most cases have few, and many have one.
const COMMANDS_OF_MOST: usize = 4;

/// Commands among which one is looked for from the first to the last. Nearly no case has more.
const LOOKED_THROUGH_MAX: usize = 64;

/// A command that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenCommand {
    /// What its sender called it.
    pub id: CommandId,
    /// What it said.
    pub hash: Sha256,
    /// The position of its first event.
    pub first: u64,
    /// The position of its last event.
    pub last: u64,
    /// The revision of the stream after it.
    pub revision: u64,
}

/// Commands in the order in which they were accepted.
#[derive(Debug, Clone, Default)]
pub struct SeenCommands {
    in_order: Vec<SeenCommand>,
    /// Where each is, once there are many: a party may send any number of them about one case.
    #[expect(
        clippy::box_collection,
        reason = "nearly no case has it, and each has room for it"
    )]
    places: Option<Box<BTreeMap<CommandId, usize>>>,
}

impl SeenCommands {
    /// All of them.
    pub fn all(&self) -> &[SeenCommand] {
        &self.in_order
    }

    /// The command of this id.
    pub fn get(&self, id: &CommandId) -> Option<&SeenCommand> {
        match &self.places {
            Some(places) => self.in_order.get(*places.get(id)?),
            None => self.in_order.iter().find(|command| command.id == *id),
        }
    }

    /// What they take, in bytes, in round numbers.
    pub fn bytes(&self) -> usize {
        const ID_BYTES: usize = 32;
        let place = self.places.as_ref().map_or(0, |_| 2 * ID_BYTES);
        self.in_order.len() * (size_of::<SeenCommand>() + ID_BYTES + place)
    }

    /// Notes the command of the first event of a commit, and how far the commit goes.
    pub(crate) fn note(&mut self, header: &Header) {
        let Some(id) = &header.command_id else { return };
        if let Some(hash) = header.command_hash {
            self.push(SeenCommand {
                id: id.clone(),
                hash,
                first: header.position,
                last: header.position,
                revision: header.revision,
            });
        } else if let Some(last) = self.in_order.last_mut()
            && last.id == *id
        {
            last.last = header.position;
            last.revision = header.revision;
        }
    }

    fn push(&mut self, command: SeenCommand) {
        if self.in_order.len() < COMMANDS_OF_MOST {
            self.in_order.reserve_exact(1);
        }
        if let Some(places) = &mut self.places {
            places.insert(command.id.clone(), self.in_order.len());
        }
        self.in_order.push(command);
        if self.places.is_none() && self.in_order.len() > LOOKED_THROUGH_MAX {
            let ids = self.in_order.iter().map(|command| command.id.clone());
            self.places = Some(Box::new(ids.zip(0..).collect()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commands `c-0` and so on, each of them an event at the position of its number.
    fn of_so_many(commands: u64) -> SeenCommands {
        let mut seen = SeenCommands::default();
        for number in 0..commands {
            seen.push(SeenCommand {
                id: format!("c-{number}").parse().unwrap(),
                hash: Sha256::of(b"a command"),
                first: number,
                last: number,
                revision: number + 1,
            });
        }
        seen
    }

    #[test]
    fn a_command_is_found_by_its_id_however_many_there_are() {
        for all in [3, LOOKED_THROUGH_MAX as u64, 10_000] {
            let seen = of_so_many(all);
            assert_eq!(seen.all().len() as u64, all);
            for number in [0, 1, all - 1] {
                let found = seen.get(&format!("c-{number}").parse().unwrap());
                assert_eq!(found.map(|command| command.first), Some(number));
            }
            assert_eq!(seen.get(&"c-10000".parse().unwrap()), None);
        }
        assert!(of_so_many(3).places.is_none());
        assert!(of_so_many(10_000).places.is_some());
    }
}
