//! The appeal entry at the bottom of a notice: whether it is open, and if not, why and what else there is.

use events_schema::{
    DeadlinePurpose, Entry, Exhaustion, Instant, NextStep, NoticeKind, NoticeStanding,
    RectificationStage, WhyClosed,
};

use crate::case::{AppealRecord, Case, NoticeRecord};

impl Case {
    pub(crate) fn entry(&self, notice: &NoticeRecord) -> Entry {
        let why_closed = self.why_closed(notice);
        let until = self.due_for(&match notice.kind {
            NoticeKind::Warning => DeadlinePurpose::Cure {
                notice: notice.id.clone(),
            },
            NoticeKind::Penalty => DeadlinePurpose::Window {
                notice: notice.id.clone(),
            },
        });
        let open = why_closed.is_none();
        Entry {
            open,
            used: notice.attempts_used,
            cap: notice.terms.attempt_cap,
            until: until.filter(|_| open),
            rectify_until: until.filter(|_| notice.kind == NoticeKind::Warning),
            rectified_waits_for_code_review: open
                && (!notice.in_review.is_empty()
                    || match notice.rectification {
                        RectificationStage::ReviewPending => !notice.code_review_overdue,
                        RectificationStage::Partial => notice.code_review_pending,
                        RectificationStage::None
                        | RectificationStage::Unverified
                        | RectificationStage::AwaitsRuling
                        | RectificationStage::Rejected
                        | RectificationStage::Confirmed => false,
                    }),
            next: if notice.standing.is_live() {
                let late = notice.terms.late_filing && why_closed == Some(WhyClosed::WindowClosed);
                self.next(notice, (open, late), until)
            } else {
                Vec::new()
            },
            why_closed,
        }
    }

    fn why_closed(&self, notice: &NoticeRecord) -> Option<WhyClosed> {
        let used_up = notice.attempts_used >= notice.terms.attempt_cap;
        match notice.standing {
            NoticeStanding::Lapsed => Some(WhyClosed::Lapsed {
                penalty: notice.lapsed_into.clone(),
            }),
            standing @ (NoticeStanding::Complied
            | NoticeStanding::Overturned
            | NoticeStanding::Withdrawn
            | NoticeStanding::Superseded
            | NoticeStanding::DeemedGranted
            | NoticeStanding::Served) => Some(WhyClosed::NoticeClosed { standing }),
            NoticeStanding::Exhausted => Some(match notice.exhaustion {
                Some(Exhaustion::Window) if !used_up => WhyClosed::WindowClosed,
                Some(Exhaustion::Window | Exhaustion::Attempts) | None => {
                    WhyClosed::AttemptsExhausted
                }
            }),
            NoticeStanding::Warned | NoticeStanding::Penalised | NoticeStanding::OnRecord => {
                if let Some(AppealRecord { id, .. }) = self.open_appeal() {
                    Some(WhyClosed::AppealPending { appeal: id.clone() })
                } else if used_up {
                    Some(WhyClosed::AttemptsExhausted)
                } else if notice.window_ended {
                    Some(WhyClosed::WindowClosed)
                } else {
                    None
                }
            }
        }
    }

    fn next(
        &self,
        notice: &NoticeRecord,
        (open, late): (bool, bool),
        until: Option<Instant>,
    ) -> Vec<NextStep> {
        let id = || notice.id.clone();
        let mut next = Vec::new();
        if let Some(appeal) = self.open_appeal() {
            next.push(NextStep::AwaitRuling {
                appeal: appeal.id.clone(),
                due: self.due_for(&DeadlinePurpose::Review {
                    appeal: appeal.id.clone(),
                }),
            });
            next.push(NextStep::AmendAppeal {
                appeal: appeal.id.clone(),
            });
        }
        match notice.rectification {
            RectificationStage::ReviewPending => next.push(NextStep::AwaitCodeReview {
                notice: id(),
                due: self.due_for(&DeadlinePurpose::CodeReview { notice: id() }),
            }),
            RectificationStage::Unverified if !notice.verified_by_ruling => {
                next.push(NextStep::AwaitVerification {
                    notice: id(),
                    due: self
                        .due_for(&DeadlinePurpose::Verification { notice: id() })
                        .or_else(|| {
                            self.due_for(&DeadlinePurpose::SecondVerification { notice: id() })
                        }),
                });
            }
            RectificationStage::None
            | RectificationStage::Partial
            | RectificationStage::Unverified
            | RectificationStage::AwaitsRuling
            | RectificationStage::Rejected
            | RectificationStage::Confirmed => {}
        }
        // A newer declaration takes the place of one that waits (rule 4).
        if notice.rectification != RectificationStage::Confirmed {
            next.push(NextStep::Rectify { notice: id() });
        }
        if open {
            next.push(NextStep::SubmitAppeal {
                notice: id(),
                until,
            });
        } else if late {
            next.push(NextStep::SubmitLateAppeal { notice: id() });
        }
        let routes = notice.terms.routes.iter();
        next.extend(routes.map(|route| NextStep::ExternalRoute {
            route: route.clone(),
        }));
        next
    }

    fn due_for(&self, purpose: &DeadlinePurpose) -> Option<Instant> {
        let open = self
            .deadlines
            .iter()
            .find(|deadline| deadline.purpose == *purpose)?;
        Some(open.due)
    }
}
