//! What can be asked for on the command line.

use std::path::PathBuf;

use async_nats::ServerAddr;
use clap::{
    Args, Parser, Subcommand,
    builder::{PathBufValueParser, RangedU64ValueParser, TypedValueParser},
};
use clap_complete::Shell;
use events_schema::{
    AccountId, Actor, CalendarId, CaseId, CommandId, CommandName, HoldId, Period, parse_day,
};
use jiff::civil::Date;

use crate::{columns::columns, configuration, logging, output::Format, send, when::When};

/// Enforcement notices, rectification and appeals: a service on NATS with an append-only log, and the tools
/// to look into it.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 done, 1 the world failed, 2 usage, 3 rejected by the procedure, 4 not found (a case, a log, a file), \
5 no server or nobody serves, 6 no answer in time, 7 verification failed, 8 storage failed or damaged, 9 the log \
was rolled back or is gone, 10 denied by the NATS server.

Results go to standard output, errors to standard error: with -o json and -o jsonl as one JSON object on the last line,
  {\"error\": \"not_found\", \"exit_code\": 4, \"detail\": \"...\"}
and what the procedure answered as \"problem\" where \
it refused. What is on standard output then is complete JSON, and was found or done before."
)]
pub struct Cli {
    /// The form of results: for people, one JSON document, or one JSON document a line.
    #[arg(short, long, global = true, value_enum, default_value = "human")]
    pub output: Format,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service.
    Serve(Serve),
    /// Send a command, or many from a file.
    Send(Send),
    /// Show what happened, event by event.
    Replay(Replay),
    /// Check the whole log: every checksum, hash and digest, and that the projections follow from it.
    Verify(Verify),
    /// Take over an existing platform's history from a file.
    Backfill(Backfill),
    /// Play the two traces of the procedure, step by step.
    Demo(Demo),
    /// Measure commands a second beside an echo, and replay.
    Bench(Bench),
    /// Show a case, an account, an inbox or the open deadlines.
    Show(Show),
    /// Import, show and explain calendars of working days.
    Calendar(Calendar),
    /// Check and show rulebooks.
    Rulebook(Rulebook),
    /// Say what the code of a refusal means.
    Explain(Explain),
    /// Look at everything that the service needs.
    Doctor(Doctor),
    /// Let held deadlines fire again.
    Deadlines(Deadlines),
    /// Print what makes a shell complete commands and flags.
    Completions(Completions),
    /// Write the manual pages, one for each subcommand.
    Man(Man),
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(
    after_help = format!("\
Keys of the configuration file, none of which is required:
{}

Environment, which goes before the file, and flags before it:
  REDRESS_SERVE_KEY  each key in capitals, as in REDRESS_SERVE_QUEUE_LENGTH_MAX
  REDRESS_LOG        what is logged: {}

Example: redress serve --data /var/lib/redress --nats nats://127.0.0.1:4222", columns(&configuration::KEYS), logging::LOGGED)
)]
pub struct Serve {
    /// The folder of the log; made if there is none.
    #[arg(long, value_parser = data_folder())]
    pub data: PathBuf,
    /// The NATS server.
    #[arg(long, env = "REDRESS_NATS", value_parser = nats_url)]
    pub nats: Option<String>,
    /// A configuration file, TOML.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Serve although the log was rolled back to an older copy, which is recorded in it. It holds still then, until
    /// `redress deadlines release`. For one start only: where nothing tells of a rollback it is refused.
    #[arg(long)]
    pub accept_rollback: bool,
}

/// Where the service is.
#[derive(Debug, Args)]
pub struct Service {
    /// The NATS server.
    #[arg(
        long,
        env = "REDRESS_NATS",
        default_value = "nats://127.0.0.1:4222",
        value_parser = nats_url,
        global = true
    )]
    pub nats: String,
    /// The prefix of its subjects.
    #[arg(long, env = "REDRESS_PREFIX", default_value = "redress", global = true)]
    pub prefix: String,
    /// How the server knows us.
    #[command(flatten)]
    pub login: Login,
    /// Who you are: `ROLE:PRINCIPAL`. Where nobody says so, it is asked of the server what the user of --login may be.
    /// Whoever has no user asks as `auditor:cli`, and has to say so to send.
    #[arg(
        id = "sender",
        long = "as",
        value_name = "ROLE:PRINCIPAL",
        env = "REDRESS_AS",
        global = true
    )]
    pub sender: Option<Actor>,
    /// Seconds to wait for an answer.
    #[arg(long, default_value_t = 10, global = true, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout_seconds: u64,
}

