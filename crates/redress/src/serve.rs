//! `redress serve`: the service, from the opened log to the drained connection.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use command_processor::{Clock, Hold, Processor, StartReport, Views, Writer, WriterStatus};
use event_log::EventLog;
use nats_gateway::{Asked, ConnectionOptions, Gateway, Inside, Listening, Settings};
use projections::ReadModel;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::timeout,
};

use crate::{
    arguments::{data_folder, nats_url},
    columns::columns,
    configuration::{self, Configuration},
    failure::Failure,
    logging::{self, Log},
    output::Output,
};

/// How long a service that is asked to end waits for a NATS server that is gone.
const GOODBYE_WITHIN: Duration = Duration::from_secs(5);

/// How long it waits for the writer to finish. A disk that does not answer must not keep the process for ever, and
/// what is on it is whole at any time.
const WRITER_ENDS_WITHIN: Duration = Duration::from_secs(30);

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
pub struct Arguments {
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

pub fn run(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let log = logging::start();
    let _written = log.written();
    serve(arguments, output, &log).map_err(|failure| {
        log.say(&output.failure_text(&failure));
        Failure::Said(Box::new(failure))
    })
}

fn serve(arguments: &Arguments, output: Output, log: &Log) -> Result<(), Failure> {
    let configuration =
        configuration::read(arguments.config.as_deref(), arguments.nats.as_deref())?;
    if command_processor::is_beyond_belief() {
        return Err(Failure::World(
            "the clock of this machine says a time before 1970 or after 9900: set it and start again; the log is as it was"
                .to_owned(),
        ));
    }
    let thread =
        |source: std::io::Error| Failure::World(format!("failed to start a thread: {source}"));
    let runtime = tokio::runtime::Runtime::new().map_err(thread)?;
    // A log is not begun, and no rollback is accepted, before there is a server to serve it on.
    let connected = if EventLog::exists(&arguments.data) && !arguments.accept_rollback {
        None
    } else {
        Some(runtime.block_on(connect(&configuration))?)
    };
    let (mut processor, mut report) = open_log(arguments, &configuration, output)?;
    let mut model = std::mem::take(&mut report.views);
    // Publishing begins before what is recorded from here on.
    let (log_id, head) = (processor.reader().log_id(), processor.head().next_position);
    check_rollback(&mut processor, &mut model, arguments)?;
    let (views, feed, fresh) = Views::start(&processor, model).map_err(thread)?;
    let served = runtime.block_on(async {
        let client = match connected {
            Some(client) => client,
            None => connect(&configuration).await?,
        };
        let settings = Settings {
            connection: connection(&configuration),
            prefix: configuration.prefix.clone(),
            dir: arguments.data.clone(),
            commands_max: configuration.queue_length_max,
            queries_at_once: configuration.queries_at_once,
            queries_waiting_max: configuration.queries_waiting_max,
        };
        let mut stop = StopSignals::listen()?;
        // The writer fires what is overdue as soon as it runs, so whether we may serve is asked before.
        let listening = tokio::select! {
            listening = Listening::start(client, settings, log_id, head) => listening?,
            () = stop.received() => return Ok(()),
        };
        let (answer, answers) = nats_gateway::answering(configuration.queue_length_max);
        let mut writer = Writer::spawn(
            processor,
            configuration.queue_length_max,
            Clock::of_this_machine(),
            feed.events.clone(),
            answer,
        )?;
        let mut gateway = listening.serve(Inside {
            intake: writer.intake.clone(),
            answers,
            views,
            fresh,
            status: writer.status.clone(),
        });
        tracing::info!(
            nats = configuration.nats,
            prefix = configuration.prefix,
            "serving"
        );
        if output.is_human() {
            log.say(&format!(
                "ready: serving {} as {}.v1 on {}",
                arguments.data.display(),
                configuration.prefix,
                configuration.nats
            ));
        }

        tokio::spawn(tell_what_is_held(writer.status.clone()));

        let failed = tokio::select! {
            () = stop.received() => false,
            () = writer.ended() => true,
            error = gateway.broken() => return Err(error.into()),
        };
        if failed {
            // Nothing that was decided may be answered now; what callers were told is on disk.
            return match writer.join() {
                Ok(()) => Err(Failure::World("the writer ended by itself".to_owned())),
                Err(error) => Err(Failure::from(error)),
            };
        }
        stop_serving(gateway, writer).await
    });
    // A thread that waits for the disk would be waited for otherwise.
    runtime.shutdown_background();
    served?;
    feed.join();
    tracing::info!("stopped");
    Ok(())
}

/// Takes nothing more on, and finishes what was taken on.
async fn stop_serving(mut gateway: Gateway, writer: Writer<Asked>) -> Result<(), Failure> {
    tracing::info!("stopping: no new commands, the last ones are finished");
    if timeout(GOODBYE_WITHIN, gateway.stop_taking())
        .await
        .is_err()
    {
        tracing::warn!(
            "the NATS server does not answer; what it still holds for us is not taken on"
        );
    }
    let ending = tokio::task::spawn_blocking(move || writer.join());
    let Ok(ended) = timeout(WRITER_ENDS_WITHIN, ending).await else {
        return Err(Failure::Storage(format!(
            "the writer has not ended within {} s: the disk does not answer; what was acknowledged is on it",
            WRITER_ENDS_WITHIN.as_secs()
        )));
    };
    ended.map_err(|error| Failure::World(format!("the writer broke off: {error}")))??;
    // Whatever cannot be sent any more is in the log: callers ask again, and events go on from the cursor.
    if let Ok(finished) = timeout(GOODBYE_WITHIN, gateway.finish()).await {
        finished?;
    } else {
        tracing::warn!(
            "the NATS server does not answer; the last events are published at the next start"
        );
    }
    Ok(())
}

/// Says what the service holds still for, and that it goes on.
async fn tell_what_is_held(mut status: watch::Receiver<WriterStatus>) {
    let mut told = None;
    loop {
        let WriterStatus { hold, overdue, .. } = status.borrow_and_update().clone();
        if told != hold {
            match &hold {
                Some(Hold::Firing { reason, .. }) => tracing::warn!(
                    overdue_deadlines = overdue, %reason,
                    "held: deadlines do not fire, commands are decided"
                ),
                Some(Hold::Deciding { reason, .. }) => tracing::warn!(
                    overdue_deadlines = overdue, %reason,
                    "held: nothing is decided and no deadline fires"
                ),
                None => tracing::info!("released: deadlines fire again"),
            }
            told = hold;
        }
        if status.changed().await.is_err() {
            return;
        }
    }
}

/// Refuses to serve a log that was rolled back, unless its operator says so: then that is recorded, and shown.
fn check_rollback(
    processor: &mut Processor,
    model: &mut ReadModel,
    arguments: &Arguments,
) -> Result<(), Failure> {
    if !arguments.accept_rollback {
        return Ok(processor.refuse_rollback()?);
    }
    if processor.contradictions().is_empty() {
        processor.refuse_rollback()?;
        return Err(Failure::Usage(format!(
            "nothing tells that the log in {} was rolled back; start without --accept-rollback, which would hide the \
             next time",
            arguments.data.display()
        )));
    }
    for contradiction in processor.contradictions() {
        let (file, how) = (contradiction.file, &contradiction.how);
        tracing::warn!(file, how, "a rollback is accepted; the file is kept aside");
    }
    let reader = processor.reader();
    for stored in processor.accept_rollback(command_processor::now())? {
        command_processor::show(model, &stored.recorded, &reader)?;
    }
    Ok(())
}

/// Opens the log and says what was found.
fn open_log(
    arguments: &Arguments,
    configuration: &Configuration,
    output: Output,
) -> Result<(Processor, StartReport), Failure> {
    let bar = output.progress(0, "folding the log");
    let (processor, report) = Processor::open(
        &arguments.data,
        &configuration.platform,
        command_processor::now(),
        &mut |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        },
    )?;
    bar.finish_and_clear();
    if processor.is_taking_over() {
        processor.refuse_rollback()?;
        return Err(Failure::World(format!(
            "the history in {} is not taken over to its end; run the same `redress backfill` again, and then serve",
            arguments.data.display()
        )));
    }
    for finding in &report.findings {
        tracing::warn!(finding, "found while opening the log");
    }
    if let Some(why) = &report.snapshot_refused {
        tracing::warn!(
            why,
            "the snapshot of the caches was left out; everything was folded from the log"
        );
    }
    tracing::info!(
        created = report.created,
        events = processor.head().next_position,
        from_snapshot = report.from_snapshot,
        replayed = report.replayed,
        "the log is open"
    );
    Ok((processor, report))
}

async fn connect(configuration: &Configuration) -> Result<async_nats::Client, Failure> {
    Ok(nats_gateway::connect(&connection(configuration)).await?)
}

fn connection(configuration: &Configuration) -> ConnectionOptions {
    ConnectionOptions {
        user: configuration
            .user
            .clone()
            .zip(configuration.password.clone()),
        credentials: configuration.credentials.clone(),
        nkey: configuration.nkey.clone(),
        inbox_prefix: configuration.inbox_prefix.clone(),
        root_certificate: configuration.root_certificate.clone(),
        ..ConnectionOptions::new(&configuration.nats, "redress serve")
    }
}

/// The signals that stop the service. Listening begins before it says that it is ready, so that none is missed.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn listen() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::World(format!("failed to listen for signals: {error}"))
        };
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
