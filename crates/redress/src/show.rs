//! `redress show`: a case, an account, an inbox or the deadlines, over NATS or from a folder.

mod describe;

use clap::{Args, Subcommand};
use command_processor::{Processor, ReadingRoom, Views, ViewsFeed};
use events_schema::{
    AccountId, AccountQuery, AccountView, Actor, CaseId, CaseQuery, CaseView, DeadlinePlace,
    DeadlineView, DeadlinesQuery, DeadlinesView, HoldId, InboxView, Label, Locale, Query,
    Rejection, Status, StatusQuery,
};
use serde::{Serialize, de::DeserializeOwned};
use std::path::PathBuf;
use tokio::{runtime::Runtime, sync::watch};

use crate::{
    arguments::{self, data_folder, one_to},
    failure::{ASK_THE_SERVICE, Failure},
    output::{Output, tell_rolled_back},
    wire::Wire,
};

/// Who looks into a folder: nobody whom the log knows, and everything may be seen.
const WHO_LOOKS: &str = "auditor:folder";

/// Arguments of `show`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  redress show case C1\n  redress show inbox dev7 --as party:dev7\n  \
redress show deadlines --data DIR"
)]
pub struct Arguments {
    /// What to show.
    #[command(subcommand)]
    pub what: Target,
    /// The folder of the log, if no service runs on it.
    #[arg(long, global = true, value_parser = data_folder())]
    pub data: Option<PathBuf>,
    /// The service, otherwise. A folder shows everything to whoever can read it.
    #[command(flatten)]
    pub service: arguments::Service,
}

/// What to show.
#[derive(Debug, Subcommand)]
pub enum Target {
    /// A case with its notices, appeals, measures and deadlines.
    #[command(after_help = "Example: redress show case C1")]
    Case {
        /// The case.
        id: CaseId,
    },
    /// An account with its cases, restrictions and refused filings.
    #[command(after_help = "Example: redress show account dev7 --limit 20")]
    Account {
        /// The account.
        id: AccountId,
        /// Which of its cases.
        #[command(flatten)]
        page: PageOfCases,
    },
    /// The notification centre of an account, with the appeal entries.
    #[command(after_help = "Example: redress show inbox dev7 --as party:dev7")]
    Inbox {
        /// The account.
        id: AccountId,
        /// Which of its cases.
        #[command(flatten)]
        page: PageOfCases,
    },
    /// Open deadlines, the soonest first; which are overdue, and which of these are held.
    #[command(after_help = "\
Examples:
  redress show deadlines --limit 20
  redress show deadlines --all
  redress show deadlines C1

Where there are more than are shown, that is said: below the table, as `later` in JSON, and with jsonl in a last line \
that has `later` and no deadline.")]
    Deadlines {
        /// Only of this case.
        case: Option<CaseId>,
        /// At most so many: 1 to 1000.
        #[arg(long, default_value_t = 100, value_parser = one_to(1_000))]
        limit: usize,
        /// Every one, however many there are.
        #[arg(long, conflicts_with = "limit")]
        all: bool,
    },
}

/// Which of the cases of an account.
#[derive(Debug, Args)]
pub struct PageOfCases {
    /// At most so many cases, the latest ones: 1 to 100.
    #[arg(long, default_value_t = 100, value_parser = one_to(100))]
    pub limit: usize,
    /// Only what began before this case.
    #[arg(long)]
    pub before: Option<CaseId>,
}

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let source = Source::open(arguments)?;
    let shown = show(&source, &arguments.what, output);
    source.close();
    shown
}