/// How the NATS server knows us, and we know it.
#[derive(Debug, Clone, Default, Args)]
pub struct Login {
    /// User and password for the server: `USER:PASSWORD`.
    #[arg(
        id = "login",
        long = "login",
        value_name = "USER:PASSWORD",
        env = "REDRESS_LOGIN",
        hide_env_values = true,
        global = true
    )]
    pub user: Option<String>,
    /// A .creds file, with the JWT and the seed of the user.
    #[arg(long, value_name = "FILE", env = "REDRESS_CREDS", global = true)]
    pub creds: Option<PathBuf>,
    /// A file with the seed of the user's nkey.
    #[arg(long, value_name = "FILE", env = "REDRESS_NKEY", global = true)]
    pub nkey: Option<PathBuf>,
    /// The certificate of the authority that signed the server's, PEM. With it nothing is said without TLS.
    #[arg(long, value_name = "FILE", env = "REDRESS_CA", global = true)]
    pub ca: Option<PathBuf>,
    /// The prefix of the subjects that answers come on; if absent `_INBOX_` and the user of --login, or with --creds
    /// and --nkey the principal of --as.
    #[arg(
        long,
        value_name = "PREFIX",
        env = "REDRESS_INBOX_PREFIX",
        global = true
    )]
    pub inbox_prefix: Option<String>,
}

/// Arguments of `send`.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Commands: {}

Examples:
  redress send --as party:dev7 WithdrawAppeal \\
    '{{\"facts\":{{\"case\":\"C1\",\"appeal\":\"A1\"}}}}'
  redress send --as platform:moderation IssueWarning @warning.json
  redress send --file commands.jsonl

A line of a file is
  {{\"as\": \"role:principal\", \"command\": \"...\", \"body\": {{...}}}}
and may have \
\"id\" and \"expected_revision\"; \"as\" may be left out where --as says it. All lines are read before the first is sent. The exit code is 3 if any is refused.",
send::names().join(", ")))]
pub struct Send {
    /// The service.
    #[command(flatten)]
    pub service: Service,
    /// The id of the command; a new one if absent. Keep it to send the same command again.
    #[arg(long, conflicts_with = "file")]
    pub id: Option<CommandId>,
    /// The revision of the stream that you decided on.
    #[arg(long, conflicts_with = "file")]
    pub expected_revision: Option<u64>,
    /// The language of a refusal.
    #[arg(long, default_value = "en", value_parser = ["en", "zh-CN"])]
    pub language: String,
    /// Many commands, one a line; - for standard input.
    #[arg(long, value_name = "COMMANDS.jsonl", conflicts_with_all = ["name", "body"])]
    pub file: Option<PathBuf>,
    /// Commands of a file under way at the same time. One line of a case waits for the line before it; a line without
    /// a case, such as a calendar or a rulebook, waits for all before it, and all behind it wait for it.
    #[arg(long, default_value_t = 64, value_parser = at_least_one())]
    pub in_flight: usize,
    /// The command.
    #[arg(value_name = "COMMAND", required_unless_present = "file", value_parser = send::parse_name)]
    pub name: Option<CommandName>,
    /// Its body: JSON, @FILE, or - for standard input.
    #[arg(value_name = "JSON | @FILE | -", required_unless_present = "file")]
    pub body: Option<String>,
}

/// The folder of a log, which need not be there yet.
fn data_folder() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        let is_link = path.is_symlink();
        match path.metadata() {
            Ok(found) if !found.is_dir() => Err("is a file and no folder"),
            Err(_) if is_link => Err("is a link to nothing"),
            Ok(_) | Err(_) => Ok(path),
        }
    })
}

