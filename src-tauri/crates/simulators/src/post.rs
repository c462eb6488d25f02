//! Sending messages to receivers on the same computer, and asking simulators as a test does.

/// What a client is made with. None can be made before there is a cryptography for TLS, whether it will be used or not.
pub fn client_builder() -> reqwest::ClientBuilder {
    // Whoever was faster has chosen, and whatever they chose will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// Creates a client that goes straight to the receiver and keeps nothing open.
pub(crate) fn plain_client() -> reqwest::Client {
    let plain = client_builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        // A connection belongs to the runtime it was opened in, and a simulator may see several.
        .pool_max_idle_per_host(0)
        .build();
    plain.unwrap_or_default()
}
