//! `POST data_sources/{id}/query`: filters, sorts, pages, and the ceiling.

pub(crate) mod filter;
mod relative;
mod sort;

use serde_json::{Value, json};
use uuid::Uuid;

use self::filter::Filter;
use self::sort::Sort;
use super::database::{DataSource, Object};
use super::error::ApiError;
use super::listing::{self, Listing};
use super::page::Page;
use super::state::{Caller, State};

impl State {
    /// Answers a query. `only` are the columns that are wanted; all when empty.
    pub(crate) fn query(
        &self,
        who: &Caller,
        source: &DataSource,
        body: &Object,
        only: &[String],
    ) -> Result<Value, ApiError> {
        if let Some(unknown) = only.iter().find(|key| source.property(key).is_none()) {
            return Err(could_not_find(unknown));
        }
        if source.in_trash || self.databases.get(&source.database).is_some_and(|database| database.in_trash) {
            return Err(ApiError::not_found("data_source", source.id));
        }
        let filter = match body.get("filter") {
            None => None,
            Some(filter) => Some(Filter::read(source, filter, "body.filter", 0)?),
        };
        let sorts = Sort::read_all(source, body.get("sorts"))?;
        let text = |key: &str| body.get(key).map(Value::to_string).unwrap_or_default();
        let whose = [
            "query",
            &source.id.to_string(),
            &who.bot.to_string(),
            &text("filter"),
            &text("sorts"),
            &text("is_archived"),
        ];
        let listing =
            Listing::read(self.options.seed, &whose, body.get("page_size"), body.get("start_cursor"))?;
        let archived = body.get("is_archived") == Some(&Value::Bool(true));
        let shown =
            |page: &&Page| !page.in_trash && page.is_archived == archived && self.sees(who.bot, page.id);
        let mut rows = self.rows_as_queried(source).into_iter().filter(shown).collect::<Vec<_>>();
        if let Some(filter) = &filter {
            rows.retain(|page| filter.holds(self, who, page));
        }
        sort::sort(self, who, &mut rows, &sorts);
        let capped = rows.len() > self.options.query_ceiling;
        rows.truncate(self.options.query_ceiling);
        let cut = listing::cut(&self.options, &listing, rows);
        let mut answer = cut.render("page_or_data_source", |page| self.render_page(who, page, only));
        if capped {
            answer["request_status"] =
                json!({ "type": "incomplete", "incomplete_reason": "query_result_limit_reached" });
        }
        Ok(answer)
    }

    /// `GET data_sources/{id}/templates`.
    pub(crate) fn list_templates(&self, source: &DataSource, listing: &Listing) -> Value {
        let templates = source.templates.iter().copied().enumerate().collect::<Vec<(usize, Uuid)>>();
        let cut = listing::cut(&self.options, listing, templates);
        let mut list = cut.render(
            "template",
            |(position, id)| json!({ "id": id, "name": self.name_of(id), "is_default": position == 0 }),
        );
        let templates = list["results"].take();
        json!({ "templates": templates, "has_more": list["has_more"], "next_cursor": list["next_cursor"] })
    }
}

/// What is said of a column that is not there.
pub(crate) fn could_not_find(key: &str) -> ApiError {
    ApiError::validation(format!("Could not find property with name or id: {key}"))
}
