//! Menus, hours, notes, positions and figures: each restaurant edits its own menu and hours, each driver reports its own position, and a customer follows own
//! orders only.

use serde_json::{Value, json};
use tests::stack::TestStack;

use super::{GOOD, PLACE, User, only_driver};

const ADD_DISH: &str = "mutation ($dish: menu_items_insert_input!) {
  insert_menu_items_one(object: $dish) { restaurant_id name price category } }";

const SET_PRICE: &str = "mutation ($restaurant: Int!, $name: String!, $price: Int!) {
  changed: update_menu_items_by_pk(pk_columns: {restaurant_id: $restaurant, name: $name}, _set: {price: $price}) { price } }";

const RENAME: &str = "mutation ($restaurant: Int!, $name: String!, $to: String!) {
  changed: update_menu_items_by_pk(pk_columns: {restaurant_id: $restaurant, name: $name}, _set: {name: $to}) { name } }";

const DELETE: &str = "mutation ($restaurant: Int!, $name: String!) {
  deleted: delete_menu_items_by_pk(restaurant_id: $restaurant, name: $name) { name } }";

const ORDER: &str =
    "query ($id: String!) { orders_by_pk(order_id: $id) { status total problem items { item } } }";

const MOVE: &str = "mutation ($x: Float!, $y: Float!) {
  insert_driver_positions_one(object: {x: $x, y: $y},
    on_conflict: {constraint: driver_positions_pkey, update_columns: [x, y, at]}) { driver_id x y at } }";

const TRACK: &str = "query ($id: String!) { order_tracking(where: {order_id: {_eq: $id}}) {
  status restaurant restaurant_x restaurant_y destination_x destination_y driver driver_x driver_y driver_at eta } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restaurants_edit_their_own_menus() {
    let stack = TestStack::secured().await;
    let cura = User::log_in(&stack, "restaurant-2").await;
    let alice = User::log_in(&stack, "alice").await;
    let dish = json!({"dish": {"name": "gnocchi", "price": 890, "category": "Mains", "description": "With sage butter."}});
    assert_eq!(
        cura.data(ADD_DISH, dish.clone()).await["insert_menu_items_one"],
        json!({"restaurant_id": 2, "name": "gnocchi", "price": 890, "category": "Mains"})
    );
    assert_eq!(cura.refusal(ADD_DISH, dish).await, "constraint-violation");
    for (column, value) in [
        ("name", json!(" ")),
        ("price", json!(0)),
        ("picture", json!("../secret")),
        ("description", json!("x".repeat(1001))),
    ] {
        let mut dish = json!({"name": "broth", "price": 300});
        dish[column] = value;
        let code = cura.refusal(ADD_DISH, json!({"dish": dish})).await;
        assert!(
            ["constraint-violation", "permission-error"].contains(&code.as_str()),
            "{column}: {code}"
        );
    }

    // The menu of another restaurant has a dish of the same name, with its own price.
    let price =
        |restaurant: i32, price: i32| json!({"restaurant": restaurant, "name": "pizza", "price": price});
    assert_eq!(
        cura.data(SET_PRICE, price(2, 550)).await["changed"],
        json!({"price": 550})
    );
    assert_eq!(cura.data(SET_PRICE, price(1, 1)).await["changed"], Value::Null);
    let names = cura.data("{ menu_items { restaurant_id } }", json!({})).await;
    let rows = names["menu_items"].as_array().expect("rows");
    assert!(
        rows.len() > 1 && rows.iter().all(|row| row["restaurant_id"] == 2),
        "{names}"
    );

    alice.place("at-2", 2).await;
    alice.place("at-1", 1).await;
    for (id, total) in [("at-2", 550), ("at-1", 500)] {
        stack.until(id, "validated").await;
        let query = "query ($id: String!) { orders_by_pk(order_id: $id) { total } }";
        assert_eq!(
            alice.data(query, json!({"id": id})).await["orders_by_pk"]["total"],
            total,
            "{id}"
        );
    }
    // A menu is bounded.
    let many = "mutation ($dishes: [menu_items_insert_input!]!) { insert_menu_items(objects: $dishes) { affected_rows } }";
    let dishes: Vec<Value> = (0..100)
        .map(|n| json!({"name": format!("soup {n}"), "price": 300}))
        .collect();
    let error = cura.refusal(many, json!({"dishes": dishes})).await;
    assert!(
        ["constraint-violation", "permission-error"].contains(&error.as_str()),
        "{error}"
    );
    stack.close().await;
}

