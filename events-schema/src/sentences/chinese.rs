//! The sentences in Chinese, in the words of the field.

use super::{facts, is_about_an_account, outcome_words, stage_word, standing_word};
use crate::{Instant, Locale, NextStep, Rejection, Role};

const CHINESE: Locale = Locale::Chinese;

#[expect(
    clippy::too_many_lines,
    reason = "one line per rejection, best read as a list"
)]
pub(super) fn rejection(rejection: &Rejection) -> String {
    match rejection {
        Rejection::MalformedCommand { path, .. } => {
            format!("命令在 `{path}` 处无法读取；{}", see("problem"))
        }
        Rejection::UnknownCommand { found } => {
            format!("没有名为 {found} 的命令或查询；名称须逐字一致")
        }
        Rejection::Busy { retry_after_ms } => {
            format!("服务繁忙；请在 {retry_after_ms} 毫秒后重发该命令（以同一编号）或该查询")
        }
        Rejection::Stopping {} => "服务正在停止；恢复后请以同一编号重发该命令".to_owned(),
        Rejection::TimeHeld { .. } => {
            format!("目前暂停处理，须由管理员核实；{}", see("reason"))
        }
        Rejection::AnswerTooLarge { bytes } => {
            format!(
                "答复为 {bytes} 字节，超出 NATS 服务器单条消息上限；请减少查询数量或只查询单个案件"
            )
        }
        Rejection::LogUnreadable {} => {
            "无法从日志读取所查询的内容；须由管理员检查，可用 `redress verify` 查看详情".to_owned()
        }
        Rejection::NotPermitted {
            role: Role::Party,
            name,
        } if is_about_an_account(name) => {
            format!("当事人只能查看自己的账号和案件；本次 {name} 查询的是其他账号")
        }
        Rejection::NotPermitted { role, name } => {
            format!("{}无权发送 {name}", facts::role(*role, CHINESE))
        }
        Rejection::CommandIdReused {
            command_id,
            first_position,
        } => {
            format!("命令编号 {command_id} 已用于其他内容（位置 {first_position}）；请换用新编号")
        }
        Rejection::UnknownCase { case } => {
            format!("没有您可以查看的案件 {case}")
        }
        Rejection::RevisionConflict { expected, actual } => {
            format!("当前修订号为 {actual}，而非 {expected}；请重新读取后再决定")
        }
        Rejection::NoRulebook { missing } => {
            format!(
                "缺少{}，须由管理员先行发布",
                facts::missing_book(missing, CHINESE)
            )
        }
        Rejection::UnknownClause {
            clause,
            version,
            rulebook,
        } => {
            format!("规则手册 {rulebook} 中没有 {clause}（版本 {version}）；请按现行条款引用")
        }
        Rejection::NoticeIncomplete { missing } => {
            format!(
                "通知内容不完整（{}），请补充后重新发出",
                facts::notice_gap(missing, CHINESE)
            )
        }
        Rejection::TooMany { what, found, max } => {
            let what = facts::notice_part(*what, CHINESE);
            format!("通知列出 {found} 项{what}，单份通知至多 {max} 项；请分为多个案件")
        }
        Rejection::TooLarge { bytes, max } => {
            format!(
                "需记录的内容为 {bytes} 字节，单条记录至多 {max} 字节；请精简内容，证据另行存放并在此提交其摘要"
            )
        }
        Rejection::EvidenceRequired { finding } => {
            format!("违规内容 {finding} 没有平台自行取得的证据；仅凭举报不足以处理")
        }
        Rejection::NoticeLive { notice } => {
            format!(
                "案件已有生效中的通知 {notice}；请在新通知中写明取代该通知，或先将其作为错误通知撤销"
            )
        }
        Rejection::IdTaken { id } => {
            format!("编号 {id} 在本案件中已被使用；请换用新编号")
        }
        Rejection::WrongAccount { account, entity } => {
            format!("该案件属于账号 {account}（主体 {entity}）")
        }
        Rejection::AlreadyDecided { case, finding } => {
            format!("违规内容 {finding} 已在案件 {case} 中作出认定，不得再次处理")
        }
        Rejection::AlreadyAnswered { case, at, finding } => {
            format!(
                "违规内容 {finding} 所在位置已于 {at} 在案件 {case} 中处理完毕；再次发出通知须有平台此后取得的材料"
            )
        }
        Rejection::NewerEvidenceRequired {
            finding,
            warning,
            since,
        } => {
            format!(
                "违规内容 {finding} 没有警告通知 {warning}（{since}）之后取得的材料；以处罚替换警告须有平台此后取得的材料"
            )
        }
        Rejection::AlreadyRaised {
            case,
            notice,
            finding,
        } => {
            format!(
                "违规内容 {finding} 与案件 {case} 的通知 {notice} 相同，该通知仍未结案；请在该案中处理，或先撤销该通知"
            )
        }
        Rejection::NewFactsRequired { case, finding } => {
            format!(
                "违规内容 {finding} 的条款与位置已在案件 {case} 中认定；须指明该案件并提供此后取得的新证据"
            )
        }
        Rejection::WarningRequired {
            decided_in: Some(case),
            ..
        } => {
            format!("该位置已在案件 {case} 中作出认定，此后只能就新情况发出警告")
        }
        Rejection::WarningRequired {
            clause,
            warning: Some(warning),
            ..
        } => {
            format!(
                "该账号已受警告 {warning}，有权先行整改；替代通知须为警告，仅在条款 {clause} 列明的紧急情形下方可直接处罚"
            )
        }
        Rejection::WarningRequired {
            clause,
            critical_capability: Some(capability),
            ..
        } => {
            format!(
                "{capability} 为关键能力，限制前须先行警告；仅在条款 {clause} 列明的紧急情形下方可直接处罚"
            )
        }
        Rejection::WarningRequired {
            clause,
            critical_capability: None,
            ..
        } => {
            format!("条款 {clause} 须先行警告；仅在列明的紧急情形下方可直接处罚")
        }
        Rejection::ApproverRequired { approver } => {
            format!("审批人 {approver} 为发出者或当事人；须由他人审批")
        }
        Rejection::AboveLadder { measure, step } => {
            format!(
                "限制措施 {measure} 超出第 {step} 级处罚；请采用该级措施，或指明批准例外的审批人"
            )
        }
        Rejection::StartsInPast {
            measure,
            starts_at,
            now,
        } => {
            format!("限制措施 {measure} 的开始时间 {starts_at} 早于通知时间 {now}")
        }
        Rejection::SuccessorLimit { notice, limit } => {
            format!(
                "通知 {notice} 已是后继通知，同一事项最多只能替换 {limit} 次；请等待处理结果，或将其作为错误通知撤销"
            )
        }
        Rejection::TimeServed { measure, step } => {
            format!(
                "限制措施 {measure} 已执行期满：前一通知的同类限制已达到第 {step} 级阶梯允许的时长；请去掉该措施，或由他人批准更重的措施"
            )
        }
        Rejection::UnknownNotice { notice } => {
            format!("案件中没有通知 {notice}")
        }
        Rejection::NoticeNotLive {
            notice,
            standing,
            live,
        } => {
            let word = standing_word(*standing, CHINESE);
            match live {
                Some(live) => format!("通知 {notice} 的状态为 {word}；现行通知为 {live}"),
                None => format!("通知 {notice} 的状态为 {word}，已不能再对其操作"),
            }
        }
        Rejection::UnknownStep { step } => {
            format!("该通知的整改指引中没有整改项 {step}")
        }
        Rejection::StepStruck { step } => {
            format!("整改项 {step} 已由裁定撤销，无须再整改；请只填写仍需完成的整改项")
        }
        Rejection::NothingDeclared {} => {
            "本次整改声明没有新内容：请填写此前未声明的整改项或版本".to_owned()
        }
        Rejection::ReleaseFixed { appeal, .. } => {
            format!(
                "申诉 {appeal} 正在审核，不能再更换版本；可补充材料或理由，新版本请另行声明整改，将在申诉结果之后核查"
            )
        }
        Rejection::AlreadyConfirmed { notice } => {
            format!(
                "通知 {notice} 的整改已核查通过；如对处罚记录有异议，请以“已整改”以外的理由申诉"
            )
        }
        Rejection::StepNotDeclared { step } => {
            format!("整改项 {step} 尚未声明整改或此前已核查通过；请只填写待核查的整改项")
        }
        Rejection::CodeReviewRecorded {
            notice,
            release,
            outcome,
        } => {
            format!(
                "通知 {notice} 下版本 {release} 的代码审核状态已记录为“{}”；请只提交有变化的结果",
                outcome_words(*outcome, CHINESE)
            )
        }
        Rejection::WrongReleaseReviewed { expected, found } => {
            format!("所查看的版本为 {found}，应为 {expected}")
        }
        Rejection::NothingToVerify {
            notice,
            rectification,
        } => {
            format!(
                "通知 {notice} 没有待核查的整改；当前整改状态为{}",
                stage_word(*rectification, CHINESE)
            )
        }
        Rejection::VerificationIncomplete { missing } => {
            format!(
                "整改核查内容不完整（{}），请补充后重新提交",
                facts::verification_gap(*missing, CHINESE)
            )
        }
        Rejection::HumanRequired { notice } => {
            format!("通知 {notice} 的申诉次数已用尽，须由人工复核")
        }
        Rejection::ReviewerConflict { part } => {
            format!("须由他人处理：{}", facts::part_in_case(*part, CHINESE))
        }
        Rejection::AppealPending { appeal, due } => {
            format!(
                "申诉 {appeal} 仍在审核中{}；请等待结果或先行撤回",
                due_before(*due)
            )
        }
        Rejection::AttemptsExhausted { used, cap } => {
            format!(
                "申诉次数已用 {used}/{cap}，不能再次申诉；仍可整改，或采用答复中 `next` 列出的其他途径"
            )
        }
        Rejection::WindowClosed { due, received } => {
            format!("申诉须在 {due} 之前收到；本次申诉收到时间为 {received}")
        }
        Rejection::CodeReviewPending { notice, due } => {
            let notice = notice.as_ref().map(|it| format!("对通知 {it} "));
            format!(
                "{}所声明的版本仍在代码审核中{}；请在审核通过、未通过或逾期后再申诉",
                notice.unwrap_or_default(),
                due_before(*due)
            )
        }
        Rejection::NoGrounds {} => "申诉须至少有一项申诉理由".to_owned(),
        Rejection::CitationRequired { ground } => {
            format!("申诉理由 {ground} 称另有规则要求或允许，请引用该规则并注明来源和版本")
        }
        Rejection::UnknownAppeal { appeal } => {
            format!("案件中没有申诉 {appeal}")
        }
        Rejection::AppealNotOpen { appeal, ended } => {
            let ended = ended.map_or("已结束", |it| facts::appeal_end(it, CHINESE));
            format!("申诉 {appeal} {ended}")
        }
        Rejection::AlreadyDetermined { appeal } => {
            format!("申诉 {appeal} 因超时视为通过，不能再作裁定")
        }
        Rejection::AlreadyClaimed { appeal, by, until } => {
            format!("申诉 {appeal} 已由 {by} 认领{}", claimed_until(*until))
        }
        Rejection::NotClaimed { appeal } => {
            format!("申诉 {appeal} 尚未被认领")
        }
        Rejection::ClaimedByAnother { appeal, by, until } => {
            format!(
                "申诉 {appeal} 已由其他审核员 {by} 认领{}",
                claimed_until(*until)
            )
        }
        Rejection::AppealChanged { seen, actual } => {
            format!("申诉当前为第 {actual} 版，您裁定的是第 {seen} 版；请重新查看")
        }
        Rejection::CapturedInFuture { captured_at, now } => {
            format!("取证时间 {captured_at} 晚于当前时间 {now}；请更正该时间或其来源的时钟")
        }
        Rejection::StaleEvidence {
            captured_at,
            filed_at,
        } => {
            format!("{captured_at} 取得的观察不能说明 {filed_at} 提交的内容；请重新查看")
        }
        Rejection::RulingIncomplete { missing } => {
            format!(
                "裁定内容不完整（{}），请补充后重新提交",
                facts::ruling_gap(missing, CHINESE)
            )
        }
        Rejection::RulingInconsistent { problem } => {
            format!(
                "裁定结果与各项答复不一致（{}），请更正后重新提交",
                facts::contradiction(*problem, CHINESE)
            )
        }
        Rejection::WorseThanAppealed {
            cure_due,
            not_before,
        } => {
            format!(
                "裁定不得使当事人处境更差：整改期限将于 {cure_due} 结束，而不得早于 {not_before}；请更正后重新提交"
            )
        }
        Rejection::DeadlineNotOpen { deadline } => {
            format!("期限 {deadline} 已结束")
        }
        Rejection::DeadlineNotDue { deadline, due, now } => {
            format!("期限 {deadline} 到期时间为 {due}；现在是 {now}")
        }
        Rejection::DeadlineProvisional { deadline, due } => {
            format!("期限 {deadline} 为暂定日期（{due}）；请先发布覆盖该日期的日历")
        }
        Rejection::NothingToRevise { deadline } => {
            format!("期限 {deadline} 不会发生变化")
        }
        Rejection::InvalidRulebook { problems, more } => {
            let found = (problems.len() as u64).saturating_add(*more);
            format!("规则手册有误，共 {found} 处；{}", see("problems"))
        }
        Rejection::RulebookVersionTaken { version } => {
            format!("版本 {version} 的规则手册已被采用；修改后须使用新版本号")
        }
        Rejection::InvalidCalendar { problems, more } => {
            let found = (problems.len() as u64).saturating_add(*more);
            format!("日历有误，共 {found} 处；{}", see("problems"))
        }
        Rejection::CalendarVersionOutOfOrder { expected, found } => {
            format!("日历的下一个版本号应为 {expected}，而非 {found}")
        }
        Rejection::NothingHeld {} => "期限触发未被暂停，无需释放".to_owned(),
    }
}

