//! The words for the facts of a rejection, each in both languages side by side.

use crate::{
    AppealEnd, Locale, MissingBook, NoticeGap, NoticePart, PartInCase, Role, RulingContradiction,
    RulingGap, RulingPart, VerificationGap,
};

/// The one of a pair that is in this language.
fn in_language<T>(locale: Locale, english: T, chinese: T) -> T {
    match locale {
        Locale::English => english,
        Locale::Chinese => chinese,
    }
}

pub(super) const fn notice_part(part: NoticePart, locale: Locale) -> &'static str {
    let (english, chinese) = match part {
        NoticePart::Findings => ("findings", "违规内容"),
        NoticePart::Steps => ("steps", "整改项"),
        NoticePart::Measures => ("measures", "限制措施"),
    };
    match locale {
        Locale::English => english,
        Locale::Chinese => chinese,
    }
}

pub(super) fn role(role: Role, locale: Locale) -> &'static str {
    let chinese = match role {
        Role::Platform => "平台",
        Role::Party => "当事人",
        Role::Reviewer => "审核员",
        Role::Administrator => "管理员",
        Role::Auditor => "审计员",
        Role::Service => "本服务",
    };
    match locale {
        Locale::English => role.as_str(),
        Locale::Chinese => chinese,
    }
}

pub(super) fn missing_book(missing: &MissingBook, locale: Locale) -> String {
    match missing {
        MissingBook::Rulebook {} => in_language(locale, "a rulebook", "规则手册").to_owned(),
        MissingBook::Calendar { calendar } => in_language(
            locale,
            format!("the calendar {calendar}"),
            format!("日历 {calendar}"),
        ),
        MissingBook::RulebookOfNotice { rulebook } => in_language(
            locale,
            format!("the rulebook {rulebook} or its calendar"),
            format!("规则手册 {rulebook} 或其日历"),
        ),
    }
}

pub(super) fn notice_gap(gap: &NoticeGap, locale: Locale) -> String {
    match gap {
        NoticeGap::NoFinding {} => {
            in_language(locale, "it has no finding", "没有列出违规内容").to_owned()
        }
        NoticeGap::NoStep {} => {
            in_language(locale, "its guide has no step", "整改指引没有整改项").to_owned()
        }
        NoticeGap::NoMeasure {} => {
            in_language(locale, "it names no measure", "没有列出限制措施").to_owned()
        }
        NoticeGap::StepWithoutFinding { step } => in_language(
            locale,
            format!("step {step} does not name findings of the notice"),
            format!("整改项 {step} 未指明本通知的违规内容"),
        ),
        NoticeGap::MeasureWithoutFinding { measure } => in_language(
            locale,
            format!("measure {measure} does not name findings of the notice"),
            format!("限制措施 {measure} 未指明本通知的违规内容"),
        ),
        NoticeGap::MeasureEndsBeforeStart { measure } => in_language(
            locale,
            format!("measure {measure} ends before it starts"),
            format!("限制措施 {measure} 的结束时间早于开始时间"),
        ),
    }
}

pub(super) fn verification_gap(gap: VerificationGap, locale: Locale) -> &'static str {
    let (english, chinese) = match gap {
        VerificationGap::ReleaseNotNamed => (
            "it does not name the release that was looked at",
            "未指明所查看的版本",
        ),
        VerificationGap::ConfirmedWithUnmetStep => (
            "it confirms and names unmet steps",
            "结论为通过，却列出未完成的整改项",
        ),
        VerificationGap::RejectedWithoutUnmetStep => (
            "it rejects and names no unmet step",
            "结论为未通过，却未列出未完成的整改项",
        ),
        VerificationGap::RejectedWithoutObservation => (
            "it rejects and shows no observation",
            "结论为未通过，却没有所见内容",
        ),
        VerificationGap::DigestNotNamed => (
            "it leaves out the digest of the release that was declared",
            "所声明的版本附有摘要，核查内容未写明该摘要",
        ),
    };
    in_language(locale, english, chinese)
}

pub(super) fn part_in_case(part: PartInCase, locale: Locale) -> &'static str {
    let (english, chinese) = match part {
        PartInCase::IssuedNotice => ("you issued a notice of this case", "您发出过本案的通知"),
        PartInCase::ApprovedPenalty => {
            ("you approved a penalty of this case", "您审批过本案的处罚")
        }
        PartInCase::RuledOnAppeal => ("you ruled on an appeal of this case", "您裁定过本案的申诉"),
        PartInCase::VerifiedRectification => (
            "you verified a rectification of this case",
            "您核查过本案的整改",
        ),
        PartInCase::IsTheParty => ("you are the party itself", "您即当事人"),
    };
    in_language(locale, english, chinese)
}

