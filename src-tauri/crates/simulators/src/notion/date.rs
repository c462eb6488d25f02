//! Dates as properties hold them: a day or a moment, perhaps with an end.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::error::ApiError;

/// One side of a date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Side {
    /// A whole day.
    Day(NaiveDate),
    /// A moment, with the offset it was written with.
    Moment(DateTime<FixedOffset>),
}

impl Side {
    /// The moment at which it begins; days begin in UTC.
    pub(crate) fn instant(self) -> DateTime<Utc> {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN).and_utc(),
            Self::Moment(moment) => moment.to_utc(),
        }
    }

    pub(crate) fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Moment(moment) => moment.date_naive(),
        }
    }

    fn render(self) -> String {
        match self {
            Self::Day(day) => day.to_string(),
            Self::Moment(moment) => moment.to_rfc3339_opts(SecondsFormat::Millis, false),
        }
    }
}

/// A date as a property holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Date {
    pub(crate) start: Side,
    pub(crate) end: Option<Side>,
    pub(crate) zone: Option<Tz>,
}

impl Date {
    /// Reads what a client writes. `path` is where it stands in the body.
    pub(crate) fn read(value: &Value, path: &str) -> Result<Self, ApiError> {
        let Some(object) = value.as_object() else {
            return Err(ApiError::body(path, "an object or `null`", value));
        };
        let zone = match object.get("time_zone") {
            None | Some(Value::Null) => None,
            Some(name) => {
                let known = name.as_str().and_then(|name| name.parse::<Tz>().ok());
                let place = format!("{path}.time_zone");
                Some(known.ok_or_else(|| ApiError::body(&place, "a valid IANA time zone or `null`", name))?)
            }
        };
        let start = read_side(&value["start"], zone, &format!("{path}.start"))?;
        let end = match object.get("end") {
            None | Some(Value::Null) => None,
            Some(end) => Some(read_side(end, zone, &format!("{path}.end"))?),
        };
        if let Some(end) = end {
            if matches!(start, Side::Day(_)) != matches!(end, Side::Day(_)) {
                let message = "Both start and end date must either include a time or not include a time.";
                return Err(ApiError::validation(message));
            }
            if end.instant() < start.instant() {
                return Err(ApiError::validation("Start date must be before end date."));
            }
        }
        Ok(Self { start, end, zone })
    }

    /// The value as the API shows it. The name of the zone is lost unless it is to be kept.
    pub(crate) fn render(&self, keep_zone: bool) -> Value {
        let zone = self.zone.filter(|_| keep_zone);
        json!({
            "start": self.start.render(),
            "end": self.end.map(Side::render),
            "time_zone": zone.map(Tz::name),
        })
    }
}

fn read_side(value: &Value, zone: Option<Tz>, path: &str) -> Result<Side, ApiError> {
    let wrong = || ApiError::body(path, "a valid ISO 8601 date string", value);
    let text = value.as_str().ok_or_else(wrong)?;
    if let Ok(day) = text.parse::<NaiveDate>() {
        if zone.is_some() {
            let message = format!("{path} must include a time when time_zone is given.");
            return Err(ApiError::validation(message));
        }
        return Ok(Side::Day(day));
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        if zone.is_some() {
            let message = format!("{path} must not include an offset when time_zone is given.");
            return Err(ApiError::validation(message));
        }
        return Ok(Side::Moment(moment));
    }
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let local = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    Ok(Side::Moment(from_wall(local.ok_or_else(wrong)?, zone.unwrap_or(Tz::UTC))))
}

/// The moment at which clocks in a zone show a time: the first of two, or the one after a gap.
pub(crate) fn from_wall(local: NaiveDateTime, zone: Tz) -> DateTime<FixedOffset> {
    let moment = zone.from_local_datetime(&local).earliest().unwrap_or_else(|| {
        let after_gap = local + chrono::TimeDelta::hours(1);
        zone.from_local_datetime(&after_gap).earliest().unwrap_or_else(|| zone.from_utc_datetime(&local))
    });
    moment.fixed_offset()
}

/// A time as objects show it.
pub(crate) fn timestamp(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A time as `created_time` and `last_edited_time` show it: rounded down to the minute.
pub(crate) fn floor(moment: DateTime<Utc>) -> DateTime<Utc> {
    chrono::DurationRound::duration_trunc(moment, chrono::TimeDelta::minutes(1)).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tests write their values down in place")]
    fn back(value: Value) -> Value {
        Date::read(&value, "body.date").unwrap().render(false)
    }

    #[test]
    fn dates_come_back_in_the_form_of_the_service() {
        let same = |start: &str| json!({ "start": start, "end": null, "time_zone": null });
        assert_eq!(back(json!({ "start": "2026-09-15" })), same("2026-09-15"));
        assert_eq!(
            back(json!({ "start": "2026-09-15T09:00:00-07:00" })),
            same("2026-09-15T09:00:00.000-07:00")
        );
        assert_eq!(back(json!({ "start": "2026-09-15T09:00" })), same("2026-09-15T09:00:00.000+00:00"));
        assert_eq!(back(json!({ "start": "2026-09-15T09:00:00Z" })), same("2026-09-15T09:00:00.000+00:00"));
        let zoned = json!({ "start": "2026-09-15T09:00:00", "time_zone": "America/Los_Angeles" });
        assert_eq!(back(zoned.clone()), same("2026-09-15T09:00:00.000-07:00"));
        let kept = Date::read(&zoned, "body.date").unwrap().render(true);
        assert_eq!(kept["time_zone"], "America/Los_Angeles");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for wrong in [
            json!({ "start": "2026-09-15T09:00:00Z", "time_zone": "Europe/Paris" }),
            json!({ "start": "2026-09-15", "time_zone": "Europe/Paris" }),
            json!({ "start": "2026-09-15T09:00:00", "time_zone": "Europe/Atlantis" }),
            json!({ "start": "2026-09-15", "end": "2026-09-14" }),
            json!({ "start": "2026-09-15", "end": "2026-09-16T09:00:00Z" }),
            json!({ "start": "tomorrow" }),
            json!({ "end": "2026-09-15" }),
            json!("2026-09-15"),
        ] {
            assert_eq!(Date::read(&wrong, "body.date").unwrap_err().code(), "validation_error", "{wrong}");
        }
    }

    #[test]
    fn the_minute_is_what_is_left_of_a_time() {
        let moment = "2026-09-15T09:00:59.999Z".parse().unwrap();
        assert_eq!(timestamp(floor(moment)), "2026-09-15T09:00:00.000Z");
    }
}
