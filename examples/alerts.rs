//! `alerts`: the whole library from the command line. `cargo run --example alerts -- --demo brokers`

use std::process::ExitCode;

use clap::Parser;
use tom_alerts::http::Http;
use tom_alerts::{Config, Registry};

mod support;
#[path = "support_alerts/mod.rs"]
mod tool;

use tool::args::{Arguments, Command};
use tool::fault::{Done, report, report_arguments};
use tool::{Tool, cutouts, lists, objects, output, queries, saving, submitting};

#[tokio::main]
async fn main() -> ExitCode {
    // Whoever asked for JSON gets it also for arguments that could not be read.
    if std::env::args_os().skip(1).take_while(|word| word != "--").any(|word| word == "--json") {
        output::speak_json();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() && output::speaks_json() => return report_arguments(&error),
        Err(error) => error.exit(),
    };
    if arguments.verbose {
        output::show_requests();
    }
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => report(&fault),
    }
}

async fn run(arguments: Arguments) -> Done {
    let demo = match arguments.demo {
        true => Some(support::demo::start().await),
        false => None,
    };
    let config = match (&demo, &arguments.config) {
        (Some(demo), _) => demo.config(),
        (None, Some(file)) => Config::from_path(file)?,
        (None, None) => Config::new(),
    };
    let http = Http::new(&config.http)?;
    let registry = Registry::with_http(&config, &http)?;
    let tool = Tool { registry, config, http, style: arguments.style(), demo: demo.is_some() };
    match arguments.command {
        Command::Brokers => lists::brokers(&tool),
        Command::Form(asked) => lists::form(&tool, &asked),
        Command::Fetch { asked, targets } => lists::fetch(&tool, &asked, targets).await,
        Command::Targets { names, store } => lists::targets(&tool, &names, &store).await,
        Command::Show(asked) => objects::show(&tool, &asked).await,
        Command::Photometry { object, svg } => objects::photometry(&tool, &object, svg.as_deref()).await,
        Command::Classifications(asked) => objects::classifications(&tool, &asked).await,
        Command::Cutouts { object, out } => cutouts::run(&tool, &object, out.as_deref()).await,
        Command::Save(asked) => saving::run(&tool, &asked).await,
        Command::Submit(asked) => submitting::run(&tool, &asked).await,
        Command::Query(asked) => queries::run(&tool, &asked).await,
    }
}
