//! Writing: creations that are found again, changes of what differs, and the trash.

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use synodic_model::{EventContent, EventStatus, ExternalId, Field, FieldSet, RemoteVersion};

use super::client::{Call, only};
use super::error::{Answer, refused, unreadable};
use super::known::{looks_same, recognise};
use super::lookup::Found;
use super::map::{self, Reading, TooLong};
use super::mapping::{Mapping, Slot};
use super::marker::{self, Mark};
use super::proposal::spoken;
use super::pull::{Unread, ids, is_elsewhere};
use super::wire::Page;
use super::{Notion, text};
use crate::error::{Class, ProviderError};
use crate::{Creation, Linked, RemoteEvent, Update};

const CREATING: &str = "creating a page";
const UPDATING: &str = "changing a page";
const DELETING: &str = "deleting a page";

impl Notion {
    /// Creates a page under our mark. An earlier attempt is looked for first, where there may have been one; so is the page
    /// of an earlier life of the event, which is still there when it only lost its date.
    pub(super) async fn create_event(
        &self,
        calendar: Linked<'_>,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let mapping = self.mapping(calendar);
        require_place(&mapping)?;
        let identity = creation.identity;
        let mut is_repeated = false;
        if creation.occurrence_of.is_some() || creation.may_be_there || identity.incarnation > 0 {
            match self.earlier(calendar, &mapping, creation).await? {
                Earlier::Same(found) => {
                    self.is_settled(&identity);
                    return self.meet_again(calendar, &mapping, found, creation).await;
                }
                Earlier::Former(found) => return self.take_over(calendar, &mapping, found, creation).await,
                Earlier::None => {}
            }
            if creation.may_be_there {
                self.may_repeat(&identity)?;
                is_repeated = true;
            }
        }
        let event = self.post(calendar, &mapping, creation).await?;
        if is_repeated
            && let Some(older) = self.trash_twins(calendar, &mapping, &identity, event.id.as_str()).await?
            && older.page.id != event.id.as_str()
        {
            return self.meet_again(calendar, &mapping, older, creation).await;
        }
        self.is_settled(&identity);
        self.finish(calendar, event, creation).await
    }

    async fn earlier(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        creation: &Creation<'_>,
    ) -> Result<Earlier, ProviderError> {
        if let Some(occurrence) = &creation.occurrence_of {
            let found = self.look_for_occurrence(calendar, mapping, occurrence).await?;
            return Ok(found.map_or(Earlier::None, Earlier::Former));
        }
        let found = self.look_for(calendar, mapping, &creation.identity).await?;
        let same = found.iter().find(|found| found.mark.identity == Some(creation.identity)).cloned();
        // Of former lives the last one counts.
        let former =
            found.into_iter().max_by_key(|found| found.mark.identity.map(|identity| identity.incarnation));
        Ok(match (same, former) {
            (Some(same), _) => Earlier::Same(same),
            (None, Some(former)) => Earlier::Former(former),
            (None, None) => Earlier::None,
        })
    }

    /// A page that an earlier attempt has made: it is as somebody has left it, for the caller to compare.
    async fn meet_again(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        found: Found,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let again = found.clone();
        match self.read_found(calendar, found).await? {
            Some(reading) => {
                self.remember_write(&reading.event);
                Ok(reading.event)
            }
            None => self.take_over(calendar, mapping, again, creation).await,
        }
    }

    /// Makes a page that is there the event's, whatever it says.
    async fn take_over(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        found: Found,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let properties = new_page(creation, mapping)?;
        let id = found.page.id;
        let answer = self.patch(calendar, &id, json!({ "properties": properties })).await?;
        let event = self.answered(calendar, &answer, UPDATING).await?;
        if mapping.has_body() {
            self.write_body(&id, &creation.content.description).await?;
        }
        self.finish(calendar, event, creation).await
    }

    /// Calls a new occurrence off, if that is what it was made for.
    async fn finish(
        &self,
        calendar: Linked<'_>,
        event: RemoteEvent,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let is_called_off =
            creation.occurrence_of.is_some() && creation.content.status == EventStatus::Cancelled;
        if !is_called_off {
            self.remember_write(&event);
            return Ok(event);
        }
        self.call_off(calendar, event).await
    }

