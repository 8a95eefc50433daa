//! The table at the end.

use std::fmt::Write as _;

use super::{Outcome, steps::Step};

pub(super) struct Row {
    pub(super) step: Step,
    pub(super) outcome: Outcome,
    pub(super) seconds: f64,
}

/// Step, result, seconds; why, where there is something to say.
pub(super) fn of(rows: &[Row]) -> String {
    let mut text = format!("{:<14}{:<13}{:>7}", "step", "result", "seconds");
    for Row {
        step,
        outcome,
        seconds,
    } in rows
    {
        let (result, why) = match outcome {
            Outcome::Passed => ("passed", ""),
            Outcome::Failed(why) => ("FAILED", why.as_str()),
            Outcome::NotChecked(why) => ("not checked", *why),
        };
        let gap = if why.is_empty() { "" } else { "  " };
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n{:<14}{result:<13}{seconds:>7.1}{gap}{why}",
            step.name()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_checked_is_not_called_passed() {
        let rows = [
            Row {
                step: Step::Format,
                outcome: Outcome::Passed,
                seconds: 0.42,
            },
            Row {
                step: Step::Lints,
                outcome: Outcome::Failed("see above".into()),
                seconds: 12.0,
            },
            Row {
                step: Step::Supply,
                outcome: Outcome::NotChecked("no cargo-deny"),
                seconds: 0.0,
            },
        ];
        assert_eq!(
            of(&rows),
            "step          result       seconds\n\
             format        passed           0.4\n\
             lints         FAILED          12.0  see above\n\
             supply        not checked      0.0  no cargo-deny"
        );
    }
}
