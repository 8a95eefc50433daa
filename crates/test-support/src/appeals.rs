//! Filing, withdrawing, claiming and giving back appeals.

use events_schema::{
    AmendAppeal, AppealEvidence, Citation, ClaimAppeal, Command, Ground, GroundKind, Instant,
    Relief, SubmitAppeal, UnclaimAppeal, WithdrawAppeal,
};

use crate::values::{digest, id, label, release};

/// What is added to an appeal, in the making.
#[derive(Debug, Clone)]
pub struct AmendmentBuilder(pub AmendAppeal);

/// An appeal in the making.
#[derive(Debug, Clone)]
pub struct AppealBuilder(pub SubmitAppeal);

/// The party appeals against a notice of case `C1`: ground `G1`, no violation; release `1.0`.
pub fn appeal(name: &str, notice: &str) -> AppealBuilder {
    AppealBuilder(SubmitAppeal {
        case: id("C1"),
        notice: id(notice),
        appeal: id(name),
        grounds: vec![ground("G1", GroundKind::NotAViolation)],
        release: release("1.0"),
        evidence: Vec::new(),
        relief: Relief::Quash,
        late: false,
        expedite: None,
    })
}

/// The party adds to an appeal of case `C1`: nothing yet but a reason.
pub fn amend(name: &str) -> AmendmentBuilder {
    AmendmentBuilder(AmendAppeal {
        case: id("C1"),
        appeal: id(name),
        grounds: Vec::new(),
        evidence: Vec::new(),
        release: None,
    })
}

/// The party takes an appeal of case `C1` back.
pub fn withdraw_appeal(name: &str) -> Command {
    Command::WithdrawAppeal(WithdrawAppeal {
        case: id("C1"),
        appeal: id(name),
    })
}

/// A reviewer takes an appeal of case `C1`.
pub fn claim(name: &str) -> Command {
    Command::ClaimAppeal(ClaimAppeal {
        case: id("C1"),
        appeal: id(name),
    })
}

/// A reviewer gives an appeal of case `C1` back.
pub fn unclaim(name: &str) -> Command {
    Command::UnclaimAppeal(UnclaimAppeal {
        case: id("C1"),
        appeal: id(name),
    })
}

fn ground(name: &str, kind: GroundKind) -> Ground {
    Ground {
        id: id(name),
        kind,
        cites: None,
    }
}

/// A rule elsewhere that is said to require what was found.
pub fn citation() -> Citation {
    Citation {
        source: label("platform handbook"),
        rule: label("7.3"),
        version: label("2026-02"),
    }
}

impl AppealBuilder {
    /// In another case.
    #[must_use]
    pub fn with_case(mut self, case: &str) -> Self {
        self.0.case = id(case);
        self
    }

    /// With these grounds.
    #[must_use]
    pub fn with_grounds(mut self, grounds: &[(&str, GroundKind)]) -> Self {
        self.0.grounds = grounds
            .iter()
            .map(|(name, kind)| ground(name, *kind))
            .collect();
        self
    }

    /// On the ground that it was rectified.
    #[must_use]
    pub fn rectified(self) -> Self {
        self.with_grounds(&[("G1", GroundKind::Rectified)])
    }

    /// Naming another release.
    #[must_use]
    pub fn with_release(mut self, version: &str) -> Self {
        self.0.release = release(version);
        self
    }

    /// With a picture captured then.
    #[must_use]
    pub fn with_evidence(mut self, content: &str, captured_at: Instant) -> Self {
        self.0.evidence.push(picture(content, captured_at));
        self
    }

    /// Saying that it is late.
    #[must_use]
    pub const fn late(mut self) -> Self {
        self.0.late = true;
        self
    }
}

impl From<AppealBuilder> for Command {
    fn from(built: AppealBuilder) -> Self {
        Self::SubmitAppeal(Box::new(built.0))
    }
}

impl AmendmentBuilder {
    /// With this ground besides.
    #[must_use]
    pub fn with_ground(mut self, name: &str, kind: GroundKind) -> Self {
        self.0.grounds.push(ground(name, kind));
        self
    }

    /// With a picture captured then.
    #[must_use]
    pub fn with_evidence(mut self, content: &str, captured_at: Instant) -> Self {
        self.0.evidence.push(picture(content, captured_at));
        self
    }

    /// Naming another release.
    #[must_use]
    pub fn with_release(mut self, version: &str) -> Self {
        self.0.release = Some(release(version));
        self
    }
}

impl From<AmendmentBuilder> for Command {
    fn from(built: AmendmentBuilder) -> Self {
        Self::AmendAppeal(Box::new(built.0))
    }
}

fn picture(content: &str, captured_at: Instant) -> AppealEvidence {
    AppealEvidence {
        sha256: digest(content),
        media_type: label("image/png"),
        size_bytes: 4_096,
        captured_at,
    }
}
