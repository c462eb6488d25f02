//! The columns of a data source: their types, their options, and what can be changed about them.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::ApiError;

/// How many options a select may have in one request.
const MOST_OPTIONS: usize = 100;
const COLORS: [&str; 9] = ["gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"];

/// One choice of a select, a multi-select or a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) color: String,
    pub(crate) description: Option<String>,
}

impl Choice {
    /// As a value of a page.
    pub(crate) fn render(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "color": self.color })
    }

    fn render_option(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "color": self.color, "description": self.description })
    }
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Title,
    RichText,
    Number {
        format: String,
    },
    Checkbox,
    Select(Vec<Choice>),
    MultiSelect(Vec<Choice>),
    Status(Vec<Choice>),
    Date,
    People,
    Relation {
        source: Uuid,
    },
    Url,
    Email,
    Phone,
    Files,
    Place,
    Formula {
        expression: String,
    },
    Rollup {
        relation: String,
        target: String,
        function: String,
    },
    CreatedTime,
    LastEditedTime,
    CreatedBy,
    LastEditedBy,
    UniqueId {
        prefix: Option<String>,
    },
    Button,
    Verification,
    /// A type that this simulator, or a client, does not know.
    Other(String),
}

impl Kind {
    /// The word for the type.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Title => "title",
            Self::RichText => "rich_text",
            Self::Number { .. } => "number",
            Self::Checkbox => "checkbox",
            Self::Select(_) => "select",
            Self::MultiSelect(_) => "multi_select",
            Self::Status(_) => "status",
            Self::Date => "date",
            Self::People => "people",
            Self::Relation { .. } => "relation",
            Self::Url => "url",
            Self::Email => "email",
            Self::Phone => "phone_number",
            Self::Files => "files",
            Self::Place => "place",
            Self::Formula { .. } => "formula",
            Self::Rollup { .. } => "rollup",
            Self::CreatedTime => "created_time",
            Self::LastEditedTime => "last_edited_time",
            Self::CreatedBy => "created_by",
            Self::LastEditedBy => "last_edited_by",
            Self::UniqueId { .. } => "unique_id",
            Self::Button => "button",
            Self::Verification => "verification",
            Self::Other(name) => name,
        }
    }

    /// Whether the service fills the column itself.
    pub(crate) fn is_computed(&self) -> bool {
        matches!(
            self,
            Self::Formula { .. }
                | Self::Rollup { .. }
                | Self::CreatedTime
                | Self::LastEditedTime
                | Self::CreatedBy
                | Self::LastEditedBy
                | Self::UniqueId { .. }
                | Self::Button
                | Self::Other(_)
        )
    }

    /// The options to choose from, if there are any.
    pub(crate) fn choices(&self) -> Option<&Vec<Choice>> {
        match self {
            Self::Select(choices) | Self::MultiSelect(choices) | Self::Status(choices) => Some(choices),
            _ => None,
        }
    }

    pub(crate) fn choices_mut(&mut self) -> Option<&mut Vec<Choice>> {
        match self {
            Self::Select(choices) | Self::MultiSelect(choices) | Self::Status(choices) => Some(choices),
            _ => None,
        }
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Property {
    /// As the API gives it: already percent-encoded.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) kind: Kind,
}

impl Property {
    /// Whether a client that writes `key` means this column.
    pub(crate) fn answers_to(&self, key: &str) -> bool {
        self.id == key || self.name == key || decoded(&self.id) == key
    }

    /// The configuration as the API shows it. `database_of` tells which database a data source belongs to, and
    /// `name_of` how a column of a data source is called.
    pub(crate) fn render(
        &self,
        database_of: &dyn Fn(Uuid) -> Option<Uuid>,
        name_of: &dyn Fn(&str) -> String,
    ) -> Value {
        let kind = self.kind.name();
        let config = match &self.kind {
            Kind::Number { format } => json!({ "format": format }),
            Kind::Select(choices) | Kind::MultiSelect(choices) => json!({ "options": options(choices) }),
            Kind::Status(choices) => json!({ "options": options(choices), "groups": groups(choices) }),
            Kind::Formula { expression } => json!({ "expression": expression }),
            Kind::UniqueId { prefix } => json!({ "prefix": prefix }),
            Kind::Relation { source } => json!({
                "data_source_id": source,
                "database_id": database_of(*source),
                "type": "single_property",
                "single_property": {},
            }),
            Kind::Rollup { relation, target, function } => json!({
                "relation_property_id": relation,
                "relation_property_name": name_of(relation),
                "rollup_property_id": target,
                "rollup_property_name": name_of(target),
                "function": function,
            }),
            _ => json!({}),
        };
        let mut property = json!({
            "id": self.id, "name": self.name, "description": self.description, "type": kind,
        });
        property[kind] = config;
        property
    }
}

fn options(choices: &[Choice]) -> Value {
    choices.iter().map(Choice::render_option).collect()
}

/// The three groups of a status: the first option is to do, the last is complete, the rest is in progress.
fn groups(choices: &[Choice]) -> Value {
    let last = choices.len().saturating_sub(1);
    let ids = |group: usize| {
        let of = |index: usize| match index {
            0 => 0,
            index if index == last => 2,
            _ => 1,
        };
        let members = choices.iter().enumerate().filter(|(index, _)| of(*index) == group);
        members.map(|(_, choice)| choice.id.clone()).collect::<Vec<_>>()
    };
    json!([
        { "id": "todo-status-group", "name": "To-do", "color": "gray", "option_ids": ids(0) },
        { "id": "in-progress-status-group", "name": "In progress", "color": "blue", "option_ids": ids(1) },
        { "id": "complete-status-group", "name": "Complete", "color": "green", "option_ids": ids(2) },
    ])
}

/// Undoes percent-encoding, as the service itself does with ids in addresses.
pub(crate) fn decoded(text: &str) -> String {
    let escaped = text.replace('+', "%2B");
    let pair = format!("x={escaped}");
    let found = url::form_urlencoded::parse(pair.as_bytes()).next();
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// What reading a configuration needs from around it.
pub(crate) trait Surroundings {
    /// Makes up an id for an option.
    fn option_id(&mut self) -> String;
    /// Whether there is a data source with this id that the client can see.
    fn knows_source(&self, id: Uuid) -> bool;
    /// Whether a type may be one that this simulator does not know.
    fn takes_any_type(&self) -> bool;
    /// The id of a column of the same data source, or of the one that a relation leads to.
    fn column(&self, relation: Option<&str>, key: &str) -> Option<String>;
}

/// Reads the configuration of a column. `before` is what the column was so far.
pub(crate) fn read_kind(
    config: &Map<String, Value>,
    before: Option<&Kind>,
    path: &str,
    around: &mut dyn Surroundings,
) -> Result<Option<Kind>, ApiError> {
    let named = config.get("type").and_then(Value::as_str);
    let incidental = ["name", "description", "type", "id"];
    let Some(name) =
        named.or_else(|| config.keys().map(String::as_str).find(|key| !incidental.contains(key)))
    else {
        return Ok(None);
    };
    let empty = json!({});
    let settings = config.get(name).unwrap_or(&empty);
    let path = format!("{path}.{name}");
    let text = |key: &str| settings[key].as_str();
    let kind = match name {
        "title" => Kind::Title,
        "rich_text" => Kind::RichText,
        "number" => Kind::Number { format: text("format").unwrap_or("number").to_owned() },
        "checkbox" => Kind::Checkbox,
        "select" => Kind::Select(read_choices(settings, before, &path, around)?),
        "multi_select" => Kind::MultiSelect(read_choices(settings, before, &path, around)?),
        "status" => Kind::Status(read_status(settings, before, &path, around)?),
        "date" => Kind::Date,
        "people" => Kind::People,
        "url" => Kind::Url,
        "email" => Kind::Email,
        "phone_number" => Kind::Phone,
        "files" => Kind::Files,
        "place" => Kind::Place,
        "formula" => Kind::Formula { expression: text("expression").unwrap_or_default().to_owned() },
        "created_time" => Kind::CreatedTime,
        "last_edited_time" => Kind::LastEditedTime,
        "created_by" => Kind::CreatedBy,
        "last_edited_by" => Kind::LastEditedBy,
        "unique_id" => Kind::UniqueId { prefix: text("prefix").map(str::to_owned) },
        "button" => Kind::Button,
        "verification" => Kind::Verification,
        "relation" => {
            let place = format!("{path}.data_source_id");
            let source = text("data_source_id").and_then(|id| Uuid::parse_str(id).ok());
            let source =
                source.ok_or_else(|| ApiError::body(&place, "defined", &settings["data_source_id"]))?;
            if !around.knows_source(source) {
                return Err(ApiError::not_found("data_source", source));
            }
            Kind::Relation { source }
        }
        "rollup" => {
            let named = |kind: &str| {
                text(&format!("{kind}_property_id")).or_else(|| text(&format!("{kind}_property_name")))
            };
            let missing = || ApiError::body(&path, "a rollup of a relation", settings);
            let relation = named("relation").and_then(|key| around.column(None, key)).ok_or_else(missing)?;
            let target = named("rollup").and_then(|key| around.column(Some(&relation), key));
            let function = text("function").ok_or_else(missing)?.to_owned();
            Kind::Rollup { relation, target: target.ok_or_else(missing)?, function }
        }
        other if around.takes_any_type() => Kind::Other(other.to_owned()),
        other => return Err(ApiError::body(&path, "not present", &json!(other))),
    };
    Ok(Some(kind))
}

/// Reads options. One with a known id or name keeps its id; a list replaces the one before.
fn read_choices(
    settings: &Value,
    before: Option<&Kind>,
    path: &str,
    around: &mut dyn Surroundings,
) -> Result<Vec<Choice>, ApiError> {
    let known = before.and_then(Kind::choices).cloned().unwrap_or_default();
    let Some(list) = settings.get("options") else {
        return Ok(known);
    };
    let path = format!("{path}.options");
    let list = list.as_array().ok_or_else(|| ApiError::body(&path, "an array", list))?;
    if list.len() > MOST_OPTIONS {
        return Err(ApiError::too_long(&path, MOST_OPTIONS, list.len()));
    }
    let mut choices: Vec<Choice> = Vec::new();
    for item in list {
        let text = |key: &str| item[key].as_str();
        let found = known.iter().find(|choice| {
            text("id").map_or_else(|| text("name") == Some(&choice.name), |id| id == choice.id)
        });
        let mut choice = match (found, text("name")) {
            (Some(choice), _) => choice.clone(),
            (None, Some(name)) => new_choice(name, choices.len(), around.option_id())?,
            (None, None) => return Err(ApiError::body(&format!("{path}.name"), "defined", &Value::Null)),
        };
        if let Some(name) = text("name") {
            name.clone_into(&mut choice.name);
        }
        if let Some(color) = text("color") {
            color.clone_into(&mut choice.color);
        }
        if let Some(description) = text("description") {
            choice.description = Some(description.to_owned());
        }
        choices.push(choice);
    }
    Ok(choices)
}

/// A status always has options: three of the service's own if the client names none.
fn read_status(
    settings: &Value,
    before: Option<&Kind>,
    path: &str,
    around: &mut dyn Surroundings,
) -> Result<Vec<Choice>, ApiError> {
    let choices = read_choices(settings, before, path, around)?;
    if !choices.is_empty() {
        return Ok(choices);
    }
    let usual = [("Not started", "default"), ("In progress", "blue"), ("Done", "green")];
    let choice = |(name, color): (&str, &str)| Choice {
        id: around.option_id(),
        name: name.to_owned(),
        color: color.to_owned(),
        description: None,
    };
    Ok(usual.into_iter().map(choice).collect())
}

/// Makes an option that did not exist before.
pub(crate) fn new_choice(name: &str, position: usize, id: String) -> Result<Choice, ApiError> {
    if name.contains(',') {
        return Err(ApiError::validation(format!("Invalid select option, commas not allowed: {name}")));
    }
    let color = COLORS.get(position % COLORS.len()).copied().unwrap_or("default");
    Ok(Choice { id, name: name.to_owned(), color: color.to_owned(), description: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_answers_to_its_name_and_to_its_id_in_both_forms() {
        let property = Property {
            id: "f%5C%5C%3Ap".to_owned(),
            name: "Wann?".to_owned(),
            description: None,
            kind: Kind::Date,
        };
        for key in ["f%5C%5C%3Ap", "f\\\\:p", "Wann?"] {
            assert!(property.answers_to(key), "{key}");
        }
        assert!(!property.answers_to("f%255C%255C%253Ap"), "encoded twice");
        assert!(!property.answers_to("wann?"));
    }

    #[test]
    fn a_status_has_its_groups() {
        let choice = |id: &str| new_choice(id, 0, id.to_owned()).unwrap();
        let shown = groups(&[choice("a"), choice("b"), choice("c"), choice("d")]);
        assert_eq!(shown[0]["option_ids"], json!(["a"]));
        assert_eq!(shown[1]["option_ids"], json!(["b", "c"]));
        assert_eq!(shown[2]["option_ids"], json!(["d"]));
        assert!(new_choice("a,b", 0, String::new()).is_err());
    }
}
