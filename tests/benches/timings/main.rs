//! How long the things take that a person waits for, each beside its target. `make bench` runs this in a release
//! build; `make bench ARGS="-- pull"` only the part of that name. A timing is never a test's assertion: the figures are
//! printed, and a person judges them.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up has nothing to tell"
)]
#![allow(clippy::print_stdout, reason = "printing the figures is what it is for")]

mod caldav;
mod floor;
mod google;
mod loopback;
mod memory;
mod notion;
mod pull;
mod replica;
mod report;
mod tray;
mod window;

/// How this program is called when it is to be the service and not the benchmark, which keeps the memory of the two
/// apart.
const AS_SERVICE: &str = "--as-service";
/// How this program is called when it is to be Synodic with a calendar server, for one pass.
const AS_CALDAV: &str = "--as-caldav";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if arguments.first().is_some_and(|argument| argument == AS_SERVICE) {
        return runtime.block_on(memory::serve());
    }
    if let Some((AS_CALDAV, rest)) = arguments.split_first().map(|(first, rest)| (&**first, rest)) {
        return runtime.block_on(caldav::serve(rest));
    }
    // Cargo adds options of its own.
    let names: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| names.is_empty() || names.contains(&name);
    runtime.block_on(async {
        if is_wanted("replica") {
            report::heading("A large replica");
            replica::run().await;
        }
        if is_wanted("loopback") {
            report::heading("To and from a simulated Google on loopback");
            loopback::run().await;
        }
        if is_wanted("pull") {
            report::heading("A first pull");
            pull::run().await;
        }
        if is_wanted("notion") {
            report::heading("A simulated Notion on loopback");
            notion::run().await;
        }
        if is_wanted("caldav") {
            report::heading("A calendar server, beside vdirsyncer");
            caldav::run().await;
        }
        if is_wanted("window") {
            report::heading("The real window");
            window::run().await;
        }
        if is_wanted("tray") {
            report::heading("In the tray");
            tray::run().await;
        }
        if is_wanted("memory") {
            report::heading("Memory in a large first pull");
            memory::run().await;
        }
    });
}
