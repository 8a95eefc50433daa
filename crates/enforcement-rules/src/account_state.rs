//! What the rules must know of an account and its entity across cases: seals, strikes, restrictions.

use events_schema::{
    CapabilityId, CaseId, CommandId, Event, Instant, Label, MeasureId, NoticeId, Seal,
    StillRestricted, Strike,
};

/// Restrictions of other cases that one event names, so that an account with thousands of them fits into a record.
const STILL_RESTRICTED_MAX: usize = 40;

/// An account across its cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountState {
    /// What may not be penalised again.
    pub seals: Vec<SealOnRecord>,
    /// Steps on ladders that count per account.
    pub strikes: Vec<StrikeOnRecord>,
    /// Every measure that restricts or may yet.
    pub restrictions: Vec<RestrictionOnRecord>,
    /// Refused filings of the day of the last one.
    pub refusals: RefusalsOfADay,
}

/// An entity across its accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityState {
    /// Steps on ladders that count per entity.
    pub strikes: Vec<StrikeOnRecord>,
}

/// A seal and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealOnRecord {
    /// The seal.
    pub seal: Seal,
    /// The case that made it.
    pub case: CaseId,
    /// When.
    pub sealed_at: Instant,
}

/// A strike and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrikeOnRecord {
    /// The clause whose ladder it is.
    pub clause: Label,
    /// The case.
    pub case: CaseId,
    /// The penalty.
    pub notice: NoticeId,
    /// When it was imposed.
    pub at: Instant,
}

/// A measure of any case of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestrictionOnRecord {
    /// The case.
    pub case: CaseId,
    /// The measure.
    pub measure: MeasureId,
    /// What it restricts.
    pub capability: CapabilityId,
    /// Whether it restricts now.
    pub in_force: bool,
}

/// Refused filings of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefusalsOfADay {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// How many that day, as far as recorded.
    pub number: u32,
    /// The commands whose refusal is recorded, so that one sent again is not recorded again.
    pub commands: Vec<CommandId>,
}

impl AccountState {
    /// What other cases keep restricted of these capabilities: some of each, and how many more there are.
    pub fn still_restricted<'a>(
        &self,
        case: &CaseId,
        capabilities: impl Iterator<Item = &'a CapabilityId> + Clone,
    ) -> (Vec<StillRestricted>, u32) {
        let mut all: Vec<_> = self
            .restrictions
            .iter()
            .filter(|other| other.in_force && other.case != *case)
            .filter(|other| capabilities.clone().any(|it| *it == other.capability))
            .map(|other| StillRestricted {
                capability: other.capability.clone(),
                case: other.case.clone(),
                measure: other.measure.clone(),
            })
            .collect();
        all.sort();
        let capabilities = all.chunk_by(|one, other| one.capability == other.capability);
        let of_each = STILL_RESTRICTED_MAX / capabilities.clone().count().max(1);
        let named: Vec<_> = capabilities
            .flat_map(|of_one| of_one.iter().take(of_each.max(1)))
            .cloned()
            .collect();
        let more = all.len() - named.len();
        (named, u32::try_from(more).unwrap_or(u32::MAX))
    }
}

/// Changes the state of an account by an event of one of its cases, or of its own stream.
pub fn evolve_account(
    account: &mut AccountState,
    case: Option<&CaseId>,
    command_id: Option<&CommandId>,
    received: Instant,
    event: &Event,
) {
    if let Event::FilingRefused(refused) = event {
        let day = day_of(received);
        if account.refusals.day != day {
            account.refusals = RefusalsOfADay {
                day,
                ..RefusalsOfADay::default()
            };
        }
        account.refusals.number = refused.number_today;
        account.refusals.commands.extend(command_id.cloned());
    }
    let Some(case) = case else { return };
    if let Some((strike, notice, at)) = struck(event, received) {
        account.strikes.push(on_record(strike, case, notice, at));
    } else if let Some(notice) = voided(event) {
        void(&mut account.strikes, case, notice);
    }
    match event {
        Event::PenaltyIssued(issued) => restrict(account, case, &issued.measures, received),
        Event::PenaltyImposed(imposed) => restrict(account, case, &imposed.measures, received),
        Event::MeasureStarted(started) => set_in_force(account, case, &started.measure, true),
        Event::MeasuresStayed(stayed) => {
            for measure in &stayed.measures {
                set_in_force(account, case, measure, false);
            }
        }
        Event::MeasuresResumed(resumed) => {
            for measure in &resumed.measures {
                set_in_force(account, case, measure, true);
            }
        }
        Event::MeasureExpired(expired) => forget(account, case, &expired.measure),
        Event::MeasuresLifted(lifted) => {
            for measure in lifted.restored.iter().chain(&lifted.cancelled) {
                forget(account, case, measure);
            }
        }
        Event::FindingsSealed(sealed) => {
            account
                .seals
                .extend(sealed.seals.iter().map(|seal| SealOnRecord {
                    seal: seal.clone(),
                    case: case.clone(),
                    sealed_at: received,
                }));
        }
        Event::WarningIssued(_)
        | Event::NoticeWithdrawn(_)
        | Event::NoticeClosed(_)
        | Event::NoticeExhausted(_)
        | Event::CurePeriodHeld(_)
        | Event::FilingWindowPassed(_)
        | Event::DeadlineRevised(_)
        | Event::RectificationDeclared(_)
        | Event::CodeReviewRecorded(_)
        | Event::CodeReviewOverdue(_)
        | Event::RectificationVerified(_)
        | Event::VerificationOverdue(_)
        | Event::RectificationDeemedConfirmed(_)
        | Event::AppealSubmitted(_)
        | Event::AppealWithdrawn(_)
        | Event::AppealClaimed(_)
        | Event::AppealUnclaimed(_)
        | Event::AppealRuled(_)
        | Event::AppealOverdue(_)
        | Event::AppealEscalated(_)
        | Event::AppealClosedWithoutRuling(_)
        | Event::FilingRefused(_)
        | Event::RulebookAdopted(_)
        | Event::CalendarPublished(_)
        | Event::LogCreated(_)
        | Event::BackfillStarted(_)
        | Event::BackfillCompleted(_)
        | Event::DeadlinesReleased(_) => {}
    }
}

