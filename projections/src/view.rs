//! What is shown of a case, made from its fold.

use events_schema::{
    AppealView, CaseView, FindingView, MeasureView, NoticeView, RestorationView, RulingView,
    StepView,
};

use crate::case::Case;

impl Case {
    /// What is shown of it to the platform, reviewers and auditors.
    pub fn view(&self) -> CaseView {
        let mut deadlines = self.deadlines.clone();
        deadlines.sort_by(|a, b| a.due.cmp(&b.due).then_with(|| a.id.cmp(&b.id)));
        CaseView {
            case: self.id.clone(),
            account: self.account.clone(),
            entity: self.entity.clone(),
            revision: self.revision,
            closed: self.is_closed(),
            notices: self.notices.iter().map(|it| self.notice_view(it)).collect(),
            appeals: self.appeals.iter().map(|it| self.appeal_view(it)).collect(),
            measures: self
                .measures
                .iter()
                .map(|record| MeasureView {
                    id: record.measure.id.clone(),
                    notice: record.notice.clone(),
                    restriction: record.measure.restriction.clone(),
                    standing: record.standing,
                    since: record.since,
                    starts_at: record.measure.starts_at,
                    ends_at: record.measure.ends_at,
                })
                .collect(),
            restorations: self
                .restorations
                .iter()
                .map(|record| RestorationView {
                    notice: record.notice.clone(),
                    at: record.at,
                    position: record.position,
                    cause: record.cause,
                    measures: record.measures.clone(),
                    still_restricted_by: record.still_restricted_by.clone(),
                })
                .collect(),
            deadlines,
            deadlines_ended: self.deadlines_ended,
        }
    }

    fn notice_view(&self, notice: &crate::case::NoticeRecord) -> NoticeView {
        NoticeView {
            id: notice.id.clone(),
            kind: notice.kind,
            standing: notice.standing,
            issued_at: notice.issued_at,
            issuer: Some(notice.issuer.clone()),
            clause: notice.clause.clone(),
            clause_version: notice.clause_version.clone(),
            title: notice.title.clone(),
            category: notice.category.clone(),
            rulebook: notice.terms.rulebook.clone(),
            follows: notice.follows.clone(),
            findings: notice
                .findings
                .iter()
                .map(|(id, location, answer)| FindingView {
                    id: id.clone(),
                    location: location.clone(),
                    answer: *answer,
                })
                .collect(),
            steps: notice
                .steps
                .iter()
                .map(|(id, answered)| StepView {
                    id: id.clone(),
                    answered: *answered,
                })
                .collect(),
            threatened: notice.threatened.clone(),
            rectification: notice.rectification,
            entry: self.entry(notice),
        }
    }

    fn appeal_view(&self, appeal: &crate::case::AppealRecord) -> AppealView {
        let review = events_schema::DeadlinePurpose::Review {
            appeal: appeal.id.clone(),
        };
        AppealView {
            id: appeal.id.clone(),
            notice: appeal.notice.clone(),
            attempt: appeal.attempt,
            revision: appeal.revision,
            standing: appeal.standing,
            filed_at: appeal.filed_at,
            due: self
                .deadlines
                .iter()
                .find(|deadline| deadline.purpose == review)
                .map(|deadline| deadline.due),
            overdue: appeal.overdue,
            late: appeal.late,
            grounds: appeal.grounds.clone(),
            release: appeal.release.clone(),
            reviewer: appeal.reviewer.clone(),
            ruling: appeal.ruling.as_ref().map(|ruling| RulingView {
                outcome: ruling.outcome,
                at: ruling.at,
                position: ruling.position,
                release_reviewed: ruling.release_reviewed.clone(),
                unmet_steps: ruling.unmet_steps.clone(),
                counts: ruling.counts,
            }),
        }
    }
}