fn ruling_part(part: RulingPart, locale: Locale) -> &'static str {
    let (english, chinese) = match part {
        RulingPart::Finding => ("finding", "违规内容"),
        RulingPart::Ground => ("ground", "申诉理由"),
        RulingPart::Step => ("step", "整改项"),
        RulingPart::Measure => ("measure", "限制措施"),
    };
    in_language(locale, english, chinese)
}

pub(super) fn ruling_gap(gap: &RulingGap, locale: Locale) -> String {
    let part = |what: &RulingPart| ruling_part(*what, locale);
    match gap {
        RulingGap::NoObservation {} => in_language(
            locale,
            "it shows no observation of the release reviewed",
            "没有对所审核版本的所见内容",
        )
        .to_owned(),
        RulingGap::DigestNotNamed {} => in_language(
            locale,
            "it leaves out the digest of the release that is appealed, in the release reviewed or in an observation",
            "申诉所涉版本附有摘要，所审核版本或所见内容未写明该摘要",
        )
        .to_owned(),
        RulingGap::PrevailsNotSaid { ground } => in_language(
            locale,
            format!("ground {ground} cites another rule, and the answer does not say which one prevails"),
            format!("申诉理由 {ground} 引用了其他规则，答复未说明以哪一条为准"),
        ),
        RulingGap::EvidenceNotOfAppeal { sha256 } => in_language(
            locale,
            format!("the evidence {sha256} is not part of the appeal"),
            format!("材料 {sha256} 不属于本次申诉"),
        ),
        RulingGap::NotAnswered { what, id } => in_language(
            locale,
            format!("{} {id} is not answered", part(what)),
            format!("{} {id} 未予答复", part(what)),
        ),
        RulingGap::AnsweredTwice { what, id } => in_language(
            locale,
            format!("{} {id} is answered twice", part(what)),
            format!("{} {id} 被重复答复", part(what)),
        ),
        RulingGap::NothingToAnswer { what, id } => in_language(
            locale,
            format!("there is no {} {id} to answer", part(what)),
            format!("没有可答复的{} {id}", part(what)),
        ),
    }
}

pub(super) fn contradiction(problem: RulingContradiction, locale: Locale) -> &'static str {
    let (english, chinese) = match problem {
        RulingContradiction::GrantedWithUpheldFinding => (
            "granted, and a finding is upheld",
            "申诉通过，却维持了违规内容",
        ),
        RulingContradiction::GrantedWithKeptStep => {
            ("granted, and a step is kept", "申诉通过，却保留了整改项")
        }
        RulingContradiction::GrantedWithKeptMeasure => (
            "granted, and a measure is kept",
            "申诉通过，却保留了限制措施",
        ),
        RulingContradiction::GrantedWithCurePeriod => (
            "granted, and a cure period is set",
            "申诉通过，却设定了整改期限",
        ),
        RulingContradiction::RefusedWithoutUpheldFinding => (
            "refused, and no finding is upheld",
            "申诉未通过，却没有维持任何违规内容",
        ),
        RulingContradiction::RefusedWithUnfoundedFinding => (
            "refused, and a finding is no violation or not established; that is granted in part",
            "申诉未通过，却有违规内容不构成违规或不成立；应为部分通过",
        ),
        RulingContradiction::RefusedWithoutUnmetStep => (
            "a finding is upheld, and no step is named as still unmet",
            "维持了违规内容，却未列出未完成的整改项",
        ),
        RulingContradiction::RefusedOverVerifiedStep => (
            "steps are kept that were verified as done",
            "保留的整改项已核查通过",
        ),
        RulingContradiction::RefusedWithLiftedMeasure => (
            "refused, and a measure is lifted",
            "申诉未通过，却解除了限制措施",
        ),
        RulingContradiction::InPartWithoutUpheldFinding => (
            "granted in part, and no finding is upheld; that is granted",
            "申诉部分通过，却没有维持任何违规内容；应为通过",
        ),
        RulingContradiction::InPartWithoutFallenFinding => (
            "granted in part, and every finding is upheld; that is refused",
            "申诉部分通过，却维持了全部违规内容；应为未通过",
        ),
        RulingContradiction::KeptStepWithoutUpheldFinding => (
            "a step is kept, and none of its findings is upheld",
            "保留了整改项，却没有维持其所针对的任何违规内容",
        ),
        RulingContradiction::CurePeriodOfPenalty => {
            ("a penalty has no cure period", "处罚没有整改期限")
        }
    };
    in_language(locale, english, chinese)
}

