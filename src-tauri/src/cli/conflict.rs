//! `synodic conflict`: what both sides changed, and who is right.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use serde_json::json;
use synodic_engine::view::{ConflictSide, ConflictView, EditReceipt, Failure, Resolution};
use synodic_model::reconcile::Policy;
use synodic_model::{EventContent, Field};

use super::host::{Host, with};
use super::{Global, invalid, not_found, print, table};
use crate::call::{Call, internal};

#[derive(Debug, Subcommand)]
pub(super) enum ConflictCommand {
    /// List the conflicts that nobody has answered yet.
    List,
    /// Show a conflict: what was agreed on before, and what either side says.
    Show {
        /// The event's id from the list.
        id: String,
    },
    /// Answer a conflict. The answer is sent to every calendar that the event is in.
    Resolve {
        /// The event's id from the list.
        id: String,
        /// Which side is right; “merged” keeps the event as it is now, or takes it from standard input with
        /// --content-stdin; “both” leaves the event as the service has it and puts what was edited here beside it.
        #[arg(long, required_unless_present = "field")]
        keep: Option<Keep>,
        /// Which side is right in one field, as title=local; may be given several times.
        #[arg(long, value_name = "FIELD=SIDE", conflicts_with = "keep")]
        field: Vec<String>,
        /// Read the merged event, as “conflict show --json” writes one, from standard input.
        #[arg(long)]
        content_stdin: bool,
        /// Let this side win from now on, wherever both change the same in this calendar.
        #[arg(long)]
        always: bool,
    },
    /// Decide who wins in a calendar where both sides change the same.
    Policy {
        /// The calendar's id or name.
        calendar: String,
        /// Who wins; shows it when left out.
        policy: Option<PolicyArgument>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Keep {
    Local,
    Remote,
    Merged,
    Both,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PolicyArgument {
    /// The later edit.
    LastWriteWins,
    /// Nobody before the person has decided.
    Ask,
    /// What was edited here.
    PreferLocal,
    /// What was edited at the service.
    PreferRemote,
}

impl From<PolicyArgument> for Policy {
    fn from(policy: PolicyArgument) -> Self {
        match policy {
            PolicyArgument::LastWriteWins => Self::LastWriteWins,
            PolicyArgument::Ask => Self::Ask,
            PolicyArgument::PreferLocal => Self::PreferLocal,
            PolicyArgument::PreferRemote => Self::PreferRemote,
        }
    }
}

pub(super) async fn run(command: ConflictCommand, global: Global) -> Result<ExitCode, Failure> {
    let json = global.json;
    with(&global, async |host| match command {
        ConflictCommand::List => {
            let conflicts: Vec<ConflictView> = host.ask(Call::Conflicts).await?;
            print(json, &conflicts, |conflicts| describe(conflicts))
        }
        ConflictCommand::Show { id } => print(json, &find(host, &id).await?, describe_one),
        ConflictCommand::Resolve { id, keep, field, content_stdin, always } => {
            let conflict = find(host, &id).await?;
            let resolution = resolution(keep, &field, content_stdin)?;
            let policy = if always { Some(policy_of(keep)?) } else { None };
            let (event, link) = (conflict.event_id, conflict.link_id);
            let receipt: EditReceipt = host.ask(Call::ResolveConflict { event, link, resolution }).await?;
            if policy.is_some() {
                host.ask::<()>(Call::SetLinkPolicy { link, policy }).await?;
            }
            print(json, &receipt, |_| {
                format!("“{}” is settled, and sent with the next sync.", conflict.title)
            })
        }
        ConflictCommand::Policy { calendar, policy } => {
            let calendar = super::calendar::find(host, &calendar).await?;
            let mut policies = Vec::new();
            for link in &calendar.links {
                if let Some(policy) = policy {
                    let policy = Some(policy.into());
                    host.ask::<()>(Call::SetLinkPolicy { link: link.id, policy }).await?;
                }
                let policy: Policy = host.ask(Call::ConflictPolicy { link: link.id }).await?;
                policies.push(json!({ "remote": link.remote_name, "policy": policy }));
            }
            print(json, &policies, |policies| {
                let rows: Vec<_> = policies
                    .iter()
                    .map(|row| {
                        let text = |key: &str| row[key].as_str().unwrap_or_default().replace('_', " ");
                        vec![text("remote"), text("policy")]
                    })
                    .collect();
                table(&rows)
            })
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

async fn find(host: &Host, id: &str) -> Result<ConflictView, Failure> {
    let conflicts: Vec<ConflictView> = host.ask(Call::Conflicts).await?;
    let found = conflicts.into_iter().find(|conflict| conflict.event_id.to_string() == id);
    found.ok_or_else(|| {
        not_found(format!("“{id}” is in no conflict; “synodic conflict list” shows those there are"))
    })
}

fn resolution(keep: Option<Keep>, fields: &[String], content_stdin: bool) -> Result<Resolution, Failure> {
    match keep {
        Some(Keep::Local) => Ok(Resolution::Keep { side: ConflictSide::Local }),
        Some(Keep::Remote) => Ok(Resolution::Keep { side: ConflictSide::Remote }),
        Some(Keep::Merged) if content_stdin => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(|error| internal(&error))?;
            let content: Box<EventContent> = serde_json::from_str(&text)
                .map_err(|error| invalid(format!("standard input holds no event: {error}")))?;
            Ok(Resolution::Merged { content })
        }
        Some(Keep::Merged) => Ok(Resolution::AsItIs),
        Some(Keep::Both) => Ok(Resolution::Both),
        None => {
            let sides = fields.iter().map(|field| side_of(field)).collect::<Result<BTreeMap<_, _>, _>>()?;
            Ok(Resolution::Fields { sides })
        }
    }
}

/// Reads `title=local`.
fn side_of(text: &str) -> Result<(Field, ConflictSide), Failure> {
    let unreadable =
        || invalid(format!("“{text}” is no choice; write it like title=local or location=remote"));
    let (field, side) = text.split_once('=').ok_or_else(unreadable)?;
    let field = serde_json::from_value(json!(field)).map_err(|_| unreadable())?;
    let side = serde_json::from_value(json!(side)).map_err(|_| unreadable())?;
    Ok((field, side))
}

fn policy_of(keep: Option<Keep>) -> Result<Policy, Failure> {
    match keep {
        Some(Keep::Local) => Ok(Policy::PreferLocal),
        Some(Keep::Remote) => Ok(Policy::PreferRemote),
        Some(Keep::Merged | Keep::Both) | None => {
            Err(invalid("--always goes with --keep local or --keep remote"))
        }
    }
}

fn describe(conflicts: &[ConflictView]) -> String {
    if conflicts.is_empty() {
        return "There is no conflict.".into();
    }
    let rows: Vec<_> = conflicts
        .iter()
        .map(|conflict| {
            let state = if conflict.open { "to decide" } else { "decided" };
            vec![
                conflict.title.clone(),
                state.to_owned(),
                fields(conflict),
                format!("{} ({})", conflict.remote_name, conflict.account),
                conflict.event_id.to_string(),
            ]
        })
        .collect();
    table(&rows)
}

fn fields(conflict: &ConflictView) -> String {
    if conflict.fields.is_empty() {
        return "deleted or changed".into();
    }
    let names: Vec<_> = conflict.fields.iter().map(|field| name(*field)).collect();
    names.join(", ")
}

fn name(field: Field) -> String {
    json!(field).as_str().unwrap_or_default().replace('_', " ")
}

fn describe_one(conflict: &ConflictView) -> String {
    let side = |content: Option<&EventContent>, field: Field| {
        content.map_or_else(
            || "deleted".to_owned(),
            |content| match field {
                Field::Title => content.title.clone(),
                Field::Description => content.description.clone(),
                Field::Location => content.location.clone(),
                _ => json!(content)[json!(field).as_str().unwrap_or_default()].to_string(),
            },
        )
    };
    let shown = if conflict.fields.is_empty() { &[Field::Title][..] } else { &conflict.fields };
    let head = vec!["".into(), "before".into(), "here".into(), conflict.remote_name.clone()];
    let rows = shown.iter().map(|field| {
        vec![
            name(*field),
            side(conflict.base.as_ref(), *field),
            side(conflict.local.as_ref(), *field),
            side(conflict.remote.as_ref(), *field),
        ]
    });
    table(&[head].into_iter().chain(rows).collect::<Vec<_>>())
}
