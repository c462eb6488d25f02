//! What a process costs a computer that has nothing else to do.

use std::fs;
use std::time::Duration;

/// The ticks of a second in which Linux tells of time spent (`USER_HZ` in `proc(5)`), the same wherever Synodic runs.
const TICKS: u64 = 100;

/// What was done since a process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// How long it has kept processors busy, to a hundredth of a second.
    pub busy: Duration,
    /// How often a thread has gone to sleep to be woken later.
    pub waits: u64,
}

impl Effort {
    /// What a process has done; none when it is gone, or the system does not tell.
    #[must_use]
    pub fn of(process: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let tasks = fs::read_dir(format!("/proc/{process}/task")).ok()?.filter_map(Result::ok);
        let told = tasks.filter_map(|task| fs::read_to_string(task.path().join("status")).ok());
        Some(Self { busy: busy(&stat)?, waits: told.filter_map(|status| waits(&status)).sum() })
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { busy: self.busy + other.busy, waits: self.waits + other.waits }
    }

    /// What was done since `before`.
    #[must_use]
    pub const fn since(self, before: Self) -> Self {
        Self { busy: self.busy.saturating_sub(before.busy), waits: self.waits.saturating_sub(before.waits) }
    }
}

/// The time in user and kernel mode: the eleventh and twelfth field behind the name, which may hold anything.
fn busy(stat: &str) -> Option<Duration> {
    let (_, after) = stat.rsplit_once(')')?;
    let ticks = after.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().ok());
    let ticks = ticks.sum::<Option<u64>>()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS))
}

fn waits(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells_is_read() {
        let stat = "7 (a ) (b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 9 0 12345 0 0";
        assert_eq!(busy(stat), Some(Duration::from_secs(3)));
        let status = "Name:\tsynodic\nvoluntary_ctxt_switches:\t41\nnonvoluntary_ctxt_switches:\t7\n";
        assert_eq!(waits(status), Some(41));
        assert_eq!((busy("7 (sh"), waits("Name:\tsh\n")), (None, None));
    }

    #[test]
    fn a_process_that_is_gone_has_done_nothing() {
        assert_eq!(Effort::of(u32::MAX), None);
    }
}
