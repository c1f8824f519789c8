//! Kitchens: the accounts of restaurants. Each answers the orders that wait for a person, also those of real customers. Orders that
//! the restaurant approves automatically do not wait.

use std::collections::HashSet;
use std::sync::Arc;

use fastrand::Rng;
use serde::Deserialize;
use serde_json::json;

use crate::account::Account;
use crate::customers;
use crate::subscription::Subscription;
use crate::world::{World, chance};

const RESTAURANTS: &str = "{ restaurants(order_by: {id: asc}) { id } }";

const QUEUE: &str = "subscription {
  orders_to_approve(where: {waiting_for_approval: {_eq: true}}, order_by: {created: asc}) { order_id }
}";

const APPROVE: &str = "mutation ($id: String!, $minutes: Int!) {
  update_orders_to_approve(where: {order_id: {_eq: $id}}, _set: {approved: true, preparation_minutes: $minutes}) { affected_rows }
}";

const REJECT: &str = "mutation ($id: String!, $reason: String!) {
  update_orders_to_approve(where: {order_id: {_eq: $id}}, _set: {rejected: true, close_reason: $reason}) { affected_rows }
}";

const REASONS: [&str; 3] = [
    "The kitchen is too busy.",
    "We have run out of an ingredient.",
    "We are about to close.",
];

#[derive(Debug, Deserialize)]
struct Restaurant {
    id: i32,
}

#[derive(Debug, Deserialize)]
struct WaitingOrder {
    order_id: String,
}

/// Starts the kitchen of each restaurant that has an account.
pub(crate) async fn run(world: Arc<World>) {
    let visitor = Account::new(&world.api, customers::name(0));
    let restaurants = match visitor.graphql(RESTAURANTS, json!({})).await {
        Ok(mut data) => data["restaurants"].take(),
        Err(refused) => return world.api.report(&visitor.name, &refused),
    };
    let restaurants: Vec<Restaurant> = serde_json::from_value(restaurants).unwrap_or_default();
    for restaurant in restaurants {
        let account = Account::new(&world.api, format!("restaurant-{}", restaurant.id));
        if account.exists().await {
            world.api.spawn(kitchen(world.clone(), account));
        }
    }
}

async fn kitchen(world: Arc<World>, account: Arc<Account>) {
    let mut queue = Subscription::start(&account, QUEUE, json!({}));
    // Forked for each order, so that equal seeds have equal decisions, whatever the ids of the orders are.
    let mut rng = world.rng(&account.name);
    let mut known = HashSet::new();
    while let Some(waiting) = queue.next::<Vec<WaitingOrder>>().await {
        let waiting: HashSet<String> = waiting.into_iter().map(|order| order.order_id).collect();
        for order_id in waiting.difference(&known) {
            let task = answer(world.clone(), account.clone(), order_id.clone(), rng.fork());
            world.api.spawn(task);
        }
        known = waiting;
    }
}

async fn answer(world: Arc<World>, account: Arc<Account>, order_id: String, mut rng: Rng) {
    world.pace.wait(&mut rng, 4.0..=15.0).await;
    if chance(&mut rng, world.shares.reject) {
        let reason = REASONS[rng.usize(..REASONS.len())];
        account
            .change(REJECT, json!({"id": order_id, "reason": reason}))
            .await;
    } else {
        let minutes = rng.i32(2..=6) * 5;
        account
            .change(APPROVE, json!({"id": order_id, "minutes": minutes}))
            .await;
    }
}
