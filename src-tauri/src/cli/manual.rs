//! What describes the command line to other programs: completions for shells, and the manual's pages.
//!
//! Both are made from the definition of the commands, so that they cannot say anything else.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use synodic_engine::view::Failure;

use super::{Cli, write_out};
use crate::call::internal;

#[derive(Debug, Args)]
pub(super) struct CompletionsCommand {
    /// The shell that shall complete `synodic`.
    shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManualCommand {
    /// Where the pages go; it is made if need be.
    folder: PathBuf,
}

/// Prints a shell's completions.
pub(super) fn completions(command: &CompletionsCommand) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Cli::command(), "synodic", &mut script);
    write_out(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the manual, one page a command, for whoever packs the program.
pub(super) fn manual(command: &ManualCommand) -> Result<ExitCode, Failure> {
    write_pages(&command.folder).map_err(|error| internal(&error))?;
    Ok(ExitCode::SUCCESS)
}

fn write_pages(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Cli::command(), folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_has_a_page_for_each_command_that_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        write_pages(folder.path()).unwrap();
        for page in ["synodic", "synodic-event-add", "synodic-queue", "synodic-serve", "synodic-completions"]
        {
            let page = folder.path().join(format!("{page}.1"));
            assert!(std::fs::read_to_string(&page).unwrap().contains(".SH NAME"), "{}", page.display());
        }
        let page = std::fs::read_to_string(folder.path().join("synodic-event-add.1")).unwrap();
        assert!(page.contains("title"), "{page}");
    }

    #[test]
    fn every_shell_is_told_of_every_command() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "synodic", &mut script);
            let script = String::from_utf8(script).unwrap();
            for word in ["account", "calendar", "event", "queue", "conflict", "serve", "data-dir"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }
}
