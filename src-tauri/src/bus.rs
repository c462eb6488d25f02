//! The desktop session's message bus, where there is one.

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
