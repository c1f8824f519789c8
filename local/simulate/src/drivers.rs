//! Drivers: each answers the assignments that it is offered, drives to the restaurant and to the customer along the streets, and
//! publishes its position on the way. They serve all orders that are assigned to them, also those of real customers.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use local_client::Refused;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::account::Account;
use crate::city::Point;
use crate::subscription::Subscription;
use crate::world::{World, chance};

/// Number of drivers with an account in `demo-accounts.sql`.
const DRIVERS: u32 = 50;
/// Distance per second at pace 1.
const SPEED: f64 = 1.5;
/// Time between two positions: at pace 1, and at least.
const POSITION_INTERVAL: (f64, Duration) = (1.0, Duration::from_millis(500));
/// Time after which a driver reads its orders without an update of its subscription.
const CHECK_INTERVAL: Duration = Duration::from_secs(30);

const OFFERS: &str = "subscription { orders_to_accept { order_id } }";

const ASSIGNMENTS: &str = "subscription {
  assignment(where: {delivered: {_eq: false}}) { order_id accepted order { status } }
}";

const ACCEPT: &str = "mutation ($id: String!) {
  update_assignment(where: {order_id: {_eq: $id}}, _set: {accepted: true}) { affected_rows }
}";

const DECLINE: &str = "mutation ($id: String!) {
  update_assignment(where: {order_id: {_eq: $id}}, _set: {declined: true}) { affected_rows }
}";

const WORK: &str = "{
  orders_to_deliver(order_by: {created: asc}, limit: 1) { order_id x: destination_x y: destination_y }
  orders_to_pick_up(order_by: {created: asc}, limit: 1) { order_id x: restaurant_x y: restaurant_y }
}";

const PICK_UP: &str = "mutation ($id: String!) {
  update_orders_to_pick_up(where: {order_id: {_eq: $id}}, _set: {food_picked: true}) { affected_rows }
}";

const DELIVER: &str = "mutation ($id: String!) {
  update_orders_to_deliver(where: {order_id: {_eq: $id}}, _set: {delivered: true}) { affected_rows }
}";

const FAIL: &str = "mutation ($id: String!, $reason: String!) {
  update_orders_to_deliver(where: {order_id: {_eq: $id}}, _set: {delivery_failed: true, close_reason: $reason}) { affected_rows }
}";

const PUBLISH: &str = "mutation ($position: [driver_positions_insert_input!]!) {
  insert_driver_positions(
    objects: $position, on_conflict: {constraint: driver_positions_pkey, update_columns: [x, y]}
  ) { affected_rows }
}";

const REASONS: [&str; 3] = [
    "The customer did not answer.",
    "The address does not exist.",
    "The food was damaged on the way.",
];

#[derive(Debug, Deserialize)]
struct Offer {
    order_id: String,
}

/// An order, and the position to which its next step leads.
#[derive(Debug, Deserialize)]
struct Trip {
    order_id: String,
    x: f64,
    y: f64,
}

impl Trip {
    fn target(&self) -> Point {
        Point { x: self.x, y: self.y }
    }
}

/// Next orders of a driver.
#[derive(Debug, Deserialize)]
struct Work {
    orders_to_deliver: Vec<Trip>,
    orders_to_pick_up: Vec<Trip>,
}

/// Starts each driver that has an account.
pub(crate) async fn run(world: Arc<World>) {
    for number in 1..=DRIVERS {
        let account = Account::new(&world.api, format!("driver-{number}"));
        if account.exists().await {
            world.api.spawn(answer_offers(world.clone(), account.clone()));
            world.api.spawn(drive(world.clone(), account));
        }
    }
}

/// Whether a driver declines an order. Derived from both, so that a driver that has accepted an order does not decline it later.
fn declines(world: &World, account: &Account, order_id: &str) -> bool {
    let mut rng = world.rng(&format!("{} {order_id}", account.name));
    chance(&mut rng, world.shares.decline)
}

