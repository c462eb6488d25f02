//! Sorts: by columns and timestamps, the earlier ones first.

use std::cmp::Ordering;

use serde_json::Value;

use super::could_not_find;
use crate::notion::database::DataSource;
use crate::notion::date::floor;
use crate::notion::error::ApiError;
use crate::notion::page::{Page, plain};
use crate::notion::schema::{Kind, Property};
use crate::notion::state::{Caller, State};
use crate::notion::value::Held;

/// One criterion.
#[derive(Clone, Debug)]
pub(super) struct Sort {
    by: By,
    descending: bool,
}

#[derive(Clone, Debug)]
enum By {
    Created,
    Edited,
    Column(Box<Property>),
}

/// What rows are compared by; empty comes last whichever way it goes.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Key {
    Moment(i64),
    Number(f64),
    Text(String),
}

impl Sort {
    pub(super) fn read_all(source: &DataSource, value: Option<&Value>) -> Result<Vec<Self>, ApiError> {
        let Some(value) = value else {
            return Ok(Vec::new());
        };
        let list = value.as_array().ok_or_else(|| ApiError::body("body.sorts", "an array", value))?;
        let read = |(index, item): (usize, &Value)| Self::read(source, item, &format!("body.sorts[{index}]"));
        list.iter().enumerate().map(read).collect()
    }

    fn read(source: &DataSource, value: &Value, path: &str) -> Result<Self, ApiError> {
        let by = match (value["timestamp"].as_str(), value["property"].as_str()) {
            (Some("created_time"), _) => By::Created,
            (Some("last_edited_time"), _) => By::Edited,
            (Some(_), _) => {
                let place = format!("{path}.timestamp");
                return Err(ApiError::body(
                    &place,
                    "`created_time` or `last_edited_time`",
                    &value["timestamp"],
                ));
            }
            (None, Some(key)) => {
                By::Column(Box::new(source.property(key).ok_or_else(|| could_not_find(key))?.clone()))
            }
            (None, None) => return Err(ApiError::body(&format!("{path}.property"), "defined", &Value::Null)),
        };
        let descending = match value["direction"].as_str() {
            Some("ascending") => false,
            Some("descending") => true,
            _ => {
                let place = format!("{path}.direction");
                return Err(ApiError::body(&place, "`ascending` or `descending`", &value["direction"]));
            }
        };
        Ok(Self { by, descending })
    }

    fn key(&self, state: &State, who: &Caller, page: &Page) -> Option<Key> {
        let property = match &self.by {
            By::Created => return Some(Key::Moment(floor(page.stamp.created).timestamp())),
            By::Edited => return Some(Key::Moment(floor(page.stamp.edited).timestamp())),
            By::Column(property) => property,
        };
        let held = page.values.get(&property.id);
        match (&property.kind, held) {
            (Kind::CreatedTime, _) => Some(Key::Moment(floor(page.stamp.created).timestamp())),
            (Kind::LastEditedTime, _) => Some(Key::Moment(floor(page.stamp.edited).timestamp())),
            (_, Some(Held::Date(date))) => Some(Key::Moment(date.start.instant().timestamp_millis())),
            (_, Some(Held::Number(number))) => number.as_f64().map(Key::Number),
            _ => {
                let text = plain(&state.render_value(who, page, property));
                (!text.is_empty()).then(|| Key::Text(text.to_lowercase()))
            }
        }
    }
}

/// Sorts rows that were in no particular order.
pub(super) fn sort(state: &State, who: &Caller, rows: &mut Vec<&Page>, sorts: &[Sort]) {
    if sorts.is_empty() {
        return;
    }
    let keyed = rows.drain(..).map(|page| {
        let keys = sorts.iter().map(|sort| sort.key(state, who, page)).collect::<Vec<_>>();
        (keys, page)
    });
    let mut keyed = keyed.collect::<Vec<_>>();
    keyed.sort_by(|(left, _), (right, _)| {
        let each = sorts.iter().zip(left.iter().zip(right));
        let mut orders = each.map(|(sort, (left, right))| compare(sort, left.as_ref(), right.as_ref()));
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    rows.extend(keyed.into_iter().map(|(_, page)| page));
}

fn compare(sort: &Sort, left: Option<&Key>, right: Option<&Key>) -> Ordering {
    match (left, right) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(left), Some(right)) => {
            let order = left.partial_cmp(right).unwrap_or(Ordering::Equal);
            if sort.descending { order.reverse() } else { order }
        }
    }
}
