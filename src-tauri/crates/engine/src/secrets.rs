//! Where secrets are kept.

/// The place for secrets, as configured.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {}
