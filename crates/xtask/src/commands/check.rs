//! `cargo xtask check`: everything that is checked without running the product, every step, and one table at the end.

mod steps;
mod table;

use std::time::Instant;

use clap::Args;

use self::{steps::Step, table::Row};
use crate::failure::Failure;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Only this step; may be given more than once
    #[arg(long, value_name = "STEP")]
    only: Vec<Step>,
}

/// How a step went.
enum Outcome {
    Passed,
    Failed(String),
    /// Nothing was looked at, so nothing is claimed.
    NotChecked(&'static str),
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let wanted = |step: &Step| arguments.only.is_empty() || arguments.only.contains(step);
    // A failing step does not stop the others: one run tells everything that is to be mended.
    let rows: Vec<Row> = Step::ALL.into_iter().filter(wanted).map(timed).collect();
    eprintln!();
    println!("{}", table::of(&rows));
    let failed = rows
        .iter()
        .filter(|row| matches!(row.outcome, Outcome::Failed(_)))
        .count();
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::new(format!(
            "{failed} of {} steps failed",
            rows.len()
        )))
    }
}

fn timed(step: Step) -> Row {
    let start = Instant::now();
    let outcome = step.check();
    Row {
        step,
        outcome,
        seconds: start.elapsed().as_secs_f64(),
    }
}
