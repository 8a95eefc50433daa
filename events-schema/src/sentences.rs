//! The sentences of rejections and of what can be done next, in English and Chinese.

use crate::{
    Instant, Label, Locale, NextStep, NoticePart, NoticeStanding, RectificationStage, Rejection,
    Role,
};

impl Rejection {
    /// One sentence: what, why, and what to do. For people; programs compare the code.
    pub fn sentence(&self, locale: Locale) -> String {
        match locale {
            Locale::English => english(self),
            Locale::Chinese => chinese(self),
        }
    }
}

impl NextStep {
    /// What to do, or what to wait for, in a few words.
    pub fn sentence(&self, locale: Locale) -> String {
        match locale {
            Locale::English => next_in_english(self),
            Locale::Chinese => next_in_chinese(self),
        }
    }
}

fn next_in_english(step: &NextStep) -> String {
    let due = |due: &Option<Instant>| {
        due.map_or_else(
            || ", which is overdue".to_owned(),
            |due| format!(", due before {due}"),
        )
    };
    match step {
        NextStep::Rectify { notice } => format!("rectify {notice}"),
        NextStep::SubmitAppeal {
            notice,
            until: Some(until),
        } => format!("appeal against {notice} before {until}"),
        NextStep::SubmitAppeal {
            notice,
            until: None,
        } => format!("appeal against {notice}"),
        NextStep::SubmitLateAppeal { notice } => {
            format!("appeal against {notice} late, with the reasons for that")
        }
        NextStep::AwaitRuling { appeal, due: at } => {
            format!("wait for the ruling on {appeal}{}", due(at))
        }
        NextStep::AwaitCodeReview { notice, due: at } => {
            format!("wait for the code review for {notice}{}", due(at))
        }
        NextStep::AwaitVerification { notice, due: at } => {
            format!("wait for the verification for {notice}{}", due(at))
        }
        NextStep::ExternalRoute { route } => format!("{} ({})", route.name, route.url),
    }
}