    async fn post(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        creation: &Creation<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let mut body = json!({
            "parent": { "type": "data_source_id", "data_source_id": calendar.id.as_str() },
            "properties": new_page(creation, mapping)?,
        });
        let description = text::without_markup(&creation.content.description);
        if mapping.has_body() && !description.is_empty() {
            body["markdown"] = json!(description);
        }
        let call = Call::new(Method::POST, "pages", CREATING).json(body);
        let answer = self.api.send(&call).await.inspect_err(|error| {
            if error.class() == Class::Uncertain {
                self.doubt(creation.identity);
            }
        })?;
        if let Some(id) = answer.committed() {
            let page = self.page(calendar, &id).await?;
            let page = page.ok_or_else(|| unreadable(CREATING, "the new page is not shown"))?;
            return self.event(calendar, page, CREATING).await;
        }
        if answer.status == StatusCode::NOT_FOUND {
            return Err(super::connect::no_access(CREATING));
        }
        if answer.status == StatusCode::CONFLICT {
            // Nothing was created, and there is nothing to compare with.
            return Err(ProviderError::Throttled {
                service: super::error::SERVICE.to_owned(),
                action: CREATING,
                retry_after: None,
                reason: "two writes have collided".to_owned(),
            });
        }
        if !answer.status.is_success() {
            let error = answer.failure(CREATING);
            if error.class() == Class::Uncertain {
                self.doubt(creation.identity);
            }
            self.explain(calendar, &answer, error).await
        } else {
            let document: Value = answer.json(CREATING).inspect_err(|_| self.doubt(creation.identity))?;
            self.answered(calendar, &document, CREATING).await
        }
    }

    /// Sends the fields in which the page shall differ from what it is now.
    pub(super) async fn update_event(
        &self,
        calendar: Linked<'_>,
        update: &Update<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let mapping = self.mapping(calendar);
        let page = self.page_to_write(calendar, update.id).await?;
        if page.in_trash {
            return self.update_in_trash(calendar, page, update).await;
        }
        let there = self.reading_to_write(calendar, page.clone()).await?;
        if let Some(base) = update.base
            && self.has_changed(calendar, &mapping, base, &there)
        {
            return Err(ProviderError::VersionMismatch);
        }
        if there.mark.occurrence.is_some() && update.desired.status == EventStatus::Cancelled {
            return self.call_off(calendar, there.event).await;
        }
        self.write_changes(calendar, &mapping, &page, there, update.desired).await
    }

    async fn write_changes(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        page: &Page,
        there: Reading,
        desired: &EventContent,
    ) -> Result<RemoteEvent, ProviderError> {
        let (changed, properties) = map::changed_page(page, &there, desired, mapping).map_err(too_long)?;
        let writes_body = mapping.has_body() && changed.contains(Field::Description);
        if writes_body {
            self.write_body(&page.id, &desired.description).await?;
        }
        if properties.is_empty() && !writes_body {
            return Ok(there.event);
        }
        let event = if properties.is_empty() {
            let page = self.page_to_write(calendar, &there.event.id).await?;
            self.event(calendar, page, UPDATING).await?
        } else {
            let answer = self.patch(calendar, &page.id, json!({ "properties": properties })).await?;
            self.answered(calendar, &answer, UPDATING).await?
        };
        self.remember_write(&event);
        Ok(event)
    }

    /// Whether somebody has changed the page since both sides last agreed.
    fn has_changed(
        &self,
        calendar: Linked<'_>,
        mapping: &Mapping,
        base: &EventContent,
        there: &Reading,
    ) -> bool {
        let mut seen = there.event.content.clone();
        recognise(calendar.settings, base, &mut seen);
        let fields: FieldSet = mapping.fields();
        fields.iter().any(|field| !looks_same(field, base, &seen, mapping))
    }

