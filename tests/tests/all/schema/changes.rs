//! What the triggers of schema.sql note of a change: the history of the order.

use tests::{
    database::TestDatabase,
    orders::{NewOrder, history, place, set_order, status},
};

#[tokio::test]
async fn manual_changes_are_in_history() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place(&mut client, &NewOrder::default()).await;
    for (set, expected) in [
        ("order_valid = true, total = 500", "validated"),
        ("payment_valid = true, placed = true", "paid"),
        ("approved = true", "approved"),
        ("driver_assigned = true", "assigned"),
        ("food_picked = true", "picked_up"),
        ("delivered = true", "delivered"),
        ("delivered = true, address = 'elsewhere'", "delivered"),
    ] {
        set_order(&client, "o-1", set).await;
        assert_eq!(status(&client, "o-1").await, expected);
    }
    assert_eq!(
        history(&client, "o-1").await,
        [
            "payment paid",
            "restaurant-approval approved",
            "pick-up picked_up",
            "delivery delivered"
        ]
    );
}
