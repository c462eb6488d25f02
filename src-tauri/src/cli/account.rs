//! `synodic account`: connect, list and remove accounts.

use std::process::ExitCode;

use clap::Subcommand;
use serde::Serialize;
use synodic_engine::view::{AccountView, Failure};
use synodic_model::IntegrationId;
use synodic_model::sync::IntegrationStatus;

use super::host::{Host, with};
use super::{Global, invalid, not_found, print, table};
use crate::call::Call;
use crate::present::provider_name;

#[derive(Debug, Subcommand)]
pub(super) enum AccountCommand {
    /// Connect an account.
    #[command(subcommand)]
    Add(AddCommand),
    /// List the connected accounts.
    List,
    /// Disconnect an account. What is at the service stays as it is.
    Remove {
        /// The account's id or name.
        account: String,
        /// Keep its events here as local ones.
        #[arg(long)]
        keep_events: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum AddCommand {
    /// Sign in to Google in the browser.
    Google {
        /// Print the address to open instead of opening it, and wait.
        #[arg(long)]
        no_browser: bool,
    },
}

pub(super) async fn run(command: AccountCommand, global: Global) -> Result<ExitCode, Failure> {
    with(&global, async |host| match command {
        AccountCommand::Add(AddCommand::Google { no_browser }) => add_google(host, &global, no_browser).await,
        AccountCommand::List => {
            let accounts: Vec<AccountView> = host.ask(Call::Accounts).await?;
            print(global.json, &accounts, |accounts| describe(accounts))
        }
        AccountCommand::Remove { account, keep_events } => {
            let account = find(host, &account).await?;
            host.ask::<()>(Call::RemoveAccount { account: account.id, keep_events }).await?;
            print(global.json, &Removed { id: account.id, account: account.account }, |removed| {
                format!("{} is disconnected. What is at the service stays there.", removed.account)
            })
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct Removed {
    id: IntegrationId,
    account: String,
}

async fn add_google(host: &Host, global: &Global, no_browser: bool) -> Result<(), Failure> {
    let id: IntegrationId = host.ask(Call::AddGoogleAccount { open_browser: !no_browser }).await?;
    let accounts: Vec<AccountView> = host.ask(Call::Accounts).await?;
    let account = accounts.into_iter().find(|account| account.id == id);
    let account = account.ok_or_else(|| not_found("the new account is gone again"))?;
    print(global.json, &account, |account| {
        format!(
            "{} is connected. Choose what to sync with “synodic calendar remotes” and “synodic calendar link”.",
            account.account
        )
    })
}

/// The account that a person means: by id, or by its name at the service.
pub(super) async fn find(host: &Host, wanted: &str) -> Result<AccountView, Failure> {
    let accounts: Vec<AccountView> = host.ask(Call::Accounts).await?;
    let mut found = accounts
        .into_iter()
        .filter(|account| account.id.to_string() == wanted || account.account.eq_ignore_ascii_case(wanted));
    match (found.next(), found.next()) {
        (Some(account), None) => Ok(account),
        (Some(_), Some(_)) => Err(invalid(format!(
            "more than one account is called “{wanted}”; use its id from “synodic account list”"
        ))),
        (None, _) => Err(not_found(format!(
            "no account is called “{wanted}”; “synodic account list” shows those there are"
        ))),
    }
}

fn describe(accounts: &[AccountView]) -> String {
    if accounts.is_empty() {
        return "No account is connected. Connect one with “synodic account add google”.".into();
    }
    let rows: Vec<_> = accounts
        .iter()
        .map(|account| {
            let status = match account.status {
                IntegrationStatus::Active => "active",
                IntegrationStatus::Paused => "paused",
                IntegrationStatus::NeedsSignIn => "needs sign-in",
            };
            vec![
                account.account.clone(),
                provider_name(account.provider).to_owned(),
                status.to_owned(),
                account.id.to_string(),
            ]
        })
        .collect();
    table(&rows)
}
