//! The sentences of rejections and of what can be done next, in English and Chinese: a file a language, and one for the
//! words of their facts.

mod chinese;
mod english;
mod facts;

use crate::{
    CodeReviewOutcome, Label, Locale, NextStep, NoticeStanding, QueryName, RectificationStage,
    Rejection,
};

impl Rejection {
    /// One sentence: what, why, and what to do. For people; programs compare the code.
    pub fn sentence(&self, locale: Locale) -> String {
        match locale {
            Locale::English => english::rejection(self),
            Locale::Chinese => chinese::rejection(self),
        }
    }

    /// What of its facts is in one language only, as a parser found it or somebody typed it. The English sentence says
    /// it, and the Chinese one where it stands.
    pub fn in_one_language(&self) -> Vec<&str> {
        if let Self::MalformedCommand { problem, .. } = self {
            vec![problem]
        } else if let Self::TimeHeld { reason, .. } = self {
            vec![reason.as_str()]
        } else if let Self::InvalidRulebook { problems, .. }
        | Self::InvalidCalendar { problems, .. } = self
        {
            problems.iter().map(String::as_str).collect()
        } else {
            Vec::new()
        }
    }
}

impl NextStep {
    /// What to do, or what to wait for, in a few words.
    pub fn sentence(&self, locale: Locale) -> String {
        match locale {
            Locale::English => english::next_step(self),
            Locale::Chinese => chinese::next_step(self),
        }
    }
}

/// Whether a query is about one account, so that a party is refused it for another account only.
fn is_about_an_account(query: &Label) -> bool {
    QueryName::parse(query.as_str()).is_some_and(QueryName::is_about_an_account)
}

/// The word for where a notice stands.
pub(crate) const fn standing_word(standing: NoticeStanding, locale: Locale) -> &'static str {
    let (english, chinese) = match standing {
        NoticeStanding::Warned => ("warned", "警告中"),
        NoticeStanding::Penalised => ("penalised", "处罚中"),
        NoticeStanding::Exhausted => ("exhausted", "申诉次数用尽"),
        NoticeStanding::Lapsed => ("lapsed", "警告已转为处罚"),
        NoticeStanding::Complied => ("closed as complied", "已整改完成"),
        NoticeStanding::Overturned => ("closed as overturned", "已撤销认定"),
        NoticeStanding::Withdrawn => ("withdrawn", "已撤销通知"),
        NoticeStanding::Superseded => ("superseded", "已被后续通知取代"),
        NoticeStanding::DeemedGranted => ("closed as deemed granted", "超时视为通过"),
        NoticeStanding::OnRecord => ("put right, and still on record", "已整改，处罚记录仍可申诉"),
        NoticeStanding::Served => ("closed as served", "处罚已执行完毕"),
    };
    match locale {
        Locale::English => english,
        Locale::Chinese => chinese,
    }
}

/// The word for where a rectification stands.
pub(crate) const fn stage_word(stage: RectificationStage, locale: Locale) -> &'static str {
    let (english, chinese) = match stage {
        RectificationStage::None => ("not declared", "未声明"),
        RectificationStage::Partial => ("declared in part", "部分声明"),
        RectificationStage::ReviewPending => ("in code review", "代码审核中"),
        RectificationStage::Unverified => ("waiting for verification", "待核查"),
        RectificationStage::AwaitsRuling => ("waiting for the ruling", "待申诉结果"),
        RectificationStage::Rejected => ("rejected", "未通过"),
        RectificationStage::Confirmed => ("confirmed", "已确认"),
    };
    match locale {
        Locale::English => english,
        Locale::Chinese => chinese,
    }
}

/// The words for where a code review stands, after "the code review".
pub(crate) const fn outcome_words(outcome: CodeReviewOutcome, locale: Locale) -> &'static str {
    let (english, chinese) = match outcome {
        CodeReviewOutcome::InReview => ("has begun", "审核中"),
        CodeReviewOutcome::Passed => ("has passed", "已通过"),
        CodeReviewOutcome::Failed => ("has failed", "未通过"),
        CodeReviewOutcome::NotSubmitted => ("was not asked for", "未提交审核"),
    };
    match locale {
        Locale::English => english,
        Locale::Chinese => chinese,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    fn said(next: &NextStep) -> [String; 2] {
        [Locale::English, Locale::Chinese].map(|locale| next.sentence(locale))
    }

    #[test]
    fn a_party_that_asks_about_another_account_is_not_told_that_parties_may_not_ask() {
        let refused = |name: &str| Rejection::NotPermitted {
            role: Role::Party,
            name: name.parse().unwrap(),
        };
        let said = refused("Inbox").sentence(Locale::English);
        assert!(said.starts_with("a party sees its own account"), "{said}");
        let said = refused("Deadlines").sentence(Locale::English);
        assert_eq!(said, "the role party may not send Deadlines");
    }

    #[test]
    fn what_can_be_done_next_is_said_in_both_languages_with_its_date() {
        let (notice, appeal) = ("W1".parse().unwrap(), "A1".parse().unwrap());
        let until = Some("2026-06-02T16:00:00Z".parse().unwrap());
        assert_eq!(
            said(&NextStep::SubmitAppeal { notice, until }),
            [
                "appeal against W1 before 2026-06-02T16:00:00.000000Z",
                "在 2026-06-02T16:00:00.000000Z 之前对通知 W1 提出申诉"
            ]
        );
        assert_eq!(
            said(&NextStep::AwaitRuling { appeal, due: None }),
            [
                "wait for the ruling on A1, which is overdue",
                "等待申诉 A1 的结果（已逾期）"
            ]
        );
    }
}
