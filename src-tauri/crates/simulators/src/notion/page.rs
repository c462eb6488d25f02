//! A page: a row of a data source, or one that stands by itself; and how it is shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::database::{DataSource, render_parent};
use super::date::{floor, timestamp};
use super::rich_text::RichText;
use super::schema::{Kind, Property};
use super::state::{Caller, Parent, Stamp, State};
use super::value::Held;
use super::version::Version;

/// How many related pages are shown where a page is read as a whole.
pub(crate) const MOST_INLINE_RELATIONS: usize = 25;

/// A page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) id: Uuid,
    /// Its place in listings without an order.
    pub(crate) rank: u64,
    pub(crate) workspace: Uuid,
    pub(crate) parent: Parent,
    pub(crate) stamp: Stamp,
    pub(crate) in_trash: bool,
    pub(crate) is_archived: bool,
    pub(crate) is_locked: bool,
    pub(crate) icon: Value,
    pub(crate) cover: Value,
    /// What it holds, by the ids of the columns.
    pub(crate) values: BTreeMap<String, Held>,
    /// Its body.
    pub(crate) children: Vec<Uuid>,
    /// The template that will fill it, and when.
    pub(crate) filling: Option<(Uuid, DateTime<Utc>)>,
    /// Whether it is a template and not a row.
    pub(crate) is_template: bool,
    /// How it was before recent changes, each with the time until which queries show it so; `None` if it was not there.
    pub(crate) lagging: Vec<(DateTime<Utc>, Option<Box<Self>>)>,
}

impl Page {
    /// Creates an empty page.
    pub(crate) fn new(id: Uuid, rank: u64, (workspace, parent): (Uuid, Parent), stamp: Stamp) -> Self {
        Self {
            id,
            rank,
            workspace,
            parent,
            stamp,
            in_trash: false,
            is_archived: false,
            is_locked: false,
            icon: Value::Null,
            cover: Value::Null,
            values: BTreeMap::new(),
            children: Vec::new(),
            filling: None,
            is_template: false,
            lagging: Vec::new(),
        }
    }

    pub(crate) fn title(&self) -> String {
        match self.values.get("title") {
            Some(Held::Text(text)) => text.plain_text(),
            _ => String::new(),
        }
    }

    /// The page as queries show it at this moment.
    pub(crate) fn as_queried(&self, now: DateTime<Utc>) -> Option<&Self> {
        match self.lagging.iter().find(|(until, _)| *until > now) {
            Some((_, before)) => before.as_deref(),
            None => Some(self),
        }
    }

    fn url(&self) -> String {
        let title = self.title();
        let words = title.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        let slug = words.collect::<Vec<_>>().join("-");
        let id = self.id.simple();
        if slug.is_empty() {
            format!("https://www.notion.so/{id}")
        } else {
            format!("https://www.notion.so/{slug}-{id}")
        }
    }
}

/// The title column of pages that are in no data source.
pub(crate) fn lone_title() -> Property {
    Property { id: "title".to_owned(), name: "title".to_owned(), description: None, kind: Kind::Title }
}

impl State {
    /// The columns of a page.
    pub(crate) fn columns(&self, page: &Page) -> Vec<Property> {
        match page.parent {
            Parent::DataSource(source) => {
                self.sources.get(&source).map(|source| source.properties.clone()).unwrap_or_default()
            }
            _ => vec![lone_title()],
        }
    }

    /// A page as the API shows it, with only some of its columns if that is asked for.
    pub(crate) fn render_page(&self, who: &Caller, page: &Page, only: &[String]) -> Value {
        let database = |source: Uuid| self.sources.get(&source).map(|source| source.database);
        let parent = match page.parent {
            Parent::DataSource(source) if who.version < Version::DataSources => {
                json!({ "type": "database_id", "database_id": database(source) })
            }
            Parent::DataSource(source) => {
                json!({ "type": "data_source_id", "data_source_id": source, "database_id": database(source) })
            }
            other => render_parent(other),
        };
        let mut object = json!({
            "object": "page",
            "id": page.id,
            "in_trash": page.in_trash,
            "is_archived": page.is_archived,
            "is_locked": page.is_locked,
            "icon": page.icon,
            "cover": page.cover,
            "parent": parent,
            "url": page.url(),
            "public_url": null,
        });
        page.stamp.render_into(&mut object);
        if who.version < Version::Trash {
            object["archived"] = json!(page.in_trash);
        }
        let wanted =
            |property: &&Property| only.is_empty() || only.iter().any(|key| property.answers_to(key));
        let shown = self.columns(page);
        let shown = shown.iter().filter(wanted).map(|property| {
            let mut value = self.render_value(who, page, property);
            value["id"] = json!(property.id);
            (property.name.clone(), value)
        });
        object["properties"] = Value::Object(shown.collect());
        object
    }

