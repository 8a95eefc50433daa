//! The sentences in English.

use super::{facts, is_about_an_account, outcome_words, stage_word, standing_word};
use crate::{Instant, Locale, NextStep, Rejection, Role};

const ENGLISH: Locale = Locale::English;

#[expect(
    clippy::too_many_lines,
    reason = "one line per rejection, best read as a list"
)]
pub(super) fn rejection(rejection: &Rejection) -> String {
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
        Rejection::TimeHeld { reason, .. } => {
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
            format!("{} is missing; the administrator has to publish it first", facts::missing_book(missing, ENGLISH))
        }
        Rejection::UnknownClause { clause, version, rulebook } => {
            format!("the rulebook {rulebook} has no clause {clause} at version {version}; cite a clause as it stands there")
        }
        Rejection::NoticeIncomplete { missing } => {
            format!("the notice is incomplete: {}", facts::notice_gap(missing, ENGLISH))
        }
        Rejection::TooMany { what, found, max } => {
            let what = facts::notice_part(*what, ENGLISH);
            format!("the notice lists {found} {what}, and one notice at most {max}; make several cases of it")
        }
        Rejection::TooLarge { bytes, max } => {
            format!("what would be recorded takes {bytes} bytes, and one record holds {max}; say less in one command, and keep evidence elsewhere with its digest here")
        }
        Rejection::EvidenceRequired { finding } => {
            format!("the finding {finding} has no evidence captured by the platform itself; a report alone is not enough")
        }
        Rejection::NoticeLive { notice } => {
            format!("the case has a live notice, {notice}; issue the new one with `supersedes`, or withdraw that one as mistaken")
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
        Rejection::AlreadyAnswered { case, at, finding } => {
            format!("the place of finding {finding} was answered in case {case} at {at}; only what the platform has captured since then founds another notice")
        }
        Rejection::NewerEvidenceRequired { finding, warning, since } => {
            format!("finding {finding} shows nothing captured after the warning {warning} of {since}; in its place a penalty needs what the platform has seen since")
        }
        Rejection::AlreadyRaised { case, notice, finding } => {
            format!("the finding {finding} is that of the notice {notice} in case {case}, which is open; go on there, or withdraw that notice first")
        }
        Rejection::NewFactsRequired { case, finding } => {
            format!("clause and place of finding {finding} were decided in case {case}; name that case and evidence captured since")
        }
        Rejection::WarningRequired { decided_in: Some(case), .. } => {
            format!("the place was decided in case {case}; only a warning that names what is new since can follow there")
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
            format!("the approver {approver} is the issuer or the party; somebody else has to approve it")
        }
        Rejection::AboveLadder { measure, step } => {
            format!("the measure {measure} goes beyond step {step} of the ladder; take a measure of that step, or name who approved an override")
        }
        Rejection::StartsInPast { measure, starts_at, now } => {
            format!("the measure {measure} would start at {starts_at}, before the notice at {now}")
        }
        Rejection::SuccessorLimit { notice, limit } => {
            format!("{notice} has taken the place of another notice already, and only {limit} may; rule on it, or withdraw it as mistaken")
        }
        Rejection::TimeServed { measure, step } => {
            format!("the measure {measure} was served already: the notice before has restricted the same as long as step {step} of the ladder allows; leave it out, or have somebody else approve more")
        }
        Rejection::UnknownNotice { notice } => {
            format!("the case has no notice {notice}")
        }
        Rejection::NoticeNotLive {
            notice,
            standing,
            live,
        } => {
            let word = standing_word(*standing, ENGLISH);
            match live {
                Some(live) => format!("the notice {notice} is {word}; the live notice is {live}"),
                None => format!("the notice {notice} is {word}; nothing can be done about it any more"),
            }
        }
        Rejection::UnknownStep { step } => {
            format!("the guide of the notice has no step {step}")
        }
        Rejection::StepStruck { step } => {
            format!("the step {step} was struck by a ruling and asks for nothing any more; name only steps that are still to be done")
        }
        Rejection::NothingDeclared {} => "the declaration says nothing new: name steps or a release that were not declared before".to_owned(),
        Rejection::ReleaseFixed { appeal, .. } => {
            format!("the appeal {appeal} is being reviewed, and its release is not changed any more; add evidence or grounds, or declare the new release with Rectify, which is looked at after the ruling")
        }
        Rejection::AlreadyConfirmed { notice } => {
            format!("the rectification of notice {notice} is confirmed already; an appeal against its record needs another ground than rectified")
        }
        Rejection::StepNotDeclared { step } => {
            format!("the step {step} is not declared, or was confirmed before; name only steps that wait for verification")
        }
        Rejection::CodeReviewRecorded { notice, release, outcome } => {
            format!("that the code review of release {release} {} is on record for notice {notice} already; record only what changed", outcome_words(*outcome, ENGLISH))
        }
        Rejection::WrongReleaseReviewed { expected, found } => {
            format!("the release looked at is {found}; it must be {expected}")
        }
        Rejection::NothingToVerify { notice, rectification } => {
            format!("nothing declared for notice {notice} waits for verification; its rectification is {}", stage_word(*rectification, ENGLISH))
        }
        Rejection::VerificationIncomplete { missing } => {
            format!("the verification is incomplete: {}", facts::verification_gap(*missing, ENGLISH))
        }
        Rejection::HumanRequired { notice } => {
            format!("the attempts against notice {notice} are exhausted, so a reviewer has to verify")
        }
        Rejection::ReviewerConflict { part } => {
            format!("somebody else has to act: {}", facts::part_in_case(*part, ENGLISH))
        }
        Rejection::AppealPending { appeal, due } => {
            format!("the appeal {appeal} is still open; wait for its ruling{} or withdraw it", due_before(*due))
        }
        Rejection::AttemptsExhausted { used, cap } => {
            format!("{used} of {cap} attempts are used, so no further appeal can be filed; rectifying and the routes named under `next` stay open")
        }
        Rejection::WindowClosed { due, received } => {
            format!("appeals had to be received before {due}; this one was received at {received}")
        }
        Rejection::CodeReviewPending { notice, due } => {
            let notice = notice.as_ref().map(|it| format!(" for notice {it}")).unwrap_or_default();
            format!("the release declared{notice} is still in code review{}; appeal once it has passed, failed or is overdue", due_before(*due))
        }
        Rejection::NoGrounds {} => "an appeal needs at least one ground".to_owned(),
        Rejection::CitationRequired { ground } => {
            format!("ground {ground} says that another rule requires or allows it; cite that rule, with its source and version")
        }
        Rejection::UnknownAppeal { appeal } => {
            format!("the case has no appeal {appeal}")
        }
        Rejection::AppealNotOpen { appeal, ended } => {
            let ended = ended.map_or("has ended", |it| facts::appeal_end(it, ENGLISH));
            format!("the appeal {appeal} {ended}")
        }
        Rejection::AlreadyDetermined { appeal } => {
            format!("the appeal {appeal} was granted because nobody ruled in time; no ruling can follow")
        }
        Rejection::AlreadyClaimed { appeal, by, until } => {
            format!("the appeal {appeal} is claimed by {by}{}", claimed_until(*until))
        }
        Rejection::NotClaimed { appeal } => {
            format!("the appeal {appeal} is not claimed")
        }
        Rejection::ClaimedByAnother { appeal, by, until } => {
            format!("another reviewer, {by}, has claimed the appeal {appeal}{}", claimed_until(*until))
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
            format!("the ruling is incomplete: {}", facts::ruling_gap(missing, ENGLISH))
        }
        Rejection::RulingInconsistent { problem } => {
            format!("the outcome does not follow from the answers: {}", facts::contradiction(*problem, ENGLISH))
        }
        Rejection::WorseThanAppealed { cure_due, not_before } => {
            format!("a ruling may not leave the party worse off: the cure period would end at {cure_due}, and must not end before {not_before}")
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
        Rejection::InvalidRulebook { problems, more } => {
            format!("the rulebook does not hold together: {}", first_of(problems, *more))
        }
        Rejection::RulebookVersionTaken { version } => {
            format!("a rulebook of version {version} was adopted before; a changed rulebook needs a new version")
        }
        Rejection::InvalidCalendar { problems, more } => {
            format!("the calendar does not hold together: {}", first_of(problems, *more))
        }
        Rejection::CalendarVersionOutOfOrder { expected, found } => {
            format!("the next version of the calendar is {expected}, not {found}")
        }
        Rejection::NothingHeld {} => "deadlines are not held, so there is nothing to release".to_owned(),
    }
}

fn due_before(due: Option<Instant>) -> String {
    due.map_or_else(String::new, |due| format!(", due before {due}"))
}

fn claimed_until(until: Option<Instant>) -> String {
    until.map_or_else(String::new, |until| {
        format!("; the claim ends at {until} unless there is a ruling before")
    })
}

pub(super) fn next_step(step: &NextStep) -> String {
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
        NextStep::RecordCodeReview { notice, due } => {
            format!("record the code review for {notice}{}", due_before(*due))
        }
        NextStep::VerifyRectification { notice, due } => {
            format!("verify what is declared for {notice}{}", due_before(*due))
        }
        NextStep::AmendAppeal { appeal } => format!("add to {appeal}"),
        NextStep::WithdrawNotice { notice } => format!("withdraw {notice}"),
        NextStep::ClaimAppeal { appeal, from: None } => format!("claim {appeal}"),
        NextStep::ClaimAppeal {
            appeal,
            from: Some(from),
        } => format!("claim {appeal} once the claim of the other reviewer ends at {from}"),
        NextStep::Decide { appeal, due } => format!("rule on {appeal}{}", due_before(*due)),
        NextStep::ReleaseDeadlines {} => {
            "look at the clock and at what is overdue, then release the deadlines".to_owned()
        }
    }
}

/// Problems in a row, and how many more there are.
fn first_of(problems: &[String], more: u64) -> String {
    let told = problems.join("; ");
    match more {
        0 => told,
        more => format!("{told}; and {more} more"),
    }
}