fn show(source: &Source, what: &Target, output: Output) -> Result<(), Failure> {
    match what {
        Target::Case { id } => {
            output.result(&find_case(source, id)?, describe::case);
        }
        Target::Account { id, page } => {
            let view: AccountView = source.ask(Query::Account(of_account(id, page)))?;
            output.result(&view, describe::account);
        }
        Target::Inbox { id, page } => {
            let view: InboxView = source.ask(Query::Inbox(of_account(id, page)))?;
            output.result(&view, describe::inbox);
        }
        Target::Deadlines { case, limit, all } => {
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
    room: ReadingRoom,
    feed: ViewsFeed,
    /// Keeps the log from being opened by anybody else meanwhile.
    processor: Processor,
}

struct Service {
    runtime: Runtime,
    wire: Wire,
    asker: Actor,
}

impl Source {
    fn open(arguments: &Arguments) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::World(format!("failed to start: {error}"));
        if let Some(dir) = &arguments.data {
            arguments.service.refuse_sender_of_a_folder()?;
            let opened = Processor::open_existing(dir).map_err(Failure::from);
            let (processor, report) =
                opened.map_err(|failure| failure.or_where_in_use(ASK_THE_SERVICE))?;
            tell_rolled_back(processor.contradictions());
            let (views, feed, _) = Views::start(&processor, report.views).map_err(failed)?;
            let (_, status) = watch::channel(processor.status(command_processor::now()));
            return Ok(Self::Folder(Box::new(Folder {
                room: ReadingRoom::new(views, status, usize::MAX),
                feed,
                processor,
            })));
        }
        let runtime = arguments::runtime()?;
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

    /// Asks the service, or the reading room of the folder: the answer is the same.
    fn ask<T: DeserializeOwned>(&self, query: Query) -> Result<T, Failure> {
        match self {
            Self::Folder(folder) => folder.ask(query),
            Self::Service(it) => it.runtime.block_on(it.wire.query(&it.asker, &query)),
        }
    }

    /// Ends the thread that folds, if there is one.
    fn close(self) {
        if let Self::Folder(folder) = self {
            let Folder {
                room,
                feed,
                processor,
            } = *folder;
            drop((room, processor));
            feed.join();
        }
    }
}

impl Folder {
    fn ask<T: DeserializeOwned>(&self, query: Query) -> Result<T, Failure> {
        let unreadable =
            |error: String| Failure::World(format!("the answer does not read: {error}"));
        let asker = WHO_LOOKS
            .parse()
            .map_err(|_| unreadable(WHO_LOOKS.to_owned()))?;
        let head = self.processor.head().next_position;
        let view = match self.room.answer(&asker, query, head)?.found {
            Ok(view) => view,
            Err(Rejection::UnknownCase { case }) => {
                return Err(Failure::NotFound(format!("there is no case {case}")));
            }
            Err(rejection) => return Err(unreadable(rejection.sentence(Locale::English))),
        };
        let answer = serde_json::to_value(&view).and_then(serde_json::from_value);
        answer.map_err(|error| unreadable(error.to_string()))
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
    held: Option<Label>,
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
    let now = command_processor::now();
    let mut found = Vec::new();
    let mut after: Option<DeadlinePlace> = None;
    let (open, later) = loop {
        let wanted = limit.unwrap_or(DEADLINES_PER_QUERY);
        let page: DeadlinesView = source.ask(Query::Deadlines(DeadlinesQuery {
            case: case.cloned(),
            after,
            limit: Some(wanted as u64),
        }))?;
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
    let Status { held, hold, .. } = source.ask(Query::Status(StatusQuery {}))?;
    let deadlines = found.into_iter().map(|deadline| {
        let overdue = deadline.is_overdue(now);
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
        held: Option<&'a Label>,
        #[serde(skip_serializing_if = "Option::is_none")]
        hold: Option<&'a HoldId>,
    }
    if !output.is_one_a_line() {
        output.result(deadlines, describe::deadlines);
        return;
    }
    output.results(&deadlines.deadlines, |_| String::new());
    let rest = Rest {
        open: deadlines.open,
        later: deadlines.later.as_ref(),
        held: deadlines.held.as_ref(),
        hold: deadlines.hold.as_ref(),
    };
    if rest.later.is_some() || rest.held.is_some() {
        output.result(&rest, |_| String::new());
    }
}

fn find_case(source: &Source, id: &CaseId) -> Result<CaseView, Failure> {
    source.ask(Query::Case(CaseQuery { case: id.clone() }))
}

fn of_account(account: &AccountId, page: &PageOfCases) -> AccountQuery {
    AccountQuery {
        account: Some(account.clone()),
        limit: Some(page.limit as u64),
        before: page.before.clone(),
    }
}
