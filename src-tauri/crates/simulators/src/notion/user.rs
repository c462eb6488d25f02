//! Workspaces, people, and the connections through which programs come in.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::ApiError;
use super::listing::{self, Listing};
use super::state::{Caller, State, read_id};

/// A workspace.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    pub(crate) name: String,
}

/// A person.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) workspace: Uuid,
    pub(crate) name: String,
    pub(crate) email: String,
}

/// A connection, under the id of its bot.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) workspace: Uuid,
    pub(crate) name: String,
    pub(crate) integration: Uuid,
    pub(crate) capabilities: Capabilities,
    /// The person who let it in; an internal connection belongs to the workspace.
    pub(crate) owner: Option<Uuid>,
}

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capabilities {
    /// Read content.
    pub read: bool,
    /// Change content.
    pub update: bool,
    /// Add content.
    pub insert: bool,
    /// What it may know of people.
    pub users: UserInformation,
}

/// What a connection may know of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserInformation {
    /// Nothing but ids.
    None,
    /// Names, but no addresses.
    WithoutEmail,
    /// Everything.
    #[default]
    WithEmail,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self { read: true, update: true, insert: true, users: UserInformation::WithEmail }
    }
}

impl State {
    /// A user as an object that mentions them shows them.
    pub(crate) fn render_user(&self, id: Uuid, information: UserInformation) -> Value {
        let mut user = json!({ "object": "user", "id": id });
        if information == UserInformation::None {
            return user;
        }
        if let Some(person) = self.people.get(&id) {
            user["type"] = json!("person");
            user["name"] = json!(person.name);
            user["avatar_url"] = Value::Null;
            user["person"] = json!({});
            if information == UserInformation::WithEmail {
                user["person"]["email"] = json!(person.email);
            }
        } else if let Some(connection) = self.connections.get(&id) {
            user["type"] = json!("bot");
            user["name"] = json!(connection.name);
            user["avatar_url"] = Value::Null;
            user["bot"] = json!({});
        }
        user
    }

    /// `GET users/me`: the bot itself, whatever it may know of others.
    pub(crate) fn me(&self, who: &Caller) -> Result<Value, ApiError> {
        let connection = self.connections.get(&who.bot).ok_or_else(ApiError::unauthorized)?;
        let mut user = self.render_user(who.bot, UserInformation::WithEmail);
        let owner = match connection.owner {
            None => json!({ "type": "workspace", "workspace": true }),
            Some(person) => {
                json!({ "type": "user", "user": self.render_user(person, connection.capabilities.users) })
            }
        };
        user["bot"] = json!({
            "owner": owner,
            "workspace_id": connection.workspace,
            "workspace_name": self.workspaces.get(&connection.workspace).map(|place| place.name.as_str()),
            "workspace_limits": { "max_file_upload_size_in_bytes": 5_242_880 },
        });
        Ok(user)
    }

    /// `GET users/{id}`.
    pub(crate) fn user(&self, who: &Caller, id: &str) -> Result<Value, ApiError> {
        who.may(who.capabilities.users > UserInformation::None)?;
        let id = read_id("path", "user_id", id)?;
        let here = self.people.get(&id).map(|person| person.workspace);
        let here = here.or_else(|| self.connections.get(&id).map(|connection| connection.workspace));
        if here != Some(who.workspace) {
            return Err(ApiError::not_found("user", id));
        }
        Ok(self.render_user(id, who.capabilities.users))
    }

    /// `GET users`.
    pub(crate) fn users(&self, who: &Caller, listing: &Listing) -> Result<Value, ApiError> {
        who.may(who.capabilities.users > UserInformation::None)?;
        let people = self.people.iter().filter(|(_, person)| person.workspace == who.workspace);
        let bots = self.connections.iter().filter(|(_, bot)| bot.workspace == who.workspace);
        let ids = people.map(|(id, _)| *id).chain(bots.map(|(id, _)| *id)).collect::<Vec<_>>();
        let page = listing::cut(&self.options, listing, ids);
        Ok(page.render("user", |id| self.render_user(id, who.capabilities.users)))
    }
}