fn next_in_chinese(step: &NextStep) -> String {
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
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one line per rejection, best read as a list"
)]
fn english(rejection: &Rejection) -> String {
    match rejection {
        Rejection::MalformedCommand { path, problem } => {
            format!("the command does not read at {path}: {problem}")
        }
        Rejection::UnknownCommand { found } => {
            format!("there is no command or query `{found}`; names are compared to the letter")
        }
        Rejection::Busy { retry_after_ms } => {
            format!("the service has all the work it can queue; send the same command or query again in {retry_after_ms} ms")
        }
        Rejection::Stopping {} => "the service is stopping; send the same command again once it is back".to_owned(),
        Rejection::TimeHeld { reason } => {
            format!("this is not decided now: {reason}; the administrator has to look")
        }
        Rejection::AnswerTooLarge { bytes } => {
            format!("the answer takes {bytes} bytes, more than the NATS server passes on; ask for less: a lower limit, or one case")
        }
        Rejection::LogUnreadable {} => "what was asked for could not be read from the log; the administrator has to look, and `redress verify` tells more".to_owned(),
        Rejection::NotPermitted {
            role: Role::Party,
            name,
        } if is_about_an_account(name) => {
            format!("a party sees its own account and cases only, and {name} was asked about another account")
        }
        Rejection::NotPermitted { role, name } => {
            format!("the role {role} may not send {name}")
        }
        Rejection::CommandIdReused { command_id, first_position } => {
            format!("the command id {command_id} was used for other content, recorded at position {first_position}; choose a new id")
        }
        Rejection::UnknownCase { case } => {
            format!("there is no case {case} that you can see")
        }
        Rejection::RevisionConflict { expected, actual } => {
            format!("the stream is at revision {actual} and not {expected}; read it again and decide anew")
        }
        Rejection::NoRulebook { missing } => {
            format!("{missing} is missing; the administrator has to publish it first")
        }
        Rejection::UnknownClause { clause, version, rulebook } => {
            format!("the rulebook {rulebook} has no clause {clause} at version {version}; cite a clause as it stands there")
        }
        Rejection::NoticeIncomplete { missing } => {
            format!("the notice is incomplete: {missing}")
        }
        Rejection::TooMany { what, found, max } => {
            let what = match what {
                NoticePart::Findings => "findings",
                NoticePart::Steps => "steps",
                NoticePart::Measures => "measures",
            };
            format!("the notice lists {found} {what}, and one notice at most {max}; make several cases of it")
        }
        Rejection::TooLarge { bytes, max } => {
            format!("what would be recorded takes {bytes} bytes, and one record holds {max}; say less in one command, and keep evidence elsewhere with its digest here")
        }
        Rejection::EvidenceRequired { finding } => {
            format!("the finding {finding} has no evidence captured by the platform itself; a report alone is not enough")
        }
        Rejection::NoticeLive { notice } => {
            format!("the case has a live notice, {notice}; withdraw it first, naming its successor")
        }
        Rejection::IdTaken { id } => {
            format!("the id {id} is already in use in this case; choose a new one")
        }
        Rejection::WrongAccount { account, entity } => {
            format!("the case belongs to account {account} of entity {entity}")
        }
        Rejection::AlreadyDecided { case, finding } => {
            format!("the finding {finding} was decided in case {case} and may not be raised again")
        }
        Rejection::AlreadyRaised { case, notice, finding } => {
            format!("the finding {finding} is that of the notice {notice} in case {case}, which is open; go on there, or withdraw that notice first")
        }
        Rejection::NewFactsRequired { case, finding } => {
            format!("clause and place of finding {finding} were decided in case {case}; name that case and evidence captured since")
        }
        Rejection::WarningRequired { clause, warning: Some(warning), .. } => {
            format!("the account was warned by {warning} and may rectify first; a warning takes its place, and only an emergency ground of clause {clause} allows a penalty at once")
        }
        Rejection::WarningRequired { clause, critical_capability: Some(capability), .. } => {
            format!("{capability} is a critical capability and its restriction is to be warned about first; only an emergency ground of clause {clause} allows a penalty at once")
        }
        Rejection::WarningRequired { clause, critical_capability: None, .. } => {
            format!("clause {clause} is to be warned about first; only a listed emergency ground allows a penalty at once")
        }
        Rejection::ApproverRequired { approver } => {
            format!("the approver {approver} is the issuer; somebody else has to approve it")
        }
        Rejection::AboveLadder { measure, step } => {
            format!("the measure {measure} goes beyond step {step} of the ladder; take a measure of that step, or name who approved an override")
        }
        Rejection::StartsInPast { measure, starts_at, now } => {
            format!("the measure {measure} would start at {starts_at}, before the notice at {now}")
        }
        Rejection::SuccessorExpected { successor } => {
            format!("the last notice of the case was superseded by {successor}, which comes next; issue that one, or begin another case")
        }
        Rejection::SuccessorRequired {} => "name a new notice as the successor when superseding, and none when the notice was mistaken".to_owned(),
        Rejection::UnknownNotice { notice } => {
            format!("the case has no notice {notice}")
        }
        Rejection::NoticeNotLive {
            notice,
            standing,
            live,
        } => {
            let word = standing_word(*standing, Locale::English);
            match live {
                Some(live) => format!("the notice {notice} is {word}; the live notice is {live}"),
                None => format!("the notice {notice} is {word}; nothing can be done about it any more"),
            }
        }
        Rejection::UnknownStep { step } => {
            format!("the guide of the notice has no step {step}")
        }
        Rejection::NothingDeclared {} => "the declaration says nothing new: name steps or a release that were not declared before".to_owned(),
        Rejection::VerificationPending { notice } => {
            format!("a verification of notice {notice} is already open; declare again once it is answered")
        }
        Rejection::NoCodeReviewPending { notice } => {
            format!("no release declared for notice {notice} is in code review")
        }
        Rejection::WrongReleaseReviewed { expected, found } => {
            format!("the release looked at is {found}; it must be {expected}")
        }
        Rejection::NothingToVerify { notice, rectification } => {
            format!("nothing declared for notice {notice} waits for verification; its rectification is {}", stage_word(*rectification, Locale::English))
        }
        Rejection::VerificationIncomplete { missing } => {
            format!("the verification is incomplete: {missing}")
        }
        Rejection::HumanRequired { notice } => {
            format!("the attempts against notice {notice} are exhausted, so a reviewer has to verify")
        }
        Rejection::ReviewerConflict { part } => {
            format!("you had a part in this case before ({part}); somebody else has to act")
        }
        Rejection::AppealPending { appeal, .. } => {
            format!("the appeal {appeal} is still open; wait for its ruling or withdraw it")
        }
        Rejection::AttemptsExhausted { used, cap } => {
            format!("{used} of {cap} attempts are used, so no further appeal can be filed; rectifying and the routes named under `next` stay open")
        }
        Rejection::WindowClosed { due, received } => {
            format!("appeals had to be received before {due}; this one was received at {received}")
        }
        Rejection::CodeReviewPending { .. } => "the declared release is still in code review; appeal once it has passed, failed or is overdue".to_owned(),
        Rejection::NoGrounds {} => "an appeal needs at least one ground".to_owned(),
        Rejection::UnknownAppeal { appeal } => {
            format!("the case has no appeal {appeal}")
        }
        Rejection::AppealNotOpen { appeal } => {
            format!("the appeal {appeal} has ended")
        }
        Rejection::AlreadyDetermined { appeal } => {
            format!("the appeal {appeal} was granted because nobody ruled in time; no ruling can follow")
        }
        Rejection::AlreadyClaimed { appeal } => {
            format!("the appeal {appeal} is already claimed")
        }
        Rejection::NotClaimed { appeal } => {
            format!("the appeal {appeal} is not claimed")
        }
        Rejection::ClaimedByAnother { appeal } => {
            format!("another reviewer has claimed the appeal {appeal}")
        }
        Rejection::AppealChanged { seen, actual } => {
            format!("the appeal is at revision {actual}, you ruled on revision {seen}; read it again")
        }
        Rejection::CapturedInFuture { captured_at, now } => {
            format!("something is said to be captured at {captured_at}, and it is {now}; correct the instant, or the clock that it comes from")
        }
        Rejection::StaleEvidence { captured_at, filed_at } => {
            format!("an observation captured at {captured_at} cannot show what was filed at {filed_at}; look again")
        }
        Rejection::RulingIncomplete { missing } => {
            format!("the ruling is incomplete: {missing}")
        }
        Rejection::RulingInconsistent { problem } => {
            format!("the outcome does not follow from the answers: {problem}")
        }
        Rejection::WorseThanAppealed { problem } => {
            format!("a ruling may not leave the party worse off: {problem}")
        }
        Rejection::DeadlineNotOpen { deadline } => {
            format!("the deadline {deadline} is not open")
        }
        Rejection::DeadlineNotDue { deadline, due, now } => {
            format!("the deadline {deadline} is due at {due}; it is {now}")
        }
        Rejection::DeadlineProvisional { deadline, due } => {
            format!("the deadline {deadline} is provisional ({due}); publish a calendar that covers it")
        }
        Rejection::NothingToRevise { deadline } => {
            format!("the deadline {deadline} would not change")
        }
        Rejection::InvalidRulebook { problems } => {
            format!("the rulebook does not hold together: {}", problems.join("; "))
        }
        Rejection::RulebookVersionTaken { version } => {
            format!("a rulebook of version {version} was adopted before; a changed rulebook needs a new version")
        }
        Rejection::InvalidCalendar { problems } => {
            format!("the calendar does not hold together: {}", problems.join("; "))
        }
        Rejection::CalendarVersionOutOfOrder { expected, found } => {
            format!("the next version of the calendar is {expected}, not {found}")
        }
        Rejection::NothingHeld {} => "deadlines are not held, so there is nothing to release".to_owned(),
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one line per rejection, best read as a list"
)]
fn chinese(rejection: &Rejection) -> String {
    match rejection {
        Rejection::MalformedCommand { path, problem } => {
            format!("命令在 {path} 处无法读取；{}", detail(problem))
        }
        Rejection::UnknownCommand { found } => {
            format!("没有名为 {found} 的命令或查询；名称须逐字一致")
        }
        Rejection::Busy { retry_after_ms } => {
            format!("服务繁忙；请在 {retry_after_ms} 毫秒后重发该命令（以同一编号）或该查询")
        }
        Rejection::Stopping {} => "服务正在停止；恢复后请以同一编号重发该命令".to_owned(),
        Rejection::TimeHeld { reason } => {
            format!("目前暂停处理，须由管理员核实；{}", detail(reason))
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
            format!("角色 {role} 无权发送 {name}")
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
                "缺少规则手册或其日历，须由管理员先行发布；{}",
                detail(missing)
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
            format!("通知内容不完整，请补充后重新发出；{}", detail(missing))
        }
        Rejection::TooMany { what, found, max } => {
            let what = match what {
                NoticePart::Findings => "违规内容",
                NoticePart::Steps => "整改项",
                NoticePart::Measures => "限制措施",
            };
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
            format!("案件已有生效中的通知 {notice}；请先撤销并指明后继通知")
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
            format!("审批人 {approver} 即为发出者；须由他人审批")
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
        Rejection::SuccessorExpected { successor } => {
            format!("本案上一通知已由 {successor} 替代，须先发出该通知；或另立案件")
        }
        Rejection::SuccessorRequired {} => {
            "被替代的通知须指明新的后继通知；因错误撤销时不得指明".to_owned()
        }
        Rejection::UnknownNotice { notice } => {
            format!("案件中没有通知 {notice}")
        }
        Rejection::NoticeNotLive {
            notice,
            standing,
            live,
        } => {
            let word = standing_word(*standing, Locale::Chinese);
            match live {
                Some(live) => format!("通知 {notice} 的状态为 {word}；现行通知为 {live}"),
                None => format!("通知 {notice} 的状态为 {word}，已不能再对其操作"),
            }
        }
        Rejection::UnknownStep { step } => {
            format!("该通知的整改指引中没有整改项 {step}")
        }
        Rejection::NothingDeclared {} => {
            "本次整改声明没有新内容：请填写此前未声明的整改项或版本".to_owned()
        }
        Rejection::VerificationPending { notice } => {
            format!("通知 {notice} 的整改核查正在进行；请在核查答复后再次声明")
        }
        Rejection::NoCodeReviewPending { notice } => {
            format!("通知 {notice} 下没有正在代码审核的版本")
        }
        Rejection::WrongReleaseReviewed { expected, found } => {
            format!("所查看的版本为 {found}，应为 {expected}")
        }
        Rejection::NothingToVerify {
            notice,
            rectification,
        } => {
            format!(
                "通知 {notice} 没有待核查的整改；当前整改状态为 {}",
                stage_word(*rectification, Locale::Chinese)
            )
        }
        Rejection::VerificationIncomplete { missing } => {
            format!("整改核查内容不完整，请补充后重新提交；{}", detail(missing))
        }
        Rejection::HumanRequired { notice } => {
            format!("通知 {notice} 的申诉次数已用尽，须由人工复核")
        }
        Rejection::ReviewerConflict { part } => {
            format!("您此前已参与本案，须由他人处理；{}", detail(part))
        }
        Rejection::AppealPending { appeal, .. } => {
            format!("申诉 {appeal} 仍在审核中；请等待结果或先行撤回")
        }
        Rejection::AttemptsExhausted { used, cap } => {
            format!(
                "申诉次数已用 {used}/{cap}，不能再次申诉；仍可整改，或采用答复中 `next` 列出的其他途径"
            )
        }
        Rejection::WindowClosed { due, received } => {
            format!("申诉须在 {due} 之前收到；本次申诉收到时间为 {received}")
        }
        Rejection::CodeReviewPending { .. } => {
            "所声明的版本仍在代码审核中；请在审核通过、未通过或逾期后再申诉".to_owned()
        }
        Rejection::NoGrounds {} => "申诉须至少有一项申诉理由".to_owned(),
        Rejection::UnknownAppeal { appeal } => {
            format!("案件中没有申诉 {appeal}")
        }
        Rejection::AppealNotOpen { appeal } => {
            format!("申诉 {appeal} 已结束")
        }
        Rejection::AlreadyDetermined { appeal } => {
            format!("申诉 {appeal} 因超时视为通过，不能再作裁定")
        }
        Rejection::AlreadyClaimed { appeal } => {
            format!("申诉 {appeal} 已被认领")
        }
        Rejection::NotClaimed { appeal } => {
            format!("申诉 {appeal} 尚未被认领")
        }
        Rejection::ClaimedByAnother { appeal } => {
            format!("申诉 {appeal} 已由其他审核员认领")
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
            format!("裁定内容不完整，请补充后重新提交；{}", detail(missing))
        }
        Rejection::RulingInconsistent { problem } => {
            format!(
                "裁定结果与各项答复不一致，请更正后重新提交；{}",
                detail(problem)
            )
        }
        Rejection::WorseThanAppealed { problem } => {
            format!(
                "裁定不得使当事人处境更差，请更正后重新提交；{}",
                detail(problem)
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
        Rejection::InvalidRulebook { problems } => {
            format!(
                "规则手册有误，共 {} 处；{}",
                problems.len(),
                detail(problems.join("; "))
            )
        }
        Rejection::RulebookVersionTaken { version } => {
            format!("版本 {version} 的规则手册已被采用；修改后须使用新版本号")
        }
        Rejection::InvalidCalendar { problems } => {
            format!(
                "日历有误，共 {} 处；{}",
                problems.len(),
                detail(problems.join("; "))
            )
        }
        Rejection::CalendarVersionOutOfOrder { expected, found } => {
            format!("日历的下一个版本号应为 {expected}，而非 {found}")
        }
        Rejection::NothingHeld {} => "期限触发未被暂停，无需释放".to_owned(),
    }
}

/// Whether a query is about one account, so that a party is refused it for another account only.
fn is_about_an_account(query: &Label) -> bool {
    matches!(query.as_str(), "Account" | "Inbox")
}

/// What is only said in English, such as what a parser found: a clause of its own behind a whole Chinese sentence, and
/// marked as what it is.
fn detail(english: impl std::fmt::Display) -> String {
    format!("详情（英文）：{english}")
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
        NoticeStanding::DeemedGranted => ("closed as deemed granted", "超时视为通过"),
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
        RectificationStage::Rejected => ("rejected", "未通过"),
        RectificationStage::Confirmed => ("confirmed", "已确认"),
    };
    match locale {
        Locale::English => english,
        Locale::Chinese => chinese,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
