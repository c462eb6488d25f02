//! Where a program may end between two steps that belong together.

use std::fmt;
use std::sync::Arc;

/// Is called before and after every commit. In a test it ends the process there, to see that what is on the disk then
/// is enough to go on from; otherwise it is nothing.
#[derive(Clone, Default)]
pub struct Boundary(Option<Arc<dyn Fn() + Send + Sync>>);

impl Boundary {
    /// Calls `crossed` each time.
    pub fn new(crossed: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(crossed)))
    }

    /// Tells that a step is about to be taken, or has been.
    pub fn cross(&self) {
        if let Some(crossed) = &self.0 {
            crossed();
        }
    }
}

impl fmt::Debug for Boundary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Boundary").field(&self.0.is_some()).finish()
    }
}
