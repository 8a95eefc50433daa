//! What a decision is made on: the case and the notice that a command is about, with all else that the rules may see,
//! and the time.

use events_schema::{
    Actor, AppealEnd, AppealId, CaseId, Deadline, HoldId, Instant, Label, MissingBook, NoticeId,
    Rejection, Release,
};

use crate::{
    account_state::{AccountState, EntityState},
    at_issue::AtIssue,
    books::Books,
    case_state::{Appeal, AppealStanding, CaseState, Notice},
    dates::{Dates, cure_of, label, window_of},
    pending::{lease_end, part_in, passed_first},
};

/// When and by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// When the command was received. Rights count by it, and periods begin at it.
    pub now: Instant,
    /// Who sent it. That the role may send the command at all was checked before.
    pub actor: &'a Actor,
}

/// What a command is decided on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World<'a> {
    /// The case that it names, if it exists.
    pub case: Option<&'a CaseState>,
    /// The account of the case, or that the command names.
    pub account: &'a AccountState,
    /// Its entity.
    pub entity: &'a EntityState,
    /// What the open notices of all accounts are about; only a new notice asks.
    pub at_issue: &'a AtIssue,
    /// Rulebooks and calendars.
    pub books: &'a Books,
    /// What is held, if the service holds still.
    pub held: Option<Held<'a>>,
}

/// What a release of the administrator is decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held<'a> {
    /// Which hold it is.
    pub id: &'a HoldId,
    /// Why it does.
    pub reason: &'a Label,
    /// Deadlines that are overdue.
    pub overdue: u64,
    /// The time of the last event, where that is ahead of the clock.
    pub log_ahead: Option<Instant>,
}

/// A case that a command is about, and what it is decided on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InCase<'a> {
    pub(crate) world: World<'a>,
    pub(crate) case: &'a CaseState,
    pub(crate) context: Context<'a>,
}

/// A live notice of such a case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matter<'a> {
    pub(crate) world: World<'a>,
    pub(crate) case: &'a CaseState,
    pub(crate) notice: &'a Notice,
    pub(crate) context: Context<'a>,
}

impl<'a> InCase<'a> {
    /// The case, if it exists. That a party sends about none but its own was seen to before (`platform/step.rs`).
    pub(crate) fn known(
        world: World<'a>,
        id: &CaseId,
        context: Context<'a>,
    ) -> Result<Self, Rejection> {
        let case = world.case;
        let case = case.ok_or_else(|| Rejection::UnknownCase { case: id.clone() })?;
        Ok(Self {
            world,
            case,
            context,
        })
    }

    /// The case, for a command that changes it. While deadlines are held, what passed first is decided first: a command
    /// that came after a due instant does not overtake it (rule 11).
    pub(crate) fn at_hand(
        world: World<'a>,
        id: &CaseId,
        context: Context<'a>,
    ) -> Result<Self, Rejection> {
        let known = Self::known(world, id, context)?;
        let passed = passed_first(known.case, context.now);
        match passed.filter(|_| world.held.is_some()) {
            None => Ok(known),
            Some(deadline) => Err(Rejection::TimeHeld {
                reason: label(&format!(
                    "the deadline {} of the case passed at {} and is held",
                    deadline.id, deadline.due
                )),
                hold: None,
            }),
        }
    }

