//! `synodic calendar`: local calendars, remote ones, and the links between them.

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use synodic_engine::notion::{MappingChoice, MappingProposal};
use synodic_engine::view::{CalendarView, Failure, LinkView, RemoteCalendarView};
use synodic_model::CalendarId;
use synodic_model::sync::SyncDirection;

use super::host::{Host, with};
use super::mapping::{self, MappingArgs};
use super::{Global, account, invalid, not_found, print, table};
use crate::call::Call;
use crate::environment::viewer_zone;

/// The colour of a calendar that is made without one.
const DEFAULT_COLOR: &str = "#4a6fa5";

#[derive(Debug, Subcommand)]
pub(super) enum CalendarCommand {
    /// List the calendars and what they are linked to.
    List,
    /// Make a calendar that is linked to nothing yet.
    Add {
        /// Its name.
        name: String,
        /// Its colour.
        #[arg(long, default_value = DEFAULT_COLOR, value_name = "#RRGGBB")]
        color: String,
        /// The zone in which its new events are made [default: this machine's].
        #[arg(long, value_name = "ZONE")]
        tz: Option<chrono_tz::Tz>,
    },
    /// List the calendars at the connected accounts.
    Remotes {
        /// Only those of this account (its id or name).
        account: Option<String>,
    },
    /// Keep a calendar in step with a remote one.
    Link {
        /// The calendar's id or name; a calendar is made when there is none of that name.
        calendar: String,
        /// The remote calendar's id or name.
        remote: String,
        /// Which way changes travel.
        #[arg(long, default_value = "both")]
        direction: Direction,
        #[command(flatten)]
        mapping: MappingArgs,
    },
    /// Show which properties of a linked Notion database hold what, or change it.
    Mapping {
        /// The calendar's id or name.
        calendar: String,
        /// The database's id or name.
        remote: String,
        #[command(flatten)]
        mapping: MappingArgs,
    },
    /// Stop keeping a calendar in step with a remote one. Both keep their events.
    Unlink {
        /// The calendar's id or name.
        calendar: String,
        /// The remote calendar's id or name.
        remote: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Direction {
    Both,
    Pull,
    Push,
}

impl From<Direction> for SyncDirection {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Both => Self::Bidirectional,
            Direction::Pull => Self::PullOnly,
            Direction::Push => Self::PushOnly,
        }
    }
}