    /// One value of a page: its type, and under that what it is.
    pub(crate) fn render_value(&self, who: &Caller, page: &Page, property: &Property) -> Value {
        let kind = property.kind.name();
        let held = page.values.get(&property.id);
        let user = |id: Uuid| self.render_user(id, who.capabilities.users);
        let mut value = json!({ "type": kind });
        value[kind] = match (&property.kind, held) {
            (Kind::CreatedTime, _) => json!(timestamp(floor(page.stamp.created))),
            (Kind::LastEditedTime, _) => json!(timestamp(floor(page.stamp.edited))),
            (Kind::CreatedBy, _) => user(page.stamp.created_by),
            (Kind::LastEditedBy, _) => user(page.stamp.edited_by),
            (Kind::UniqueId { prefix }, number) => {
                let number =
                    if let Some(Held::Number(number)) = number { json!(number) } else { Value::Null };
                json!({ "prefix": prefix, "number": number })
            }
            (Kind::Formula { expression }, None) => self.formula(who, page, expression),
            (Kind::Rollup { relation, target, function }, None) => {
                self.rollup(who, page, (relation, target), function)
            }
            (Kind::Status(choices), held) => {
                let chosen = match held {
                    Some(Held::Choice(id)) => choices.iter().find(|choice| choice.id == *id),
                    _ => None,
                };
                // An empty status shows the default one.
                chosen.or_else(|| choices.first()).map(super::schema::Choice::render).into()
            }
            (_, Some(Held::Text(text))) => text.render_inline(),
            (_, Some(Held::Number(number))) => json!(number),
            (_, Some(Held::Checkbox(ticked))) => json!(ticked),
            (_, Some(Held::Choice(id))) => {
                let choices = property.kind.choices();
                let chosen = choices.and_then(|choices| choices.iter().find(|choice| choice.id == *id));
                chosen.map(super::schema::Choice::render).into()
            }
            (_, Some(Held::Choices(ids))) => {
                let choices = property.kind.choices().cloned().unwrap_or_default();
                let chosen = |id: &String| choices.iter().find(|choice| choice.id == *id);
                ids.iter().filter_map(chosen).map(super::schema::Choice::render).collect()
            }
            (_, Some(Held::Date(date))) => date.render(self.options.keep_time_zone),
            (_, Some(Held::People(ids))) => ids.iter().map(|id| user(*id)).collect(),
            (_, Some(Held::Pages(ids))) => {
                let seen = self.visible(who, ids);
                value["has_more"] = json!(seen.len() > MOST_INLINE_RELATIONS);
                seen.iter().take(MOST_INLINE_RELATIONS).map(|id| json!({ "id": id })).collect()
            }
            (_, Some(Held::Plain(text))) => json!(text),
            (_, Some(Held::Verbatim(value))) => value.clone(),
            (Kind::Checkbox, None) => json!(false),
            (Kind::Relation { .. }, None) => {
                value["has_more"] = json!(false);
                json!([])
            }
            (Kind::Title | Kind::RichText | Kind::MultiSelect(_) | Kind::People | Kind::Files, None) => {
                json!([])
            }
            (Kind::Button | Kind::Other(_), None) => json!({}),
            _ => Value::Null,
        };
        value
    }

    /// The related pages that the caller can see; the others look as if they were not there.
    pub(crate) fn visible(&self, who: &Caller, ids: &[Uuid]) -> Vec<Uuid> {
        ids.iter().copied().filter(|id| self.sees(who.bot, *id)).collect()
    }

