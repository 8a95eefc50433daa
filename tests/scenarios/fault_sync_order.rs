//! Nothing is acknowledged before it is on disk, as the kernel sees it: between the write of a command's block and
//! the write of its reply to NATS lie a sync of `blocks/db`, a write of `tip`, and a sync of `tip`, in this order.
//!
//! strace notes a call twice, when it begins and when it has returned. A step counts only if it begins after the
//! one before it has returned, whichever thread does it.

use std::{fs, path::Path};

use end_to_end::{Client, NatsServer, Service, Strace, as_strace_prints, bodies, data_dir};

const COMMANDS: usize = 25;
const CALLS: &str =
    "pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg,sendmmsg,fdatasync,fsync";
const SYNCS: [&str; 2] = ["fdatasync", "fsync"];

/// A system call as strace saw it. Times are numbers of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Call {
    name: String,
    /// The path, or the addresses, behind its first argument.
    target: String,
    arguments: String,
    begun: usize,
    /// Unless it failed or never returned.
    done: Option<usize>,
}

/// What must be seen, and how it is told.
type Step<'a> = (&'a str, &'a dyn Fn(&Call) -> bool);

/// The calls of a trace, in the order in which they began.
fn calls(trace: &str) -> Vec<Call> {
    let mut calls: Vec<(&str, Call)> = Vec::new();
    for (number, line) in trace.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(char::is_whitespace) else {
            continue;
        };
        let rest = rest.trim_start();
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let name = resumed.split(' ').next().unwrap_or_default();
            let waiting = calls
                .iter_mut()
                .rev()
                .find(|(of, call)| *of == thread && call.name == name);
            if let Some((_, call)) = waiting {
                call.done = succeeded(rest).then_some(number);
            }
        } else if let Some((name, arguments)) = rest.split_once('(') {
            let done = !rest.ends_with("<unfinished ...>") && succeeded(rest);
            calls.push((
                thread,
                Call {
                    name: name.to_owned(),
                    target: target(arguments).to_owned(),
                    arguments: arguments.to_owned(),
                    begun: number,
                    done: done.then_some(number),
                },
            ));
        }
    }
    calls.into_iter().map(|(_, call)| call).collect()
}

/// `6</data/blocks/db>, ...` or `14<TCP:[127.0.0.1:1->127.0.0.1:2]>, ...`: what is between the outer brackets.
fn target(arguments: &str) -> &str {
    let arguments = arguments.trim_end_matches(" <unfinished ...>");
    let first = arguments.split([',', ')']).next().unwrap_or_default();
    first
        .split_once('<')
        .and_then(|(_, rest)| rest.rsplit_once('>'))
        .map_or("", |(inside, _)| inside)
}

fn succeeded(line: &str) -> bool {
    let result = line.rsplit_once(" = ").map(|(_, result)| result);
    result.is_some_and(|result| result.starts_with(|first: char| first.is_ascii_digit()))
}

/// Looks for the steps between the first write of a command's block and its reply, and names the one that is missing.
fn check(calls: &[Call], data: &Path, command: &str) -> Result<(), String> {
    let (db, tip) = (data.join("blocks/db"), data.join("tip"));
    let on = |call: &Call, file: &Path| Path::new(&call.target) == file;
    let is_sync = |call: &Call| SYNCS.contains(&call.name.as_str());
    let first = |what: &str, after: usize, wanted: &dyn Fn(&Call) -> bool| {
        calls
            .iter()
            .filter(|call| call.begun >= after && wanted(call))
            .filter_map(|call| call.done)
            .min()
            .ok_or_else(|| format!("{command}: no {what}"))
    };
    let steps: [Step<'_>; 4] = [
        ("write of its block", &|call| {
            !is_sync(call) && on(call, &db) && call.arguments.contains(command)
        }),
        ("sync of the block", &|call| is_sync(call) && on(call, &db)),
        ("write of the tip after the sync", &|call| {
            !is_sync(call) && on(call, &tip)
        }),
        ("sync of the tip", &|call| is_sync(call) && on(call, &tip)),
    ];
    let reply = calls
        .iter()
        .find(|call| is_reply(call, command))
        .ok_or_else(|| format!("{command}: no reply"))?
        .begun;
    let mut after = 0;
    for (what, wanted) in steps {
        after = first(what, after, wanted)?;
        if after > reply {
            return Err(format!("{command}: the reply came before the {what}"));
        }
    }
    Ok(())
}