/// The servers of a URL, or of several with commas between them.
pub fn nats_servers(text: &str) -> Result<Vec<ServerAddr>, String> {
    text.split(',')
        .map(|server| {
            let server = server.trim();
            let wrong = |problem: &str| format!("`{server}` is no URL of a NATS server: {problem}");
            let address: ServerAddr = server
                .parse()
                .map_err(|error: std::io::Error| wrong(&error.to_string()))?;
            if address.host().is_empty() {
                return Err(wrong("it names no host"));
            }
            Ok(address)
        })
        .collect()
}

fn nats_url(text: &str) -> Result<String, String> {
    nats_servers(text).map(|_| text.to_owned())
}

fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

fn one_to(max: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=max)
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
#[command(after_help = "Example: redress replay --data DIR --case C1")]
pub struct Replay {
    /// The folder of the log, if no service runs on it.
    #[arg(long, value_parser = data_folder())]
    pub data: Option<PathBuf>,
    /// The service, otherwise; for an auditor, the platform or the administrator.
    #[command(flatten)]
    pub service: Service,
    /// Only this case.
    #[arg(long)]
    pub case: Option<CaseId>,
    /// From this position.
    #[arg(long, default_value_t = 0)]
    pub from: u64,
    /// Up to this position, which is not shown itself.
    #[arg(long)]
    pub to: Option<u64>,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: redress verify --data /var/lib/redress

A log that is served cannot be verified: stop the service, or verify a copy of the folder made while it was stopped.")]
pub struct Verify {
    /// The folder of the log; no service may run on it.
    #[arg(long, value_parser = data_folder())]
    pub data: PathBuf,
}

/// Arguments of `backfill`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: redress backfill --data /var/lib/redress history.jsonl --until 2026-11-01

A line of the file is
  {\"at\": \"2026-03-02T00:00:00Z\", \"as\": \"role:principal\",
   \"command\": \"...\", \"body\": {...}}
on one line, in time order. Refused lines go to FILE.refused.jsonl (or --report) and stop nothing. After an \
interruption run it again with the same file.")]
pub struct Backfill {
    /// The folder of the log: empty, or with the same unfinished file.
    #[arg(long, value_parser = data_folder())]
    pub data: PathBuf,
    /// The history.
    pub file: PathBuf,
    /// Deadlines fire up to this time, also behind the last line: a day, which begins at midnight UTC, or a time with
    /// its offset.
    #[arg(long)]
    pub until: Option<When>,
    /// Where refused lines are reported.
    #[arg(long)]
    pub report: Option<PathBuf>,
    /// The platform that the log serves.
    #[arg(long, default_value = "platform")]
    pub platform: String,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress demo
  redress demo --nats nats://127.0.0.1:4222 --prefix demo

Without --nats everything runs in this process, in a temporary folder that is removed. A service on \
which anything but demonstrations happened is refused: the demonstration adopts a rulebook of seconds.")]
pub struct Demo {
    /// Play against the service on this NATS server instead.
    #[arg(long, value_parser = nats_url)]
    pub nats: Option<String>,
    /// The prefix of its subjects.
    #[arg(long, default_value = "redress")]
    pub prefix: String,
    /// How the server knows us; it plays every role, so the user may be all of them.
    #[command(flatten)]
    pub login: Login,
}

/// Arguments of `bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  redress bench --nats nats://127.0.0.1:4222 --dir /var/tmp\n  \
redress bench --open-cases 200000 --program ../before/redress"
)]
pub struct Bench {
    /// The NATS server, on this machine.
    #[arg(long, env = "REDRESS_NATS", default_value = "nats://127.0.0.1:4222", value_parser = nats_url)]
    pub nats: String,
    /// How the server knows us; the service that is measured, the echo and the load all log in so.
    #[command(flatten)]
    pub login: Login,
    /// Where the log is put, on the disk that is to be measured; the system's temporary folder if absent.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Commands in each measurement, at the most; few in flight send fewer.
    #[arg(long, default_value_t = 100_000, value_parser = at_least_one())]
    pub commands: usize,
    /// Rounds, of which the median counts.
    #[arg(long, default_value_t = 3, value_parser = at_least_one())]
    pub rounds: usize,
    /// Measure what grows with open cases instead: notices to accounts with 1, 1,000 and 10,000 of them, memory, and
    /// starts and a verification with so many in all. The accounts have 24,000 of them already, and memory is measured
    /// by what comes beyond: at 26,000 and more.
    #[arg(long, value_name = "COUNT", value_parser = at_least_one())]
    pub open_cases: Option<usize>,
    /// With so many closed cases beside them.
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 0,
        requires = "open_cases"
    )]
    pub closed_cases: usize,
    /// The program that serves, so that another version can be measured; this one if absent.
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
    /// Be the echo.
    #[arg(long, hide = true)]
    pub echo: bool,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  redress show case C1\n  redress show inbox dev7 --as party:dev7\n  \