pub(super) async fn run(command: CalendarCommand, global: Global) -> Result<ExitCode, Failure> {
    let json = global.json;
    with(&global, async |host| match command {
        CalendarCommand::List => print(json, &list(host).await?, |calendars| describe(calendars)),
        CalendarCommand::Add { name, color, tz } => {
            let time_zone = tz.unwrap_or_else(viewer_zone).name().to_owned();
            let calendar: CalendarView = host.ask(Call::CreateCalendar { name, color, time_zone }).await?;
            print(json, &calendar, |calendar| format!("The calendar “{}” is there.", calendar.name))
        }
        CalendarCommand::Remotes { account } => {
            print(json, &remotes(host, account.as_deref()).await?, |remotes| describe_remotes(remotes))
        }
        CalendarCommand::Link { calendar, remote, direction, mapping } => {
            let linked = link(host, &calendar, &remote, direction.into(), &mapping).await?;
            print(json, &linked, |calendar| {
                format!("“{}” is linked. It is read at the next “synodic sync”.", calendar.name)
            })
        }
        CalendarCommand::Mapping { calendar, remote, mapping } => {
            let (_, link) = find_link(host, &calendar, &remote).await?;
            let mut shown: MappingProposal = host.ask(Call::NotionMapping { link: link.id }).await?;
            if !mapping.is_empty() {
                let choice = mapping.choose(&shown)?;
                shown = host.ask(Call::SetNotionMapping { link: link.id, choice }).await?;
            }
            print(json, &shown, mapping::describe)
        }
        CalendarCommand::Unlink { calendar, remote } => {
            let (calendar, link) = find_link(host, &calendar, &remote).await?;
            host.ask::<()>(Call::UnlinkCalendar { link: link.id }).await?;
            print(json, &Unlinked { calendar: calendar.id, remote: link.remote_name }, |unlinked| {
                format!(
                    "“{}” and “{}” go separate ways; both keep their events.",
                    calendar.name, unlinked.remote
                )
            })
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct Unlinked {
    calendar: CalendarId,
    remote: String,
}

async fn list(host: &Host) -> Result<Vec<CalendarView>, Failure> {
    host.ask(Call::Calendars).await
}

async fn remotes(host: &Host, account: Option<&str>) -> Result<Vec<RemoteCalendarView>, Failure> {
    let account = match account {
        Some(account) => Some(account::find(host, account).await?.id),
        None => None,
    };
    host.ask(Call::RemoteCalendars { account }).await
}

/// The calendar that a person means: by id, or by its name.
pub(super) async fn find(host: &Host, wanted: &str) -> Result<CalendarView, Failure> {
    let missing = || {
        not_found(format!("no calendar is called “{wanted}”; “synodic calendar list” shows those there are"))
    };
    find_if_any(host, wanted).await?.ok_or_else(missing)
}

async fn find_if_any(host: &Host, wanted: &str) -> Result<Option<CalendarView>, Failure> {
    let mut found = list(host)
        .await?
        .into_iter()
        .filter(|calendar| calendar.id.to_string() == wanted || calendar.name == wanted);
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(invalid(format!(
            "more than one calendar is called “{wanted}”; use its id from “synodic calendar list”"
        ))),
        (found, _) => Ok(found),
    }
}

async fn find_remote(host: &Host, wanted: &str) -> Result<RemoteCalendarView, Failure> {
    let mut found = remotes(host, None)
        .await?
        .into_iter()
        .filter(|remote| remote.id.as_str() == wanted || remote.name == wanted);
    match (found.next(), found.next()) {
        (Some(remote), None) => Ok(remote),
        (Some(_), Some(_)) => Err(invalid(format!(
            "more than one remote calendar is called “{wanted}”; use its id from “synodic calendar remotes”"
        ))),
        (None, _) => Err(not_found(format!(
            "no remote calendar is called “{wanted}”; “synodic calendar remotes” shows those there are"
        ))),
    }
}

async fn link(
    host: &Host,
    calendar: &str,
    remote: &str,
    direction: SyncDirection,
    mapping: &MappingArgs,
) -> Result<CalendarView, Failure> {
    let remote = find_remote(host, remote).await?;
    let choice = choice_for(host, &remote, mapping).await?;
    let calendar = match find_if_any(host, calendar).await? {
        Some(calendar) => calendar,
        None => {
            let color = remote.color.clone().unwrap_or_else(|| DEFAULT_COLOR.to_owned());
            let time_zone = viewer_zone().name().to_owned();
            host.ask(Call::CreateCalendar { name: calendar.to_owned(), color, time_zone }).await?
        }
    };
    if choice.is_some() {
        return host
            .ask(Call::LinkNotion {
                calendar: Some(calendar.id),
                account: remote.integration_id,
                remote: remote.id,
                direction,
                choice,
            })
            .await;
    }
    host.ask(Call::LinkCalendar {
        calendar: Some(calendar.id),
        account: remote.integration_id,
        remote: remote.id,
        direction,
    })
    .await
}

/// What was said about the mapping, put over what is proposed; nothing when nothing was said.
async fn choice_for(
    host: &Host,
    remote: &RemoteCalendarView,
    mapping: &MappingArgs,
) -> Result<Option<MappingChoice>, Failure> {
    if mapping.is_empty() {
        return Ok(None);
    }
    let call = Call::ProposeNotionMapping { account: remote.integration_id, remote: remote.id.clone() };
    let proposal: MappingProposal = host.ask(call).await?;
    mapping.choose(&proposal).map(Some)
}

async fn find_link(host: &Host, calendar: &str, remote: &str) -> Result<(CalendarView, LinkView), Failure> {
    let calendar = find(host, calendar).await?;
    let link = calendar
        .links
        .iter()
        .find(|link| link.remote_calendar_id.as_str() == remote || link.remote_name == remote)
        .cloned()
        .ok_or_else(|| not_found(format!("“{}” is not linked to “{remote}”", calendar.name)))?;
    Ok((calendar, link))
}

fn describe(calendars: &[CalendarView]) -> String {
    if calendars.is_empty() {
        return "There is no calendar yet. Make one with “synodic calendar add NAME”.".into();
    }
    let rows: Vec<_> = calendars
        .iter()
        .map(|calendar| {
            let links: Vec<String> = calendar.links.iter().map(describe_link).collect();
            let links = if links.is_empty() { "not linked".into() } else { links.join(", ") };
            vec![calendar.name.clone(), links, calendar.id.to_string()]
        })
        .collect();
    table(&rows)
}

fn describe_link(link: &LinkView) -> String {
    let arrow = match link.direction {
        SyncDirection::Bidirectional => "↔",
        SyncDirection::PullOnly => "←",
        SyncDirection::PushOnly => "→",
    };
    let warning = if link.warnings.is_empty() { "" } else { ", with a warning" };
    format!("{arrow} {} ({}){warning}", link.remote_name, link.account)
}

fn describe_remotes(remotes: &[RemoteCalendarView]) -> String {
    if remotes.is_empty() {
        return "There is no remote calendar. Connect an account with “synodic account add google”.".into();
    }
    let rows: Vec<_> = remotes
        .iter()
        .map(|remote| {
            let access = if remote.writable { "read and write" } else { "read only" };
            let linked = if remote.linked_to.is_some() { "linked" } else { "" };
            vec![remote.name.clone(), access.to_owned(), linked.to_owned(), remote.id.to_string()]
        })
        .collect();
    table(&rows)
}
