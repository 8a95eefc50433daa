//! `redress bench`: commands a second over real NATS, beside a trivial echo in the same run, and replay with a
//! full fold.
//!
//! The service and the echo run as processes of their own, as they would in earnest. The load is bounded; both
//! are ended at the end. With `--open-cases` it measures what grows with open cases instead: `open_cases.rs`.

mod echo;
mod folding;
mod load;
mod open_cases;
mod table;

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader},
    net::IpAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use async_nats::ServerAddr;
use clap::Args;

use crate::{
    arguments::{self, at_least_one, nats_url},
    failure::Failure,
    output::Output,
};

/// Commands under way at the same time, one row each.
const IN_FLIGHT: [usize; 3] = [1, 16, 256];

/// Arguments of `bench`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  redress bench --nats nats://127.0.0.1:4222 --dir /var/tmp\n  \
redress bench --open-cases 200000 --program ../before/redress"
)]
pub struct Arguments {
    /// The NATS server, on this machine.
    #[arg(long, env = "REDRESS_NATS", default_value = "nats://127.0.0.1:4222", value_parser = nats_url)]
    pub nats: String,
    /// How the server knows us; the service that is measured, the echo and the load all log in so.
    #[command(flatten)]
    pub login: arguments::Login,
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

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::World(format!("failed to start: {error}")))?;
    if arguments.echo {
        return runtime.block_on(echo::serve(arguments, output));
    }
    refuse_server_elsewhere(&arguments.nats)?;
    // That there is no server is said as anywhere else, and not by a child.
    let options = arguments
        .login
        .options(&arguments.nats, "redress bench", None)?;
    let client = runtime.block_on(nats_gateway::connect(&options))?;
    let folder = tempfile::Builder::new()
        .prefix("redress-bench-")
        .tempdir_in(arguments.dir.as_deref().unwrap_or(&std::env::temp_dir()))
        .map_err(|error| Failure::World(format!("failed to make a folder: {error}")))?;
    let prefix = format!("bench{}", std::process::id());
    let data = folder.path().join("data");
    let this = this_program()?;
    if let Some(open_cases) = arguments.open_cases {
        let setting = open_cases::Setting {
            program: arguments.program.clone().unwrap_or(this),
            nats: &arguments.nats,
            login: &arguments.login,
            prefix: &prefix,
            data: &data,
            open_cases,
            closed_cases: arguments.closed_cases,
            rounds: arguments.rounds,
        };
        let grown = setting.measure(&runtime, client, output)?;
        output.result(&grown, open_cases::describe);
        return Ok(());
    }
    let (rows, payload_bytes) = {
        let echo = ["bench", "--echo", "--nats", &arguments.nats];
        let _echo = start(&this, &echo, &prefix, &arguments.login, output)?;
        let data_text = data.to_string_lossy();
        let serve = ["serve", "--data", &data_text, "--nats", &arguments.nats];
        let program = arguments.program.as_ref().unwrap_or(&this);
        let service = start(program, &serve, &prefix, &arguments.login, output)?;
        let rows = runtime.block_on(measure(client, &prefix, arguments, output))?;
        service.stop()?;
        rows
    };
    let folded = folding::measure(&data, arguments.rounds)?;
    let result = table::Bench {
        rounds: arguments.rounds,
        commands_per_measurement: arguments.commands,
        payload_bytes,
        rows,
        replay: folded,
    };
    output.result(&result, table::describe);
    Ok(())
}

/// A measurement takes all that a server can give, which somebody else's must not be asked for.
fn refuse_server_elsewhere(nats: &str) -> Result<(), Failure> {
    let here = |server: &ServerAddr| {
        let host = server.host().trim_matches(['[', ']']);
        host == "localhost"
            || host
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback())
    };
    let servers = arguments::nats_servers(nats).map_err(Failure::Usage)?;
    match servers.iter().find(|server| !here(server)) {
        None => Ok(()),
        Some(elsewhere) => Err(Failure::Usage(format!(
            "{} is not this machine: a measurement takes all that a server can give; start one here and name it by \
             127.0.0.1 with --nats",
            elsewhere.host()
        ))),
    }
}

