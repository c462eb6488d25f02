//! The program from outside: started as a process, driven in its real window, watched on the session bus, and held
//! against an account that is asked over HTTP.
//!
//! Nothing in here calls the engine. [`home::Home`] is a person's home folder and the programs they start in it,
//! [`google::Google`] and [`notion::Notion`] their accounts, [`window::Window`] what they see, [`browser::Browser`] their
//! browser, [`tray::TrayHost`] and [`notifications::NotificationServer`] the desktop around it. [`story::tell`] runs a
//! test and keeps the evidence when it fails.

pub mod browser;
pub mod bus;
pub mod effort;
pub mod google;
mod hand;
pub mod home;
pub mod notifications;
pub mod notion;
pub mod screen;
pub mod story;
pub mod tray;
pub mod wait;
mod webdriver;
pub mod window;
