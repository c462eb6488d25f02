//! Filters: conditions on columns and timestamps, and their combinations.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::relative;
use crate::notion::database::DataSource;
use crate::notion::date::{Date, Side, floor};
use crate::notion::error::ApiError;
use crate::notion::page::{Page, plain};
use crate::notion::query::could_not_find;
use crate::notion::schema::{Kind, Property};
use crate::notion::state::{Caller, State};
use crate::notion::value::Held;

/// How deeply combinations may be nested.
const MOST_LEVELS: usize = 2;

/// A filter that was read.
#[derive(Clone, Debug)]
pub(crate) enum Filter {
    All(Vec<Self>),
    Any(Vec<Self>),
    Column { property: Box<Property>, test: Test },
    Created(Test),
    Edited(Test),
}

/// A condition: its word, and what it compares with.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    word: String,
    operand: Value,
}

impl Filter {
    pub(crate) fn read(
        source: &DataSource,
        value: &Value,
        path: &str,
        level: usize,
    ) -> Result<Self, ApiError> {
        let object = value.as_object().ok_or_else(|| ApiError::body(path, "an object", value))?;
        for (word, make) in [("and", Self::All as fn(Vec<Self>) -> Self), ("or", Self::Any)] {
            let Some(parts) = object.get(word) else {
                continue;
            };
            let path = format!("{path}.{word}");
            if level == MOST_LEVELS {
                return Err(ApiError::body(&path, "not present", parts));
            }
            let parts = parts.as_array().ok_or_else(|| ApiError::body(&path, "an array", parts))?;
            let read = |(index, part): (usize, &Value)| {
                Self::read(source, part, &format!("{path}[{index}]"), level + 1)
            };
            return parts.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>().map(make);
        }
        if let Some(timestamp) = object.get("timestamp") {
            let word = timestamp.as_str().unwrap_or_default();
            let test = Test::read(&value[word], &format!("{path}.{word}"), "date")?;
            return match word {
                "created_time" => Ok(Self::Created(test)),
                "last_edited_time" => Ok(Self::Edited(test)),
                _ => Err(ApiError::body(
                    &format!("{path}.timestamp"),
                    "`created_time` or `last_edited_time`",
                    timestamp,
                )),
            };
        }
        let place = format!("{path}.property");
        let key = value["property"]
            .as_str()
            .ok_or_else(|| ApiError::body(&place, "defined", &value["property"]))?;
        let property = source.property(key).ok_or_else(|| could_not_find(key))?;
        let written = object.keys().find(|name| !matches!(name.as_str(), "property" | "type"));
        let Some(kind) = written else {
            return Err(ApiError::body(&format!("{path}.{}", property.kind.name()), "defined", &Value::Null));
        };
        // A title may be asked for as text.
        let fits = kind == property.kind.name() || (kind == "rich_text" && property.kind == Kind::Title);
        if !fits {
            let message = format!("database property {} does not match filter {kind}", property.kind.name());
            return Err(ApiError::validation(message));
        }
        let family = family(&property.kind);
        let test = Test::read(&value[kind.as_str()], &format!("{path}.{kind}"), family)?;
        Ok(Self::Column { property: Box::new(property.clone()), test })
    }

    /// Whether a row passes.
    pub(crate) fn holds(&self, state: &State, who: &Caller, page: &Page) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(state, who, page)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(state, who, page)),
            Self::Created(test) => test.moment(state, floor(page.stamp.created)),
            Self::Edited(test) => test.moment(state, floor(page.stamp.edited)),
            Self::Column { property, test } => test.column(state, who, page, property),
        }
    }
}

/// The kind of conditions that a column knows.
fn family(kind: &Kind) -> &'static str {
    match kind {
        Kind::Date | Kind::CreatedTime | Kind::LastEditedTime => "date",
        Kind::Number { .. } | Kind::UniqueId { .. } => "number",
        Kind::Checkbox => "checkbox",
        Kind::Select(_) | Kind::Status(_) => "choice",
        Kind::MultiSelect(_)
        | Kind::People
        | Kind::Relation { .. }
        | Kind::CreatedBy
        | Kind::LastEditedBy => "several",
        Kind::Files => "presence",
        Kind::Formula { .. } | Kind::Rollup { .. } => "nested",
        _ => "text",
    }
}