redress show deadlines --data DIR"
)]
pub struct Show {
    /// What to show.
    #[command(subcommand)]
    pub what: Shown,
    /// The folder of the log, if no service runs on it.
    #[arg(long, global = true, value_parser = data_folder())]
    pub data: Option<PathBuf>,
    /// The service, otherwise. A folder shows everything to whoever can read it.
    #[command(flatten)]
    pub service: Service,
}

/// What to show.
#[derive(Debug, Subcommand)]
pub enum Shown {
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

/// Arguments of `calendar`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress calendar show cn
  redress calendar explain \"7 working days\" --from 2026-02-13
  redress calendar import cn-2026.ics cn-2027.ics \\
    --zone Asia/Shanghai --id cn --version 2")]
pub struct Calendar {
    /// What to do.
    #[command(subcommand)]
    pub what: CalendarCommand,
}

/// What to do with calendars.
#[derive(Debug, Subcommand)]
pub enum CalendarCommand {
    /// Make the body of `PublishCalendar` from iCalendar files.
    #[command(after_help = "\
A version takes the place of the one before as a whole: name the files of every year that is to stay covered, and not \
only the new one.

Events of whole days that happen once make days off, or working days by how their summary begins. What is left out is \
listed with its reason: observances, half days, what is tentative or cancelled, versions that a higher SEQUENCE \
replaces. Anything else is refused by name. Half a day is an event of less than 23 hours, or one that says so (half \
day, 半天); the calendars of Google mark observances in any language, by saying how they are hidden. With -o json the \
body is `body`, beside counts and lists.

Example:
  redress calendar import cn-2025.ics cn-2026.ics cn-2027.ics \\
    --zone Asia/Shanghai --id cn --version 2 |
    redress send --as administrator:me PublishCalendar -")]
    Import(CalendarImport),
    /// Show a calendar: a shipped one (cn, utc), or a file with a body of `PublishCalendar`.
    #[command(
        after_help = "Example:\n  redress calendar show cn --command |\n    redress send --as administrator:me PublishCalendar -"
    )]
    Show {
        /// The calendar.
        #[arg(default_value = "cn")]
        calendar: String,
        /// Print the body of `PublishCalendar`.
        #[arg(long)]
        command: bool,
    },
    /// Count a period day by day.
    #[command(
        after_help = "Example: redress calendar explain \"7 working days\" --from 2026-02-13"
    )]
    Explain {
        /// The period.
        period: Period,
        /// From a day, which begins at midnight in the zone of the calendar, or from a time with its offset.
        #[arg(long)]
        from: When,
        /// On this calendar.
        #[arg(long, default_value = "cn")]
        calendar: String,
    },
}

/// Arguments of `calendar import`.
#[derive(Debug, Args)]
pub struct CalendarImport {
    /// The files.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The IANA name of the time zone.
    #[arg(long)]
    pub zone: String,
    /// The days of the weekend.
    #[arg(long, value_delimiter = ',', default_value = "saturday,sunday")]
    pub weekend: Vec<String>,
    /// The id of the calendar.
    #[arg(long, default_value = "cn")]
    pub id: CalendarId,
    /// Its version.
    #[arg(long, default_value_t = 1)]
    pub version: u32,
    /// The first day that it covers; with --to. Otherwise the years that the files speak of.
    #[arg(long, requires = "to", value_parser = parse_day)]
    pub from: Option<Date>,
    /// The last day that it covers.
    #[arg(long, requires = "from", value_parser = parse_day)]
    pub to: Option<Date>,
    /// How the summary of a make-up working day begins, in place of 上班, 补班 and work. Can be given several times.
    #[arg(long, value_name = "WORDS")]
    pub working_day: Vec<String>,
    /// What marks an observance, in place of Observance and 纪念日: one of its categories, the first words of its
    /// description, or what stands in brackets at the end of its summary. Can be given several times; with '' nothing
    /// is.
    #[arg(long, value_name = "WORDS")]
    pub observance: Vec<String>,
}

