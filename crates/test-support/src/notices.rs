//! Warnings, penalties and taking them back.

use events_schema::{
    CapturedEvidence, Capturer, CitedRule, Command, Emergency, Finding, GuideStep, Instant,
    IssuePenalty, IssueWarning, LadderOverride, Locale, MeasureId, NewFacts, Period,
    RequestedMeasure, Restriction, Severity, ThreatenedMeasure, Violation, ViolationSource,
    WithdrawNotice, WithdrawalReason,
};

use crate::values::{at, digest, id, label, login, restriction};

/// A warning in the making.
#[derive(Debug, Clone)]
pub struct WarningBuilder(pub IssueWarning);

/// A penalty in the making.
#[derive(Debug, Clone)]
pub struct PenaltyBuilder(pub IssuePenalty);

/// A withdrawal in the making.
#[derive(Debug, Clone)]
pub struct WithdrawalBuilder(pub WithdrawNotice);

/// Warning `W1` in case `C1`: finding `F1`, step `S1`, clause 4.2; it threatens `M1`, login suspended for
/// new users for 7 days.
pub fn warning() -> WarningBuilder {
    WarningBuilder(IssueWarning {
        case: id("C1"),
        notice: id("W1"),
        supersedes: None,
        account: id("dev7"),
        entity: id("acme"),
        violation: violation("4.2"),
        steps: vec![step("S1")],
        threatened_measures: vec![ThreatenedMeasure {
            id: id("M1"),
            findings: vec![id("F1")],
            restriction: login(),
            lasts: Some(Period::Days(7)),
        }],
        locale: Locale::English,
    })
}

/// Penalty `P1` in case `C1` under clause 9.2, which needs no warning and has no ladder: finding `F1`,
/// step `S1`, and `M1`, payment suspended until rectified.
pub fn penalty() -> PenaltyBuilder {
    PenaltyBuilder(IssuePenalty {
        case: id("C1"),
        notice: id("P1"),
        supersedes: None,
        account: id("dev7"),
        entity: id("acme"),
        violation: violation("9.2"),
        steps: vec![step("S1")],
        measures: vec![measure("M1", restriction("payment"))],
        emergency: None,
        ladder_override: None,
        decision_ground: None,
        automated_decision: false,
        content_type: None,
        account_type: None,
        locale: Locale::English,
    })
}

/// The platform takes a notice of case `C1` back because the finding was wrong.
pub fn mistaken(notice: &str) -> WithdrawalBuilder {
    WithdrawalBuilder(WithdrawNotice {
        case: id("C1"),
        notice: id(notice),
        why: WithdrawalReason::Mistaken,
    })
}

/// A finding on the login page, with content `A` and evidence that the platform captured.
pub fn finding(name: &str) -> Finding {
    Finding {
        id: id(name),
        location: label("login page"),
        test_met: label("asks for a phone number before anything can be seen"),
        content_digest: Some(digest("A")),
        evidence: vec![captured(at("2026-03-01T00:00:00Z"), Capturer::Platform)],
        new_facts: None,
    }
}

/// A picture that was taken then: another one at another time.
pub fn captured(captured_at: Instant, captured_by: Capturer) -> CapturedEvidence {
    CapturedEvidence {
        sha256: digest(&format!("captured at {captured_at}")),
        captured_at,
        captured_by,
    }
}

fn violation(clause: &str) -> Violation {
    Violation {
        rule: CitedRule {
            clause: label(clause),
            version: label("2026-01"),
            title: label("a clause of the tests"),
            url: label("https://example.com/rules"),
            quoted: label("must not"),
        },
        category: label("login_abuse"),
        severity: Severity::Medium,
        release: None,
        findings: vec![finding("F1")],
        source: ViolationSource::OwnInitiative,
        automated_detection: false,
    }
}

fn step(name: &str) -> GuideStep {
    GuideStep {
        id: id(name),
        findings: vec![id("F1")],
    }
}

fn measure(name: &str, restriction: Restriction) -> RequestedMeasure {
    RequestedMeasure {
        id: id(name),
        findings: vec![id("F1")],
        restriction,
        starts_at: None,
        ends_at: None,
    }
}