fn words(family: &str) -> &'static [&'static str] {
    match family {
        "date" => &[
            "equals",
            "before",
            "after",
            "on_or_before",
            "on_or_after",
            "past_week",
            "past_month",
            "past_year",
            "this_week",
            "next_week",
            "next_month",
            "next_year",
            "is_empty",
            "is_not_empty",
        ],
        "number" => &[
            "equals",
            "does_not_equal",
            "greater_than",
            "less_than",
            "greater_than_or_equal_to",
            "less_than_or_equal_to",
            "is_empty",
            "is_not_empty",
        ],
        "checkbox" => &["equals", "does_not_equal"],
        "choice" => &["equals", "does_not_equal", "is_empty", "is_not_empty"],
        "several" => &["contains", "does_not_contain", "is_empty", "is_not_empty"],
        "presence" => &["is_empty", "is_not_empty"],
        "nested" => &["string", "number", "date", "checkbox", "any", "every", "none"],
        _ => &[
            "equals",
            "does_not_equal",
            "contains",
            "does_not_contain",
            "starts_with",
            "ends_with",
            "is_empty",
            "is_not_empty",
        ],
    }
}

impl Test {
    fn read(value: &Value, path: &str, family: &str) -> Result<Self, ApiError> {
        let object = value.as_object().ok_or_else(|| ApiError::body(path, "defined", value))?;
        let known = words(family);
        let Some((word, operand)) = object.iter().find(|(word, _)| known.contains(&word.as_str())) else {
            return Err(ApiError::body(path, &format!("one of {}", known.join(", ")), value));
        };
        let place = format!("{path}.{word}");
        let is_day = |text: &str| {
            relative::day(text, NaiveDate::MIN).is_some()
                || text.ends_with("_ago")
                || text == "yesterday"
                || Date::read(&serde_json::json!({ "start": text }), &place).is_ok()
        };
        let fits = match (family, word.as_str()) {
            (_, "is_empty" | "is_not_empty") => operand == &Value::Bool(true),
            ("date", word) if relative::span(word, NaiveDate::default()).is_some() => operand.is_object(),
            ("date", _) => operand.as_str().is_some_and(is_day),
            ("number", _) => operand.is_number(),
            ("checkbox", _) => operand.is_boolean(),
            ("choice" | "several", _) => {
                operand.is_string()
                    || operand.as_array().is_some_and(|list| list.iter().all(Value::is_string))
            }
            ("nested", _) => operand.is_object(),
            _ => operand.is_string(),
        };
        if !fits {
            return Err(ApiError::body(&place, "of the right type", operand));
        }
        Ok(Self { word: word.clone(), operand: operand.clone() })
    }

    fn operands(&self) -> Vec<&str> {
        match &self.operand {
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        }
    }

    fn column(&self, state: &State, who: &Caller, page: &Page, property: &Property) -> bool {
        let held = page.values.get(&property.id);
        match &property.kind {
            Kind::CreatedTime => self.moment(state, floor(page.stamp.created)),
            Kind::LastEditedTime => self.moment(state, floor(page.stamp.edited)),
            Kind::Date => match held {
                Some(Held::Date(date)) => self.date(state, date.start),
                _ => self.word == "is_empty",
            },
            Kind::Number { .. } | Kind::UniqueId { .. } => {
                self.number(if let Some(Held::Number(number)) = held { number.as_f64() } else { None })
            }
            Kind::Checkbox => {
                let ticked = held == Some(&Held::Checkbox(true));
                (self.operand == Value::Bool(ticked)) == (self.word == "equals")
            }
            Kind::People | Kind::Relation { .. } | Kind::CreatedBy | Kind::LastEditedBy => {
                let ids = match (&property.kind, held) {
                    (Kind::CreatedBy, _) => vec![page.stamp.created_by],
                    (Kind::LastEditedBy, _) => vec![page.stamp.edited_by],
                    (_, Some(Held::People(ids))) => ids.clone(),
                    (_, Some(Held::Pages(ids))) => state.visible(who, ids),
                    _ => Vec::new(),
                };
                let wanted =
                    |text: &str| if text == "me" { Some(who.bot) } else { Uuid::parse_str(text).ok() };
                let has = self.operands().into_iter().filter_map(wanted).any(|id| ids.contains(&id));
                self.presence(ids.is_empty()).unwrap_or(has == (self.word == "contains"))
            }
            Kind::Formula { .. } | Kind::Rollup { .. } => self.nested(state, who, page, property),
            kind => {
                let Some(choices) = kind.choices() else {
                    return self.text(&plain(&state.render_value(who, page, property)));
                };
                let mut ids = match held {
                    Some(Held::Choice(id)) => vec![id.clone()],
                    Some(Held::Choices(ids)) => ids.clone(),
                    _ => Vec::new(),
                };
                if ids.is_empty() && matches!(kind, Kind::Status(_)) {
                    ids.extend(choices.first().map(|choice| choice.id.clone()));
                }
                let named = |text: &str| {
                    let chosen = choices.iter().find(|choice| choice.name == text || choice.id == text);
                    chosen.is_some_and(|choice| ids.contains(&choice.id))
                };
                let has = self.operands().into_iter().any(named);
                let positive = matches!(self.word.as_str(), "equals" | "contains");
                self.presence(ids.is_empty()).unwrap_or(has == positive)
            }
        }
    }

