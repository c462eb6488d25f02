//! The values of a page: reading what a client writes, and what is kept of it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::date::Date;
use super::error::ApiError;
use super::rich_text::{RichText, utf16};
use super::schema::{Kind, Property, new_choice};

/// How many people, relations or options one request may name.
const MOST_ITEMS: usize = 100;

/// What a page holds in one column; nothing when it is empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Held {
    Text(RichText),
    Number(serde_json::Number),
    Checkbox(bool),
    /// The id of an option.
    Choice(String),
    /// The ids of options.
    Choices(Vec<String>),
    Date(Date),
    People(Vec<Uuid>),
    Pages(Vec<Uuid>),
    /// A URL, an address or a number to call.
    Plain(String),
    /// Kept and shown as it was written.
    Verbatim(Value),
}

/// What reading a value needs from around it.
pub(crate) trait Names {
    /// How a user or a page is called.
    fn name_of(&self, id: &str) -> String;
    /// Whether there is such a user.
    fn knows_user(&self, id: Uuid) -> bool;
    /// Whether there is a page that the writer can see.
    fn knows_page(&self, id: Uuid) -> bool;
    /// Makes up an id for an option.
    fn option_id(&mut self) -> String;
}

/// Reads a value for a column. `None` clears it. New options of a select are added to the column.
pub(crate) fn read(
    property: &mut Property,
    written: &Value,
    path: &str,
    names: &mut dyn Names,
) -> Result<Option<Held>, ApiError> {
    let kind = property.kind.name().to_owned();
    let Some(value) = written.get(&kind).filter(|_| !property.kind.is_computed()) else {
        if property.kind.is_computed() {
            let message = format!(
                "body failed validation: {path}.{kind} should be not present, instead was `{}`.",
                written.get(&kind).unwrap_or(&Value::Null)
            );
            return Err(ApiError::validation(message));
        }
        return Err(ApiError::validation(format!("{} is expected to be {kind}.", property.name)));
    };
    let path = format!("{path}.{kind}");
    if value.is_null() && matches!(property.kind, Kind::Select(_) | Kind::Status(_)) {
        return Ok(None);
    }
    if property.kind.choices().is_some() {
        return read_options(property, value, &path, names);
    }
    let held = match &property.kind {
        Kind::Title | Kind::RichText => {
            let text = RichText::read(value, &path, &|id| names.name_of(id))?;
            (!text.is_empty()).then_some(Held::Text(text))
        }
        Kind::Number { .. } => match value {
            Value::Null => None,
            Value::Number(number) => Some(Held::Number(number.clone())),
            other => return Err(ApiError::body(&path, "a number", other)),
        },
        Kind::Checkbox => {
            let ticked = value.as_bool().ok_or_else(|| ApiError::body(&path, "a boolean", value))?;
            Some(Held::Checkbox(ticked))
        }
        kind if value.is_null() && !matches!(kind, Kind::People | Kind::Relation { .. }) => None,
        Kind::Date => Some(Held::Date(Date::read(value, &path)?)),
        Kind::People => {
            let people = ids(value, &path)?;
            if let Some(stranger) = people.iter().find(|id| !names.knows_user(**id)) {
                return Err(ApiError::validation(format!("Could not find user with ID: {stranger}.")));
            }
            (!people.is_empty()).then_some(Held::People(people))
        }
        Kind::Relation { .. } => {
            let pages = ids(value, &path)?;
            if let Some(unknown) = pages.iter().find(|id| !names.knows_page(**id)) {
                return Err(ApiError::not_found("page", unknown));
            }
            (!pages.is_empty()).then_some(Held::Pages(pages))
        }
        Kind::Url => Some(Held::Plain(plain(value, &path, 2000)?)),
        Kind::Email | Kind::Phone => Some(Held::Plain(plain(value, &path, 200)?)),
        _ => Some(Held::Verbatim(value.clone())),
    };
    Ok(held)
}

