//! What is shown, for people: tables and sentences that fit a terminal.

use std::fmt::Write as _;

use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use events_schema::{
    AccountView, CaseId, CaseView, Entry, FindingView, InboxItem, InboxView, Instant, Label,
    Locale, NextStep, NoticeStanding, NoticeView, OpenDeadline, Restriction, RestrictionInForce,
    ThreatenedMeasure, WhyClosed,
};

use super::OpenDeadlines;

use crate::output::{manner, word};

fn older(older: Option<&CaseId>) -> String {
    older.map_or_else(String::new, |case| {
        format!("\nthere are older cases: --before {case}\n")
    })
}

fn table<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(header);
    let mut any = false;
    for row in rows {
        table.add_row(row);
        any = true;
    }
    if any {
        format!("{table}\n")
    } else {
        "none\n".to_owned()
    }
}

pub(super) fn case(case: &CaseView) -> String {
    let mut text = format!(
        "case {} of account {} (entity {}), revision {}, {}\n",
        case.case,
        case.account,
        case.entity,
        case.revision,
        if case.closed { "closed" } else { "open" }
    );
    for notice in &case.notices {
        // Writing into a string cannot fail.
        let _ = write!(text, "\n{}", one_notice(notice));
    }
    let appeals = case.appeals.iter().map(|appeal| {
        [
            appeal.id.to_string(),
            appeal.notice.to_string(),
            appeal.attempt.to_string(),
            word(&appeal.standing),
            to_the_second(appeal.filed_at),
            match (&appeal.ruling, appeal.due) {
                (Some(ruling), _) => format!("ruled\n{}", to_the_second(ruling.at)),
                (None, Some(due)) => format!("due before\n{}", to_the_second(due)),
                (None, None) if appeal.overdue => "overdue".to_owned(),
                (None, None) => String::new(),
            },
            appeal
                .ruling
                .as_ref()
                .map_or_else(String::new, |ruling| join(ruling.unmet_steps.iter())),
        ]
    });
    let _ = write!(
        text,
        "\nappeals\n{}",
        table(
            [
                "appeal",
                "notice",
                "attempt",
                "standing",
                "filed",
                "ruling",
                "steps unmet"
            ],
            appeals
        )
    );
    let measures = case.measures.iter().map(|measure| {
        let since = if measure.since == measure.starts_at {
            String::new()
        } else {
            format!("\n{}", to_the_second(measure.since))
        };
        [
            measure.id.to_string(),
            measure.notice.to_string(),
            format!(
                "{} ({})\n{}",
                measure.restriction.capability,
                word(&measure.restriction.kind),
                in_words(&measure.restriction)
            ),
            format!("{}{since}", word(&measure.standing)),
            format!(
                "{}\n{}",
                to_the_second(measure.starts_at),
                end(measure.ends_at)
            ),
        ]
    });
    let _ = write!(
        text,
        "\nmeasures\n{}",
        table(
            [
                "measure",
                "notice",
                "restricts",
                "standing, since",
                "from, until"
            ],
            measures
        )
    );
    let _ = write!(text, "\nopen deadlines\n{}", deadlines_of(&case.deadlines));
    text
}

fn one_notice(notice: &NoticeView) -> String {
    let mut text = format!(
        "{} {}: {}, issued {}\n  clause {} ({}), {}; rulebook {}\n",
        word(&notice.kind),
        notice.id,
        word(&notice.standing),
        notice.issued_at,
        notice.clause,
        notice.clause_version,
        notice.title,
        notice.rulebook
    );
    text.push_str(&findings_of(&notice.findings));
    for step in &notice.steps {
        let answered = if step.answered {
            "answered"
        } else {
            "to be done"
        };
        let _ = writeln!(text, "  step {}: {answered}", step.id);
    }
    text.push_str(&threatened_of(notice.standing, &notice.threatened));
    let _ = writeln!(text, "  rectification: {}", word(&notice.rectification));
    let _ = write!(text, "{}", entry_of(&notice.entry));
    text
}

