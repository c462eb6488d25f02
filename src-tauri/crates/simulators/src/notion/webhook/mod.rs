//! Webhooks: what is noticed, collected into events, and sent.
//!
//! A change becomes an [`Event`] for each subscription that may know of it. Events of one kind for one thing within the
//! aggregation window are merged; a creation and a deletion within it cancel out. When an event is due on the injected
//! clock it is signed and handed to the courier, up to eight times until the receiver answers with success.

pub mod courier;
mod event;
mod subscription;

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use self::courier::{Courier, HttpCourier, WebhookMessage};
pub(crate) use self::event::{Event, Happening};
pub(crate) use self::subscription::Subscription;
pub use self::subscription::{NewSubscription, SubscriptionState};
use super::Shared;
use super::state::{Author, State};
use crate::chance;
use crate::clock::span;

/// How often the clock is looked at for events that are due.
const LOOK: Duration = Duration::from_millis(20);

/// The subscriptions, and the events that wait.
#[derive(Debug, Default)]
pub(crate) struct Webhooks {
    pub(crate) subscriptions: BTreeMap<Uuid, Subscription>,
    waiting: Vec<Event>,
    http: Option<Arc<dyn Courier>>,
    /// Whether a task looks for events that are due.
    watched: bool,
}

/// A message on its way, and the event to put back if it does not arrive. The handshake has none.
#[derive(Debug)]
pub(crate) struct Dispatch {
    message: WebhookMessage,
    event: Option<Event>,
}

impl State {
    /// Notes that something happened, for all who want to know.
    #[expect(clippy::needless_pass_by_value, reason = "callers name what happened in place")]
    pub(crate) fn happened(&mut self, author: Author, happening: Happening, entity: Uuid) {
        if self.webhooks.subscriptions.is_empty() {
            return;
        }
        let now = self.now();
        let wanting = self.webhooks.subscriptions.values().filter(|subscription| {
            subscription.wants(happening.name(subscription.version)) && self.sees(subscription.bot, entity)
        });
        let wanting = wanting.map(|subscription| (subscription.id, subscription.version)).collect::<Vec<_>>();
        for (subscription, version) in wanting {
            let fresh = Event {
                id: self.new_id(),
                subscription,
                kind: happening.name(version),
                entity,
                happening: happening.clone(),
                authors: vec![author],
                parent: self.webhook_parent(entity, version),
                timestamp: now,
                due: now,
                attempt: 1,
            };
            self.collect(fresh);
        }
    }

    /// Adds an event to those that wait, merged with what it belongs to.
    fn collect(&mut self, mut fresh: Event) {
        let options = &self.options.webhooks;
        let number = chance::number(self.options.seed, &["disorder", &fresh.id.to_string()]);
        let most = u64::try_from(options.disorder.as_millis()).unwrap_or(u64::MAX);
        let disorder = Duration::from_millis(if most == 0 { 0 } else { number % most.saturating_add(1) });
        fresh.due = fresh.timestamp + span(options.aggregation) + span(options.delay) + span(disorder);
        let still_open = |event: &Event| event.attempt == 1 && !options.aggregation.is_zero();
        let same_thing =
            |event: &Event| event.subscription == fresh.subscription && event.entity == fresh.entity;
        if fresh.happening.is_aggregated() && !options.aggregation.is_zero() {
            let undone = fresh.happening.undoes();
            let waiting = &mut self.webhooks.waiting;
            if let Some(undone) = undone
                && let Some(position) = waiting
                    .iter()
                    .position(|event| still_open(event) && same_thing(event) && undone.contains(&event.kind))
            {
                waiting.remove(position);
                // What happened between the two is of no interest to anybody either.
                waiting.retain(|event| !(still_open(event) && same_thing(event)));
                return;
            }
            let kind = fresh.kind;
            if let Some(event) =
                waiting.iter_mut().find(|event| still_open(event) && same_thing(event) && event.kind == kind)
            {
                event.absorb(fresh);
                return;
            }
        }
        self.webhooks.waiting.push(fresh);
    }

