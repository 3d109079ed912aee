//! This program again with another task, and what Linux says of the process that it is.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const TASK: &str = "TOM_ALERTS_BENCH_TASK";

/// The task of this process; empty for the one that was started by hand.
pub(crate) fn task() -> String {
    std::env::var(TASK).unwrap_or_default()
}

/// This program with a task, its output to be read.
pub(crate) fn again(task: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.env(TASK, task).stdout(Stdio::piped());
    command
}

/// The server, which the task `serve` runs, and its address; it ends with this value.
pub(crate) struct Server(Child, pub(crate) String);

impl Server {
    pub(crate) fn start() -> Self {
        let mut server = again("serve").spawn().expect("the server starts");
        let mut url = String::new();
        BufReader::new(server.stdout.take().expect("its output")).read_line(&mut url).expect("its address");
        Self(server, url.trim().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).expect("the server stops");
    }
}

/// The most memory that this process has had, MiB.
pub(crate) fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.trim().trim_end_matches("kB").trim().parse::<f64>().expect("a number of kB") / 1024.0
}

/// Seconds of CPU that this process has used, in steps of 0.01.
pub(crate) fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit(')').next().expect("fields behind the name").split_whitespace().skip(11);
    // User and system time, in the hundredths that Linux gives to programs.
    fields.take(2).map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / 100.0
}