/// An event on its subject names the command too, in a header; only a reply goes to an inbox and has it in its body.
fn is_reply(call: &Call, command: &str) -> bool {
    call.target.starts_with("TCP")
        && call.arguments.split("PUB ").skip(1).any(|message| {
            message.starts_with("_INBOX.") && message.contains(&format!("\\\"{command}\\\""))
        })
}

#[test]
fn every_reply_leaves_after_its_block_and_the_tip_are_synced() {
    let (nats, data) = (NatsServer::start(), data_dir());
    let trace = data_dir();
    let trace = trace.path().join("trace");
    let folder = data.path().join("log");
    let service = Service::command(nats.url(), &folder, &[]);
    let service = Strace::record(CALLS, &trace).start(&service);
    let client = Client::connect(nats.url());
    bodies::prepare(&client, &bodies::rulebook("sync-1", &[]));
    let commands: Vec<_> = (0..COMMANDS).map(|n| format!("sync-{n:03}")).collect();
    for command in &commands {
        let body = bodies::warning(command, "W1");
        client
            .send("platform:watch", "IssueWarning", command, &body)
            .accepted();
    }
    assert_eq!(service.terminate().code(), Some(0));

    let calls = calls(&fs::read_to_string(trace).unwrap());
    let folder = as_strace_prints(&folder);
    for command in &commands {
        check(&calls, &folder, command).unwrap_or_else(|missing| panic!("{missing}"));
    }
}

/// One command as it should go, a line each; `|` in place of the details that the checker does not look at.
const IN_ORDER: [&str; 5] = [
    r#"7 pwrite64(5</d/blocks/db>, "|\"c1\"|", 583, 120) = 583"#,
    r"8 fdatasync(6</d/blocks/db>) = 0",
    r#"8 pwrite64(4</d/tip>, "RDRS-TIP|", 88, 0) = 88"#,
    r"8 fdatasync(4</d/tip>) = 0",
    r#"9 writev(14<TCP:[127.0.0.1:1->127.0.0.1:2]>, [{iov_base="HPUB _INBOX.a 9 9\r\n{\"command\":\"c1\"}"|}], 1) = 467"#,
];

fn check_lines(lines: &[&str]) -> Result<(), String> {
    check(&calls(&lines.join("\n")), Path::new("/d"), "c1")
}

#[test]
fn the_checker_accepts_the_order_and_no_other() {
    assert_eq!(check_lines(&IN_ORDER), Ok(()));
    for (from, to) in [(1, 4), (2, 4), (3, 4), (0, 1), (1, 2), (2, 3)] {
        let mut lines = IN_ORDER;
        lines.swap(from, to);
        assert!(check_lines(&lines).is_err(), "{lines:#?}");
    }
    for missing in 0..IN_ORDER.len() {
        let mut lines = IN_ORDER.to_vec();
        lines.remove(missing);
        assert!(check_lines(&lines).is_err(), "{lines:#?}");
    }
}

#[test]
fn the_checker_names_a_reply_before_the_sync() {
    let [block, sync, tip, tip_sync, reply] = IN_ORDER;
    let early = check_lines(&[block, reply, sync, tip, tip_sync]);
    assert_eq!(
        early.unwrap_err(),
        "c1: the reply came before the sync of the block"
    );
}

#[test]
fn a_sync_that_failed_or_has_not_returned_is_none() {
    let [block, sync, tip, tip_sync, reply] = IN_ORDER;
    let failed = "8 fdatasync(6</d/blocks/db>) = -1 EIO (Input/output error)";
    assert!(check_lines(&[block, failed, tip, tip_sync, reply]).is_err());
    let (begun, returned) = (
        "8 fdatasync(4</d/tip> <unfinished ...>",
        "8 <... fdatasync resumed>) = 0",
    );
    assert!(check_lines(&[block, sync, tip, begun, reply, returned]).is_err());
    assert_eq!(
        check_lines(&[block, sync, tip, begun, returned, reply]),
        Ok(())
    );
}
