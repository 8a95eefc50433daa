//! `cargo xtask tools`: what the demo and the tests need beside Rust.

use clap::{Args, ValueEnum};

use crate::{failure::Failure, toolbox};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Print only the path of this tool, installing it where it is missing
    #[arg(long, value_name = "TOOL")]
    print: Option<Tool>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tool {
    /// The server, from PATH or from .tools
    NatsServer,
    /// An interpreter that can `import nats`
    Python,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match arguments.print {
        Some(Tool::NatsServer) => println!("{}", toolbox::nats_server_path()?.display()),
        Some(Tool::Python) => println!("{}", toolbox::python_path()?.display()),
        None => {
            println!("nats-server  {}", toolbox::nats_server_path()?.display());
            println!("python       {}", toolbox::python_path()?.display());
            println!("strace       {}", yes_or_no(toolbox::strace_works()));
            println!("namespaces   {}", yes_or_no(toolbox::namespaces_work()));
        }
    }
    Ok(())
}

const fn yes_or_no(works: bool) -> &'static str {
    if works {
        "can be used"
    } else {
        "cannot be used here"
    }
}
