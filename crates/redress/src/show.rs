//! `redress show`: a case, an account, an inbox or the deadlines, over NATS or from a folder.

use std::fmt::Write as _;

use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use command_processor::{Hold, Page, Processor, Views, ViewsFeed};
use events_schema::{
    AccountId, Actor, CaseId, HoldId, Instant, Label, Locale, NextStep, NoticeStanding,
    OpenDeadline, Restriction, ThreatenedMeasure,
};
use projections::{
    AccountView, CaseView, DeadlinePlace, DeadlineView, DeadlinesView, Entry, FindingView,
    InboxItem, InboxView, NoticeView, RestrictionInForce, WhyClosed,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::{
    cli,
    failure::{ASK_THE_SERVICE, Failure},
    output::{Output, manner, tell_rolled_back, word},
    wire::Wire,
};

pub fn run(arguments: &cli::Show, output: Output) -> Result<(), Failure> {
    let source = Source::open(arguments)?;
    let shown = show(&source, &arguments.what, output);
    source.close();
    shown
}

fn show(source: &Source, what: &cli::Shown, output: Output) -> Result<(), Failure> {
    match what {
        cli::Shown::Case { id } => {
            let view = find_case(source, id)?;
            output.result(&view, describe_case);
        }
        cli::Shown::Account { id, page } => {
            let view: AccountView = source.ask("Account", &of_account(id, page), |views| {
                Ok(views.account(id, &cases_of(page))?.found)
            })?;
            output.result(&view, describe_account);
        }
        cli::Shown::Inbox { id, page } => {
            let view: InboxView = source.ask("Inbox", &of_account(id, page), |views| {
                Ok(views.inbox(id, &cases_of(page))?.found)
            })?;
            output.result(&view, describe_inbox);
        }
        cli::Shown::Deadlines { case, limit, all } => {
            let limit = if *all { None } else { Some(*limit) };
            show_deadlines(&open_deadlines(source, case.as_ref(), limit)?, output);
        }
    }
    Ok(())
}

/// Where what is shown comes from.
enum Source {
    /// The folder of a log on which no service runs.
    Folder(Box<Folder>),
    /// A service, and who asks it.
    Service(Box<Service>),
}

struct Folder {
    views: Views,
    feed: ViewsFeed,
    processor: Processor,
}

struct Service {
    runtime: Runtime,
    wire: Wire,
    asker: Actor,
}

impl Source {
    fn open(arguments: &cli::Show) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::World(format!("failed to start: {error}"));
        if let Some(dir) = &arguments.data {
            arguments.service.refuse_sender_of_a_folder()?;
            let opened = Processor::open_existing(dir).map_err(Failure::from);
            let (processor, report) =
                opened.map_err(|failure| failure.or_where_in_use(ASK_THE_SERVICE))?;
            tell_rolled_back(processor.contradictions());
            let (views, feed, _) = Views::start(&processor, report.views).map_err(failed)?;
            return Ok(Self::Folder(Box::new(Folder {
                views,
                feed,
                processor,
            })));
        }
        let runtime = Runtime::new().map_err(failed)?;
        let (wire, asker) = runtime.block_on(async {
            let wire = Wire::connect(&arguments.service).await?;
            let asker = wire.asker(&arguments.service).await?;
            Ok::<_, Failure>((wire, asker))
        })?;
        Ok(Self::Service(Box::new(Service {
            runtime,
            wire,
            asker,
        })))
    }

    /// Asks the service, or looks into the folder.
    fn ask<T: DeserializeOwned>(
        &self,
        query: &str,
        body: &serde_json::Value,
        look: impl FnOnce(&Views) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match self {
            Self::Folder(folder) => look(&folder.views),
            Self::Service(it) => it.runtime.block_on(it.wire.query(&it.asker, query, body)),
        }
    }

    /// What the log in a folder says is held.
    fn held_in_folder(&self) -> Option<&Hold> {
        let Self::Folder(folder) = self else {
            return None;
        };
        folder.processor.hold()
    }

    /// Ends the thread that folds, if there is one.
    fn close(self) {
        if let Self::Folder(folder) = self {
            let Folder { views, feed, .. } = *folder;
            drop(views);
            feed.join();
        }
    }
}

/// Open deadlines, as far as they were asked for, and what the service holds them for.
#[derive(Serialize)]
struct OpenDeadlines {
    deadlines: Vec<ShownDeadline>,
    /// How many are open in all.
    open: u64,
    /// Where the ones that are not shown begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    later: Option<DeadlinePlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<String>,
    /// What a release names.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<HoldId>,
}

/// An open deadline, and whether its time has come.
#[derive(Serialize)]
struct ShownDeadline {
    #[serde(flatten)]
    deadline: DeadlineView,
    /// Whether it is due and has not fired.
    overdue: bool,
    /// Whether it waits for `redress deadlines release`.
    held: bool,
}

