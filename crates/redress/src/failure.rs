//! How a run can fail, and the exit code of each way. Scripts rely on the codes.

use std::io;

use events_schema::Problem;

/// Why the program did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The world failed: storage, files, the network.
    #[error("{0}")]
    World(String),
    /// The log is open elsewhere.
    #[error("{0}")]
    InUse(String),
    /// The storage of the log failed, or it is damaged.
    #[error("{0}")]
    Storage(String),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The procedure says no.
    #[error("{}", .0.detail)]
    Rejected(Box<Problem>),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// Nobody serves.
    #[error("{0}")]
    NoService(String),
    /// The NATS server does not let this login do that.
    #[error("{0}")]
    Denied(String),
    /// No answer came in time, or none but that the service is busy. What is known of the command is said.
    #[error("{0}")]
    Timeout(String),
    /// The log was rolled back to an older copy, and nobody has accepted it.
    #[error("{0}")]
    RolledBack(String),
    /// A proof does not hold.
    #[error("{0}")]
    Unproved(String),
    /// The procedure says no to some lines of a file.
    #[error("{refused} of {lines} commands were refused")]
    LinesRefused {
        /// So many.
        refused: u64,
        /// Of so many.
        lines: u64,
    },
    /// The result that was printed has it in full.
    #[error("{summary}")]
    SummedUp {
        /// What it was.
        cause: Box<Failure>,
        /// It in one sentence.
        summary: String,
    },
    /// The log of the service has said it: nothing is left to say.
    #[error("{0}")]
    Said(Box<Failure>),
}

impl Failure {
    /// The same, summed up in other words.
    pub fn summed_up_as(self, summary: String) -> Self {
        let cause = Box::new(self);
        Self::SummedUp { cause, summary }
    }

    /// The same, and where the log is open elsewhere what this command can do about it.
    pub fn or_where_in_use(self, advice: &str) -> Self {
        match self {
            Self::InUse(said) => Self::InUse(format!("{said}. {advice}")),
            other => other,
        }
    }

    /// The exit code. `redress --help` lists them.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::World(_) | Self::InUse(_) => 1,
            Self::Usage(_) => 2,
            Self::Rejected(problem) if problem.code == "unknown_case" => 4,
            Self::Rejected(_) | Self::LinesRefused { .. } => 3,
            Self::NotFound(_) => 4,
            Self::NoService(_) => 5,
            Self::Timeout(_) => 6,
            Self::Unproved(_) => 7,
            Self::Storage(_) => 8,
            Self::RolledBack(_) => 9,
            Self::Denied(_) => 10,
            Self::SummedUp { cause, .. } | Self::Said(cause) => cause.exit_code(),
        }
    }

    /// A word for the kind of failure, for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::World(_) | Self::InUse(_) => "failed",
            Self::Usage(_) => "usage",
            Self::Rejected(_) | Self::LinesRefused { .. } => "rejected",
            Self::NotFound(_) => "not_found",
            Self::NoService(_) => "no_service",
            Self::Timeout(_) => "timeout",
            Self::Denied(_) => "denied",
            Self::Unproved(_) => "verification_failed",
            Self::Storage(_) => "storage",
            Self::RolledBack(_) => "rolled_back",
            Self::SummedUp { cause, .. } | Self::Said(cause) => cause.kind(),
        }
    }
}

/// For whoever can ask the service instead.
pub const ASK_THE_SERVICE: &str =
    "To ask the service that has it open, leave out --data and name its server with --nats";

/// Why a file that was named could not be read. One that is not there is not found, whoever asked for it.
pub fn unreadable(what: impl std::fmt::Display, error: &io::Error) -> Failure {
    let said = format!("failed to read {what}: {error}");
    match error.kind() {
        io::ErrorKind::NotFound => Failure::NotFound(said),
        _ => Failure::World(said),
    }
}

impl From<command_processor::Error> for Failure {
    fn from(error: command_processor::Error) -> Self {
        use command_processor::Error;
        match error {
            Error::Log(error) => error.into(),
            Error::Unreadable { .. } | Error::NotOurs { .. } | Error::NotNext { .. } => {
                Self::Storage(error.to_string())
            }
            Error::File { ref source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Self::NotFound(error.to_string())
            }
            Error::File { .. } | Error::Thread { .. } | Error::Backfill { .. } => {
                Self::World(error.to_string())
            }
            Error::RolledBack { .. }
            | Error::TakeoverRolledBack { .. }
            | Error::LogGone { .. }
            | Error::OfAnotherLog { .. } => Self::RolledBack(error.to_string()),
            Error::NoLog { .. } => Self::NotFound(error.to_string()),
        }
    }
}

impl From<event_log::Error> for Failure {
    fn from(error: event_log::Error) -> Self {
        match error {
            event_log::Error::InUse { .. } => Self::InUse(error.to_string()),
            event_log::Error::ClockBefore1970 => Self::World(error.to_string()),
            _ => Self::Storage(error.to_string()),
        }
    }
}

impl From<nats_gateway::Error> for Failure {
    fn from(error: nats_gateway::Error) -> Self {
        use nats_gateway::Error;
        match error {
            Error::Connect { .. } => Self::NoService(error.to_string()),
            Error::LoginRefused { .. } => Self::Denied(error.to_string()),
            Error::Processor(error) => error.into(),
            Error::Log(error) => error.into(),
            Error::LoginFile { ref source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Self::NotFound(error.to_string())
            }
            Error::LoginFile { .. }
            | Error::Nats { .. }
            | Error::Served { .. }
            | Error::GivesWay { .. }
            | Error::SmallMessages { .. }
            | Error::Threads { .. } => Self::World(error.to_string()),
            Error::Prefix { .. } | Error::LoginInUrl { .. } => Self::Usage(error.to_string()),
        }
    }
}
