//! Customers: each order is placed at one open restaurant, paid when it is validated, sometimes cancelled, and followed to its final
//! state. Orders of real customers are not visible to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;
use local_client::{CARD, PLACE, Refused};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::account::Account;
use crate::subscription::Subscription;
use crate::world::{World, chance};

/// Customers take turns at random. More than the orders in progress, because a customer rarely orders twice at a time.
const CUSTOMERS: [&str; 24] = [
    "alba", "ben", "cleo", "dara", "eli", "fay", "gus", "hedda", "ida", "jo", "kim", "leo", "mara", "nils",
    "oda", "paul", "quinn", "rita", "sami", "tess", "uma", "vito", "wanda", "yuki",
];

const STREETS: [&str; 8] = [
    "Canal Street",
    "Garden Row",
    "Harbour Lane",
    "Market Square",
    "Mill Road",
    "Orchard Avenue",
    "Station Road",
    "Willow Way",
];

/// Test cards that the payment gateway declines.
const DECLINED_CARDS: [&str; 3] = [
    "4000 0000 0000 0002",
    "4000 0000 0000 9995",
    "4000 0000 0000 0069",
];

const MENUS: &str = "{
  restaurants(where: {open: {_eq: true}}) { id }
  closed: restaurant_openings { restaurant_id }
  menu_items(where: {available: {_eq: true}}, order_by: [{restaurant_id: asc}, {name: asc}]) { restaurant_id name }
}";

const ORDER: &str = "subscription ($id: String!) { orders_by_pk(order_id: $id) { status total } }";

const CANCEL: &str = "mutation ($id: String!, $reason: String!) {
  update_orders(where: {order_id: {_eq: $id}}, _set: {cancelled: true, close_reason: $reason}) { affected_rows }
}";

/// How many orders there are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demand {
    /// Per minute, at pace 1.
    pub(crate) rate: f64,
    /// Maximum in progress.
    pub(crate) active: u32,
    /// Maximum in total.
    pub(crate) orders: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Menus {
    restaurants: Vec<Restaurant>,
    /// By their opening hours.
    closed: Vec<Closed>,
    menu_items: Vec<Dish>,
}

#[derive(Debug, Deserialize)]
struct Restaurant {
    id: i32,
}

#[derive(Debug, Deserialize)]
struct Closed {
    restaurant_id: i32,
}

#[derive(Debug, Deserialize)]
struct Dish {
    restaurant_id: i32,
    name: String,
}

#[derive(Debug, Deserialize)]
struct Status {
    status: String,
    total: Option<i64>,
}

/// When an order is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cancellation {
    Never,
    BeforePayment,
    AfterPayment,
}

/// User name of a customer.
pub(crate) fn name(number: usize) -> String {
    format!("simulated-{}", CUSTOMERS[number % CUSTOMERS.len()])
}

/// Places orders at the rate, as long as the number in progress permits.
pub(crate) async fn run(world: Arc<World>, demand: Demand) {
    let customers: Vec<_> = (0..CUSTOMERS.len())
        .map(|number| Account::new(&world.api, name(number)))
        .collect();
    let in_progress = Arc::new(Semaphore::new(demand.active as usize));
    let seconds = 60.0 / demand.rate;
    let mut rng = world.rng("demand");
    for number in 0..demand.orders.unwrap_or(u32::MAX) {
        let Ok(place) = in_progress.clone().acquire_owned().await else {
            return;
        };
        let order = Order::new(&world, &customers, number);
        world.api.spawn(async move {
            if let Err(refused) = order.run().await {
                order.world.api.report(&order.customer.name, &refused);
            }
            drop(place);
        });
        world.pace.wait(&mut rng, seconds * 0.5..=seconds * 1.5).await;
    }
    // All places are free again when all orders have ended.
    if in_progress.acquire_many(demand.active).await.is_ok() {
        world.counts.finish();
    }
}

/// An order and the decisions about it.
struct Order {
    world: Arc<World>,
    customer: Arc<Account>,
    id: String,
    rng: Rng,
    cancellation: Cancellation,
    declined_card: bool,
}