    /// The live notice of this id.
    pub(crate) fn notice(self, id: &NoticeId) -> Result<Matter<'a>, Rejection> {
        let Self {
            world,
            case,
            context,
        } = self;
        let notice = case
            .notice(id)
            .ok_or_else(|| Rejection::UnknownNotice { notice: id.clone() })?;
        if !notice.standing.is_live() {
            return Err(Rejection::NoticeNotLive {
                notice: id.clone(),
                standing: notice.standing,
                live: case.live_notice().map(|live| live.id.clone()),
            });
        }
        Ok(Matter {
            world,
            case,
            notice,
            context,
        })
    }

    /// The open appeal of this id.
    pub(crate) fn appeal(self, id: &AppealId) -> Result<&'a Appeal, Rejection> {
        let appeal = self.case.appeal(id);
        let appeal = appeal.ok_or_else(|| Rejection::UnknownAppeal { appeal: id.clone() })?;
        let ended = |ended| {
            Err(Rejection::AppealNotOpen {
                appeal: id.clone(),
                ended: Some(ended),
            })
        };
        match appeal.standing {
            AppealStanding::Filed | AppealStanding::Claimed(_) => Ok(appeal),
            AppealStanding::DeemedGranted => {
                Err(Rejection::AlreadyDetermined { appeal: id.clone() })
            }
            AppealStanding::Ruled => ended(AppealEnd::Ruled),
            AppealStanding::Withdrawn => ended(AppealEnd::Withdrawn),
            AppealStanding::ClosedWithoutRuling => ended(AppealEnd::ClosedWithoutRuling),
        }
    }

    /// A reviewer must have had no part in the case before (rule 7).
    pub(crate) fn check_reviewer(self) -> Result<(), Rejection> {
        match part_in(self.case, &self.context.actor.principal) {
            None => Ok(()),
            Some(part) => Err(Rejection::ReviewerConflict { part }),
        }
    }

    /// Nobody else holds the appeal.
    pub(crate) fn check_claim(self, appeal: &Appeal) -> Result<(), Rejection> {
        match &appeal.standing {
            AppealStanding::Claimed(by) if *by != self.context.actor.principal => {
                Err(Rejection::ClaimedByAnother {
                    appeal: appeal.id.clone(),
                    by: by.clone(),
                    until: lease_end(self.case, appeal),
                })
            }
            AppealStanding::Claimed(_)
            | AppealStanding::Filed
            | AppealStanding::Ruled
            | AppealStanding::Withdrawn
            | AppealStanding::DeemedGranted
            | AppealStanding::ClosedWithoutRuling => Ok(()),
        }
    }
}

impl<'a> Matter<'a> {
    /// The dates of the notice under its own rulebook (rule 12).
    pub(crate) fn dates(self) -> Result<Dates<'a>, Rejection> {
        let (clause, calendar) =
            self.world
                .books
                .of_notice(self.notice)
                .ok_or_else(|| Rejection::NoRulebook {
                    missing: MissingBook::RulebookOfNotice {
                        rulebook: self.notice.terms.rulebook.clone(),
                    },
                })?;
        Ok(Dates::new(calendar, clause, self.case.deadlines_ever))
    }

    /// The deadline that ends its cure period, while it runs.
    pub(crate) fn running_cure(self) -> Option<&'a Deadline> {
        self.case.deadline_for(&cure_of(self.notice))
    }

    /// The deadline that ends its appeal window, while it runs.
    pub(crate) fn running_window(self) -> Option<&'a Deadline> {
        self.case.deadline_for(&window_of(self.notice))
    }
}

impl Context<'_> {
    /// Nothing is known before it was seen.
    pub(crate) const fn check_captured(self, captured_at: Instant) -> Result<(), Rejection> {
        if captured_at.microseconds() > self.now.microseconds() {
            return Err(Rejection::CapturedInFuture {
                captured_at,
                now: self.now,
            });
        }
        Ok(())
    }
}

/// The two releases are the same; a digest counts where both name one.
pub(crate) fn same_release(expected: &Release, found: &Release) -> Result<(), Rejection> {
    let same_digest = match (expected.digest, found.digest) {
        (Some(expected), Some(found)) => expected == found,
        (None, _) | (_, None) => true,
    };
    if expected.version == found.version && same_digest {
        Ok(())
    } else {
        Err(Rejection::WrongReleaseReviewed {
            expected: describe(expected),
            found: describe(found),
        })
    }
}

/// Whether the build is named where the release that was declared or appealed names one.
pub(crate) const fn names_the_build(expected: &Release, found: &Release) -> bool {
    expected.digest.is_none() || found.digest.is_some()
}

fn describe(release: &Release) -> Label {
    match release.digest {
        None => release.version.clone(),
        Some(digest) => label(&format!("{} ({digest})", release.version)),
    }
}
