//! The words of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::output::Style;

/// Alert brokers of time-domain astronomy, asked from the command line.
///
/// Data goes to standard output, all else to standard error. The exit status is 0 when all was
/// done, 1 when something failed, 2 when the input was at fault.
///
/// With --json each line of standard output is one object, and so is each line of standard error:
/// {"error": {"kind", "message", "problems": [{"field", "message"}], "retry_after"}} for a fault, with
/// retry_after in seconds or null, and {"note"} for the rest. Two things are for people all the same:
/// `form --json` is indented, and --verbose writes text.
#[derive(Debug, Parser)]
#[command(name = "alerts", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Configuration, .toml or .json; without it every broker at its public address
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "demo")]
    pub(crate) config: Option<PathBuf>,
    /// One JSON object a line in place of a table; faults too, on standard error
    #[arg(long, global = true, conflicts_with = "csv")]
    json: bool,
    /// CSV in place of a table
    #[arg(long, global = true)]
    csv: bool,
    /// Recorded brokers on this machine; no network
    #[arg(long, global = true)]
    pub(crate) demo: bool,
    /// Show the requests, on standard error
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    pub(crate) fn style(&self) -> Style {
        match (self.json, self.csv) {
            (true, _) => Style::Json,
            (_, true) => Style::Csv,
            _ => Style::Table,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What is there, configured, alive, able to do
    Brokers,
    /// What a broker can be asked
    Form(FormArgs),
    /// Alerts that answer a query
    Fetch {
        #[command(flatten)]
        asked: FetchArgs,
        /// With the target that each would become: the key `target` of a line, or null
        #[arg(long)]
        targets: bool,
    },
    /// One alert with its target and its packet
    Show(ObjectArgs),
    /// Light curve, spectra, positions of an object
    Photometry {
        #[command(flatten)]
        object: ObjectArgs,
        /// Draw the light curve into this file
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Fetch alerts and save them as targets
    Save(SaveArgs),
    /// The targets of a store
    Targets {
        /// Only these, by their names
        names: Vec<String>,
        /// The store, such as sqlite:alerts.db
        #[arg(long, value_name = "URL")]
        store: String,
    },
    /// What classifiers say of an object
    Classifications(ObjectArgs),
    /// Images around an object
    Cutouts {
        #[command(flatten)]
        object: ObjectArgs,
        /// Save the images into this folder
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Submit a target or an observation to a broker
    Submit(SubmitArgs),
    /// Saved queries
    Query(QueryArgs),
}

#[derive(Debug, Args)]
pub(crate) struct FormArgs {
    /// The broker's name
    pub(crate) broker: String,
    /// The form of `submit` in place of that of `fetch`
    #[arg(long)]
    pub(crate) submission: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    /// The broker's name
    pub(crate) broker: String,
    /// What is asked for; `form BROKER` lists the keys
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) parameters: Vec<String>,
    #[command(flatten)]
    pub(crate) limit: Limit,
}

#[derive(Debug, Args)]
pub(crate) struct Limit {
    /// At most so many alerts; without it all of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

impl Limit {
    pub(crate) fn alerts(&self) -> usize {
        self.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
    }
}

#[derive(Debug, Args)]
pub(crate) struct ObjectArgs {
    /// The broker's name
    pub(crate) broker: String,
    /// The id or name that a listing gave
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct SaveArgs {
    #[command(flatten)]
    pub(crate) fetch: FetchArgs,
    /// The store, such as sqlite:alerts.db
    #[arg(long, value_name = "URL")]
    pub(crate) store: String,
    /// Go on where an earlier run was left: the `resume` of its report
    #[arg(long, value_name = "TOKEN")]
    pub(crate) resume: Option<String>,
    #[command(flatten)]
    pub(crate) with: With,
}

/// What is saved beside the targets.
#[derive(Debug, Args)]
pub(crate) struct With {
    /// Save the light curves too
    #[arg(long)]
    pub(crate) photometry: bool,
    /// Save what classifiers say too
    #[arg(long)]
    pub(crate) classifications: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SubmitArgs {
    /// The broker's name
    pub(crate) broker: String,
    /// What goes with it; `form BROKER --submission` lists the keys
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) parameters: Vec<String>,
    /// The target, JSON as `targets NAME --json` gives it
    #[arg(long, value_name = "FILE")]
    pub(crate) target: Option<PathBuf>,
    /// The observation record, JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) observation: Option<PathBuf>,
    /// Reduced data that go with it, a JSON object a line as `photometry --json` gives them
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// The store that keeps the queries, such as sqlite:alerts.db
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) store: Option<String>,
    #[command(subcommand)]
    pub(crate) command: QueryCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QueryCommand {
    /// Keep a query under a name; a second time changes it
    Add {
        /// The query's name
        name: String,
        /// The broker's name
        broker: String,
        /// What is asked for; `form BROKER` lists the keys
        #[arg(value_name = "KEY=VALUE")]
        parameters: Vec<String>,
    },
    /// All saved queries
    List,
    /// The alerts that answer a saved query now
    Run {
        /// The query's name
        name: String,
        #[command(flatten)]
        limit: Limit,
        /// With the target that each alert would become
        #[arg(long)]
        targets: bool,
    },
    /// Forget a query
    Delete {
        /// The query's name
        name: String,
    },
}
