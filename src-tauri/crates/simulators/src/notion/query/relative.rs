//! Days that are named by their distance from today.

use chrono::{Datelike, Days, Months, NaiveDate};

/// The day behind a word such as `one_week_ago`.
pub(super) fn day(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    match word {
        "today" => Some(today),
        "tomorrow" => today.checked_add_days(Days::new(1)),
        "yesterday" => today.checked_sub_days(Days::new(1)),
        "one_week_ago" => today.checked_sub_days(Days::new(7)),
        "one_week_from_now" => today.checked_add_days(Days::new(7)),
        "one_month_ago" => today.checked_sub_months(Months::new(1)),
        "one_month_from_now" => today.checked_add_months(Months::new(1)),
        _ => None,
    }
}

/// The first and the last day behind a word such as `past_week`.
pub(super) fn span(word: &str, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    match word {
        "past_week" => Some((today.checked_sub_days(Days::new(7))?, today)),
        "past_month" => Some((today.checked_sub_months(Months::new(1))?, today)),
        "past_year" => Some((today.checked_sub_months(Months::new(12))?, today)),
        "next_week" => Some((today, today.checked_add_days(Days::new(7))?)),
        "next_month" => Some((today, today.checked_add_months(Months::new(1))?)),
        "next_year" => Some((today, today.checked_add_months(Months::new(12))?)),
        "this_week" => {
            // A week of the service begins on Sunday.
            let from =
                today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_sunday())))?;
            Some((from, from.checked_add_days(Days::new(6))?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_to_days() {
        let today = NaiveDate::from_ymd_opt(2026, 5, 13).unwrap();
        let at = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        assert_eq!(day("one_month_ago", today), Some(at(4, 13)));
        assert_eq!(day("someday", today), None);
        assert_eq!(span("this_week", today), Some((at(5, 10), at(5, 16))));
        assert_eq!(span("next_week", today), Some((at(5, 13), at(5, 20))));
    }
}