pub(super) fn next_step(step: &NextStep) -> String {
    let due = |due: &Option<Instant>| {
        due.map_or_else(
            || "（已逾期）".to_owned(),
            |due| format!("（应于 {due} 之前完成）"),
        )
    };
    match step {
        NextStep::Rectify { notice } => format!("按通知 {notice} 的整改指引整改"),
        NextStep::SubmitAppeal {
            notice,
            until: Some(until),
        } => format!("在 {until} 之前对通知 {notice} 提出申诉"),
        NextStep::SubmitAppeal {
            notice,
            until: None,
        } => format!("对通知 {notice} 提出申诉"),
        NextStep::SubmitLateAppeal { notice } => {
            format!("对通知 {notice} 逾期提出申诉，并说明逾期理由")
        }
        NextStep::AwaitRuling { appeal, due: at } => {
            format!("等待申诉 {appeal} 的结果{}", due(at))
        }
        NextStep::AwaitCodeReview { notice, due: at } => {
            format!("等待通知 {notice} 的代码审核{}", due(at))
        }
        NextStep::AwaitVerification { notice, due: at } => {
            format!("等待通知 {notice} 的整改核查{}", due(at))
        }
        NextStep::ExternalRoute { route } => format!("{}（{}）", route.name, route.url),
        NextStep::RecordCodeReview { notice, due } => {
            format!("登记通知 {notice} 的代码审核结论{}", done_before(*due))
        }
        NextStep::VerifyRectification { notice, due } => {
            format!("核查通知 {notice} 的整改{}", done_before(*due))
        }
        NextStep::AmendAppeal { appeal } => format!("补充申诉 {appeal}"),
        NextStep::WithdrawNotice { notice } => format!("撤销通知 {notice}"),
        NextStep::ClaimAppeal { appeal, from: None } => format!("认领申诉 {appeal}"),
        NextStep::ClaimAppeal {
            appeal,
            from: Some(from),
        } => format!("待其他审核员的认领于 {from} 终止后认领申诉 {appeal}"),
        NextStep::Decide { appeal, due } => {
            format!("裁定申诉 {appeal}{}", done_before(*due))
        }
        NextStep::ReleaseDeadlines {} => "核实时钟与逾期事项后恢复期限触发".to_owned(),
    }
}

fn done_before(due: Option<Instant>) -> String {
    due.map_or_else(String::new, |due| format!("（应于 {due} 之前完成）"))
}

fn due_before(due: Option<Instant>) -> String {
    due.map_or_else(String::new, |due| format!("（应于 {due} 之前答复）"))
}

fn claimed_until(until: Option<Instant>) -> String {
    until.map_or_else(String::new, |until| {
        format!("；如此前未作裁定，认领将于 {until} 终止")
    })
}

/// What a parser found, or somebody typed, is in one language only, and stands in the answer as it is.
fn see(field: &str) -> String {
    format!("详见答复中的 `facts.{field}`")
}