/// Echo and commands take turns, so that both see the same machine.
async fn measure(
    client: async_nats::Client,
    prefix: &str,
    arguments: &Arguments,
    output: Output,
) -> Result<(Vec<table::Row>, usize), Failure> {
    let load = load::Load::new(client, prefix.to_owned()).await?;
    let mut rows = Vec::new();
    for in_flight in IN_FLIGHT {
        let count = arguments.commands.min(in_flight * 8_000).max(in_flight * 8);
        let mut rounds = Vec::new();
        for round in 0..arguments.rounds {
            output.note(&format!(
                "{in_flight} in flight, round {} of {}",
                round + 1,
                arguments.rounds
            ));
            let echo = load.echo(in_flight, count).await?;
            let flushes_before = load.device_flushes().await?;
            let commands = load.commands(in_flight, count).await?;
            let flushes = load.device_flushes().await? - flushes_before;
            rounds.push(table::Round {
                echo_per_second: echo,
                commands_per_second: commands,
                device_flushes: flushes,
                commands: count,
            });
        }
        rows.push(table::Row::of(in_flight, rounds));
    }
    Ok((rows, load.payload_bytes()))
}

/// A child process of this program that is ended with this value.
struct Running(Child);

impl Running {
    /// Ends it as an administrator would.
    fn stop(mut self) -> Result<(), Failure> {
        let failed =
            |error: std::io::Error| Failure::World(format!("failed to end a child: {error}"));
        Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status()
            .map_err(failed)?;
        self.0.wait().map_err(failed)?;
        Ok(())
    }
}

impl Running {
    /// The memory that it has now, where the system says so.
    fn resident_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes * 1024)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn this_program() -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .map_err(|error| Failure::World(format!("failed to start a child: {error}")))
}

/// What a child is told in its environment, where nobody else reads it: the echo as a tool, the service as one.
fn environment_of(login: &arguments::Login) -> Result<Vec<(&'static str, OsString)>, Failure> {
    let options = login.options("", "", None)?;
    let (user, password) = options.user.clone().unzip();
    let file = |file: &Option<PathBuf>| file.clone().map(PathBuf::into_os_string);
    let text = |text: &Option<String>| text.clone().map(OsString::from);
    let told = [
        ("REDRESS_LOGIN", text(&login.user)),
        ("REDRESS_CREDS", file(&login.creds)),
        ("REDRESS_NKEY", file(&login.nkey)),
        ("REDRESS_CA", file(&login.ca)),
        ("REDRESS_INBOX_PREFIX", text(&login.inbox_prefix)),
        ("REDRESS_SERVE_USER", text(&user)),
        ("REDRESS_SERVE_PASSWORD", text(&password)),
        ("REDRESS_SERVE_CREDENTIALS", file(&login.creds)),
        ("REDRESS_SERVE_NKEY", file(&login.nkey)),
        ("REDRESS_SERVE_ROOT_CERTIFICATE", file(&login.ca)),
        ("REDRESS_SERVE_INBOX_PREFIX", text(&options.inbox_prefix)),
    ];
    let told = told.into_iter().filter_map(|(name, it)| Some((name, it?)));
    Ok(told.collect())
}

fn start(
    program: &Path,
    arguments: &[&str],
    prefix: &str,
    login: &arguments::Login,
    output: Output,
) -> Result<Running, Failure> {
    let failed =
        |error: std::io::Error| Failure::World(format!("failed to start a child: {error}"));
    let mut child = Command::new(program)
        .args(arguments)
        .env("REDRESS_SERVE_PREFIX", prefix)
        .env("REDRESS_PREFIX", prefix)
        .env("REDRESS_LOG", "warn")
        .envs(environment_of(login)?)
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let stderr = child.stderr.take();
    let running = Running(child);
    let Some(stderr) = stderr else {
        return Err(Failure::World("a child has no standard error".to_owned()));
    };
    let mut lines = BufReader::new(stderr).lines();
    let mut said = Vec::new();
    for line in lines.by_ref().map_while(Result::ok) {
        if line.starts_with("ready") {
            // Read on, so that the child never waits for a reader, and pass on what goes wrong.
            std::thread::spawn(move || {
                for line in lines.map_while(Result::ok) {
                    output.note(&line);
                }
            });
            return Ok(running);
        }
        said.push(line);
    }
    Err(Failure::World(format!(
        "{} {} did not start: {}",
        program.display(),
        arguments.join(" "),
        said.join("; ")
    )))
}
