//! The periods, caps and consequences that a rulebook sets once and a clause may set differently.

use events_schema::Period;
use serde::{Deserialize, de::DeserializeOwned};

use super::section::{Found, Section};

/// The periods, caps and consequences of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// Attempts per notice.
    pub appeal_cap: u32,
    /// How long a penalty may be appealed, from its notice and then from each refusal.
    pub appeal_window: Period,
    /// How long a party has to rectify after a warning.
    pub cure: Period,
    /// The least that is left of a cure period after it was stopped.
    pub cure_residual_minimum: Period,
    /// How often that least is given after the platform has answered no.
    pub cure_residual_times: u32,
    /// How many declarations of a notice stop its periods until they are answered.
    pub declarations_that_hold: u32,
    /// How often a notice may take the place of another about the same matter.
    pub successors: u32,
    /// How long the platform has to rule on an appeal.
    pub review: Period,
    /// What happens when it does not.
    pub review_breach: ReviewBreach,
    /// How long an escalated appeal may wait before it escalates again.
    pub review_escalation: Period,
    /// How long a reviewer may keep an appeal without ruling.
    pub claim_lease: Period,
    /// How long the platform has to review the code of a new release.
    pub code_review: Period,
    /// How long the platform has to verify a rectification.
    pub verification: Period,
    /// How long it has each time after that was escalated.
    pub verification_second: Period,
    /// What happens when the platform is late.
    pub verification_breach: VerificationBreach,
    /// Whether an appeal in time against a warning stays its penalty until the ruling.
    pub stay_on_warning_appeal: bool,
    /// What becomes of an appeal after the window.
    pub late_filing: LateFiling,
}

/// What happens when the platform does not rule in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewBreach {
    /// The appeal goes to whoever oversees the reviewers.
    Escalate,
    /// The same, and its measures are stayed.
    Stay,
    /// The appeal is granted, without a seal.
    DeemedGranted,
}

impl ReviewBreach {
    /// As a rulebook writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Escalate => "escalate",
            Self::Stay => "stay",
            Self::DeemedGranted => "deemed_granted",
        }
    }
}

/// What happens when the platform does not verify a rectification in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationBreach {
    /// It escalates again and again.
    Escalate,
    /// The same, and its measures are stayed.
    Stay,
    /// The same, and the second time the rectification counts as confirmed.
    DeemedConfirmed,
}

impl VerificationBreach {
    /// As a rulebook writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Escalate => "escalate",
            Self::Stay => "stay",
            Self::DeemedConfirmed => "deemed_confirmed",
        }
    }
}

/// What becomes of an appeal after the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateFiling {
    /// It is refused.
    Refuse,
    /// It is accepted when it says why it is late, and flagged.
    AcceptWithReasons,
}

impl LateFiling {
    /// As a rulebook writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::AcceptWithReasons => "accept_with_reasons",
        }
    }
}

/// What a rulebook that says nothing of it means.
const CURE_RESIDUAL_TIMES: u32 = 2;
const DECLARATIONS_THAT_HOLD: u32 = 3;
const SUCCESSORS: u32 = 1;

/// Where a value comes from that a section does not name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Inherited<'a> {
    /// From nowhere: these are the defaults themselves.
    Nothing,
    /// From the defaults.
    Defaults(&'a Params),
    /// From defaults that are wrong themselves. Noted there, so not noted again at every clause.
    Unknown,
}

impl Params {
    /// Reads the section's own values over the inherited ones.
    pub(super) fn read(
        section: &mut Section,
        inherited: Inherited<'_>,
        found: &mut Found,
    ) -> Option<Self> {
        let appeal_cap = value(section, "appeal_cap", inherited, found, |it| it.appeal_cap);
        if appeal_cap == Some(0) {
            found.add(section.key("appeal_cap"), "allows no appeal at all");
        }
        let mut period = |key, of: fn(&Self) -> Period| {
            let period = value(section, key, inherited, found, of);
            section.check_period(key, period, found);
            period
        };
        let appeal_window = period("appeal_window", |it| it.appeal_window);
        let cure = period("cure", |it| it.cure);
        let cure_residual_minimum = period("cure_residual_minimum", |it| it.cure_residual_minimum);
        let review = period("review", |it| it.review);
        let review_escalation = period("review_escalation", |it| it.review_escalation);
        let claim_lease = period("claim_lease", |it| it.claim_lease);
        let code_review = period("code_review", |it| it.code_review);
        let verification = period("verification", |it| it.verification);
        let verification_second = period("verification_second", |it| it.verification_second);
        let cure_residual_times = value_or(
            section,
            "cure_residual_times",
            CURE_RESIDUAL_TIMES,
            inherited,
            found,
            |it| it.cure_residual_times,
        );
        let declarations_that_hold = value_or(
            section,
            "declarations_that_hold",
            DECLARATIONS_THAT_HOLD,
            inherited,
            found,
            |it| it.declarations_that_hold,
        );
        let successors = value_or(section, "successors", SUCCESSORS, inherited, found, |it| {
            it.successors
        });
        let review_breach = value(section, "review_breach", inherited, found, |it| {
            it.review_breach
        });
        let verification_breach = value(section, "verification_breach", inherited, found, |it| {
            it.verification_breach
        });
        let stay_on_warning_appeal =
            value(section, "stay_on_warning_appeal", inherited, found, |it| {
                it.stay_on_warning_appeal
            });
        let late_filing = value(section, "late_filing", inherited, found, |it| {
            it.late_filing
        });
        Some(Self {
            appeal_cap: appeal_cap?,
            appeal_window: appeal_window?,
            cure: cure?,
            cure_residual_minimum: cure_residual_minimum?,
            cure_residual_times: cure_residual_times?,
            declarations_that_hold: declarations_that_hold?,
            successors: successors?,
            review: review?,
            review_breach: review_breach?,
            review_escalation: review_escalation?,
            claim_lease: claim_lease?,
            code_review: code_review?,
            verification: verification?,
            verification_second: verification_second?,
            verification_breach: verification_breach?,
            stay_on_warning_appeal: stay_on_warning_appeal?,
            late_filing: late_filing?,
        })
    }
}

/// A value that the defaults may leave out.
fn value_or<T: DeserializeOwned>(
    section: &mut Section,
    key: &str,
    left_out: T,
    inherited: Inherited<'_>,
    found: &mut Found,
    of: impl Fn(&Params) -> T,
) -> Option<T> {
    match inherited {
        Inherited::Nothing if !section.has(key) => Some(left_out),
        Inherited::Nothing | Inherited::Defaults(_) | Inherited::Unknown => {
            value(section, key, inherited, found, of)
        }
    }
}

fn value<T: DeserializeOwned>(
    section: &mut Section,
    key: &str,
    inherited: Inherited<'_>,
    found: &mut Found,
    of: impl Fn(&Params) -> T,
) -> Option<T> {
    match inherited {
        Inherited::Nothing => section.required(key, found),
        Inherited::Defaults(_) | Inherited::Unknown if section.has(key) => {
            section.optional(key, found)
        }
        Inherited::Defaults(defaults) => Some(of(defaults)),
        Inherited::Unknown => None,
    }
}
