//! The figures, as a person reads them.

use std::time::Duration;

/// What was measured, and how often it was better or worse.
pub(crate) struct Measured {
    /// Ascending.
    taken: Vec<Duration>,
}

impl Measured {
    pub(crate) fn new(mut taken: Vec<Duration>) -> Self {
        taken.sort_unstable();
        Self { taken }
    }

    pub(crate) fn least(&self) -> Duration {
        self.at(0)
    }

    pub(crate) fn median(&self) -> Duration {
        self.at(50)
    }

    fn at(&self, percent: usize) -> Duration {
        self.taken[(self.taken.len() - 1) * percent / 100]
    }
}

/// Begins a part.
pub(crate) fn heading(title: &str) {
    println!("\n{title:<62}{:>11}{:>11}{:>11}{:>11}", "least", "median", "p95", "target");
}

/// Prints how long something takes.
pub(crate) fn times(what: &str, taken: Vec<Duration>, target: &str) -> Measured {
    let measured = Measured::new(taken);
    let figures = [0, 50, 95].map(|percent| milliseconds(measured.at(percent)));
    println!("{what:<62}{:>11}{:>11}{:>11}{target:>11}", figures[0], figures[1], figures[2]);
    measured
}

/// Prints a figure of another kind.
pub(crate) fn figure(what: &str, figure: &str, target: &str) {
    println!("{what:<62}{:>11}{figure:>11}{:>11}{target:>11}", "", "");
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}
