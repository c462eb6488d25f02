//! The desktop session's message bus, where there is one.

use futures_util::StreamExt;
use tokio::sync::OnceCell;
use zbus::Connection;

/// The connection that the program asks its small questions over; none without a session bus.
pub(crate) async fn session() -> Option<&'static Connection> {
    static BUS: OnceCell<Connection> = OnceCell::const_new();
    BUS.get_or_try_init(Connection::session).await.ok()
}

/// Whether anybody has a name on the bus.
pub(crate) async fn has_owner(name: &str) -> bool {
    let asked: zbus::Result<bool> = async {
        let Some(bus) = session().await else { return Ok(false) };
        let bus = zbus::fdo::DBusProxy::new(bus).await?;
        Ok(bus.name_has_owner(name.try_into()?).await?)
    }
    .await;
    asked.unwrap_or(false)
}

/// Waits until somebody has a name on the bus.
///
/// # Errors
/// When there is no bus, or it goes away.
pub(crate) async fn until_owned(name: &str) -> zbus::Result<()> {
    let bus = zbus::fdo::DBusProxy::new(session().await.ok_or(zbus::Error::InterfaceNotFound)?).await?;
    // Listened for before it is asked, so that nobody comes unnoticed in between.
    let mut changes = bus.receive_name_owner_changed_with_args(&[(0, name)]).await?;
    if bus.name_has_owner(name.try_into()?).await? {
        return Ok(());
    }
    while let Some(change) = changes.next().await {
        if change.args()?.new_owner().is_some() {
            return Ok(());
        }
    }
    Err(zbus::Error::InterfaceNotFound)
}
