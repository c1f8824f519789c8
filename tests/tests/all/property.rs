//! Whatever the way in which events arrive, the invariants hold and no order is lost.
//!
//! A seed makes a plan: orders good and bad, each event delivered one to five times, shuffled, many at once, some
//! deliveries cut off in the middle (a killed function), some answers dropped; payments repeated with the same and other
//! cards; a "pay all" by an admin in between. After each round the invariants are checked. The end is reached when every
//! event is settled and every order is assigned, refused, or waits for a person.
//!
//! `PROPERTY_SEED=17 cargo xtask test property` replays one seed; `PROPERTY_SEEDS=200` tries that many instead of a few.
//! (The plan repeats exactly; how Postgres interleaves it does not, so a rare failure may need a few replays.)

mod plan;
mod stack;

use plan::Plan;
use stack::TestStack;
use std::env;

/// Tried in each run. More by `PROPERTY_SEEDS`.
const SEEDS: u64 = 6;

/// Rounds in which everything must come to its end. A stuck order would go round for ever.
const ROUNDS: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariants_hold_for_any_event_delivery() {
    let number = |name: &str| {
        env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().expect("a number"))
    };
    let seeds = match number("PROPERTY_SEED") {
        Some(seed) => seed..=seed,
        None => 1..=number("PROPERTY_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        let outcome = tokio::spawn(run(seed)).await;
        if let Err(error) = outcome {
            eprintln!("replay this with PROPERTY_SEED={seed} cargo xtask test property");
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

async fn run(seed: u64) {
    let mut plan = Plan::new(seed);
    let mut stack = TestStack::new().await;
    stack.place(&plan.orders).await;
    for round in 0..ROUNDS {
        stack.see_new_events().await;
        stack.deliver_and_pay(&mut plan, round).await;
        stack.let_claims_expire().await;
        assert_eq!(stack.broken().await, [""; 0], "after round {round}");
        stack.see_new_events().await;
        if stack.all_settled() && stack.unfinished(&plan.orders).await.is_empty() {
            return;
        }
    }
    panic!(
        "after {ROUNDS} rounds {} events are unsettled and these orders unfinished: {:?}",
        stack.unsettled(),
        stack.unfinished(&plan.orders).await
    );
}