    /// Takes out what is due, signed and ready.
    pub(crate) fn due_webhooks(&mut self) -> Vec<Dispatch> {
        let now = self.now();
        if !self.webhooks.waiting.iter().any(|event| event.due <= now) {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut self.webhooks.waiting);
        let (mut due, later) = waiting.into_iter().partition::<Vec<_>, _>(|event| event.due <= now);
        self.webhooks.waiting = later;
        due.sort_by_key(|event| event.due);
        let mut sent = Vec::new();
        for event in due {
            let Some(subscription) = self.webhooks.subscriptions.get(&event.subscription) else {
                continue;
            };
            if subscription.state != SubscriptionState::Active {
                continue;
            }
            let question = event.id.to_string();
            let happens = |share, what| chance::happens(self.options.seed, share, &[what, &question]);
            let options = &self.options.webhooks;
            let copies = match (happens(options.lost, "lost"), happens(options.duplicated, "duplicated")) {
                (true, _) => 0,
                (false, false) => 1,
                (false, true) => 2,
            };
            let body = self.webhook_body(subscription, &event).to_string();
            let message = subscription.signed(body);
            for _ in 0..copies {
                sent.push(Dispatch { message: message.clone(), event: Some(event.clone()) });
            }
        }
        sent
    }

    /// Puts an event back that did not arrive, for a later attempt, unless that was the last.
    fn try_again(&mut self, mut event: Event) {
        let options = &self.options.webhooks;
        if event.attempt >= options.attempts {
            tracing::debug!(id = %event.id, "gave up on a webhook");
            return;
        }
        // The eighth attempt comes about a day after the first: 1, 3, 9, … 729 times the first wait, which add up to 1093.
        let factor = 3_u32.saturating_pow(event.attempt.saturating_sub(1));
        event.due = self.now() + span(options.first_retry.saturating_mul(factor));
        event.attempt += 1;
        self.webhooks.waiting.push(event);
    }

    /// The events that wait, for people who look.
    pub(crate) fn waiting_webhooks(&self) -> Vec<Value> {
        let body = |event: &Event| {
            let subscription = self.webhooks.subscriptions.get(&event.subscription)?;
            Some(self.webhook_body(subscription, event))
        };
        self.webhooks.waiting.iter().filter_map(body).collect()
    }

    fn courier(&mut self) -> Arc<dyn Courier> {
        match &self.options.webhooks.courier {
            Some(courier) => Arc::clone(courier),
            None => Arc::clone(self.webhooks.http.get_or_insert_with(|| Arc::new(HttpCourier::new()))),
        }
    }
}

/// Starts the task that sends what is due, once; it ends with the simulator. Must be called within a runtime.
pub(crate) fn watch(shared: &Arc<Shared>, state: &mut State) {
    if std::mem::replace(&mut state.webhooks.watched, true) {
        return;
    }
    let shared = Arc::downgrade(shared);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            let Some(alive) = shared.upgrade() else {
                return;
            };
            let mut state = alive.lock();
            for dispatch in state.due_webhooks() {
                send(&shared, &mut state, dispatch);
            }
        }
    });
}

/// Sends one message on a task of its own, so a slow receiver delays nobody.
fn send(shared: &Weak<Shared>, state: &mut State, dispatch: Dispatch) {
    let (courier, shared) = (state.courier(), Weak::clone(shared));
    tokio::spawn(async move {
        let arrived = matches!(courier.deliver(dispatch.message).await, Ok(200..300));
        if let (false, Some(event), Some(shared)) = (arrived, dispatch.event, shared.upgrade()) {
            shared.lock().try_again(event);
        }
    });
}

/// Sends the handshake of a subscription: its token, unsigned.
pub(crate) fn greet(shared: &Arc<Shared>, state: &mut State, subscription: Uuid) {
    let Some(message) = state.webhooks.subscriptions.get(&subscription).map(Subscription::handshake) else {
        return;
    };
    send(&Arc::downgrade(shared), state, Dispatch { message, event: None });
}