    /// A formula that is one reference, `prop("Name")`; the service can do more, and this says so.
    fn formula(&self, who: &Caller, page: &Page, expression: &str) -> Value {
        let inner = expression.trim().strip_prefix("prop(\"").and_then(|rest| rest.strip_suffix("\")"));
        let columns = self.columns(page);
        let Some(property) = inner.and_then(|name| columns.iter().find(|property| property.name == name))
        else {
            return json!({ "type": "unsupported", "unsupported": {} });
        };
        let value = self.render_value(who, page, property);
        match &property.kind {
            Kind::Date => json!({ "type": "date", "date": value["date"] }),
            Kind::Number { .. } => json!({ "type": "number", "number": value["number"] }),
            Kind::Checkbox => json!({ "type": "boolean", "boolean": value["checkbox"] }),
            Kind::CreatedTime | Kind::LastEditedTime => {
                let start = &value[property.kind.name()];
                json!({ "type": "date", "date": { "start": start, "end": null, "time_zone": null } })
            }
            _ => json!({ "type": "string", "string": plain(&value) }),
        }
    }

    fn rollup(&self, who: &Caller, page: &Page, columns: (&str, &str), function: &str) -> Value {
        let (relation, target) = columns;
        let related = match page.values.get(relation) {
            Some(Held::Pages(ids)) => self.visible(who, ids),
            _ => Vec::new(),
        };
        let values = related.iter().filter_map(|id| {
            let page = self.pages.get(id)?;
            let property = self.columns(page).into_iter().find(|property| property.id == target)?;
            Some(self.render_value(who, page, &property))
        });
        let values = values.collect::<Vec<_>>();
        let start = |value: &Value| value["date"]["start"].as_str().map(str::to_owned);
        let date = |start: Option<String>| match start {
            None => Value::Null,
            Some(start) => json!({ "start": start, "end": null, "time_zone": null }),
        };
        let numbers = values.iter().filter_map(|value| value["number"].as_f64());
        let mut rollup = match function {
            "count" | "count_values" => json!({ "type": "number", "number": values.len() }),
            "sum" => json!({ "type": "number", "number": numbers.sum::<f64>() }),
            "earliest_date" => {
                json!({ "type": "date", "date": date(values.iter().filter_map(start).min()) })
            }
            "latest_date" => json!({ "type": "date", "date": date(values.iter().filter_map(start).max()) }),
            "show_original" => json!({ "type": "array", "array": values }),
            _ => json!({ "type": "unsupported", "unsupported": {} }),
        };
        rollup["function"] = json!(function);
        rollup
    }

    /// The rows of a data source that are not templates, in no particular order, as queries show them.
    pub(crate) fn rows_as_queried(&self, source: &DataSource) -> Vec<&Page> {
        let now = self.now();
        let here = Parent::DataSource(source.id);
        let shown = self.pages.values().filter_map(|page| page.as_queried(now));
        let mut rows = shown.filter(|page| page.parent == here && !page.is_template).collect::<Vec<_>>();
        rows.sort_by_key(|page| page.rank);
        rows
    }
}

/// The text in a value, for formulas and for people who look.
pub(crate) fn plain(value: &Value) -> String {
    let kind = value["type"].as_str().unwrap_or_default();
    match &value[kind] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(ticked) => ticked.to_string(),
        Value::Array(items) => {
            let text = |item: &Value| {
                let named = item["plain_text"].as_str().or_else(|| item["name"].as_str());
                named.or_else(|| item["id"].as_str()).unwrap_or_default().to_owned()
            };
            let separator = if matches!(kind, "title" | "rich_text") { "" } else { ", " };
            items.iter().map(text).collect::<Vec<_>>().join(separator)
        }
        Value::Object(object) => {
            let text = |key: &str| object.get(key).and_then(Value::as_str);
            text("name").or_else(|| text("start")).unwrap_or_default().to_owned()
        }
        Value::Null => String::new(),
    }
}

/// An empty text where a column has none.
pub(crate) fn text_of(page: &Page, property: &str) -> RichText {
    match page.values.get(property) {
        Some(Held::Text(text)) => text.clone(),
        _ => RichText::default(),
    }
}
