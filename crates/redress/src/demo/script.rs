//! The traces: a warning refused and then rectified in time; a warning that lapses; a third appeal.

use std::time::Duration;

use events_schema::{
    AccountId, Actor, CaseId, CommandName, Entry, InboxItem, NoticeStanding, WhyClosed,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{bodies, stage::Stage};
use crate::{
    failure::Failure,
    output::{Output, counted},
};

/// The rulebook that is adopted, and the shipped calendar that it counts on.
pub(super) const RULEBOOK: &str = include_str!("../../rulebooks/demo.toml");
pub(super) const CALENDAR: &str = "utc";

/// The cases that are played, each with the mark of its run behind it.
const CASES: [&str; 3] = ["C1", "C2", "C3"];

/// How long a deadline of seconds may take to be seen.
const PATIENCE: Duration = Duration::from_secs(20);

struct Play<'a> {
    stage: &'a Stage,
    output: Output,
    account: AccountId,
    run: String,
}

/// What was played.
#[derive(Debug, Serialize)]
pub(super) struct Played {
    /// With this account.
    pub(super) account: AccountId,
    /// In these cases.
    cases: Vec<String>,
}

pub(super) async fn play(stage: &Stage, output: Output) -> Result<Played, Failure> {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let run: String = id.chars().rev().take(4).collect();
    let account = account_of(&run);
    let play = Play {
        stage,
        output,
        account: account
            .parse()
            .map_err(|error| Failure::World(format!("{error}")))?,
        run,
    };
    play.set_up().await?;
    play.warning_refused_then_rectified().await?;
    play.warning_lapses().await?;
    play.third_appeal().await?;
    Ok(Played {
        cases: CASES.map(|name| play.case(name)).to_vec(),
        account: play.account,
    })
}

fn account_of(run: &str) -> String {
    format!("dev7-{run}")
}

/// Whether an account is one of a demonstration.
pub(super) fn is_playing(account: &AccountId) -> bool {
    account.as_str().starts_with(&account_of(""))
}

/// Whether a case is one of a demonstration.
pub(super) fn is_played(account: &AccountId, case: &CaseId) -> bool {
    case.as_str()
        .split_once('-')
        .is_some_and(|(name, run)| CASES.contains(&name) && account.as_str() == account_of(run))
}