/// Deadlines asked for at once where all are wanted.
const DEADLINES_PER_QUERY: usize = 1_000;

/// At most so many, or all of them, page by page.
fn open_deadlines(
    source: &Source,
    case: Option<&CaseId>,
    limit: Option<usize>,
) -> Result<OpenDeadlines, Failure> {
    #[derive(Deserialize)]
    struct Status {
        held: Option<String>,
        hold: Option<HoldId>,
    }
    let now = command_processor::now();
    let mut found = Vec::new();
    let mut after: Option<DeadlinePlace> = None;
    let (open, later) = loop {
        let wanted = limit.unwrap_or(DEADLINES_PER_QUERY);
        let asked = json!({ "case": case, "limit": wanted, "after": after });
        let page: DeadlinesView = source.ask("Deadlines", &asked, |views| {
            Ok(views.deadlines(case, after.as_ref(), wanted))
        })?;
        found.extend(page.deadlines);
        if page.later.is_none() || limit.is_some() {
            break (page.open, page.later);
        }
        after = page.later;
    };
    // A case without any is another answer than no case.
    if let (Some(case), true) = (case, found.is_empty()) {
        find_case(source, case)?;
    }
    // Where no service runs, the log says what is held; whether more will be is asked when one starts.
    let Status { held, hold } = source.ask("Status", &json!({}), |_| {
        let hold = source.held_in_folder();
        Ok(Status {
            held: hold.map(|hold| hold.reason().to_string()),
            hold: hold.map(Hold::id).cloned(),
        })
    })?;
    let deadlines = found.into_iter().map(|deadline| {
        let overdue = deadline.due <= now && !deadline.provisional;
        ShownDeadline {
            deadline,
            overdue,
            held: overdue && held.is_some(),
        }
    });
    Ok(OpenDeadlines {
        deadlines: deadlines.collect(),
        open,
        later,
        held,
        hold,
    })
}

/// As one document, or one a line: there, what the list leaves out and why the service holds are in a last line of
/// their own.
fn show_deadlines(deadlines: &OpenDeadlines, output: Output) {
    #[derive(Serialize)]
    struct Rest<'a> {
        open: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        later: Option<&'a DeadlinePlace>,
        #[serde(skip_serializing_if = "Option::is_none")]
        held: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        hold: Option<&'a HoldId>,
    }
    if !output.is_one_a_line() {
        output.result(deadlines, describe_deadlines);
        return;
    }
    output.results(&deadlines.deadlines, |_| String::new());
    let rest = Rest {
        open: deadlines.open,
        later: deadlines.later.as_ref(),
        held: deadlines.held.as_deref(),
        hold: deadlines.hold.as_ref(),
    };
    if rest.later.is_some() || rest.held.is_some() {
        output.result(&rest, |_| String::new());
    }
}

fn find_case(source: &Source, id: &CaseId) -> Result<CaseView, Failure> {
    source.ask("Case", &json!({ "case": id }), |views| {
        views
            .case(id)?
            .found
            .ok_or_else(|| Failure::NotFound(format!("there is no case {id}")))
    })
}

/// What is asked of an account over NATS. A field that is not asked for is left out.
fn of_account(account: &AccountId, page: &cli::PageOfCases) -> serde_json::Value {
    let mut asked = json!({ "account": account, "limit": page.limit });
    if let (Some(before), Some(asked)) = (&page.before, asked.as_object_mut()) {
        asked.insert("before".to_owned(), json!(before));
    }
    asked
}

/// The same where no service runs.
fn cases_of(page: &cli::PageOfCases) -> Page {
    Page {
        cases_max: page.limit,
        before: page.before.clone(),
    }
}

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

fn describe_case(case: &CaseView) -> String {
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
        let _ = write!(text, "\n{}", describe_notice(notice));
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

fn describe_notice(notice: &NoticeView) -> String {
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
    text.push_str(&describe_findings(&notice.findings));
    for step in &notice.steps {
        let answered = if step.answered {
            "answered"
        } else {
            "to be done"
        };
        let _ = writeln!(text, "  step {}: {answered}", step.id);
    }
    text.push_str(&describe_threatened(notice.standing, &notice.threatened));
    let _ = writeln!(text, "  rectification: {}", word(&notice.rectification));
    let _ = write!(text, "{}", describe_entry(&notice.entry));
    text
}

fn describe_findings(findings: &[FindingView]) -> String {
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
fn describe_threatened(standing: NoticeStanding, threatened: &[ThreatenedMeasure]) -> String {
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

fn describe_entry(entry: &Entry) -> String {
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

fn describe_account(account: &AccountView) -> String {
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

fn describe_inbox(inbox: &InboxView) -> String {
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
            describe_findings(&item.findings),
            steps_open(item),
            describe_threatened(item.standing, &item.threatened),
            describe_entry(&item.entry)
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

fn describe_deadlines(deadlines: &OpenDeadlines) -> String {
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