    /// An occurrence that was called off may be taken back; any other page in the trash is gone.
    async fn update_in_trash(
        &self,
        calendar: Linked<'_>,
        page: Page,
        update: &Update<'_>,
    ) -> Result<RemoteEvent, ProviderError> {
        let reading = map::read(&page, &self.mapping(calendar), None).ok().flatten();
        let occurrence = reading.filter(|reading| reading.mark.occurrence.is_some());
        let Some(reading) = occurrence else { return Err(ProviderError::Gone) };
        if update.desired.status == EventStatus::Cancelled {
            return Ok(called_off(reading.event));
        }
        if update.base.is_some_and(|base| base.status != EventStatus::Cancelled) {
            return Err(ProviderError::VersionMismatch);
        }
        self.patch(calendar, &page.id, json!({ "in_trash": false })).await?;
        let mapping = self.mapping(calendar);
        let page = self.page_to_write(calendar, update.id).await?;
        let there = self.reading_to_write(calendar, page.clone()).await?;
        self.write_changes(calendar, &mapping, &page, there, update.desired).await
    }

    /// Puts a page into the trash. One that has left the calendar already is what was asked for.
    pub(super) async fn trash_event(
        &self,
        calendar: Linked<'_>,
        id: &ExternalId,
        version: Option<&RemoteVersion>,
    ) -> Result<(), ProviderError> {
        let Some(page) = self.page(calendar, id.as_str()).await? else {
            // It cannot be told whether the page is gone or hidden; what is not shown can be deleted no further. But when
            // all of the data source is hidden the wish has to be kept.
            return self.schema(calendar.id).await.map(drop);
        };
        if page.in_trash || is_elsewhere(&page, calendar) {
            return Ok(());
        }
        let reading = match self.reading(calendar, page).await {
            Ok(Some(reading)) => reading,
            Ok(None) => return Ok(()),
            Err(Unread::Reason(reason)) => return Err(refused(DELETING, 400, reason)),
            Err(Unread::Failed(error)) => return Err(error),
        };
        if version.is_some_and(|version| *version != reading.event.version) {
            return Err(ProviderError::VersionMismatch);
        }
        match self.patch(calendar, id.as_str(), json!({ "in_trash": true })).await {
            Ok(_) | Err(ProviderError::Gone) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Calls an occurrence off: its page goes to the trash, where a person finds it and may take it back.
    async fn call_off(&self, calendar: Linked<'_>, event: RemoteEvent) -> Result<RemoteEvent, ProviderError> {
        match self.patch(calendar, event.id.as_str(), json!({ "in_trash": true })).await {
            Ok(_) | Err(ProviderError::Gone) => Ok(called_off(event)),
            Err(error) => Err(error),
        }
    }

    /// The page that is to be written, as it is now.
    async fn page_to_write(&self, calendar: Linked<'_>, id: &ExternalId) -> Result<Page, ProviderError> {
        match self.page(calendar, id.as_str()).await? {
            Some(page) if is_elsewhere(&page, calendar) => Err(ProviderError::Gone),
            Some(page) => Ok(page),
            None => Err(self.not_shown(calendar).await),
        }
    }

    /// A page that has no date (any more) has left the calendar.
    async fn reading_to_write(&self, calendar: Linked<'_>, page: Page) -> Result<Reading, ProviderError> {
        match self.reading(calendar, page).await {
            Ok(Some(reading)) => Ok(reading),
            Ok(None) => Err(ProviderError::Gone),
            Err(Unread::Reason(reason)) => Err(refused(UPDATING, 400, reason)),
            Err(Unread::Failed(error)) => Err(error),
        }
    }

    async fn patch(&self, calendar: Linked<'_>, id: &str, body: Value) -> Result<Value, ProviderError> {
        let mapping = self.mapping(calendar);
        let path = format!("pages/{id}{}", only(&ids(&mapping)));
        let answer = self.api.send(&Call::new(Method::PATCH, path, UPDATING).json(body)).await?;
        if answer.says_in_trash() {
            return Err(ProviderError::Gone);
        }
        if answer.committed().is_some() {
            // Saved all the same; what is there now is the answer.
            let call = Call::new(Method::GET, format!("pages/{id}{}", only(&ids(&mapping))), UPDATING);
            return self.api.ask(&call).await;
        }
        if answer.status == StatusCode::NOT_FOUND {
            return Err(self.not_shown(calendar).await);
        }
        if answer.status.is_success() {
            return answer.json(UPDATING);
        }
        let error = answer.failure(UPDATING);
        self.explain(calendar, &answer, error).await
    }

    /// A refusal may be about a property that is gone; then the next attempt does without it, and this one was not
    /// carried out.
    async fn explain<T>(
        &self,
        calendar: Linked<'_>,
        answer: &Answer,
        error: ProviderError,
    ) -> Result<T, ProviderError> {
        if answer.status == StatusCode::BAD_REQUEST
            && answer.has_code("validation_error")
            && self.look_at_schema(calendar).await?
        {
            return Err(ProviderError::Throttled {
                service: super::error::SERVICE.to_owned(),
                action: UPDATING,
                retry_after: None,
                reason: "the database has changed".to_owned(),
            });
        }
        Err(error)
    }

    /// The event in a document that answers a write.
    async fn answered(
        &self,
        calendar: Linked<'_>,
        document: &Value,
        action: &'static str,
    ) -> Result<RemoteEvent, ProviderError> {
        let page = Page::read(document).map_err(|reason| unreadable(action, &reason))?;
        self.event(calendar, page, action).await
    }

    async fn event(
        &self,
        calendar: Linked<'_>,
        page: Page,
        action: &'static str,
    ) -> Result<RemoteEvent, ProviderError> {
        self.memory().bodies.remove(&page.id);
        match self.reading(calendar, page).await {
            Ok(Some(reading)) => Ok(reading.event),
            Ok(None) => Err(unreadable(action, "the page has no date")),
            Err(Unread::Reason(reason)) => Err(unreadable(action, &reason)),
            Err(Unread::Failed(error)) => Err(error),
        }
    }

    /// Replaces the text of a page.
    async fn write_body(&self, id: &str, description: &str) -> Result<(), ProviderError> {
        let body = json!({
            "type": "replace_content",
            "replace_content": { "new_str": text::without_markup(description), "allow_deleting_content": true },
        });
        let call = Call::new(Method::PATCH, format!("pages/{id}/markdown"), UPDATING).json(body);
        self.memory().bodies.remove(id);
        self.api.ask(&call).await.map(drop)
    }
}

/// What may be there of an event that is to be created.
enum Earlier {
    /// Nothing.
    None,
    /// The page that this creation would make.
    Same(Found),
    /// The page of an earlier life of the event, or of the occurrence it stands for.
    Former(Found),
}

/// The properties of the page that a creation makes.
fn new_page(creation: &Creation<'_>, mapping: &Mapping) -> Result<Map<String, Value>, ProviderError> {
    let mark = Mark {
        identity: Some(creation.identity),
        zones: marker::zones_of(&creation.content.when, mapping.zone()),
        occurrence: creation.occurrence_of.clone(),
        plain: None,
        uid: Some(creation.uid.to_owned()),
    };
    map::new_page(creation.content, mapping, &mark).map_err(too_long)
}

/// Without a place for our mark a creation whose answer is lost would be made twice.
fn require_place(mapping: &Mapping) -> Result<(), ProviderError> {
    if mapping.is_read_only() {
        return Err(refused(CREATING, 400, "the date is computed by Notion, so events can only be read"));
    }
    if mapping.property(Slot::When).is_none() {
        return Err(refused(CREATING, 400, "no property is there that holds the date; choose one"));
    }
    match mapping.property(Slot::Marker) {
        Some(_) => Ok(()),
        None => Err(refused(
            CREATING,
            400,
            "the property by which Synodic knows its pages is missing; choose another one, or let Synodic create it",
        )),
    }
}

fn too_long(TooLong(slot): TooLong) -> ProviderError {
    refused(UPDATING, 413, format!("{} is too long for Notion; shorten it", spoken(slot)))
}

fn called_off(mut event: RemoteEvent) -> RemoteEvent {
    event.content.status = EventStatus::Cancelled;
    event.version = RemoteVersion::new("trash");
    event
}
