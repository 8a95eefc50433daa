//! Planted faults: the checks can fail. Each is one change to a copy of the sources, and a named test that must
//! then fail.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{failure::Failure, process, workspace};

/// A change that must be noticed.
pub(super) struct Fault {
    pub(super) name: &'static str,
    file: &'static str,
    find: &'static str,
    replace: &'static str,
    package: &'static str,
    pub(super) test: &'static str,
}

pub(super) const FAULTS: [Fault; 11] = [
    Fault {
        name: "answer before sync",
        file: "crates/command-processor/src/writer.rs",
        find: "        let stored = turns.commit()?;\n        tell_how_far(status, &turns.processor, turn.overdue);\n        // Who released it must not find it held again after a kill.\n        turns.note_release(turn.looked_at);\n        // The one place where answers leave: after the sync.\n        if !turn.answers.is_empty() {\n            answer(turn.answers);\n        }\n",
        replace: "        if !turn.answers.is_empty() {\n            answer(turn.answers);\n        }\n        let stored = turns.commit()?;\n        tell_how_far(status, &turns.processor, turn.overdue);\n",
        package: "command-processor",
        test: "no_answer_leaves_before_the_commit_is_durable",
    },
    Fault {
        name: "no dedupe",
        file: "crates/enforcement-rules/src/platform.rs",
        find: "        seen.get(id)\n",
        replace: "        seen.get(id).filter(|_| false)\n",
        package: "command-processor",
        test: "the_same_command_again_has_one_effect_and_the_first_answer",
    },
    Fault {
        name: "deadline fired early",
        file: "crates/enforcement-rules/src/decide/reach.rs",
        find: "    if reached.due > context.now {",
        replace: "    if reached.due > context.now.plus_seconds(86_400) {",
        package: "enforcement-rules",
        test: "a_deadline_is_not_reached_before_its_time",
    },
    Fault {
        name: "attempt not counted",
        file: "crates/enforcement-rules/src/evolve/appeal.rs",
        find: "notice.attempts_used += u32::from(ruled.counts);",
        replace: "notice.attempts_used += u32::from(ruled.counts) * 0;",
        package: "enforcement-rules",
        test: "third_appeal_is_refused_when_two_are_allowed",
    },
    Fault {
        name: "measure left after a grant",
        file: "crates/enforcement-rules/src/decide/ruling.rs",
        find: "    events.extend(endings::lift(matter, LiftCause::Granted, lifted.clone()));",
        replace: "    events.extend(endings::lift(matter, LiftCause::Granted, lifted.clone().skip(1)));",
        package: "enforcement-rules",
        test: "a_grant_restores_exactly_what_was_taken_in_one_event",
    },
    Fault {
        name: "a seal ignored",
        file: "crates/enforcement-rules/src/decide/issue/again.rs",
        find: "    let seals = &world.account.seals;",
        replace: "    let seals = &crate::seals::Seals::default();",
        package: "enforcement-rules",
        test: "facts_found_no_violation_are_not_penalised_again",
    },
    Fault {
        name: "a lone carriage return let in",
        file: "crates/nats-gateway/src/sieve/headers.rs",
        find: "            if line.contains('\\r') {",
        replace: "            if line.contains('\\0') {",
        package: "nats-gateway",
        test: "what_the_client_library_cannot_read_are_no_headers",
    },
    Fault {
        name: "whoever sends most goes first",
        file: "crates/nats-gateway/src/turns.rs",
        find: "            self.order.push_back(role);\n        }\n        Some(",
        replace: "            self.order.push_front(role);\n        }\n        Some(",
        package: "nats-gateway",
        test: "many_senders_of_one_role_take_no_more_than_one_of_another",
    },
    Fault {
        name: "a clock that was set is believed",
        file: "crates/command-processor/src/writer.rs",
        find: "        let held = doubt.map_or(",
        replace: "        let held = doubt.filter(|_| false).map_or(",
        package: "command-processor",
        test: "a_clock_that_was_set_while_a_hold_stood_is_on_record_before_anybody_can_release_it",
    },
    Fault {
        name: "a log that was rolled back is served",
        file: "crates/command-processor/src/rollback.rs",
        find: "        if self.contradictions.is_empty() {",
        replace: "        if self.contradictions.len() < 9 {",
        package: "command-processor",
        test: "a_log_that_lost_all_of_its_events_is_not_begun_anew_before_somebody_accepts_it",
    },
    Fault {
        name: "a takeover dates what nobody could know",
        file: "crates/command-processor/src/backfill.rs",
        find: "processor.last_time().map_or(due, |last| last.max(due))",
        replace: "processor.last_time().map_or(due, |last| last.min(due))",
        package: "command-processor",
        test: "a_penalty_whose_date_became_known_late_gives_its_window_from_then_in_a_takeover_too",
    },
];

/// Plants a fault in a copy and runs the test that must catch it; first without the fault, so that it fails for no
/// other reason.
pub(super) fn plant(fault: &Fault) -> Result<(), Failure> {
    let copy = fresh_copy()?;
    let path = copy.join(fault.file);
    let failed =
        |what: &str, error: std::io::Error| Failure::new(format!("failed to {what}: {error}"));
    let source = fs::read_to_string(&path).map_err(|error| failed("read the copy", error))?;
    if !has_its_place(fault, &source) {
        return Err(Failure::new(format!(
            "{} no longer has the place for this fault",
            fault.file
        )));
    }
    if !passes(fault, &copy)? {
        return Err(Failure::new(format!(
            "{} fails without the fault",
            fault.test
        )));
    }
    fs::write(&path, source.replace(fault.find, fault.replace))
        .map_err(|error| failed("plant the fault", error))?;
    if passes(fault, &copy)? {
        return Err(Failure::new(format!("{} does not notice it", fault.test)));
    }
    Ok(())
}

fn has_its_place(fault: &Fault, source: &str) -> bool {
    source.matches(fault.find).count() == 1
}

/// Whether the test runs and passes.
///
/// # Errors
/// When the copy does not compile: a fault that does not compile would look caught.
fn passes(fault: &Fault, copy: &Path) -> Result<bool, Failure> {
    let cargo = |arguments: &[&str]| {
        let mut command = workspace::cargo();
        command
            .current_dir(copy)
            .env("CARGO_TARGET_DIR", workspace::root().join("target/planted"))
            .args(arguments);
        command
    };
    process::run_aside(&mut cargo(&[
        "test",
        "--quiet",
        "-p",
        fault.package,
        "--no-run",
    ]))?;
    let test = ["test", "--quiet", "-p", fault.package, fault.test];
    Ok(process::run_aside(&mut cargo(&test)).is_ok())
}

fn fresh_copy() -> Result<PathBuf, Failure> {
    let copy = workspace::root().join("target/planted-sources");
    if copy.exists() {
        fs::remove_dir_all(&copy)
            .map_err(|error| Failure::new(format!("failed to empty the copy: {error}")))?;
    }
    process::run_aside(
        Command::new("git")
            .args(["clone", "--quiet", "--local"])
            .arg(workspace::root())
            .arg(&copy),
    )?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_place() {
        for fault in &FAULTS {
            let source = fs::read_to_string(workspace::root().join(fault.file)).unwrap();
            assert!(has_its_place(fault, &source), "{}", fault.name);
        }
    }
}