    /// The answer to `is_empty` and `is_not_empty`; `None` if that is not the question.
    fn presence(&self, empty: bool) -> Option<bool> {
        match self.word.as_str() {
            "is_empty" => Some(empty),
            "is_not_empty" => Some(!empty),
            _ => None,
        }
    }

    fn text(&self, text: &str) -> bool {
        let (text, wanted) = (text.to_lowercase(), self.operand.as_str().unwrap_or_default().to_lowercase());
        match self.word.as_str() {
            "equals" => text == wanted,
            "does_not_equal" => text != wanted,
            "contains" => text.contains(&wanted),
            "does_not_contain" => !text.contains(&wanted),
            "starts_with" => text.starts_with(&wanted),
            "ends_with" => text.ends_with(&wanted),
            _ => self.presence(text.is_empty()).unwrap_or_default(),
        }
    }

    fn number(&self, number: Option<f64>) -> bool {
        let Some(number) = number else {
            return matches!(self.word.as_str(), "is_empty" | "does_not_equal");
        };
        let Some(wanted) = self.operand.as_f64() else {
            return self.presence(false).unwrap_or_default();
        };
        let order = number.total_cmp(&wanted);
        match self.word.as_str() {
            "equals" => order.is_eq(),
            "does_not_equal" => order.is_ne(),
            "greater_than" => order.is_gt(),
            "less_than" => order.is_lt(),
            "greater_than_or_equal_to" => order.is_ge(),
            "less_than_or_equal_to" => order.is_le(),
            _ => false,
        }
    }

    /// Compares a day or a moment.
    fn date(&self, state: &State, side: Side) -> bool {
        let today = state.now().with_timezone(&state.options.time_zone).date_naive();
        if let Some((from, to)) = relative::span(&self.word, today) {
            return (from..=to).contains(&side.day());
        }
        if let Some(answer) = self.presence(false) {
            return answer;
        }
        let text = self.operand.as_str().unwrap_or_default();
        let named = relative::day(text, today).map(Side::Day);
        let wanted =
            named.or_else(|| Some(Date::read(&serde_json::json!({ "start": text }), "").ok()?.start));
        let Some(wanted) = wanted else {
            return false;
        };
        // Where either is a day, days are compared.
        let order = match (side, wanted) {
            (Side::Moment(moment), Side::Moment(other)) => moment.cmp(&other),
            (moment, Side::Day(other)) => moment.day().cmp(&other),
            (Side::Day(day), Side::Moment(other)) => Side::Day(day).instant().cmp(&other.to_utc()),
        };
        match self.word.as_str() {
            "equals" => order.is_eq(),
            "before" => order.is_lt(),
            "after" => order.is_gt(),
            "on_or_before" => order.is_le(),
            "on_or_after" => order.is_ge(),
            _ => false,
        }
    }

    /// Compares a timestamp, which has been rounded down before.
    fn moment(&self, state: &State, moment: DateTime<Utc>) -> bool {
        self.date(state, Side::Moment(moment.fixed_offset()))
    }

    /// A condition on what a formula or a rollup comes to.
    fn nested(&self, state: &State, who: &Caller, page: &Page, property: &Property) -> bool {
        let shown = state.render_value(who, page, property);
        let result = &shown[property.kind.name()];
        let Some((word, operand)) = self.operand.as_object().and_then(|inner| inner.iter().next()) else {
            return false;
        };
        let inner = Self { word: word.clone(), operand: operand.clone() };
        match self.word.as_str() {
            "date" => match Date::read(&result["date"], "") {
                Ok(date) => inner.date(state, date.start),
                Err(_) => inner.word == "is_empty",
            },
            "number" => inner.number(result["number"].as_f64()),
            "string" => inner.text(result["string"].as_str().unwrap_or_default()),
            "checkbox" => {
                let ticked = result["boolean"].as_bool().unwrap_or_default();
                (inner.operand == Value::Bool(ticked)) == (inner.word == "equals")
            }
            _ => false,
        }
    }
}