fn read_options(
    property: &mut Property,
    value: &Value,
    path: &str,
    names: &mut dyn Names,
) -> Result<Option<Held>, ApiError> {
    let may_grow = !matches!(property.kind, Kind::Status(_));
    let several = matches!(property.kind, Kind::MultiSelect(_));
    let list = match value {
        Value::Array(list) if several => list.iter().collect::<Vec<_>>(),
        other if several => return Err(ApiError::body(path, "an array", other)),
        one => vec![one],
    };
    if list.len() > MOST_ITEMS {
        return Err(ApiError::too_long(path, MOST_ITEMS, list.len()));
    }
    let mut chosen = Vec::new();
    for item in list {
        let (id, name) = (item["id"].as_str(), item["name"].as_str());
        if id.is_none() && name.is_none() {
            return Err(ApiError::body(&format!("{path}.name"), "defined", &Value::Null));
        }
        let choices = property.kind.choices_mut().map(std::mem::take).unwrap_or_default();
        let found = find(&choices, id, name);
        let mut choices = choices;
        let picked = match (found, name) {
            (Some(id), _) => Ok(id),
            (None, Some(name)) if may_grow && id.is_none() => {
                new_choice(name, choices.len(), names.option_id()).map(|choice| {
                    let id = choice.id.clone();
                    choices.push(choice);
                    id
                })
            }
            (None, Some(name)) if !may_grow => Err(ApiError::validation(format!(
                "Invalid status option. Status option \"{name}\" does not exist\"."
            ))),
            _ => Err(ApiError::validation(format!(
                "Invalid option id \"{}\" for {}.",
                id.unwrap_or_default(),
                property.name
            ))),
        };
        if let Some(slot) = property.kind.choices_mut() {
            *slot = choices;
        }
        let picked = picked?;
        if !chosen.contains(&picked) {
            chosen.push(picked);
        }
    }
    Ok(if several {
        (!chosen.is_empty()).then_some(Held::Choices(chosen))
    } else {
        chosen.pop().map(Held::Choice)
    })
}

/// The id of an option by id or by name, whose case does not matter.
fn find(choices: &[super::schema::Choice], id: Option<&str>, name: Option<&str>) -> Option<String> {
    let by = |test: &dyn Fn(&super::schema::Choice) -> bool| {
        choices.iter().find(|choice| test(choice)).map(|choice| choice.id.clone())
    };
    match (id, name) {
        (Some(id), _) => by(&|choice| choice.id == id),
        (None, Some(name)) => by(&|choice| choice.name == name)
            .or_else(|| by(&|choice| choice.name.to_lowercase() == name.to_lowercase())),
        (None, None) => None,
    }
}