const SET_HOURS: &str =
    "mutation ($restaurant: Int!, $zone: String!, $hours: [opening_hours_insert_input!]!) {
  changed: update_restaurants(where: {id: {_eq: $restaurant}}, _set: {time_zone: $zone}) { affected_rows }
  delete_opening_hours(where: {restaurant_id: {_eq: $restaurant}}) { affected_rows }
  insert_opening_hours(objects: $hours) { affected_rows }
}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restaurants_set_their_own_opening_hours() {
    let stack = TestStack::secured().await;
    let cura = User::log_in(&stack, "restaurant-2").await;
    let presto = User::log_in(&stack, "restaurant-1").await;
    let alice = User::log_in(&stack, "alice").await;
    let openings = "{ restaurant_openings { restaurant_id opens_at } }";
    let set = |weekdays: Vec<i32>, zone: &str| {
        let hours: Vec<Value> = weekdays
            .into_iter()
            .map(|weekday| json!({"weekday": weekday, "opens": "00:00", "closes": "00:00"}))
            .collect();
        json!({"restaurant": 2, "zone": zone, "hours": hours})
    };
    // In each time zone, today is another weekday than in three days.
    let later = "SELECT extract(isodow FROM now() + interval '3 days')::integer";
    let later: i32 = stack
        .database
        .query_one(later, &[])
        .await
        .expect("a weekday")
        .get(0);
    let changed = cura.data(SET_HOURS, set(vec![later], "Europe/Paris")).await;
    assert_eq!(
        (
            &changed["changed"]["affected_rows"],
            &changed["insert_opening_hours"]["affected_rows"]
        ),
        (&json!(1), &json!(1))
    );
    let closed = alice.data(openings, json!({})).await["restaurant_openings"].clone();
    assert_eq!(
        (closed.as_array().map(Vec::len), &closed[0]["restaurant_id"]),
        (Some(1), &json!(2))
    );
    let midnight = "SELECT to_char($1::text::timestamptz AT TIME ZONE 'Europe/Paris', 'ID HH24:MI')";
    let opens_at = closed[0]["opens_at"].as_str().expect("a time");
    let midnight: String = stack
        .database
        .query_one(midnight, &[&opens_at])
        .await
        .expect("a time")
        .get(0);
    assert_eq!(midnight, format!("{later} 00:00"));
    alice.place("early", 2).await;
    stack.until("early", "refused").await;
    let problem = "query ($id: String!) { orders_by_pk(order_id: $id) { problem } }";
    assert_eq!(
        alice.data(problem, json!({"id": "early"})).await["orders_by_pk"]["problem"],
        "Casa Cura is closed."
    );

    // Another restaurant sees and changes nothing of it, and a customer has no such field.
    for rows in ["opening_hours { weekday }", "restaurant_openings { opens_at }"] {
        let seen = presto.data(&format!("{{ rows: {rows} }}"), json!({})).await;
        assert_eq!(seen["rows"], json!([]), "{rows}");
    }
    let unchanged = presto.data(SET_HOURS, set(Vec::new(), "Asia/Tokyo")).await;
    assert_eq!(
        (
            &unchanged["changed"]["affected_rows"],
            &unchanged["delete_opening_hours"]["affected_rows"]
        ),
        (&json!(0), &json!(0))
    );
    assert_eq!(
        alice.refusal(SET_HOURS, set(Vec::new(), "UTC")).await,
        "validation-failed"
    );

    // A mistake changes nothing.
    assert_eq!(
        cura.refusal(SET_HOURS, set(vec![1], "Mars/Base")).await,
        "data-exception"
    );
    assert_eq!(
        cura.refusal(SET_HOURS, set(vec![1], "XYZ5")).await,
        "permission-error"
    );
    assert_eq!(
        cura.refusal(SET_HOURS, set(vec![8], "UTC")).await,
        "permission-error"
    );
    assert_eq!(
        alice.data(openings, json!({})).await["restaurant_openings"],
        closed
    );

    // Each hour of the week.
    cura.data(SET_HOURS, set((1..=7).collect(), "UTC")).await;
    assert_eq!(
        alice.data(openings, json!({})).await["restaurant_openings"],
        json!([])
    );
    alice.place("in-time", 2).await;
    stack.until("in-time", "validated").await;
    // Without hours, at any time.
    cura.data(SET_HOURS, set(Vec::new(), "UTC")).await;
    alice.place("any-time", 2).await;
    stack.until("any-time", "validated").await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_are_for_the_restaurant_of_the_order() {
    let stack = TestStack::secured().await;
    let cura = User::log_in(&stack, "restaurant-2").await;
    let presto = User::log_in(&stack, "restaurant-1").await;
    let alice = User::log_in(&stack, "alice").await;
    let order = |id: &str, note: &str| {
        json!({
            "orders": [{"order_id": id, "restaurant_id": 2, "address": "1 Main St", "note": note}],
            "items": [{"order_id": id, "item": "pizza"}],
        })
    };
    alice.data(PLACE, order("noted", "No onions, please")).await;
    stack.until("noted", "validated").await;
    assert_eq!(stack.pay_as(&alice.token, "noted", 500, GOOD).await.0, 200);
    stack.until("noted", "paid").await;
    for (table, user) in [
        ("orders", &alice),
        ("orders", &cura),
        ("orders_to_approve", &cura),
    ] {
        let rows = user
            .data(&format!("{{ rows: {table} {{ note }} }}"), json!({}))
            .await;
        assert_eq!(rows["rows"], json!([{"note": "No onions, please"}]), "{table}");
    }
    assert_eq!(
        presto.data("{ orders { note } }", json!({})).await,
        json!({"orders": []})
    );
    // It is bounded, and cannot be changed after the order was placed.
    assert_eq!(
        alice.refusal(PLACE, order("long", &"x".repeat(1001))).await,
        "permission-error"
    );
    let change = "mutation { update_orders(where: {}, _set: {note: \"More onions\"}) { affected_rows } }";
    assert_eq!(alice.refusal(change, json!({})).await, "validation-failed");
    stack.close().await;
}

/// Orders have their own copy of the names and of the total.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dishes_are_renamed_and_deleted_without_a_change_of_orders() {
    let stack = TestStack::secured().await;
    let cura = User::log_in(&stack, "restaurant-2").await;
    let presto = User::log_in(&stack, "restaurant-1").await;
    let alice = User::log_in(&stack, "alice").await;
    alice.place("before", 2).await;
    stack.until("before", "validated").await;
    let pizza = json!({"restaurant": 2, "name": "pizza", "to": "calzone"});
    // Only own dishes, and no second one of the same name.
    assert_eq!(presto.data(RENAME, pizza.clone()).await["changed"], Value::Null);
    let named = json!({"restaurant": 2, "name": "pizza"});
    assert_eq!(presto.data(DELETE, named.clone()).await["deleted"], Value::Null);
    assert_eq!(alice.refusal(DELETE, named).await, "validation-failed");
    let taken = json!({"restaurant": 2, "name": "pizza", "to": "burger"});
    assert_eq!(cura.refusal(RENAME, taken).await, "constraint-violation");

    assert_eq!(
        cura.data(RENAME, pizza.clone()).await["changed"],
        json!({"name": "calzone"})
    );
    let calzone = json!({"restaurant": 2, "name": "calzone"});
    assert_eq!(
        cura.data(DELETE, calzone.clone()).await["deleted"],
        json!({"name": "calzone"})
    );
    assert_eq!(cura.data(DELETE, calzone).await["deleted"], Value::Null);
    let unchanged =
        json!({"status": "validated", "total": 500, "problem": null, "items": [{"item": "pizza"}]});
    assert_eq!(
        alice.data(ORDER, json!({"id": "before"})).await["orders_by_pk"],
        unchanged
    );
    assert_eq!(stack.pay_as(&alice.token, "before", 500, GOOD).await.0, 200);
    alice.place("after", 2).await;
    stack.until("after", "refused").await;
    assert_eq!(
        alice.data(ORDER, json!({"id": "after"})).await["orders_by_pk"]["problem"],
        "pizza is not on the menu of Casa Cura."
    );
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_customer_and_the_driver_of_an_order_follow_it() {
    let stack = TestStack::secured().await;
    only_driver(&stack, 7).await;
    let alice = User::log_in(&stack, "alice").await;
    let mallory = User::log_in(&stack, "mallory").await;
    let driver = User::log_in(&stack, "driver-7").await;
    let other = User::log_in(&stack, "driver-8").await;
    let moved = driver.data(MOVE, json!({"x": 10.5, "y": 20})).await;
    let first = moved["insert_driver_positions_one"].clone();
    assert_eq!((&first["driver_id"], &first["x"]), (&json!(7), &json!(10.5)));
    for (x, y) in [(-1.0, 5.0), (5.0, 100.5)] {
        assert_eq!(
            driver.refusal(MOVE, json!({"x": x, "y": y})).await,
            "permission-error"
        );
    }
    let id = json!({"id": "o-1"});
    alice.place("o-1", 1).await;
    stack.until("o-1", "validated").await;
    let before = alice.data(TRACK, id.clone()).await["order_tracking"][0].clone();
    assert_eq!(
        (&before["eta"], &before["driver_x"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(stack.pay_as(&alice.token, "o-1", 500, GOOD).await.0, 200);
    stack.until("o-1", "assigned").await;
    let tracked = alice.data(TRACK, id.clone()).await["order_tracking"][0].clone();
    assert_eq!(
        (&tracked["driver_x"], &tracked["restaurant"]),
        (&Value::Null, &json!("Trattoria Presto")),
        "positions from before the assignment are not shown"
    );
    assert!(
        tracked["eta"].is_string() && tracked["destination_x"].is_number(),
        "{tracked}"
    );
    // The position changes, and the expected time does not.
    let moved = driver.data(MOVE, json!({"x": 11, "y": 21})).await;
    assert!(
        moved["insert_driver_positions_one"]["at"].as_str() > first["at"].as_str(),
        "{moved}"
    );
    let later = alice.data(TRACK, id.clone()).await["order_tracking"][0].clone();
    assert_eq!(
        (later["driver_x"].as_f64(), &later["eta"]),
        (Some(11.0), &tracked["eta"])
    );

    assert_eq!(
        driver.data(TRACK, id.clone()).await["order_tracking"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    for user in [&mallory, &other] {
        assert_eq!(user.data(TRACK, id.clone()).await, json!({"order_tracking": []}));
    }
    assert_eq!(
        other.data("{ driver_positions { x } }", json!({})).await,
        json!({"driver_positions": []})
    );
    let with_owner = "{ order_tracking { user_id } }";
    assert_eq!(driver.refusal(with_owner, json!({})).await, "validation-failed");

    assert_eq!(driver.take("pick up", &["o-1"]).await, 1);
    assert_eq!(driver.take("deliver", &["o-1"]).await, 1);
    let after = alice.data(TRACK, id.clone()).await["order_tracking"][0].clone();
    assert_eq!(
        (&after["driver_x"], &after["driver_at"], &after["eta"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(driver.data(TRACK, id).await, json!({"order_tracking": []}));

    // Figures: a restaurant sees its own.
    let presto = User::log_in(&stack, "restaurant-1").await;
    let figures =
        "{ restaurant_figures(where: {range: {_eq: \"15m\"}}) { restaurant_id orders delivered revenue } }";
    assert_eq!(
        presto.data(figures, json!({})).await["restaurant_figures"],
        json!([{"restaurant_id": 1, "orders": 1, "delivered": 1, "revenue": 500}])
    );
    stack.close().await;
}
