//! Customers that read the menu and their orders, place orders, and pay them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::super::load::{self, Load};
use local_stack::addresses::Addresses;

/// Queries and mutations per second.
const GRAPHQL_RATE: f64 = 40.0;
/// Payments per second. Each pays an order that this module has placed for it.
const PAYMENT_RATE: f64 = 8.0;
/// Customers, because payments per customer and hour are limited.
const CUSTOMERS: usize = 8;

const READ: &str = "query ($dish: String!) {
  menu_items_by_pk(restaurant_id: 1, name: $dish) { name price available }
  orders(limit: 10, order_by: {created: desc}) { order_id status total items { item quantity } }
}";

const PLACE: &str = "mutation ($id: String!) {
  insert_orders_one(object: {order_id: $id, address: \"1 Main St, Springfield\", restaurant_id: 1}) { order_id }
  insert_items_one(object: {order_id: $id, item: \"pizza\"}) { id }
}";

/// Results of a period.
pub(super) struct Period {
    /// Queries and mutations.
    pub(super) graphql: Load,
    pub(super) payments: Load,
    /// Paid orders that did not get exactly one driver.
    pub(super) lost: u64,
}

struct Customer {
    http: reqwest::Client,
    engine: String,
    functions: String,
    token: String,
}

/// The customers of a stack.
pub(super) struct Honest {
    customers: Arc<Vec<Customer>>,
    /// Number of the next order, over all periods.
    next: Arc<AtomicU64>,
    database: tokio_postgres::Client,
}

impl Honest {
    pub(super) async fn log_in(addresses: &Addresses) -> Result<Self> {
        let http = local_process::http_client()?;
        let mut customers = Vec::with_capacity(CUSTOMERS);
        for number in 0..CUSTOMERS {
            customers.push(Customer {
                http: http.clone(),
                engine: format!("{}/v1/graphql", addresses.engine),
                functions: addresses.functions.clone(),
                token: log_in(&http, &addresses.functions, &format!("honest-{number}")).await?,
            });
        }
        Ok(Self {
            customers: Arc::new(customers),
            next: Arc::new(AtomicU64::new(0)),
            database: local_services::postgres::connect(&addresses.postgres).await?,
        })
    }

    /// Runs the load for this time, and then waits for the drivers of the paid orders.
    pub(super) async fn run(&self, length: Duration) -> Result<Period> {
        let payable = self.place_payable(length).await?;
        let customers = self.customers.clone();
        let next = self.next.clone();
        let graphql = load::open(GRAPHQL_RATE, length, move |call| {
            let (customers, next) = (customers.clone(), next.clone());
            async move {
                let customer = &customers[index(call, customers.len())];
                if call % 10 == 9 {
                    let id = order_id(next.fetch_add(1, Ordering::Relaxed));
                    customer.graphql(PLACE, json!({"id": id})).await
                } else {
                    customer.graphql(READ, json!({"dish": "pizza"})).await
                }
            }
        });
        let customers = self.customers.clone();
        let orders = payable.clone();
        let payments = load::open(PAYMENT_RATE, length, move |call| {
            let (customers, orders) = (customers.clone(), orders.clone());
            async move {
                // The last tick may be one more than there are orders.
                let Some((customer, id)) = orders.get(index(call, usize::MAX)) else {
                    return true;
                };
                customers[*customer].pay(id).await
            }
        });
        let (graphql, payments) = tokio::join!(graphql, payments);
        let paid = payments.times.len();
        let lost = self.without_driver(&payable[..paid.min(payable.len())]).await?;
        Ok(Period {
            graphql,
            payments,
            lost,
        })
    }

    /// Places the orders that the payments of a period pay, and waits until they are validated.
    async fn place_payable(&self, length: Duration) -> Result<Arc<Vec<(usize, String)>>> {
        let wanted = (length.as_secs_f64() * PAYMENT_RATE).ceil();
        let mut orders = Vec::new();
        while super::count(orders.len() as u64) < wanted {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let (customer, id) = (index(number, self.customers.len()), order_id(number));
            if !self.customers[customer].graphql(PLACE, json!({"id": id})).await {
                bail!("the engine refused the order {id}");
            }
            orders.push((customer, id));
        }
        self.until_none("order_valid IS DISTINCT FROM true", &orders)
            .await?;
        Ok(Arc::new(orders))
    }

    /// Waits until all orders have a driver; returns the number of orders that do not have exactly one.
    async fn without_driver(&self, orders: &[(usize, String)]) -> Result<u64> {
        // A paid order whose driver does not come within the time is lost.
        let late = self.until_none("NOT driver_assigned", orders).await.is_err();
        let ids: Vec<&str> = orders.iter().map(|(_, id)| id.as_str()).collect();
        let wrong = "SELECT count(*) FROM unnest($1::text[]) AS wanted (id)
            WHERE (SELECT count(*) FROM assignment WHERE order_id = wanted.id) <> 1
            OR (SELECT count(*) FROM payments WHERE order_id = wanted.id AND status = 'succeeded') <> 1";
        let row = self.database.query_one(wrong, &[&ids]).await?;
        let wrong = u64::try_from(row.get::<_, i64>(0))?;
        Ok(wrong.max(u64::from(late)))
    }

    async fn until_none(&self, condition: &str, orders: &[(usize, String)]) -> Result<()> {
        let ids: Vec<&str> = orders.iter().map(|(_, id)| id.as_str()).collect();
        let open = format!("SELECT count(*) FROM orders WHERE order_id = ANY($1) AND ({condition})");
        let wait = async {
            loop {
                let row = self.database.query_one(&open, &[&ids]).await?;
                if row.get::<_, i64>(0) == 0 {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let limit = Duration::from_mins(1);
        tokio::time::timeout(limit, wait)
            .await
            .with_context(|| format!("orders with {condition} remain after {} s", limit.as_secs()))?
    }
}

impl Customer {
    async fn graphql(&self, query: &str, variables: Value) -> bool {
        let body = json!({"query": query, "variables": variables});
        let request = self.http.post(&self.engine).bearer_auth(&self.token).json(&body);
        let Ok(response) = request.send().await else {
            return false;
        };
        let answer: Value = response.json().await.unwrap_or_default();
        answer["data"].is_object() && answer["errors"].is_null()
    }

    async fn pay(&self, id: &str) -> bool {
        let body = payment(id, 500, "1234 1234 1234 1234");
        let url = format!("{}/payment", self.functions);
        let request = self.http.post(url).bearer_auth(&self.token).json(&body);
        request
            .send()
            .await
            .is_ok_and(|response| response.status().is_success())
    }
}

/// A payment by card.
pub(super) fn payment(order_id: &str, amount: u32, card: &str) -> Value {
    json!({
        "info": {"full_name": "Soak Customer", "credit_card_number": card, "cvv": "111"},
        "metadata": {"amount": amount, "type": "credit_card"},
        "order_id": order_id,
    })
}

/// Logs a user in by name; returns the token.
pub(super) async fn log_in(http: &reqwest::Client, functions: &str, user: &str) -> Result<String> {
    let request = http
        .post(format!("{functions}/login"))
        .json(&json!({"username": user}));
    let answer: Value = request.send().await?.json().await?;
    let token = answer["token"].as_str();
    Ok(token
        .with_context(|| format!("the login of {user:?} failed: {answer}"))?
        .to_owned())
}

fn order_id(number: u64) -> String {
    format!("soak-{number}")
}

/// `number` modulo `length`.
fn index(number: u64, length: usize) -> usize {
    usize::try_from(number % length as u64).unwrap_or(0)
}
