//! Synodic's one program: the window, the tray icon and the command line.
//!
//! The shell adapts Tauri and the terminal to the engine and back; it decides nothing about calendars. Start with
//! [`cli`], which chooses between the faces, then [`desktop`].
//!
//! **Architecture invariant:** no SQL and no HTTP client is named here; all that the faces do goes through
//! `synodic_engine::Engine`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod anew;
mod autostart;
mod bus;
mod calendar_file;
mod call;
mod cli;
mod commands;
mod crash;
mod demo;
#[cfg(target_os = "linux")]
mod descriptors;
mod desktop;
mod environment;
#[cfg(target_os = "linux")]
mod graphics;
mod holds;
#[cfg(target_os = "linux")]
mod leftover;
mod link;
mod local_socket;
mod logging;
mod notify;
mod present;
mod terminated;
mod tray;
#[cfg(target_os = "linux")]
mod web_process;
mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