pub(super) fn appeal_end(end: AppealEnd, locale: Locale) -> &'static str {
    let (english, chinese) = match end {
        AppealEnd::Ruled => ("was ruled on", "已有结果"),
        AppealEnd::Withdrawn => ("was withdrawn", "已撤回"),
        AppealEnd::ClosedWithoutRuling => ("was closed without a ruling", "已结案，未作裁定"),
    };
    in_language(locale, english, chinese)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::Rejection;

    /// Every kind of fact that has words, in each rejection that can have it, with ids that no word could be.
    fn every_fact() -> Vec<Value> {
        let digest = "0".repeat(64);
        let mut all = Vec::new();
        for missing in [
            json!({ "kind": "rulebook" }),
            json!({ "kind": "calendar", "calendar": "c1" }),
            json!({ "kind": "rulebook_of_notice", "rulebook": "r1" }),
        ] {
            all.push(json!({ "code": "no_rulebook", "missing": missing }));
        }
        for missing in [
            json!({ "kind": "no_finding" }),
            json!({ "kind": "no_step" }),
            json!({ "kind": "no_measure" }),
            json!({ "kind": "step_without_finding", "step": "S1" }),
            json!({ "kind": "measure_without_finding", "measure": "M1" }),
            json!({ "kind": "measure_ends_before_start", "measure": "M1" }),
        ] {
            all.push(json!({ "code": "notice_incomplete", "missing": missing }));
        }
        for missing in [
            "release_not_named",
            "confirmed_with_unmet_step",
            "rejected_without_unmet_step",
            "rejected_without_observation",
            "digest_not_named",
        ] {
            all.push(json!({ "code": "verification_incomplete", "missing": missing }));
        }
        for part in [
            "issued_notice",
            "approved_penalty",
            "ruled_on_appeal",
            "verified_rectification",
            "is_the_party",
        ] {
            all.push(json!({ "code": "reviewer_conflict", "part": part }));
        }
        all.push(json!({ "code": "ruling_incomplete", "missing": { "kind": "no_observation" } }));
        all.push(json!({ "code": "ruling_incomplete", "missing": { "kind": "digest_not_named" } }));
        let prevails = json!({ "kind": "prevails_not_said", "ground": "G1" });
        all.push(json!({ "code": "ruling_incomplete", "missing": prevails }));
        let evidence = json!({ "kind": "evidence_not_of_appeal", "sha256": digest });
        all.push(json!({ "code": "ruling_incomplete", "missing": evidence }));
        for kind in ["not_answered", "answered_twice", "nothing_to_answer"] {
            for what in ["finding", "ground", "step", "measure"] {
                let missing = json!({ "kind": kind, "what": what, "id": "X1" });
                all.push(json!({ "code": "ruling_incomplete", "missing": missing }));
            }
        }
        for problem in [
            "granted_with_upheld_finding",
            "granted_with_kept_step",
            "granted_with_kept_measure",
            "granted_with_cure_period",
            "refused_without_upheld_finding",
            "refused_with_unfounded_finding",
            "refused_without_unmet_step",
            "refused_over_verified_step",
            "refused_with_lifted_measure",
            "in_part_without_upheld_finding",
            "in_part_without_fallen_finding",
            "kept_step_without_upheld_finding",
            "cure_period_of_penalty",
        ] {
            all.push(json!({ "code": "ruling_inconsistent", "problem": problem }));
        }
        for ended in ["ruled", "withdrawn", "closed_without_ruling"] {
            all.push(json!({ "code": "appeal_not_open", "appeal": "A1", "ended": ended }));
        }
        for what in ["findings", "steps", "measures"] {
            all.push(json!({ "code": "too_many", "what": what, "found": 9, "max": 8 }));
        }
        for &role in Role::ALL {
            for name in ["Inbox", "Decide"] {
                all.push(json!({ "code": "not_permitted", "role": role, "name": name }));
            }
        }
        all
    }

    #[test]
    fn each_fact_has_its_own_words_in_each_language_and_in_chinese_no_english() {
        for locale in [Locale::English, Locale::Chinese] {
            let mut said = std::collections::BTreeMap::new();
            for facts in every_fact() {
                let rejection: Rejection = serde_json::from_value(facts.clone())
                    .unwrap_or_else(|error| panic!("{facts}: {error}"));
                let sentence = rejection.sentence(locale);
                if let Some(other) = said.insert(sentence.clone(), facts.clone()) {
                    panic!("{sentence} is said of {other} and of {facts}");
                }
                if locale == Locale::Chinese {
                    let ids = ["c1", "r1", "S1", "M1", "X1", "A1", "G1", "Inbox", "Decide"];
                    let rest = ids
                        .iter()
                        .fold(sentence.clone(), |it, id| it.replace(id, ""));
                    let letter = rest.chars().any(|c| c.is_ascii_alphabetic());
                    assert!(!letter, "{sentence}");
                }
            }
        }
    }
}