/// Changes the state of an entity by an event of a case of one of its accounts.
pub fn evolve_entity(entity: &mut EntityState, case: &CaseId, received: Instant, event: &Event) {
    if let Some((strike, notice, at)) = struck(event, received) {
        entity.strikes.push(on_record(strike, case, notice, at));
    } else if let Some(notice) = voided(event) {
        void(&mut entity.strikes, case, notice);
    }
}

/// Whether an event concerns an account or entity beyond its case, so that a fold of only such events
/// gives the same state.
pub fn concerns_account(event: &Event) -> bool {
    match event {
        Event::PenaltyIssued(_)
        | Event::PenaltyImposed(_)
        | Event::MeasureStarted(_)
        | Event::MeasureExpired(_)
        | Event::MeasuresStayed(_)
        | Event::MeasuresResumed(_)
        | Event::MeasuresLifted(_)
        | Event::FindingsSealed(_)
        | Event::FilingRefused(_) => true,
        Event::NoticeWithdrawn(withdrawn) => withdrawn.voided_strike.is_some(),
        Event::WarningIssued(_)
        | Event::NoticeClosed(_)
        | Event::NoticeExhausted(_)
        | Event::CurePeriodHeld(_)
        | Event::FilingWindowPassed(_)
        | Event::DeadlineRevised(_)
        | Event::RectificationDeclared(_)
        | Event::CodeReviewRecorded(_)
        | Event::CodeReviewOverdue(_)
        | Event::RectificationVerified(_)
        | Event::VerificationOverdue(_)
        | Event::RectificationDeemedConfirmed(_)
        | Event::AppealSubmitted(_)
        | Event::AppealWithdrawn(_)
        | Event::AppealClaimed(_)
        | Event::AppealUnclaimed(_)
        | Event::AppealRuled(_)
        | Event::AppealOverdue(_)
        | Event::AppealEscalated(_)
        | Event::AppealClosedWithoutRuling(_)
        | Event::RulebookAdopted(_)
        | Event::CalendarPublished(_)
        | Event::LogCreated(_)
        | Event::BackfillStarted(_)
        | Event::BackfillCompleted(_)
        | Event::DeadlinesReleased(_) => false,
    }
}

/// The day of an instant, UTC, counted from 1970-01-01.
pub const fn day_of(instant: Instant) -> i64 {
    instant.microseconds().div_euclid(86_400_000_000)
}

fn struck(event: &Event, received: Instant) -> Option<(&Strike, &NoticeId, Instant)> {
    if let Event::PenaltyIssued(issued) = event {
        Some((&issued.strike, &issued.command.notice, received))
    } else if let Event::PenaltyImposed(imposed) = event {
        // Dated at the deadline, however late that fired.
        let at = imposed.measures.first().map_or(received, |it| it.starts_at);
        Some((&imposed.strike, &imposed.notice, at))
    } else {
        None
    }
}

/// The notice whose strike an event voids.
fn voided(event: &Event) -> Option<&NoticeId> {
    if let Event::FindingsSealed(sealed) = event {
        sealed.voided_strike.as_ref().map(|_| &sealed.notice)
    } else if let Event::NoticeWithdrawn(withdrawn) = event {
        let strike = withdrawn.voided_strike.as_ref();
        strike.map(|_| &withdrawn.command.notice)
    } else {
        None
    }
}

fn on_record(strike: &Strike, case: &CaseId, notice: &NoticeId, at: Instant) -> StrikeOnRecord {
    StrikeOnRecord {
        clause: strike.clause.clone(),
        case: case.clone(),
        notice: notice.clone(),
        at,
    }
}

fn void(strikes: &mut Vec<StrikeOnRecord>, case: &CaseId, notice: &NoticeId) {
    strikes.retain(|strike| strike.case != *case || strike.notice != *notice);
}

fn restrict(
    account: &mut AccountState,
    case: &CaseId,
    measures: &[events_schema::Measure],
    at: Instant,
) {
    account
        .restrictions
        .extend(measures.iter().map(|measure| RestrictionOnRecord {
            case: case.clone(),
            measure: measure.id.clone(),
            capability: measure.restriction.capability.clone(),
            in_force: measure.starts_at <= at,
        }));
}

fn set_in_force(account: &mut AccountState, case: &CaseId, measure: &MeasureId, in_force: bool) {
    for known in &mut account.restrictions {
        if known.case == *case && known.measure == *measure {
            known.in_force = in_force;
        }
    }
}

fn forget(account: &mut AccountState, case: &CaseId, measure: &MeasureId) {
    account
        .restrictions
        .retain(|known| known.case != *case || known.measure != *measure);
}
