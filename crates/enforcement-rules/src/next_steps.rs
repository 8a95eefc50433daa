//! What the party of a case can do next. Every state that is not closed offers at least one step.

use events_schema::{
    AppealId, Deadline, DeadlinePurpose, Exhaustion, Instant, NextStep, NoticeStanding,
    RectificationStage,
};

use crate::{CaseState, Notice};

/// The steps open to the party, the nearest first. Empty only when the case has no live notice.
pub fn next_steps(case: &CaseState) -> Vec<NextStep> {
    let Some(notice) = case.live_notice() else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    let due = |purpose: DeadlinePurpose| case.deadline_for(&purpose).map(|it| it.due);
    let id = &notice.id;
    if let Some(appeal) = case.open_appeal() {
        steps.push(await_ruling(case, &appeal.id));
        steps.push(NextStep::AmendAppeal {
            appeal: appeal.id.clone(),
        });
    }
    match notice.rectification.stage {
        RectificationStage::ReviewPending => steps.push(NextStep::AwaitCodeReview {
            notice: id.clone(),
            due: due(DeadlinePurpose::CodeReview { notice: id.clone() }),
        }),
        RectificationStage::Unverified if !notice.rectification.by_appeal => {
            steps.push(NextStep::AwaitVerification {
                notice: id.clone(),
                due: due(DeadlinePurpose::Verification { notice: id.clone() })
                    .or_else(|| due(DeadlinePurpose::SecondVerification { notice: id.clone() })),
            });
        }
        RectificationStage::None
        | RectificationStage::Partial
        | RectificationStage::Rejected
        | RectificationStage::Unverified
        | RectificationStage::AwaitsRuling
        | RectificationStage::Confirmed => {}
    }
    // A newer declaration takes the place of one that waits (rule 4).
    if !notice.is_rectified() {
        steps.push(NextStep::Rectify { notice: id.clone() });
    }
    if case.open_appeal().is_none() && may_appeal(notice) {
        steps.push(NextStep::SubmitAppeal {
            notice: id.clone(),
            until: window_of(case, notice),
        });
    } else if case.open_appeal().is_none() && may_appeal_late(notice) {
        steps.push(NextStep::SubmitLateAppeal { notice: id.clone() });
    }
    steps.extend(
        notice
            .terms
            .routes
            .iter()
            .map(|route| NextStep::ExternalRoute {
                route: route.clone(),
            }),
    );
    steps
}

fn await_ruling(case: &CaseState, appeal: &AppealId) -> NextStep {
    let purpose = DeadlinePurpose::Review {
        appeal: appeal.clone(),
    };
    NextStep::AwaitRuling {
        appeal: appeal.clone(),
        due: case.deadline_for(&purpose).map(|deadline| deadline.due),
    }
}

/// Whether attempts are left and the window has not ended.
pub(crate) fn may_appeal(notice: &Notice) -> bool {
    notice.attempts_used < notice.terms.attempt_cap
        && match notice.standing {
            NoticeStanding::Warned => notice.window.ended_at().is_none(),
            NoticeStanding::Penalised | NoticeStanding::OnRecord => true,
            NoticeStanding::Exhausted => match notice.exhaustion {
                Some(Exhaustion::Attempts | Exhaustion::Window) | None => false,
            },
            NoticeStanding::Lapsed
            | NoticeStanding::Complied
            | NoticeStanding::Overturned
            | NoticeStanding::Withdrawn
            | NoticeStanding::Superseded
            | NoticeStanding::DeemedGranted
            | NoticeStanding::Served => false,
        }
}

/// Whether attempts are left and the rulebook hears reasons for a filing after the window.
fn may_appeal_late(notice: &Notice) -> bool {
    notice.terms.late_filing
        && notice.attempts_used < notice.terms.attempt_cap
        && notice.window.ended_at().is_some()
}

/// When the window of a notice ends, as far as is known.
fn window_of(case: &CaseState, notice: &Notice) -> Option<Instant> {
    running_window(case, notice).map(|deadline| deadline.due)
}

/// The deadline that ends the window of a notice: that of a warning ends with its cure period.
pub(crate) fn running_window<'a>(case: &'a CaseState, notice: &Notice) -> Option<&'a Deadline> {
    let id = notice.id.clone();
    let purpose = if notice.standing == NoticeStanding::Warned {
        DeadlinePurpose::Cure { notice: id }
    } else {
        DeadlinePurpose::Window { notice: id }
    };
    case.deadline_for(&purpose)
}
