//! Thousands of random histories against rule 14: whatever is sent, in whatever order and at whatever
//! time, the invariants hold. `HISTORIES=100000` runs more of them, `FIRST_SEED=17 HISTORIES=1` one again.

mod advice;
mod answered;
mod auditor;
mod author;
mod declared;
mod laddered;
mod raised;
mod random;
mod restricted;
mod running;
mod sealed;
mod succeeded;
mod tally;
mod witness;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use enforcement_rules::{
    AccountState, CaseState, Occurrence, concerns_account, evolve, evolve_account,
};
use events_schema::{AccountEvent, AccountId, CaseId, Event, Instant};
use serde_json::json;
use test_support::{Happened, TestWorld, body_in_words, short_type};

use self::{
    advice::Advice, answered::Answered, auditor::Auditor, declared::Declared, laddered::Laddered,
    random::Random, succeeded::Succeeded, tally::Tally, witness::Witness,
};

const COMMANDS_PER_HISTORY: u64 = 70;

#[test]
fn no_sequence_of_commands_violates_the_invariants() {
    let histories = number("HISTORIES", 2_000);
    let first_seed = number("FIRST_SEED", 0);
    let mut tally = Tally::default();
    for seed in first_seed..first_seed + histories {
        let lines = RefCell::new(Vec::new());
        let run = AssertUnwindSafe(|| history(seed, &lines, &mut tally));
        let broken = match catch_unwind(run) {
            Ok(Ok(())) => continue,
            Ok(Err(broken)) => broken,
            Err(_) => "the rules panicked".to_owned(),
        };
        panic!("{broken}\nseed {seed}; {}", kept(seed, &lines.borrow()));
    }
    report(&tally.table());
    if histories >= 2_000 {
        let missing = tally.missing();
        assert!(missing.is_empty(), "never occurred: {missing:?}");
    }
}

#[expect(clippy::print_stdout, reason = "the frequencies are read by people")]
fn report(table: &str) {
    println!("{table}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "how much is tested is for the caller to say; what is tested follows from the seed"
)]
fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

/// One history: a command after the other, each followed by a look at the books.
fn history(seed: u64, lines: &RefCell<Vec<String>>, tally: &mut Tally) -> Result<(), String> {
    let mut random = Random::new(seed);
    let mut world = TestWorld::empty_at(author::beginning(&mut random));
    let mut watch = Watch::default();
    begin(&mut random, &mut world, lines, tally);
    let mut snapshot: Vec<CaseState> = Vec::new();
    let mut snapshot_at = 0;
    let mut holding = false;
    for step in 0..COMMANDS_PER_HISTORY {
        let at = world.clock().plus_seconds(author::pause(&mut random));
        holding = random.percent(if holding { 70 } else { 2 });
        if holding {
            world.hold(true);
        } else if random.percent(10) {
            world.hold(false).wake_at(at);
        } else {
            world.hold(false).advance_to(at);
        }
        watch.look(&world, tally)?;
        let (actor, command) = author::write(&mut random, &world);
        lines.borrow_mut().push(line(&actor, &command, at));
        let raised = raised::elsewhere(&world, &command);
        let sealed = sealed::before(&world, &command);
        let advice = Advice::before(&world, &actor, &command, holding.then_some(at));
        world.when(&actor, command, at);
        raised::compare(raised.as_deref(), world.outcome())?;
        if let Some(sealed) = sealed {
            sealed.compare(world.outcome())?;
        }
        advice.check(world.outcome().as_ref().map(|_| ()))?;
        if let Err(rejection) = world.outcome() {
            tally.rejection(rejection.code());
        }
        if !holding {
            // A date that a new calendar fixed, or that was held, may be in the past.
            world.hold(false).advance_to(at);
        }
        watch.look(&world, tally)?;
        if !holding {
            watch.compare(&world)?;
        }
        if step == COMMANDS_PER_HISTORY / 2 {
            snapshot = world.cases().cloned().collect();
            snapshot_at = world.happened().len();
        }
    }
    // Everything that still runs must end by itself or wait for somebody.
    let years_later = world.clock().plus_seconds(3 * 365 * 86_400);
    world.hold(false).advance_to(years_later);
    watch.look(&world, tally)?;
    watch.compare(&world)?;
    check_folds(&world, &snapshot, snapshot_at)
}

/// Calendars and a rulebook, with a command now and then before there are any.
fn begin(
    random: &mut Random,
    world: &mut TestWorld,
    lines: &RefCell<Vec<String>>,
    tally: &mut Tally,
) {
    let now = world.clock();
    let mut commands = Vec::new();
    if random.percent(5) {
        commands.push(("platform:enforcement", test_support::warning().into()));
    }
    for calendar in author::calendars() {
        let command = events_schema::Command::PublishCalendar(calendar);
        commands.push(("administrator:root", command));
    }
    commands.push((
        "administrator:root",
        random.pick(&author::rulebooks()).into(),
    ));
    for (actor, command) in commands {
        lines.borrow_mut().push(line(actor, &command, now));
        world.when(actor, command, now);
        if let Err(rejection) = world.outcome() {
            tally.rejection(rejection.code());
        }
    }
}