fn findings_of(findings: &[FindingView]) -> String {
    let mut text = String::new();
    for finding in findings {
        let answer = finding
            .answer
            .as_ref()
            .map_or_else(String::new, |answer| format!(": {}", word(answer)));
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "  finding {} at {}{answer}",
            finding.id, finding.location
        );
    }
    text
}

/// What a warning threatens for as long as it stands.
fn threatened_of(standing: NoticeStanding, threatened: &[ThreatenedMeasure]) -> String {
    let mut text = String::new();
    let threatened = threatened.iter();
    for measure in threatened.filter(|_| standing == NoticeStanding::Warned) {
        let lasts = measure.lasts.map_or_else(
            || "until rectified or lifted".to_owned(),
            |period| format!("for {period}"),
        );
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "  threatens {}: {}, {}, {lasts}",
            measure.id,
            measure.restriction.capability,
            in_words(&measure.restriction)
        );
    }
    text
}

/// How much of a capability is restricted, in which manner, for whom and where.
fn in_words(restriction: &Restriction) -> String {
    let mut text = manner(restriction.extent, restriction.mode, restriction.scope);
    if !restriction.territory.is_empty() {
        let places: Vec<_> = restriction.territory.iter().map(Label::as_str).collect();
        // Writing into a string cannot fail.
        let _ = write!(text, " in {}", places.join(", "));
    }
    text
}

/// An instant as a table has room for it: what is left out makes it no later.
fn to_the_second(instant: Instant) -> String {
    let text = instant.to_string();
    text.split_once('.')
        .map_or_else(|| text.clone(), |(seconds, _)| format!("{seconds}Z"))
}

fn end(ends_at: Option<Instant>) -> String {
    ends_at.map_or_else(|| "until lifted".to_owned(), to_the_second)
}

fn entry_of(entry: &Entry) -> String {
    let standing = match (&entry.why_closed, entry.until) {
        (None, Some(until)) => format!("open until {until} (exclusive)"),
        (None, None) => "open; its window is stopped".to_owned(),
        (Some(why), _) => format!("closed: {}", why_closed(why)),
    };
    let mut text = format!(
        "  appeal entry: {standing}; attempts used {} of {}\n",
        entry.used, entry.cap
    );
    for step in &entry.next {
        let before = match (step, entry.rectify_until) {
            (NextStep::Rectify { .. }, Some(until)) => {
                format!(" before {until}, so that no penalty follows")
            }
            _ => String::new(),
        };
        let _ = writeln!(text, "    next: {}{before}", step.sentence(Locale::English));
    }
    text
}

fn why_closed(why: &WhyClosed) -> String {
    match why {
        WhyClosed::AppealPending { appeal } => format!("appeal {appeal} is being reviewed"),
        WhyClosed::AttemptsExhausted => "every attempt is used".to_owned(),
        WhyClosed::WindowClosed => "the window has ended".to_owned(),
        WhyClosed::Lapsed {
            penalty: Some(penalty),
        } => format!("the warning lapsed; see {penalty}"),
        WhyClosed::Lapsed { penalty: None } => "the warning lapsed".to_owned(),
        WhyClosed::NoticeClosed { standing } => format!("the notice is {}", word(standing)),
    }
}

pub(super) fn account(account: &AccountView) -> String {
    let cases = account.cases.iter().map(|it| {
        [
            it.case.to_string(),
            it.standing.as_ref().map_or_else(String::new, word),
        ]
    });
    let refused = account.refused_filings.iter().map(|filing| {
        [
            filing.position.to_string(),
            filing.at.to_string(),
            filing.command.to_string(),
            filing.case.to_string(),
            filing.code.clone(),
        ]
    });
    format!(
        "account {}\n\ncases\n{}{}\nrestricted now\n{}\nrefused filings on record\n{}{}",
        account.account,
        table(["case", "latest notice"], cases),
        older(account.older.as_ref()),
        restrictions(&account.restrictions, account.restrictions_more),
        table(["position", "at", "command", "case", "code"], refused),
        earlier_filings(account.refused_filings_more)
    )
}

