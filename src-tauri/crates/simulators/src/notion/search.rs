//! `POST search`: by title, from an index that lags behind.

use serde_json::Value;
use uuid::Uuid;

use super::database::Object;
use super::error::ApiError;
use super::listing::{self, Listing};
use super::state::{Caller, Stamp, State};
use super::version::Version;
use crate::clock::span;

/// Something that can be found.
struct Hit {
    id: Uuid,
    title: String,
    stamp: Stamp,
    in_trash: bool,
}

impl State {
    /// Answers a search.
    pub(crate) fn search(&self, who: &Caller, body: &Object) -> Result<Value, ApiError> {
        who.may(who.capabilities.read)?;
        let nothing = Value::Null;
        let filter = body.get("filter").unwrap_or(&nothing);
        let table = if who.version < Version::DataSources { "database" } else { "data_source" };
        let kind = match filter["value"].as_str() {
            None => None,
            Some(kind) if kind == "page" || kind == table => Some(kind),
            Some(_) => {
                let should = format!("`page` or `{table}`");
                return Err(ApiError::body("body.filter.value", &should, &filter["value"]));
            }
        };
        let in_trash = filter["in_trash"].as_bool().unwrap_or_default();
        let query = body.get("query").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        let mut hits = Vec::new();
        if kind != Some("page") {
            hits.extend(self.tables(who));
        }
        if kind.is_none_or(|kind| kind == "page") {
            hits.extend(self.pages.values().filter(|page| !page.is_template).map(|page| Hit {
                id: page.id,
                title: page.title(),
                stamp: page.stamp,
                in_trash: page.in_trash,
            }));
        }
        let (now, lag) = (self.now(), span(self.options.search_lag));
        hits.retain(|hit| {
            let indexed = hit.stamp.created + lag <= now || self.is_shared_directly(who.bot, hit.id);
            indexed
                && hit.in_trash == in_trash
                && hit.title.to_lowercase().contains(&query)
                && self.sees(who.bot, hit.id)
        });
        hits.sort_by_cached_key(|hit| self.rank(hit.id));
        let sort = body.get("sort").unwrap_or(&nothing);
        if sort["timestamp"] == "last_edited_time" {
            hits.sort_by_key(|hit| hit.stamp.edited);
            if sort["direction"] != "ascending" {
                hits.reverse();
            }
        }
        let whose = ["search", &who.bot.to_string(), &query, &filter.to_string(), &sort.to_string()];
        let listing =
            Listing::read(self.options.seed, &whose, body.get("page_size"), body.get("start_cursor"))?;
        let cut = listing::cut(&self.options, &listing, hits);
        Ok(cut.render("page_or_data_source", |hit| self.found(who, hit.id)))
    }

    /// What holds rows: data sources, or databases in old versions of the API.
    fn tables(&self, who: &Caller) -> Vec<Hit> {
        if who.version < Version::DataSources {
            let single = self.databases.values().filter(|database| database.sources.len() == 1);
            let hit = single.map(|database| Hit {
                id: database.id,
                title: database.title.plain_text(),
                stamp: database.stamp,
                in_trash: database.in_trash,
            });
            return hit.collect();
        }
        let hit = self.sources.values().map(|source| Hit {
            id: source.id,
            title: source.title.plain_text(),
            stamp: source.stamp,
            in_trash: source.in_trash
                || self.databases.get(&source.database).is_some_and(|database| database.in_trash),
        });
        hit.collect()
    }

    fn found(&self, who: &Caller, id: Uuid) -> Value {
        if let Some(page) = self.pages.get(&id) {
            return self.render_page(who, page, &[]);
        }
        if let Some(source) = self.sources.get(&id) {
            return self.render_source(who, source);
        }
        let database = self.databases.get(&id);
        database.and_then(|database| self.render_database(who, database).ok()).unwrap_or_default()
    }
}
