//! Webhook subscriptions, as a person makes and keeps them in the developer portal.

use serde_json::Value;
use uuid::Uuid;

use super::Control;
use crate::notion::error::ApiError;
use crate::notion::state::State;
use crate::notion::version::Version;
use crate::notion::webhook::{self, NewSubscription, SubscriptionState};

impl Control {
    /// Makes a webhook subscription, as a person does in the developer portal, and sends the handshake. Must be called
    /// within a runtime, from which events will be sent.
    pub fn try_subscribe(&self, new: &NewSubscription) -> Result<Value, ApiError> {
        let mut state = self.simulator.state();
        let id = state.subscribe(new)?;
        webhook::watch(&self.simulator.shared, &mut state);
        webhook::greet(&self.simulator.shared, &mut state, id);
        Ok(state.webhooks.subscriptions.get(&id).map(webhook::Subscription::render).unwrap_or_default())
    }

    /// Enters the token that the receiver was given, which makes a subscription active.
    pub fn try_verify(&self, subscription: Uuid, token: &str) -> Result<(), ApiError> {
        let mut state = self.simulator.state();
        let found = state.webhooks.subscriptions.get_mut(&subscription);
        let found = found.ok_or_else(|| ApiError::not_found("webhook", subscription))?;
        if found.token != token {
            return Err(ApiError::validation("The verification token is not the one that was sent."));
        }
        found.state = SubscriptionState::Active;
        Ok(())
    }

    /// Sends the handshake again. Must be called within a runtime.
    pub fn resend_handshake(&self, subscription: Uuid) {
        let mut state = self.simulator.state();
        webhook::greet(&self.simulator.shared, &mut state, subscription);
    }

    /// Pauses an active subscription, or resumes a paused one.
    pub fn pause(&self, subscription: Uuid, paused: bool) {
        let mut state = self.simulator.state();
        if let Some(found) = state.webhooks.subscriptions.get_mut(&subscription)
            && found.state != SubscriptionState::Pending
        {
            found.state = if paused { SubscriptionState::Paused } else { SubscriptionState::Active };
        }
    }

    /// Deletes a subscription.
    pub fn unsubscribe(&self, subscription: Uuid) {
        self.simulator.state().webhooks.subscriptions.remove(&subscription);
    }

    /// Returns the subscriptions, with their tokens.
    pub fn subscriptions(&self) -> Vec<Value> {
        let state = self.simulator.state();
        state.webhooks.subscriptions.values().map(webhook::Subscription::render).collect()
    }

    /// Returns the events that are not sent yet.
    pub fn waiting_webhooks(&self) -> Vec<Value> {
        self.simulator.state().waiting_webhooks()
    }
}

impl State {
    fn subscribe(&mut self, new: &NewSubscription) -> Result<Uuid, ApiError> {
        let bot = self.bot_or_first(new.bot)?;
        let version = match new.api_version.as_deref() {
            None => Version::Trash,
            Some(name) => Version::parse(Some(name))?,
        };
        let connection = self.connections.get(&bot).ok_or_else(ApiError::unauthorized)?;
        let integration = connection.integration;
        let id = self.new_id();
        let token = self.random_secret("secret_", 43);
        let subscription = webhook::Subscription {
            id,
            bot,
            integration,
            url: new.url.clone(),
            token,
            events: new.events.clone(),
            version,
            state: SubscriptionState::Pending,
        };
        self.webhooks.subscriptions.insert(id, subscription);
        Ok(id)
    }
}
