//! Accounts: signing in through the browser, and leaving.

use synodic_engine::caldav::CaldavPlace;
use synodic_engine::sign_in::SignIn;
use synodic_engine::view::{
    AccountView, CalendarView, Failure, FailureCode, GoneView, GoogleClientView, LeavingView,
};
use synodic_model::IntegrationId;
use tokio_util::sync::CancellationToken;

use super::{DeskState, reply};
use crate::call::internal;

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn accounts(desk: DeskState<'_>) -> Result<Vec<AccountView>, Failure> {
    reply(desk.engine()?.integrations().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn add_google_account(desk: DeskState<'_>) -> Result<IntegrationId, Failure> {
    let sign_in = reply(desk.engine()?.begin_google_sign_in().await)?;
    in_browser(&desk, sign_in).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn add_caldav_account(
    desk: DeskState<'_>,
    place: CaldavPlace,
    secret: String,
) -> Result<IntegrationId, Failure> {
    reply(desk.engine()?.connect_caldav(place, &secret).await)
}

/// Subscribes to the calendar file at an address.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn subscribe(desk: DeskState<'_>, address: String) -> Result<CalendarView, Failure> {
    reply(desk.engine()?.subscribe(&address).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn sign_in_again(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
) -> Result<IntegrationId, Failure> {
    let sign_in = reply(desk.engine()?.sign_in_again(integration_id).await)?;
    in_browser(&desk, sign_in).await
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn cancel_sign_in(desk: DeskState<'_>) -> Result<(), Failure> {
    if let Some(under_way) = desk.sign_in.lock().await.take() {
        under_way.cancel();
    }
    Ok(())
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn remove_account(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
    keep_events: bool,
) -> Result<GoneView, Failure> {
    reply(desk.engine()?.remove_account(integration_id, keep_events).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn leaving_account(
    desk: DeskState<'_>,
    integration_id: IntegrationId,
) -> Result<LeavingView, Failure> {
    reply(desk.engine()?.leaving_account(integration_id).await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn google_client(desk: DeskState<'_>) -> Result<GoogleClientView, Failure> {
    reply(desk.engine()?.google_client_view().await)
}

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn set_google_client(
    desk: DeskState<'_>,
    id: Option<String>,
    secret: Option<String>,
) -> Result<GoogleClientView, Failure> {
    reply(desk.engine()?.set_google_client(id, secret).await)
}

/// Opens the browser and waits for its return, until the person cancels or begins again.
pub(super) async fn in_browser(desk: &DeskState<'_>, sign_in: SignIn) -> Result<IntegrationId, Failure> {
    let cancel = CancellationToken::new();
    if let Some(former) = desk.sign_in.lock().await.replace(cancel.clone()) {
        former.cancel();
    }
    open::that_detached(sign_in.authorize_url().as_str()).map_err(|error| internal(&error))?;
    tokio::select! {
        answer = sign_in.complete() => reply(answer),
        () = cancel.cancelled() => Err(Failure {
            code: FailureCode::SignIn,
            message: "Signing in was cancelled.".into(),
            field: None,
        }),
    }
}