/// Accepts or declines the offers of a driver that does not accept automatically.
async fn answer_offers(world: Arc<World>, account: Arc<Account>) {
    let mut rng = world.rng(&format!("offers {}", account.name));
    let mut offers = Subscription::start(&account, OFFERS, json!({}));
    let mut answered = HashSet::new();
    while let Some(offered) = offers.next::<Vec<Offer>>().await {
        let offered: HashSet<String> = offered.into_iter().map(|offer| offer.order_id).collect();
        for order_id in offered.iter().filter(|id| !answered.contains(*id)) {
            world.pace.wait(&mut rng, 2.0..=8.0).await;
            if declines(&world, &account, order_id) {
                decline(&world, &account, order_id).await;
            } else {
                account.change(ACCEPT, json!({"id": order_id})).await;
            }
        }
        answered = offered;
    }
}

async fn decline(world: &World, account: &Account, order_id: &str) {
    let declined = account.change(DECLINE, json!({"id": order_id})).await;
    world
        .counts
        .change(|counts| counts.declined_assignments += declined);
}

/// Handles the orders of a driver, one after the other: those with food in the car first.
async fn drive(world: Arc<World>, account: Arc<Account>) {
    let mut rng = world.rng(&account.name);
    let mut driver = Driver {
        position: Point::random(&mut rng),
        world,
        account,
        rng,
    };
    if let Err(refused) = driver.publish().await {
        driver.world.api.report(&driver.account.name, &refused);
    }
    let mut assignments = Subscription::start(&driver.account, ASSIGNMENTS, json!({}));
    loop {
        match driver
            .account
            .graphql(WORK, json!({}))
            .await
            .map(serde_json::from_value::<Work>)
        {
            Ok(Ok(work)) => {
                if driver.take(work).await {
                    continue;
                }
            }
            Ok(Err(unexpected)) => driver.world.api.report(&driver.account.name, &unexpected),
            Err(refused) => driver.world.api.report(&driver.account.name, &refused),
        }
        // After this time without an update the orders are read anyway.
        if let Ok(None) = timeout(CHECK_INTERVAL, assignments.next::<Vec<Value>>()).await {
            return;
        }
    }
}

struct Driver {
    world: Arc<World>,
    account: Arc<Account>,
    rng: fastrand::Rng,
    position: Point,
}

impl Driver {
    /// Takes the next step of an order; false if there is none.
    async fn take(&mut self, work: Work) -> bool {
        let (deliver, pick_up) = (work.orders_to_deliver, work.orders_to_pick_up);
        if let Some(trip) = deliver.first() {
            self.deliver(trip).await;
        } else if let Some(trip) = pick_up.first() {
            self.pick_up(trip).await;
        } else {
            return false;
        }
        true
    }

    async fn pick_up(&mut self, trip: &Trip) {
        if declines(&self.world, &self.account, &trip.order_id) {
            self.world.pace.wait(&mut self.rng, 2.0..=8.0).await;
            decline(&self.world, &self.account, &trip.order_id).await;
            return;
        }
        self.drive_to(trip.target()).await;
        self.world.pace.wait(&mut self.rng, 5.0..=30.0).await;
        self.account.change(PICK_UP, json!({"id": trip.order_id})).await;
    }

    async fn deliver(&mut self, trip: &Trip) {
        self.drive_to(trip.target()).await;
        self.world.pace.wait(&mut self.rng, 3.0..=10.0).await;
        if chance(&mut self.rng, self.world.shares.fail) {
            let reason = REASONS[self.rng.usize(..REASONS.len())];
            let failed = json!({"id": trip.order_id, "reason": reason});
            self.account.change(FAIL, failed).await;
        } else {
            self.account.change(DELIVER, json!({"id": trip.order_id})).await;
        }
    }

    async fn drive_to(&mut self, target: Point) {
        let pace = self.world.pace;
        let interval = pace.of(POSITION_INTERVAL.0).max(POSITION_INTERVAL.1);
        let distance = SPEED * pace.seconds(interval);
        while self.position != target {
            tokio::time::sleep(interval).await;
            self.position = self.position.towards(target, distance);
            // Reported at the start.
            let _ = self.publish().await;
        }
    }

    async fn publish(&self) -> Result<(), Refused> {
        let position = json!([{"x": self.position.x, "y": self.position.y}]);
        self.account
            .graphql(PUBLISH, json!({"position": position}))
            .await?;
        self.world.counts.change(|counts| counts.positions += 1);
        Ok(())
    }
}