/// Those who look on, and how far they have seen.
#[derive(Default)]
struct Watch {
    auditor: Auditor,
    answered: Answered,
    declared: Declared,
    succeeded: Succeeded,
    laddered: Laddered,
    witness: Witness,
    seen: usize,
}

impl Watch {
    /// Shows them what is new.
    fn look(&mut self, world: &TestWorld, tally: &mut Tally) -> Result<(), String> {
        for happened in world.happened().iter().skip(self.seen) {
            tally.event(short_type(happened.event.event_type()));
            self.auditor.witness(happened)?;
            self.answered.witness(happened)?;
            self.declared.witness(happened)?;
            self.succeeded.witness(happened)?;
            self.laddered.witness(happened)?;
            self.witness.witness(happened, world);
        }
        self.seen = world.happened().len();
        running::compare(world)?;
        self.witness.compare(world)?;
        self.laddered.compare()
    }

    /// Compares the books with the state, once everything that is due has fired.
    fn compare(&self, world: &TestWorld) -> Result<(), String> {
        self.auditor.compare(world)?;
        restricted::compare(world)
    }
}

/// The state is the fold of the events: from zero, and from a snapshot on.
fn check_folds(
    world: &TestWorld,
    snapshot: &[CaseState],
    snapshot_at: usize,
) -> Result<(), String> {
    let from_zero = fold(BTreeMap::new(), world.happened().iter());
    let begun = snapshot
        .iter()
        .map(|it| (it.case.clone(), it.clone()))
        .collect();
    let from_snapshot = fold(begun, world.happened().iter().skip(snapshot_at));
    let stepwise: BTreeMap<_, _> = world
        .cases()
        .map(|it| (it.case.clone(), it.clone()))
        .collect();
    if from_zero != stepwise {
        return Err("the fold from zero is another state".to_owned());
    }
    if from_snapshot != stepwise {
        return Err("the fold from a snapshot is another state".to_owned());
    }
    for (id, account) in accounts(world) {
        // Nothing is kept of an account before there is something on record.
        if world.account(&id).cloned().unwrap_or_default() != account {
            return Err(format!("the events that concern {id} make another account"));
        }
    }
    Ok(())
}

fn fold<'a>(
    mut cases: BTreeMap<CaseId, CaseState>,
    events: impl Iterator<Item = &'a Happened>,
) -> BTreeMap<CaseId, CaseState> {
    for happened in events {
        let (Some(case), Event::Case(event)) = (&happened.case, &happened.event) else {
            continue;
        };
        let mut state = cases.remove(case);
        let occurrence = Occurrence {
            event,
            actor: &happened.actor,
            received: happened.received,
        };
        evolve(&mut state, occurrence);
        cases.extend(state.map(|state| (case.clone(), state)));
    }
    cases
}

/// The accounts as a fold of only those events that are said to concern them.
fn accounts(world: &TestWorld) -> BTreeMap<AccountId, AccountState> {
    let mut accounts: BTreeMap<AccountId, AccountState> = BTreeMap::new();
    for case in world.cases() {
        accounts.entry(case.account.clone()).or_default();
    }
    let of_case: BTreeMap<_, _> = world.cases().map(|it| (&it.case, &it.account)).collect();
    for happened in world.happened() {
        if let Event::Account(AccountEvent::FilingRefused(refused)) = &happened.event
            && let Ok(account) = happened.actor.principal.as_str().parse()
        {
            let refusals = &mut accounts.entry(account).or_default().refusals;
            refusals.take_in(refused, happened.command_id.as_ref(), happened.received);
        }
        if let Some(case) = &happened.case
            && let Event::Case(event) = &happened.event
            && concerns_account(event)
            && let Some(account) = of_case.get(case)
        {
            let state = accounts.entry((*account).clone()).or_default();
            evolve_account(state, case, happened.received, event);
        }
    }
    accounts
}

/// A command as a line that `redress backfill` takes. What the service does by itself is refused there; it does it by
/// itself there too.
fn line(actor: &str, command: &events_schema::Command, received: Instant) -> String {
    json!({
        "at": received,
        "as": actor,
        "command": command.name(),
        "body": body_in_words(command),
    })
    .to_string()
}

/// Keeps what was sent in a file, and says how to look at it. Where deadlines were held or came late, a takeover fires
/// them at their times instead.
#[expect(
    clippy::disallowed_methods,
    reason = "a history that broke something is kept for whoever looks into it"
)]
fn kept(seed: u64, lines: &[String]) -> String {
    let file = format!("{}/history-{seed}.jsonl", env!("CARGO_TARGET_TMPDIR"));
    match std::fs::write(&file, lines.join("\n") + "\n") {
        Ok(()) => format!("play it with: redress backfill --data FOLDER {file}"),
        Err(_) => format!("what was sent:\n{}", lines.join("\n")),
    }
}
