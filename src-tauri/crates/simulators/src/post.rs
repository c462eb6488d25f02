//! Sending messages to receivers on the same computer.

/// Creates a client that goes straight to the receiver and keeps nothing open.
pub(crate) fn plain_client() -> reqwest::Client {
    let plain = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        // A connection belongs to the runtime it was opened in, and a simulator may see several.
        .pool_max_idle_per_host(0)
        .build();
    plain.unwrap_or_default()
}
