//! `synodic account`: connect, list and remove accounts.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Subcommand};
use serde::Serialize;
use synodic_engine::caldav::CaldavPlace;
use synodic_engine::view::{
    AccountView, CalendarView, ClientOrigin, Failure, GoneView, GoogleClientView, LeavingView,
};
use synodic_engine::webhook::NotionWebhook;
use synodic_model::IntegrationId;
use synodic_model::sync::IntegrationStatus;

use super::host::{Host, with};
use super::{Global, invalid, not_found, print, table};
use crate::call::{Call, Secret, internal};
use crate::present::provider_name;

/// How often it is looked whether Notion has sent its token.
const ENROLMENT_LOOK: std::time::Duration = std::time::Duration::from_secs(1);

#[derive(Debug, Subcommand)]
pub(super) enum AccountCommand {
    /// Connect an account.
    #[command(subcommand)]
    Add(AddCommand),
    /// List the connected accounts.
    List,
    /// Have Notion tell of changes: shows the address for a subscription in Notion's developer portal, and then the token
    /// that Notion asks to be pasted back.
    Webhook {
        /// The account's id or name.
        account: String,
    },
    /// Sign in again to an account that the service no longer lets us use. Edits that wait go out afterwards.
    SignIn {
        /// The account's id or name.
        account: String,
        /// Print the address to open instead of opening it, and wait.
        #[arg(long)]
        no_browser: bool,
    },
    /// Disconnect an account. What is at the service stays as it is.
    #[command(group(ArgGroup::new("events").required(true).args(["keep_events", "remove_events"])))]
    Remove {
        /// The account's id or name.
        account: String,
        /// Keep its events here as local ones.
        #[arg(long)]
        keep_events: bool,
        /// Remove the calendars here that nothing else feeds.
        #[arg(long)]
        remove_events: bool,
        /// Go on although there are edits that were not sent yet, and will not be.
        #[arg(long)]
        discard_unsent: bool,
    },
    /// Show, set or forget the OAuth client that Synodic signs in to Google as.
    Client {
        /// The client's id; its secret, if it has one, is read from standard input with --secret-stdin.
        #[arg(long, value_name = "ID")]
        id: Option<String>,
        /// Read the client's secret from standard input.
        #[arg(long, requires = "id")]
        secret_stdin: bool,
        /// Forget the client.
        #[arg(long, conflicts_with = "id")]
        forget: bool,
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
    /// Connect a Notion workspace, with the secret of an internal connection or in the browser.
    Notion {
        /// Read the secret from standard input.
        #[arg(long)]
        token_stdin: bool,
        /// Print the address to open instead of opening it, and wait.
        #[arg(long, conflicts_with = "token_stdin")]
        no_browser: bool,
    },
    /// Connect an account at a calendar server: iCloud, Fastmail, Nextcloud, or any other that speaks CalDAV. Where you
    /// sign in with a second factor, make a password for this app there.
    #[command(group(ArgGroup::new("secret").required(true).args(["password_stdin", "token_stdin"])))]
    Caldav {
        /// The address of the server, its host, or just your e-mail address.
        #[arg(long, value_name = "ADDRESS")]
        url: String,
        /// The name that you sign in with.
        #[arg(long, value_name = "NAME", required_unless_present = "token_stdin")]
        user: Option<String>,
        /// Read the password from standard input.
        #[arg(long, requires = "user")]
        password_stdin: bool,
        /// Read a bearer token from standard input, where the server takes one.
        #[arg(long, conflicts_with = "user")]
        token_stdin: bool,
        /// A certificate authority that is to be trusted for this account beside the system's, as a PEM file.
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Subscribe to a calendar file at an address: it is only read, and looked at again every hour or as it says.
    #[command(group(ArgGroup::new("address").required(true).args(["url", "url_stdin"])))]
    Ics {
        /// The address: https://… or webcal://…
        #[arg(long, value_name = "ADDRESS")]
        url: Option<String>,
        /// Read it from standard input, for whoever knows such an address can often read the calendar.
        #[arg(long)]
        url_stdin: bool,
    },
}

pub(super) async fn run(command: AccountCommand, global: Global) -> Result<ExitCode, Failure> {
    with(&global, async |host| match command {
        AccountCommand::Add(AddCommand::Google { no_browser }) => add_google(host, &global, no_browser).await,
        AccountCommand::Add(AddCommand::Notion { token_stdin, no_browser }) => {
            add_notion(host, &global, token_stdin, no_browser).await
        }
        AccountCommand::Add(AddCommand::Caldav { url, user, certificate, .. }) => {
            let secret = Secret(read_secret()?);
            let place = CaldavPlace { place: url, user, certificate: absolute(certificate)? };
            let id: IntegrationId = host.ask(Call::AddCaldavAccount { place, secret }).await?;
            connected(host, &global, id).await
        }
        AccountCommand::Add(AddCommand::Ics { url, .. }) => {
            let address = Secret(url.map_or_else(read_secret, Ok)?);
            let calendar: CalendarView = host.ask(Call::Subscribe { address }).await?;
            print(global.json, &calendar, |calendar| {
                format!("“{}” is subscribed to. Its events come with the next sync.", calendar.name)
            })
        }
        AccountCommand::List => {
            let accounts: Vec<AccountView> = host.ask(Call::Accounts).await?;
            print(global.json, &accounts, |accounts| describe(accounts))
        }
        AccountCommand::Webhook { account } => {
            let account = find(host, &account).await?;
            let shown = enrol(host, account.id).await?;
            print(global.json, &shown, |shown| match &shown.token {
                Some(token) => {
                    format!("Paste this token into Notion's developer portal to end the enrolment:\n{token}")
                }
                None => "Notion has sent no token. Check the address and try again.".into(),
            })
        }
        AccountCommand::SignIn { account, no_browser } => {
            let account = find(host, &account).await?;
            let open_browser = !no_browser;
            let id: IntegrationId = host.ask(Call::SignInAgain { account: account.id, open_browser }).await?;
            print(global.json, &Signed { id, account: account.account }, |signed| {
                format!("{} is signed in again. What waited goes out with the next sync.", signed.account)
            })
        }
        AccountCommand::Remove { account, keep_events, discard_unsent, .. } => {
            remove(host, &global, &account, keep_events, discard_unsent).await
        }
        AccountCommand::Client { id, secret_stdin, forget } => {
            client(host, &global, id, secret_stdin, forget).await
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct Signed {
    id: IntegrationId,
    account: String,
}

#[derive(Serialize)]
struct Removed {
    id: IntegrationId,
    #[serde(flatten)]
    gone: GoneView,
}

async fn remove(
    host: &Host,
    global: &Global,
    account: &str,
    keep_events: bool,
    discard_unsent: bool,
) -> Result<(), Failure> {
    let account = find(host, account).await?;
    let leaving: LeavingView = host.ask(Call::LeavingAccount { account: account.id }).await?;
    refuse_to_lose(&leaving, discard_unsent)?;
    let gone: GoneView = host.ask(Call::RemoveAccount { account: account.id, keep_events }).await?;
    print(global.json, &Removed { id: account.id, gone }, |removed| {
        let consent = if removed.gone.consent_ended {
            "its consent has ended"
        } else {
            "it could not be told; end the consent in the account's own settings"
        };
        format!("{} is disconnected. What is at the service stays there; {consent}.", removed.gone.account)
    })
}

/// Names the edits that would be lost, and goes on only when that was asked for.
pub(super) fn refuse_to_lose(leaving: &LeavingView, discard_unsent: bool) -> Result<(), Failure> {
    if leaving.unsent.is_empty() || discard_unsent {
        return Ok(());
    }
    let titles: Vec<_> = leaving.unsent.iter().map(|item| format!("“{}”", item.title)).collect();
    Err(invalid(format!(
        "{} edits were not sent to {} yet: {}. Run “synodic sync” first, or add --discard-unsent",
        titles.len(),
        leaving.name,
        titles.join(", ")
    )))
}

async fn client(
    host: &Host,
    global: &Global,
    id: Option<String>,
    secret_stdin: bool,
    forget: bool,
) -> Result<(), Failure> {
    let secret = if secret_stdin { Some(Secret(read_secret()?)) } else { None };
    let call = if id.is_some() || forget { Call::SetGoogleClient { id, secret } } else { Call::GoogleClient };
    let client: GoogleClientView = host.ask(call).await?;
    print(global.json, &client, |client| {
        let place = match client.origin {
            ClientOrigin::Nowhere => {
                return "No Google client is configured; the README says how to get one.".into();
            }
            ClientOrigin::Environment => "from the environment",
            ClientOrigin::Settings => "from the settings",
        };
        let secret = if client.has_secret { "with a secret" } else { "without a secret" };
        format!("{} ({place}, {secret})", client.id.as_deref().unwrap_or_default())
    })
}

/// The first line of standard input, so that no secret is ever an argument, which other users can see.
fn read_secret() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| internal(&error))?;
    Ok(line.trim().to_owned())
}

async fn add_google(host: &Host, global: &Global, no_browser: bool) -> Result<(), Failure> {
    let id = host.ask(Call::AddGoogleAccount { open_browser: !no_browser }).await?;
    connected(host, global, id).await
}

/// Says which account was connected.
async fn connected(host: &Host, global: &Global, id: IntegrationId) -> Result<(), Failure> {
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

/// A path that means the same to an engine that runs elsewhere.
fn absolute(path: Option<PathBuf>) -> Result<Option<PathBuf>, Failure> {
    path.map(|path| std::path::absolute(&path).map_err(|error| internal(&error))).transpose()
}

/// Waits for the token that Notion sends when a subscription is made.
async fn enrol(host: &Host, account: IntegrationId) -> Result<NotionWebhook, Failure> {
    let mut shown: NotionWebhook = host.ask(Call::BeginNotionWebhook { account }).await?;
    // Nobody reads standard error: then the token will not come, and the command will say so.
    let _ = writeln!(
        std::io::stderr(),
        "Make a subscription for this address under Webhooks in Notion's developer portal:\n{}",
        shown.address
    );
    while shown.token.is_none() && shown.open_until.is_some() {
        tokio::time::sleep(ENROLMENT_LOOK).await;
        shown = host.ask(Call::NotionWebhook { account }).await?;
    }
    Ok(shown)
}

async fn add_notion(
    host: &Host,
    global: &Global,
    token_stdin: bool,
    no_browser: bool,
) -> Result<(), Failure> {
    let id: IntegrationId = if token_stdin {
        let mut token = String::new();
        let read = std::io::stdin().lock().read_line(&mut token);
        read.map_err(|error| invalid(format!("the token cannot be read from standard input: {error}")))?;
        host.ask(Call::AddNotionAccount { token: Secret(token.trim().to_owned()) }).await?
    } else {
        host.ask(Call::AddNotionAccountInBrowser { open_browser: !no_browser }).await?
    };
    connected(host, global, id).await
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