fn ids(value: &Value, path: &str) -> Result<Vec<Uuid>, ApiError> {
    let list = value.as_array().ok_or_else(|| ApiError::body(path, "an array", value))?;
    if list.len() > MOST_ITEMS {
        return Err(ApiError::too_long(path, MOST_ITEMS, list.len()));
    }
    let mut ids = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let id = item["id"].as_str().and_then(|id| Uuid::parse_str(id).ok());
        let place = format!("{path}[{index}].id");
        let id = id.ok_or_else(|| ApiError::body(&place, "a valid uuid", &item["id"]))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn plain(value: &Value, path: &str, most: usize) -> Result<String, ApiError> {
    let text = value.as_str().ok_or_else(|| ApiError::body(path, "a string or `null`", value))?;
    if text.is_empty() {
        let message = format!("body failed validation: {path}.length should be ≥ `1`, instead was `0`.");
        return Err(ApiError::validation(message));
    }
    let length = utf16(text);
    if length > most {
        return Err(ApiError::too_long(path, most, length));
    }
    Ok(text.to_owned())
}

impl Held {
    /// What is left of a value when the type of its column changes: its text, where the new type can hold one.
    pub(crate) fn retyped(&self, from: &Property, to: &Kind) -> Option<Self> {
        if from.kind.name() == to.name() {
            return Some(self.clone());
        }
        let choices = from.kind.choices();
        let name =
            |id: &String| choices?.iter().find(|choice| choice.id == *id).map(|choice| choice.name.clone());
        let text = match self {
            Self::Text(text) => text.plain_text(),
            Self::Number(number) => number.to_string(),
            Self::Choice(id) => name(id)?,
            Self::Choices(ids) => ids.iter().filter_map(name).collect::<Vec<_>>().join(", "),
            Self::Plain(text) => text.clone(),
            Self::Date(date) => date.render(false)["start"].as_str()?.to_owned(),
            Self::Checkbox(ticked) => if *ticked { "Yes" } else { "No" }.to_owned(),
            Self::People(_) | Self::Pages(_) | Self::Verbatim(_) => return None,
        };
        let choice = |choices: &[super::schema::Choice]| find(choices, None, Some(&text));
        match to {
            Kind::RichText => Some(Self::Text(RichText::plain(&text))),
            Kind::Url | Kind::Email | Kind::Phone => Some(Self::Plain(text)),
            Kind::Number { .. } => text.parse::<serde_json::Number>().ok().map(Self::Number),
            Kind::Select(choices) | Kind::Status(choices) => choice(choices).map(Self::Choice),
            Kind::MultiSelect(choices) => choice(choices).map(|id| Self::Choices(vec![id])),
            Kind::Date => Date::read(&json!({ "start": text }), "").ok().map(Self::Date),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Knows everybody, and numbers the options.
    struct Anyone(u32);

    impl Names for Anyone {
        fn name_of(&self, id: &str) -> String {
            id.to_owned()
        }
        fn knows_user(&self, id: Uuid) -> bool {
            !id.is_nil()
        }
        fn knows_page(&self, id: Uuid) -> bool {
            !id.is_nil()
        }
        fn option_id(&mut self) -> String {
            self.0 += 1;
            format!("o{}", self.0)
        }
    }

    fn property(kind: Kind) -> Property {
        Property { id: "abcd".to_owned(), name: "P".to_owned(), description: None, kind }
    }

    #[expect(clippy::needless_pass_by_value, reason = "tests write their values down in place")]
    fn take(property: &mut Property, written: Value) -> Result<Option<Held>, ApiError> {
        read(property, &written, "body.properties.P", &mut Anyone(0))
    }

    #[test]
    fn a_select_grows_and_a_status_does_not() {
        let mut select = property(Kind::Select(Vec::new()));
        let first = take(&mut select, json!({ "select": { "name": "Work" } })).unwrap();
        assert_eq!(take(&mut select, json!({ "select": { "name": "WORK" } })).unwrap(), first);
        assert_eq!(select.kind.choices().unwrap().len(), 1);
        assert!(take(&mut select, json!({ "select": { "name": "a, b" } })).is_err());
        assert_eq!(
            select.kind.choices().unwrap().len(),
            1,
            "what is refused leaves the options as they were"
        );
        let mut status = property(Kind::Status(Vec::new()));
        let error = take(&mut status, json!({ "status": { "name": "Nope" } })).unwrap_err();
        assert!(error.to_string().contains("does not exist"), "{error}");
    }

    #[test]
    fn empty_is_written_as_the_service_wants_it() {
        assert_eq!(take(&mut property(Kind::RichText), json!({ "rich_text": [] })).unwrap(), None);
        assert_eq!(take(&mut property(Kind::Date), json!({ "date": null })).unwrap(), None);
        assert_eq!(take(&mut property(Kind::People), json!({ "people": [] })).unwrap(), None);
        assert!(take(&mut property(Kind::People), json!({ "people": null })).is_err());
        assert!(take(&mut property(Kind::Url), json!({ "url": "" })).is_err(), "null clears it");
        assert!(take(&mut property(Kind::Checkbox), json!({ "checkbox": null })).is_err());
    }

    #[test]
    fn the_wrong_type_and_what_is_computed_are_refused() {
        let error = take(&mut property(Kind::Date), json!({ "rich_text": [] })).unwrap_err();
        assert!(error.to_string().contains("P is expected to be date."), "{error}");
        let computed = json!({ "created_time": "2026-01-01T00:00:00Z" });
        assert!(take(&mut property(Kind::CreatedTime), computed).is_err());
        let many = vec![json!({ "id": Uuid::max() }); 101];
        assert!(take(&mut property(Kind::People), json!({ "people": many })).is_err());
    }

    #[test]
    fn another_type_keeps_what_it_can() {
        let text = Held::Text(RichText::plain("12"));
        let from = property(Kind::RichText);
        let number = text.retyped(&from, &Kind::Number { format: "number".to_owned() });
        assert_eq!(number, Some(Held::Number(12.into())));
        assert_eq!(text.retyped(&from, &Kind::Checkbox), None);
        assert_eq!(text.retyped(&from, &Kind::Url), Some(Held::Plain("12".to_owned())));
    }
}