fn earlier_filings(more: u64) -> String {
    if more == 0 {
        return String::new();
    }
    format!(
        "and {more} more, earlier ones: an auditor, the platform or the administrator sees them with `redress replay`\n"
    )
}

pub(super) fn inbox(inbox: &InboxView) -> String {
    let mut text = format!("inbox of {}\n", inbox.account);
    for item in &inbox.notices {
        let _ = write!(
            text,
            "\n{} {} in case {}: {}, issued {}\n  clause {}, {}\n{}{}{}{}",
            word(&item.kind),
            item.notice,
            item.case,
            word(&item.standing),
            item.at,
            item.clause,
            item.title,
            findings_of(&item.findings),
            steps_open(item),
            threatened_of(item.standing, &item.threatened),
            entry_of(&item.entry)
        );
        for result in &item.results {
            let _ = writeln!(
                text,
                "  result of {}: {} at {}; steps unmet: {} (position {})",
                result.appeal,
                word(&result.outcome),
                result.at,
                join(result.unmet_steps.iter()),
                result.position
            );
        }
    }
    let _ = write!(
        text,
        "{}\nrestricted now\n{}",
        older(inbox.older.as_ref()),
        restrictions(&inbox.restrictions, inbox.restrictions_more)
    );
    text
}

/// The steps that are still to be done, unless there is nothing more to do about the notice.
fn steps_open(item: &InboxItem) -> String {
    let mut open = item.steps.iter().filter(|step| !step.answered).peekable();
    if item.entry.next.is_empty() || open.peek().is_none() {
        return String::new();
    }
    format!("  steps to be done: {}\n", join(open.map(|step| &step.id)))
}

pub(super) fn deadlines(deadlines: &OpenDeadlines) -> String {
    let rows = deadlines.deadlines.iter().map(|it| {
        let note = match (it.held, it.overdue, it.deadline.provisional) {
            (true, ..) => "overdue, held",
            (_, true, _) => "overdue",
            (.., true) => "provisional",
            (false, false, false) => "",
        };
        [
            it.deadline.case.to_string(),
            it.deadline.id.to_string(),
            it.deadline.purpose.name().to_owned(),
            it.deadline.due.to_string(),
            note.to_owned(),
        ]
    });
    let mut text = table(["case", "deadline", "purpose", "due (exclusive)", ""], rows);
    if deadlines.later.is_some() {
        let shown = deadlines.deadlines.len() as u64;
        let more = deadlines.open.saturating_sub(shown);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "and {more} more, later ones: --all shows every one");
    }
    if let Some(why) = &deadlines.held {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "the service holds still: {why}");
    }
    text
}

fn deadlines_of(deadlines: &[OpenDeadline]) -> String {
    table(
        ["deadline", "purpose", "due (exclusive)", ""],
        deadlines.iter().map(|deadline| {
            [
                deadline.id.to_string(),
                deadline.purpose.name().to_owned(),
                deadline.due.to_string(),
                if deadline.provisional {
                    "provisional"
                } else {
                    ""
                }
                .to_owned(),
            ]
        }),
    )
}

fn restrictions(restrictions: &[RestrictionInForce], more: u64) -> String {
    let mut text = table(
        ["capability", "restricted by", "case", "measure", "until"],
        restrictions.iter().map(|it| {
            [
                it.capability.to_string(),
                manner(it.extent, it.mode, it.scope),
                it.case.to_string(),
                it.measure.to_string(),
                end(it.ends_at),
            ]
        }),
    );
    if more > 0 {
        let _ = writeln!(text, "and {more} more, of older cases: show those cases");
    }
    text
}

fn join<'a, Id: std::fmt::Display + 'a>(ids: impl Iterator<Item = &'a Id>) -> String {
    let ids: Vec<_> = ids.map(ToString::to_string).collect();
    if ids.is_empty() {
        "none".to_owned()
    } else {
        ids.join(", ")
    }
}