impl Order {
    fn new(world: &Arc<World>, customers: &[Arc<Account>], number: u32) -> Self {
        let mut rng = world.rng(&format!("order {number}"));
        let cancellation = if !chance(&mut rng, world.shares.cancel) {
            Cancellation::Never
        } else if rng.bool() {
            Cancellation::BeforePayment
        } else {
            Cancellation::AfterPayment
        };
        Self {
            customer: customers[rng.usize(..customers.len())].clone(),
            id: uuid::Uuid::new_v4().to_string(),
            cancellation,
            declined_card: chance(&mut rng, world.shares.declined_card),
            rng,
            world: world.clone(),
        }
    }

    /// Places the order and follows it to its end.
    async fn run(&self) -> Result<(), Refused> {
        let mut rng = self.rng.clone();
        if !self.place(&mut rng).await? {
            return Ok(());
        }
        self.world.counts.change(|counts| counts.placed += 1);
        let mut updates = Subscription::start(&self.customer, ORDER, json!({"id": self.id}));
        let (mut acted, mut cancelled) = (false, false);
        while let Some(order) = updates.next::<Status>().await {
            let mut ended = false;
            self.world
                .counts
                .change(|counts| ended = counts.end(&order.status));
            if ended {
                break;
            }
            match (order.status.as_str(), order.total) {
                ("validated", Some(total)) if !acted => {
                    acted = true;
                    self.world.pace.wait(&mut rng, 3.0..=10.0).await;
                    if self.cancellation == Cancellation::BeforePayment || !self.pay(total, &mut rng).await {
                        self.cancel("I have changed my mind.").await;
                    }
                }
                ("paid", _) if self.cancellation == Cancellation::AfterPayment && !cancelled => {
                    cancelled = true;
                    self.cancel("I have ordered the wrong dish.").await;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Chooses dishes of one open restaurant and places the order; false if no restaurant offers any.
    async fn place(&self, rng: &mut Rng) -> Result<bool, Refused> {
        let menus = self.customer.graphql(MENUS, json!({})).await?;
        let Some((restaurant, items)) = self.basket(menus, rng) else {
            return Ok(false);
        };
        let address = format!("{} {}", rng.u32(1..100), STREETS[rng.usize(..STREETS.len())]);
        let order = json!({"order_id": self.id, "restaurant_id": restaurant, "address": address});
        match self
            .customer
            .graphql(PLACE, json!({"orders": [order], "items": items}))
            .await
        {
            Ok(_) => Ok(true),
            // An earlier request, whose response was lost, has placed it.
            Err(refused)
                if refused.code == "constraint-violation" && refused.message.contains("orders_pkey") =>
            {
                Ok(true)
            }
            Err(refused) => Err(refused),
        }
    }

    fn basket(&self, menus: Value, rng: &mut Rng) -> Option<(i32, Vec<Value>)> {
        let menus: Menus = serde_json::from_value(menus).ok()?;
        let mut dishes: BTreeMap<i32, Vec<String>> = BTreeMap::new();
        for dish in menus.menu_items {
            let id = dish.restaurant_id;
            if menus.restaurants.iter().any(|open| open.id == id)
                && menus.closed.iter().all(|closed| closed.restaurant_id != id)
            {
                dishes.entry(dish.restaurant_id).or_default().push(dish.name);
            }
        }
        let chosen = dishes.keys().nth(rng.usize(..dishes.len().max(1))).copied()?;
        let menu = dishes.get(&chosen)?;
        let count = rng.usize(1..=3);
        let items = rng.choose_multiple(menu, count);
        let items = items
            .into_iter()
            .map(|name| json!({"order_id": self.id, "item": name, "quantity": rng.u32(1..=2)}));
        Some((chosen, items.collect()))
    }

    /// Pays; false if the payment is refused.
    async fn pay(&self, total: i64, rng: &mut Rng) -> bool {
        if self.declined_card {
            let card = DECLINED_CARDS[rng.usize(..DECLINED_CARDS.len())];
            match self.customer.pay(&self.id, total, card).await {
                Err(refused) if refused.code == "order_closed" => return false,
                Err(_) => self.world.counts.change(|counts| counts.declined_cards += 1),
                Ok(()) => return true,
            }
            self.world.pace.wait(rng, 3.0..=10.0).await;
        }
        self.customer.pay(&self.id, total, CARD).await.is_ok()
    }

    /// Cancels the order. The stack refuses it if the restaurant was faster.
    async fn cancel(&self, reason: &str) {
        let variables = json!({"id": self.id, "reason": reason});
        let _ = self.customer.graphql(CANCEL, variables).await;
    }
}
