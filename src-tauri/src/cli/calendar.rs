//! `synodic calendar`: local calendars, remote ones, and the links between them.

mod words;

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use synodic_engine::notion::{MappingChoice, MappingProposal};
use synodic_engine::view::{
    CalendarChange, CalendarView, ChosenView, CleanUpReport, Failure, LinkPlanView, LinkView,
    MappingPlanView, Parting, RemoteCalendarView,
};
use synodic_model::CalendarId;
use synodic_model::sync::SyncDirection;

use super::host::{Host, with};
use super::mapping::{self, MappingArgs};
use super::{Global, account, invalid, not_found, print};
use crate::call::Call;
use crate::environment::viewer_zone;

/// The colour of a calendar that is made without one.
const DEFAULT_COLOR: &str = "#4a6fa5";

#[derive(Debug, Subcommand)]
pub(super) enum CalendarCommand {
    /// List the calendars and what they are linked to.
    List,
    /// Make a calendar: here, or at an account whose service makes calendars.
    Add {
        /// Its name.
        name: String,
        /// Make it at this account (its id or name), and keep it in step.
        #[arg(long, value_name = "ACCOUNT")]
        at: Option<String>,
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
        /// Only tell what would be done.
        #[arg(long)]
        plan: bool,
        /// Go on although the plan wants a look.
        #[arg(long, conflicts_with = "plan")]
        approve: bool,
    },
    /// Show which properties of a linked Notion database hold what, or change it.
    Mapping {
        /// The calendar's id or name.
        calendar: String,
        /// The database's id or name.
        remote: String,
        #[command(flatten)]
        mapping: MappingArgs,
        /// Only tell what the change would write.
        #[arg(long)]
        plan: bool,
    },
    /// Change a calendar's name, colour or zone. What is changed here does not follow the service any more.
    Edit {
        /// The calendar's id or name.
        calendar: String,
        /// Its new name.
        #[arg(long)]
        name: Option<String>,
        /// Its new colour.
        #[arg(long, value_name = "#RRGGBB")]
        color: Option<String>,
        /// The zone in which its new events are made.
        #[arg(long, value_name = "ZONE")]
        tz: Option<chrono_tz::Tz>,
    },
    /// Give a linked remote calendar another name at its service, where that is allowed.
    RenameRemote {
        /// The calendar's id or name.
        calendar: String,
        /// The remote calendar's id or name.
        remote: String,
        /// Its new name there.
        name: String,
    },
    /// Keep exactly these calendars of an account in step: link those that are not, end the other links.
    Choose {
        /// The account's id or name.
        account: String,
        /// The remote calendars' ids or names.
        remotes: Vec<String>,
        /// What becomes of the events when a link ends.
        #[arg(long, default_value = "keep-both")]
        parting: PartingArgument,
        /// Go on although there are edits that were not sent yet, and will not be.
        #[arg(long)]
        discard_unsent: bool,
    },
    /// Stop keeping a calendar in step with a remote one. Both keep their events, unless --parting says otherwise.
    Unlink {
        /// The calendar's id or name.
        calendar: String,
        /// The remote calendar's id or name.
        remote: String,
        /// What becomes of the events.
        #[arg(long, default_value = "keep-both")]
        parting: PartingArgument,
        /// Go on although there are edits that were not sent yet, and will not be.
        #[arg(long)]
        discard_unsent: bool,
    },
    /// Delete from a remote calendar that is not linked what Synodic has written there, and nothing else.
    CleanUp {
        /// The remote calendar's id or name.
        remote: String,
        /// Only tell what would be deleted.
        #[arg(long)]
        rehearse: bool,
    },
    /// Read linked calendars anew from the beginning, as after a fault. Edits that wait are kept.
    ReadAnew {
        /// Only this calendar (its id or name).
        calendar: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PartingArgument {
    /// Both sides keep their events.
    KeepBoth,
    /// The calendar here goes, unless something else feeds it.
    RemoveHere,
    /// What Synodic wrote there is deleted there.
    RemoveWritten,
}

impl From<PartingArgument> for Parting {
    fn from(parting: PartingArgument) -> Self {
        match parting {
            PartingArgument::KeepBoth => Self::KeepBoth,
            PartingArgument::RemoveHere => Self::RemoveHere,
            PartingArgument::RemoveWritten => Self::RemoveWritten,
        }
    }
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
        CalendarCommand::List => print(json, &list(host).await?, |calendars| words::calendars(calendars)),
        CalendarCommand::Add { name, at, color, tz } => {
            let time_zone = tz.unwrap_or_else(viewer_zone).name().to_owned();
            let call = match at {
                Some(account) => {
                    let account = account::find(host, &account).await?.id;
                    Call::CreateCalendarAt { account, name, color, time_zone }
                }
                None => Call::CreateCalendar { name, color, time_zone },
            };
            let calendar: CalendarView = host.ask(call).await?;
            print(json, &calendar, |calendar| format!("The calendar “{}” is there.", calendar.name))
        }
        CalendarCommand::Remotes { account } => {
            print(json, &remotes(host, account.as_deref()).await?, |remotes| words::remotes(remotes))
        }
        CalendarCommand::Link { calendar, remote, direction, mapping, plan: true, .. } => {
            let remote = find_remote(host, &remote).await?;
            let choice = choice_for(host, &remote, &mapping).await?;
            let plan = plan_for(host, &calendar, &remote, direction.into(), choice).await?;
            print(json, &plan, words::plan)
        }
        CalendarCommand::Link { calendar, remote, direction, mapping, plan: false, approve } => {
            let linked = link(host, &calendar, &remote, direction.into(), &mapping, approve).await?;
            print(json, &linked, |calendar| {
                format!("“{}” is linked. It is read at the next “synodic sync”.", calendar.name)
            })
        }
        CalendarCommand::Mapping { calendar, remote, mapping, plan } => {
            let (_, link) = find_link(host, &calendar, &remote).await?;
            let mut shown: MappingProposal = host.ask(Call::NotionMapping { link: link.id }).await?;
            if plan {
                let choice = mapping.choose(&shown)?;
                let planned: MappingPlanView =
                    host.ask(Call::PlanNotionMapping { link: link.id, choice }).await?;
                return print(json, &planned, words::mapping_plan);
            }
            if !mapping.is_empty() {
                let choice = mapping.choose(&shown)?;
                shown = host.ask(Call::SetNotionMapping { link: link.id, choice }).await?;
            }
            print(json, &shown, mapping::describe)
        }
        CalendarCommand::Edit { calendar, name, color, tz } => {
            let calendar = find(host, &calendar).await?.id;
            let time_zone = tz.map(|zone| zone.name().to_owned());
            let change = CalendarChange { name, color, time_zone, default_reminders: None };
            let changed: CalendarView = host.ask(Call::ChangeCalendar { calendar, change }).await?;
            print(json, &changed, |calendar| format!("“{}” is changed.", calendar.name))
        }
        CalendarCommand::RenameRemote { calendar, remote, name } => {
            let link = find_link(host, &calendar, &remote).await?.1.id;
            host.ask::<()>(Call::RenameRemoteCalendar { link, name: name.clone() }).await?;
            print(json, &(), |()| format!("It is called “{name}” there."))
        }
        CalendarCommand::Choose { account, remotes, parting, discard_unsent } => {
            let outcomes = choose(host, &account, &remotes, parting.into(), discard_unsent).await?;
            print(json, &outcomes, |outcomes| words::choice(outcomes))?;
            outcomes.into_iter().find_map(|outcome| outcome.failure).map_or(Ok(()), Err)
        }
        CalendarCommand::Unlink { calendar, remote, parting, discard_unsent } => {
            let (calendar, link) = find_link(host, &calendar, &remote).await?;
            account::refuse_to_lose(&host.ask(Call::LeavingLink { link: link.id }).await?, discard_unsent)?;
            let parting = parting.into();
            let clean_up: CleanUpReport = host.ask(Call::UnlinkCalendar { link: link.id, parting }).await?;
            let unlinked = Unlinked { calendar: calendar.id, remote: link.remote_name, parting, clean_up };
            print(json, &unlinked, |unlinked| words::parting(&calendar.name, unlinked))
        }
        CalendarCommand::CleanUp { remote, rehearse } => {
            let remote = find_remote(host, &remote).await?;
            let (account, name) = (remote.integration_id, remote.name);
            let report: CleanUpReport =
                host.ask(Call::CleanUp { account, remote: remote.id, rehearsal: rehearse }).await?;
            print(json, &report, |report| words::clean_up(&name, report, rehearse))
        }
        CalendarCommand::ReadAnew { calendar } => {
            let links = match calendar {
                Some(calendar) => {
                    find(host, &calendar).await?.links.iter().map(|link| Some(link.id)).collect()
                }
                None => vec![None],
            };
            for link in links {
                host.ask::<()>(Call::ReadAnew { link }).await?;
            }
            print(json, &(), |()| "It is read anew at the next “synodic sync”.".into())
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct Unlinked {
    calendar: CalendarId,
    remote: String,
    parting: Parting,
    clean_up: CleanUpReport,
}

async fn choose(
    host: &Host,
    wanted: &str,
    remotes: &[String],
    parting: Parting,
    discard_unsent: bool,
) -> Result<Vec<ChosenView>, Failure> {
    let account = account::find(host, wanted).await?;
    let known = self::remotes(host, Some(wanted)).await?;
    let mut chosen = Vec::new();
    for remote in remotes {
        chosen.push(only_remote(&known, remote)?.id);
    }
    for link in known.iter().filter(|remote| !chosen.contains(&remote.id)).filter_map(|remote| remote.link_id)
    {
        account::refuse_to_lose(&host.ask(Call::LeavingLink { link }).await?, discard_unsent)?;
    }
    host.ask(Call::ChooseCalendars { account: account.id, chosen, parting }).await
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
    only_remote(&remotes(host, None).await?, wanted)
}

fn only_remote(known: &[RemoteCalendarView], wanted: &str) -> Result<RemoteCalendarView, Failure> {
    let mut found =
        known.iter().filter(|remote| remote.id.as_str() == wanted || is_called(&remote.name, wanted));
    match (found.next(), found.next()) {
        (Some(remote), None) => Ok(remote.clone()),
        (Some(_), Some(_)) => Err(invalid(format!(
            "more than one remote calendar is called “{wanted}”; use its id from “synodic calendar remotes”"
        ))),
        (None, _) => Err(not_found(format!(
            "no remote calendar is called “{wanted}”; “synodic calendar remotes” shows those there are"
        ))),
    }
}

/// Whether this is the name, with or without the emoji that Notion puts before it.
fn is_called(name: &str, wanted: &str) -> bool {
    let after_icon = name.split_once(' ').filter(|(icon, _)| !icon.chars().any(char::is_alphanumeric));
    name == wanted || after_icon.is_some_and(|(_, rest)| rest == wanted)
}

async fn link(
    host: &Host,
    calendar: &str,
    remote: &str,
    direction: SyncDirection,
    mapping: &MappingArgs,
    is_approved: bool,
) -> Result<CalendarView, Failure> {
    let remote = find_remote(host, remote).await?;
    let choice = choice_for(host, &remote, mapping).await?;
    if !is_approved {
        let plan = plan_for(host, calendar, &remote, direction, choice.clone()).await?;
        if plan.wants_a_look {
            let plan = words::plan(&plan);
            return Err(invalid(format!("have a look first, and go on with --approve:\n{plan}")));
        }
    }
    let known = find_if_any(host, calendar).await?.map(|known| known.id);
    let account = remote.integration_id;
    let linking = if choice.is_some() {
        Call::LinkNotion { calendar: known, account, remote: remote.id, direction, choice }
    } else {
        Call::LinkCalendar { calendar: known, account, remote: remote.id, direction }
    };
    let linked: CalendarView = host.ask(linking).await?;
    if known.is_some() || linked.name == calendar {
        return Ok(linked);
    }
    // The new calendar is called as the remote one is until now, so that a refused link leaves none behind.
    let change = CalendarChange { name: Some(calendar.to_owned()), ..CalendarChange::default() };
    host.ask(Call::ChangeCalendar { calendar: linked.id, change }).await
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

/// What linking would come to. A calendar that is not there yet has nothing to be matched.
async fn plan_for(
    host: &Host,
    calendar: &str,
    remote: &RemoteCalendarView,
    direction: SyncDirection,
    choice: Option<MappingChoice>,
) -> Result<LinkPlanView, Failure> {
    let calendar = find_if_any(host, calendar).await?.map(|calendar| calendar.id);
    let account = remote.integration_id;
    host.ask(Call::PlanLink { calendar, account, remote: remote.id.clone(), direction, choice }).await
}

async fn find_link(host: &Host, calendar: &str, remote: &str) -> Result<(CalendarView, LinkView), Failure> {
    let calendar = find(host, calendar).await?;
    let link = calendar
        .links
        .iter()
        .find(|link| link.remote_calendar_id.as_str() == remote || is_called(&link.remote_name, remote))
        .cloned()
        .ok_or_else(|| not_found(format!("“{}” is not linked to “{remote}”", calendar.name)))?;
    Ok((calendar, link))
}
