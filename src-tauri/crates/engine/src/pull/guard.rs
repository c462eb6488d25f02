//! When a plan removes so much that somebody has to look first. A listing that is suddenly empty is more often a fault
//! of the service than a wish of the person.

/// Removals that need no thought, whatever share of the calendar they are.
const FEW: usize = 10;
/// Removals that always need a look.
const MANY: usize = 100;

/// Whether `removals` out of `known` events want a look.
pub(crate) const fn is_too_much(removals: usize, known: usize) -> bool {
    removals > MANY || (removals > FEW && removals * 2 > known)
}

/// Whether so many want a look whatever they are a part of.
pub(crate) const fn is_many(events: usize) -> bool {
    events > MANY
}

/// Whether it can be told without counting the calendar.
pub(crate) const fn is_few(removals: usize) -> bool {
    removals <= FEW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_removals_are_ordinary_life() {
        assert!(!is_too_much(0, 0));
        assert!(!is_too_much(10, 10), "a small calendar may be emptied");
        assert!(!is_too_much(50, 100), "half is not more than half");
        assert!(!is_too_much(100, 5000));
    }

    #[test]
    fn much_of_a_calendar_or_many_events_are_not() {
        assert!(is_too_much(11, 20));
        assert!(is_too_much(51, 100));
        assert!(is_too_much(101, 100_000));
    }
}