/// Arguments of `rulebook`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress rulebook show --toml > rules.toml
  redress rulebook check rules.toml
  redress rulebook show rules.toml --command |
    redress send --as administrator:me AdoptRulebook -")]
pub struct Rulebook {
    /// What to do.
    #[command(subcommand)]
    pub what: RulebookCommand,
}

/// What to do with rulebooks.
#[derive(Debug, Subcommand)]
pub enum RulebookCommand {
    /// Say everything that is wrong with one.
    #[command(after_help = "Example: redress rulebook check rules.toml")]
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Show one; the shipped default if no file is named.
    #[command(
        after_help = "Example:\n  redress rulebook show --command |\n    redress send --as administrator:me AdoptRulebook -"
    )]
    Show {
        /// The file.
        file: Option<PathBuf>,
        /// Print the body of `AdoptRulebook`.
        #[arg(long, conflicts_with = "toml")]
        command: bool,
        /// Print the text itself.
        #[arg(long)]
        toml: bool,
    },
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "Example: redress explain attempts_exhausted")]
pub struct Explain {
    /// The code; all of them if absent.
    pub code: Option<String>,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress doctor                             # the NATS server and the service
  redress doctor --data /var/lib/redress     # and the folder
  redress doctor --login ops:PASSWORD        # as what the user may be

The log of a folder is looked at only where no service has it open. The exit code is 1 if a check failed; a warning changes nothing.")]
pub struct Doctor {
    /// The folder of the log.
    #[arg(long, value_parser = data_folder())]
    pub data: Option<PathBuf>,
    /// The service.
    #[command(flatten)]
    pub service: Service,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress completions bash > ~/.local/share/bash-completion/completions/redress
  redress completions zsh > /usr/local/share/zsh/site-functions/_redress
  redress completions fish > ~/.config/fish/completions/redress.fish")]
pub struct Completions {
    /// The shell.
    pub shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  redress man ~/.local/share/man/man1
  man redress-serve")]
pub struct Man {
    /// The folder for them, made if there is none: a `man1` where `man` looks.
    pub folder: PathBuf,
}

/// Arguments of `deadlines`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  redress deadlines release --as administrator:me --hold 47-5f0c9a1e \\\n    --reason \"the machine was down\""
)]
pub struct Deadlines {
    /// What to do.
    #[command(subcommand)]
    pub what: DeadlinesCommand,
}

/// What to do with deadlines.
#[derive(Debug, Subcommand)]
pub enum DeadlinesCommand {
    /// Let them fire again, after looking at `redress show deadlines`.
    #[command(after_help = "\
A service that was away for more than 24 hours, or whose clock jumped or went back, fires and decides nothing by \
itself, whatever restarts meanwhile: a month of penalties is not imposed at once before somebody has looked. It says so \
when it starts, `redress doctor` and `redress show deadlines` say so too. Set the clock right first: the release says \
that it is right. After it everything overdue fires, the oldest first, with effects dated at their deadlines. Where \
nothing is held it is refused, and so is a release of a hold behind which there is a newer one. Without --hold it says \
what is held and why, and releases nothing.

Where a clock that ran ahead was believed, the last events are dated in the future, and a release is refused as \
time_held until the clock has passed them. With --leave-future-behind those times are left behind: the release and all \
that follows are dated by the clock. That is on record, and nowhere else does time go back.

Examples:
  redress deadlines release --as administrator:me
  redress deadlines release --as administrator:me --hold 47-5f0c9a1e \\
    --reason \"the machine was down over the weekend\"")]
    Release {
        /// The service.
        #[command(flatten)]
        service: Service,
        /// What was found.
        #[arg(long)]
        reason: Option<String>,
        /// The hold that was looked at; without it nothing is released, and what is held is said
        #[arg(long, value_name = "ID")]
        hold: Option<HoldId>,
        /// Leave times behind that were recorded ahead of the clock.
        #[arg(long)]
        leave_future_behind: bool,
    },
}
