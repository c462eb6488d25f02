//! What the window has to know about the program around it, and links that leave it.

use synodic_engine::view::{AppInfo, ClientOrigin, Failure, FailureCode};
use url::Url;

use super::{DeskState, reply};
use crate::call::internal;

#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn app_info(desk: DeskState<'_>) -> Result<AppInfo, Failure> {
    let engine = desk.engine()?;
    let config = engine.config();
    let client = reply(engine.google_client_view().await)?;
    Ok(AppInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        demo: desk.demo,
        time_zone: config.viewer.name().into(),
        data_dir: config.data_dir.display().to_string(),
        google_configured: client.origin != ClientOrigin::Nowhere,
        notion_configured: config.notion.client.is_some(),
    })
}

/// Opens a link from an event in the person's browser. Only http and https: an event must not be able to start a
/// program through some other scheme.
#[tauri::command(rename_all = "snake_case")]
pub(crate) async fn open_link(url: String) -> Result<(), Failure> {
    let address = Url::parse(&url).ok().filter(|address| matches!(address.scheme(), "http" | "https"));
    let Some(address) = address else {
        let message = "This link is not a web address, so it was not opened.".into();
        return Err(Failure { code: FailureCode::Invalid, message, field: None });
    };
    open::that_detached(address.as_str()).map_err(|error| internal(&error))
}
