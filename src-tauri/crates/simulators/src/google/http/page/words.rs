//! Recurrence rules in words, as far as they are of the common kinds.

use chrono::NaiveDate;

const DAYS: [(&str, &str); 7] = [
    ("MO", "Monday"),
    ("TU", "Tuesday"),
    ("WE", "Wednesday"),
    ("TH", "Thursday"),
    ("FR", "Friday"),
    ("SA", "Saturday"),
    ("SU", "Sunday"),
];

/// Says how an event recurs; a rule that no short sentence can tell is shown as it is.
pub(super) fn recurrence(lines: &[String]) -> Option<String> {
    let rules = lines.iter().filter_map(|line| line.strip_prefix("RRULE:")).collect::<Vec<_>>();
    match rules.as_slice() {
        [] => (!lines.is_empty()).then(|| "on single dates".to_owned()),
        [rule] => Some(sentence(rule).unwrap_or_else(|| (*rule).to_owned())),
        more => Some(more.join(" and ")),
    }
}

fn sentence(rule: &str) -> Option<String> {
    let (mut frequency, mut interval, mut days, mut end) = (None, 1, String::new(), String::new());
    for part in rule.split(';') {
        match part.split_once('=')? {
            ("FREQ", name) => frequency = Some(unit(name)?),
            ("INTERVAL", number) => interval = number.parse::<u32>().ok()?,
            ("COUNT", number) => end = format!(", {number} times"),
            ("UNTIL", moment) => {
                let day = NaiveDate::parse_from_str(moment.get(..8)?, "%Y%m%d").ok()?;
                end = format!(", until {}", day.format("%-d %B %Y"));
            }
            ("WKST", _) => {}
            ("BYDAY", list) => days = format!(" on {}", weekdays(list)?),
            ("BYMONTHDAY", day) => days = format!(" on day {}", day.parse::<u32>().ok()?),
            _ => return None,
        }
    }
    let unit = frequency?;
    let every = if interval == 1 { format!("every {unit}") } else { format!("every {interval} {unit}s") };
    Some(every + &days + &end)
}

fn unit(frequency: &str) -> Option<&'static str> {
    match frequency {
        "DAILY" => Some("day"),
        "WEEKLY" => Some("week"),
        "MONTHLY" => Some("month"),
        "YEARLY" => Some("year"),
        _ => None,
    }
}

/// `MO,WE` as “Monday and Wednesday”, `2TU` as “the 2nd Tuesday”.
fn weekdays(list: &str) -> Option<String> {
    if list == "MO,TU,WE,TH,FR" {
        return Some("weekdays".to_owned());
    }
    let names = list.split(',').map(weekday).collect::<Option<Vec<_>>>()?;
    let (last, others) = names.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) })
}

fn weekday(text: &str) -> Option<String> {
    let (number, code) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let (_, name) = DAYS.iter().find(|(known, _)| *known == code)?;
    match number {
        "" => Some((*name).to_owned()),
        "1" | "+1" => Some(format!("the 1st {name}")),
        "2" | "+2" => Some(format!("the 2nd {name}")),
        "3" | "+3" => Some(format!("the 3rd {name}")),
        "4" | "+4" => Some(format!("the 4th {name}")),
        "-1" => Some(format!("the last {name}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_rules_are_told_in_words_and_others_as_they_are() {
        for (rule, words) in [
            ("FREQ=DAILY", "every day"),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every week on weekdays"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR", "every 2 weeks on Monday, Wednesday and Friday"),
            ("FREQ=MONTHLY;BYDAY=-1SU;COUNT=5", "every month on the last Sunday, 5 times"),
            ("FREQ=MONTHLY;BYMONTHDAY=3;UNTIL=20260503T130000Z", "every month on day 3, until 3 May 2026"),
            ("FREQ=YEARLY", "every year"),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"),
            ("FREQ=WEEKLY;BYDAY=5MO", "FREQ=WEEKLY;BYDAY=5MO"),
        ] {
            assert_eq!(recurrence(&[format!("RRULE:{rule}")]).as_deref(), Some(words));
        }
        assert_eq!(recurrence(&["RDATE:20260501T070000Z".to_owned()]).as_deref(), Some("on single dates"));
        assert_eq!(recurrence(&[]), None);
    }
}
