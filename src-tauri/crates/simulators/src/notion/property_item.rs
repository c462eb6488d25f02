//! `GET pages/{id}/properties/{property_id}`: one value of a page, whole and in pages.

use serde_json::{Value, json};

use super::error::ApiError;
use super::listing::{self, Listing};
use super::page::{Page, text_of};
use super::query::could_not_find;
use super::schema::Kind;
use super::state::{Caller, State};
use super::value::Held;

impl State {
    /// One value: an item, or a list of items where there can be many.
    pub(crate) fn property_item(
        &self,
        who: &Caller,
        page: &Page,
        key: &str,
        listing: &Listing,
    ) -> Result<Value, ApiError> {
        let columns = self.columns(page);
        let property =
            columns.iter().find(|property| property.answers_to(key)).ok_or_else(|| could_not_find(key))?;
        let kind = property.kind.name();
        let held = page.values.get(&property.id);
        let items = match (&property.kind, held) {
            (Kind::Title | Kind::RichText, _) => text_of(page, &property.id).runs(),
            (Kind::People, Some(Held::People(ids))) => {
                ids.iter().map(|id| self.render_user(*id, who.capabilities.users)).collect()
            }
            (Kind::Relation { .. }, Some(Held::Pages(ids))) => {
                self.visible(who, ids).iter().map(|id| json!({ "id": id })).collect()
            }
            (Kind::People | Kind::Relation { .. }, _) => Vec::new(),
            _ => {
                let mut item = self.render_value(who, page, property);
                item["object"] = json!("property_item");
                item["id"] = json!(property.id);
                return Ok(item);
            }
        };
        let cut = listing::cut(&self.options, listing, items);
        let mut list = cut.render("property_item", |item| {
            let mut shown = json!({ "object": "property_item", "id": property.id, "type": kind });
            shown[kind] = item;
            shown
        });
        let mut about = json!({ "id": property.id, "type": kind, "next_url": null });
        about[kind] = json!({});
        if let Some(cursor) = list["next_cursor"].as_str() {
            let encoded = url::form_urlencoded::byte_serialize(cursor.as_bytes()).collect::<String>();
            about["next_url"] = json!(format!(
                "https://api.notion.com/v1/pages/{}/properties/{}?start_cursor={encoded}",
                page.id, property.id
            ));
        }
        list["property_item"] = about;
        Ok(list)
    }
}
