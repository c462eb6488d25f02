//! Decisions that look random and are not: each is a function of the seed and of what is being decided.
//!
//! A generator that hands out numbers in sequence gives other numbers when two requests change places. Here the answer
//! depends only on the question, so a history can be replayed even if its requests overlap differently.

use sha2::{Digest, Sha256};

/// Returns a number that depends on nothing but its arguments.
pub(crate) fn number(seed: u64, question: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for part in question {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Decides something that should be true `share` of the time (0.0 never, 1.0 always).
pub(crate) fn happens(seed: u64, share: f64, question: &[&str]) -> bool {
    let parts_per_million = u32::try_from(number(seed, question) % 1_000_000).unwrap_or_default();
    f64::from(parts_per_million) < share * 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer() {
        assert_eq!(number(1, &["a", "b"]), number(1, &["a", "b"]));
        assert_ne!(number(1, &["a", "b"]), number(2, &["a", "b"]));
        assert_ne!(number(1, &["a", "b"]), number(1, &["ab", ""]));
    }

    #[test]
    fn never_and_always_are_exact() {
        assert!((0..100).all(|n| !happens(n, 0.0, &["x"])));
        assert!((0..100).all(|n| happens(n, 1.0, &["x"])));
    }
}