impl Play<'_> {
    async fn set_up(&self) -> Result<(), Failure> {
        self.output
            .note("The administrator publishes a calendar and adopts a rulebook of seconds.");
        let (id, version, content) = working_calendar::shipped_calendars()
            .into_iter()
            .find(|(id, ..)| id.as_str() == CALENDAR)
            .ok_or_else(|| Failure::World(format!("the calendar {CALENDAR} is not shipped")))?;
        let calendar =
            json!({ "facts": { "calendar": id, "version": version, "content": content } });
        let rulebook = json!({ "facts": { "toml": RULEBOOK } });
        for (name, body, had_before) in [
            (
                CommandName::PublishCalendar,
                calendar,
                "calendar_version_out_of_order",
            ),
            (
                CommandName::AdoptRulebook,
                rulebook,
                "rulebook_version_taken",
            ),
        ] {
            match self
                .stage
                .send(&actor("administrator:root")?, name, &body)
                .await
            {
                Ok(_) => {}
                Err(Failure::Rejected(problem)) if problem.code == had_before => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    async fn warning_refused_then_rectified(&self) -> Result<(), Failure> {
        self.title("A warning, refused, rectified in time: no penalty ever");
        let case = self.case("C1");
        self.act(
            "platform:watch",
            CommandName::IssueWarning,
            &self.warning(&case, "W1", "4.2"),
        )
        .await?;
        self.look(&case).await?;
        self.act(
            &self.party(),
            CommandName::SubmitAppeal,
            &bodies::appeal(&case, "W1", "A1", "not_a_violation"),
        )
        .await?;
        self.act(
            "reviewer:lin",
            CommandName::Decide,
            &bodies::refuse(&case, "A1", &[]),
        )
        .await?;
        self.look(&case).await?;
        self.act(
            &self.party(),
            CommandName::Rectify,
            &bodies::rectify(&case, "W1"),
        )
        .await?;
        self.look(&case).await?;
        self.act(
            "platform:review",
            CommandName::RecordCodeReview,
            &bodies::review_passed(&case, "W1"),
        )
        .await?;
        self.act(
            &self.party(),
            CommandName::SubmitAppeal,
            &bodies::appeal(&case, "W1", "A2", "rectified"),
        )
        .await?;
        self.act(
            "reviewer:chen",
            CommandName::Decide,
            &bodies::grant(&case, "A2", &[]),
        )
        .await?;
        self.look(&case).await
    }

    async fn warning_lapses(&self) -> Result<(), Failure> {
        self.title("A warning that lapses: the penalty follows by itself, and is appealed away");
        let case = self.case("C2");
        self.act(
            "platform:watch",
            CommandName::IssueWarning,
            &self.warning(&case, "W2", "5.1"),
        )
        .await?;
        self.look(&case).await?;
        self.output
            .note("  ... nothing is declared, and the cure period of 3 seconds passes ...");
        self.wait_until_lapsed(&case).await?;
        self.look(&case).await?;
        self.act(
            &self.party(),
            CommandName::SubmitAppeal,
            &bodies::appeal(&case, "W2-P", "A1", "excessive"),
        )
        .await?;
        self.act(
            "reviewer:lin",
            CommandName::Decide,
            &bodies::refuse(&case, "A1", &["W2-m1"]),
        )
        .await?;
        self.look(&case).await?;
        self.act(
            &self.party(),
            CommandName::Rectify,
            &bodies::rectify(&case, "W2-P"),
        )
        .await?;
        self.act(
            "platform:review",
            CommandName::RecordCodeReview,
            &bodies::review_passed(&case, "W2-P"),
        )
        .await?;
        self.act(
            &self.party(),
            CommandName::SubmitAppeal,
            &bodies::appeal(&case, "W2-P", "A2", "rectified"),
        )
        .await?;
        self.act(
            "reviewer:chen",
            CommandName::Decide,
            &bodies::grant(&case, "A2", &["W2-m1"]),
        )
        .await?;
        self.look(&case).await
    }

    async fn third_appeal(&self) -> Result<(), Failure> {
        self.title("A third appeal where two are allowed: refused, on record, with the next route");
        let case = self.case("C3");
        self.act(
            "platform:watch",
            CommandName::IssuePenalty,
            &self.penalty(&case, "P3"),
        )
        .await?;
        for (id, reviewer) in [("A1", "reviewer:lin"), ("A2", "reviewer:chen")] {
            self.act(
                &self.party(),
                CommandName::SubmitAppeal,
                &bodies::appeal(&case, "P3", id, "not_occurred"),
            )
            .await?;
            self.act(
                reviewer,
                CommandName::Decide,
                &bodies::refuse(&case, id, &["P3-m1"]),
            )
            .await?;
        }
        let third = bodies::appeal(&case, "P3", "A3", "not_occurred");
        let sender = self.party();
        let answer = self
            .stage
            .send(&actor(&sender)?, CommandName::SubmitAppeal, &third)
            .await;
        let Err(Failure::Rejected(problem)) = answer else {
            return Err(Failure::World(
                "the third appeal was not refused".to_owned(),
            ));
        };
        self.output.note(&format!(
            "  {sender:<22} SubmitAppeal      refused: {}",
            problem.detail
        ));
        if let Some(position) = problem.recorded_at {
            self.output.note(&format!(
                "  {:<22} the refusal is on record at position {position}",
                ""
            ));
        }
        self.look(&case).await
    }

    async fn act(&self, sender: &str, name: CommandName, body: &Value) -> Result<(), Failure> {
        let accepted = self.stage.send(&actor(sender)?, name, body).await?;
        let standing = accepted.case.map_or_else(String::new, |case| {
            format!("notice {} is {}", case.notice, word(case.standing))
        });
        self.output.note(&format!(
            "  {sender:<22} {:<17} accepted at {:<5} {standing}",
            name.as_str(),
            accepted.positions.first
        ));
        Ok(())
    }

    /// Shows what the party sees at the bottom of each notice of the case.
    async fn look(&self, case: &str) -> Result<(), Failure> {
        let inbox = self.stage.inbox(&self.account).await?;
        for item in inbox
            .notices
            .iter()
            .filter(|item| item.case.as_str() == case)
            .rev()
        {
            self.output.note(&describe(item));
        }
        if !inbox.restrictions.is_empty() {
            let names: Vec<_> = inbox
                .restrictions
                .iter()
                .map(|it| format!("{} ({})", it.capability, it.measure))
                .collect();
            self.output
                .note(&format!("      restricted now: {}", names.join(", ")));
        }
        Ok(())
    }

    async fn wait_until_lapsed(&self, case: &str) -> Result<(), Failure> {
        let begun = std::time::Instant::now();
        loop {
            let inbox = self.stage.inbox(&self.account).await?;
            let lapsed = inbox
                .notices
                .iter()
                .any(|item| item.case.as_str() == case && item.standing == NoticeStanding::Lapsed);
            if lapsed {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(Failure::World(format!(
                    "no deadline of case {case} fired within {} s; look whether deadlines are held, with \
                     `redress show deadlines`",
                    PATIENCE.as_secs()
                )));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn title(&self, text: &str) {
        self.output.note(&format!("\n{text}"));
    }

    fn case(&self, name: &str) -> String {
        format!("{name}-{}", self.run)
    }

    fn party(&self) -> String {
        format!("party:{}", self.account)
    }

    fn warning(&self, case: &str, notice: &str, clause: &str) -> Value {
        bodies::notice(
            &self.account,
            case,
            notice,
            clause,
            ("threatened_measures", "login"),
        )
    }

    fn penalty(&self, case: &str, notice: &str) -> Value {
        // Login is critical, and its restriction would have to be warned about first.
        bodies::notice(&self.account, case, notice, "9.1", ("measures", "sharing"))
    }
}

fn actor(text: &str) -> Result<Actor, Failure> {
    text.parse()
        .map_err(|error| Failure::World(format!("{error}")))
}

fn describe(item: &InboxItem) -> String {
    let Entry {
        open,
        used,
        cap,
        why_closed,
        until,
        ..
    } = &item.entry;
    let entry = match (open, why_closed, until) {
        (true, _, Some(until)) => format!("open until {until}"),
        (true, _, None) => "open, its window is stopped".to_owned(),
        (false, Some(why), _) => format!("closed: {}", reason(why)),
        (false, None, _) => "closed".to_owned(),
    };
    format!(
        "      inbox: {} {:<5} {:<12} appeal entry {entry}; attempts {used} of {cap}; {}",
        item.case,
        item.notice.as_str(),
        word(item.standing),
        counted(item.entry.next.len() as u64, "next step")
    )
}

fn reason(why: &WhyClosed) -> String {
    match why {
        WhyClosed::AppealPending { appeal } => format!("appeal {appeal} is being reviewed"),
        WhyClosed::AttemptsExhausted => "every attempt is used; rectifying stays open".to_owned(),
        WhyClosed::WindowClosed => "the window has ended; rectifying stays open".to_owned(),
        WhyClosed::Lapsed { penalty } => penalty.as_ref().map_or_else(
            || "the warning lapsed".to_owned(),
            |penalty| format!("the warning lapsed into {penalty}"),
        ),
        WhyClosed::NoticeClosed { .. } => "the notice has ended".to_owned(),
    }
}

const fn word(standing: NoticeStanding) -> &'static str {
    match standing {
        NoticeStanding::Warned => "warned",
        NoticeStanding::Penalised => "penalised",
        NoticeStanding::Exhausted => "exhausted",
        NoticeStanding::Lapsed => "lapsed",
        NoticeStanding::Complied => "complied",
        NoticeStanding::Overturned => "overturned",
        NoticeStanding::Withdrawn => "withdrawn",
        NoticeStanding::Superseded => "superseded",
        NoticeStanding::DeemedGranted => "deemed granted",
        NoticeStanding::OnRecord => "on record",
        NoticeStanding::Served => "served",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_case_with_the_mark_of_its_account_is_one_of_a_demonstration() {
        let played = |account: &str, case: &str| {
            is_played(&account.parse().unwrap(), &case.parse().unwrap())
        };
        assert!(played("dev7-a1b2", "C2-a1b2"));
        for (account, case) in [
            ("dev7", "C1"),
            ("dev7-a1b2", "C1-b2a1"),
            ("dev8-a1b2", "C1-a1b2"),
            ("dev7-a1b2", "C4-a1b2"),
        ] {
            assert!(!played(account, case), "{account} {case}");
        }
    }
}