/// The setters that both kinds of notice have.
macro_rules! notice_setters {
    ($builder:ident) => {
        impl $builder {
            /// In another case.
            #[must_use]
            pub fn with_case(mut self, case: &str) -> Self {
                self.0.case = id(case);
                self
            }

            /// With another id.
            #[must_use]
            pub fn with_notice(mut self, notice: &str) -> Self {
                self.0.notice = id(notice);
                self
            }

            /// Against another account.
            #[must_use]
            pub fn with_account(mut self, account: &str) -> Self {
                self.0.account = id(account);
                self
            }

            /// Of another entity.
            #[must_use]
            pub fn with_entity(mut self, entity: &str) -> Self {
                self.0.entity = id(entity);
                self
            }

            /// Under another clause.
            #[must_use]
            pub fn with_clause(mut self, clause: &str) -> Self {
                self.0.violation.rule.clause = label(clause);
                self
            }

            /// Under another version of the clause.
            #[must_use]
            pub fn with_clause_version(mut self, version: &str) -> Self {
                self.0.violation.rule.version = label(version);
                self
            }

            /// With these findings.
            #[must_use]
            pub fn with_findings(mut self, findings: Vec<Finding>) -> Self {
                self.0.violation.findings = findings;
                self
            }

            /// With the one finding, at another place.
            #[must_use]
            pub fn with_location(mut self, location: &str) -> Self {
                for finding in &mut self.0.violation.findings {
                    finding.location = label(location);
                }
                self
            }

            /// With the one finding, in other content.
            #[must_use]
            pub fn with_content(mut self, content: &str) -> Self {
                for finding in &mut self.0.violation.findings {
                    finding.content_digest = Some(digest(content));
                }
                self
            }

            /// With evidence captured at this time by the platform or a reporter.
            #[must_use]
            pub fn with_evidence(mut self, captured_at: Instant, captured_by: Capturer) -> Self {
                for finding in &mut self.0.violation.findings {
                    finding.evidence = vec![captured(captured_at, captured_by)];
                }
                self
            }

            /// Naming its evidence as new against what this case sealed.
            #[must_use]
            pub fn with_new_facts(mut self, sealed_in: &str) -> Self {
                for finding in &mut self.0.violation.findings {
                    finding.new_facts = Some(NewFacts {
                        sealed_in: id(sealed_in),
                        evidence: finding.evidence.iter().map(|it| it.sha256).collect(),
                    });
                }
                self
            }

            /// With a guide of these steps, each for the first finding.
            #[must_use]
            pub fn with_steps(mut self, steps: &[&str]) -> Self {
                self.0.steps = steps.iter().map(|name| step(name)).collect();
                self
            }
        }
    };
}

notice_setters!(WarningBuilder);
notice_setters!(PenaltyBuilder);

impl WarningBuilder {
    /// In the place of another notice, with a measure `M2` instead of `M1`.
    #[must_use]
    pub fn superseding(mut self, notice: &str) -> Self {
        self.0.supersedes = Some(id(notice));
        for measure in &mut self.0.threatened_measures {
            if measure.id == id("M1") {
                measure.id = id("M2");
            }
        }
        self
    }

    /// Threatening these measures, each for the first finding and until rectified.
    #[must_use]
    pub fn with_measures(mut self, measures: &[(&str, Restriction)]) -> Self {
        self.0.threatened_measures = measures
            .iter()
            .map(|(name, restriction)| ThreatenedMeasure {
                id: id(name),
                findings: vec![id("F1")],
                restriction: restriction.clone(),
                lasts: None,
            })
            .collect();
        self
    }

    /// Threatening its measures for so long.
    #[must_use]
    pub fn lasting(mut self, period: Option<Period>) -> Self {
        for measure in &mut self.0.threatened_measures {
            measure.lasts = period;
        }
        self
    }
}

impl PenaltyBuilder {
    /// In the place of another notice, with a measure `M2` instead of `M1`.
    #[must_use]
    pub fn superseding(mut self, notice: &str) -> Self {
        self.0.supersedes = Some(id(notice));
        for measure in &mut self.0.measures {
            if measure.id == id("M1") {
                measure.id = id("M2");
            }
        }
        self
    }

    /// With these measures, each for the first finding, at once and until rectified.
    #[must_use]
    pub fn with_measures(mut self, measures: &[(&str, Restriction)]) -> Self {
        self.0.measures = measures
            .iter()
            .map(|(name, restriction)| measure(name, restriction.clone()))
            .collect();
        self
    }

    /// With measures that start then.
    #[must_use]
    pub fn starting(mut self, starts_at: Instant) -> Self {
        for measure in &mut self.0.measures {
            measure.starts_at = Some(starts_at);
        }
        self
    }

    /// With a measure of this restriction from then to then besides.
    #[must_use]
    pub fn and_then(
        mut self,
        name: &str,
        restriction: Restriction,
        (starts_at, ends_at): (Instant, Instant),
    ) -> Self {
        let mut measure = measure(name, restriction);
        measure.starts_at = Some(starts_at);
        measure.ends_at = Some(ends_at);
        self.0.measures.push(measure);
        self
    }

    /// With one measure that ends then.
    #[must_use]
    pub fn ending(mut self, measure: &str, ends_at: Instant) -> Self {
        let named: MeasureId = id(measure);
        for measure in self.0.measures.iter_mut().filter(|it| it.id == named) {
            measure.ends_at = Some(ends_at);
        }
        self
    }

    /// On this emergency ground.
    #[must_use]
    pub fn with_emergency(mut self, ground: &str, approver: &str) -> Self {
        self.0.emergency = Some(Emergency {
            ground: label(ground),
            approver: id(approver),
        });
        self
    }

    /// Beyond the ladder.
    #[must_use]
    pub fn with_override(mut self, approver: &str) -> Self {
        self.0.ladder_override = Some(LadderOverride {
            approver: id(approver),
        });
        self
    }
}

impl WithdrawalBuilder {
    /// In another case.
    #[must_use]
    pub fn with_case(mut self, case: &str) -> Self {
        self.0.case = id(case);
        self
    }
}

impl From<WarningBuilder> for Command {
    fn from(built: WarningBuilder) -> Self {
        Self::IssueWarning(Box::new(built.0))
    }
}

impl From<PenaltyBuilder> for Command {
    fn from(built: PenaltyBuilder) -> Self {
        Self::IssuePenalty(Box::new(built.0))
    }
}

impl From<WithdrawalBuilder> for Command {
    fn from(built: WithdrawalBuilder) -> Self {
        Self::WithdrawNotice(built.0)
    }
}
