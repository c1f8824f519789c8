//! Simulated people of a demo: [`customers`], [`kitchens`] and [`drivers`]. Each has an account, logs in, and acts over GraphQL
//! and `/payment` only, so that the permissions of its role apply.
//!
//! Customers order at a limited rate, with a limited number of orders in progress, and touch their own orders only. Kitchens and
//! drivers answer all orders of their restaurant or assignment, also those of real customers. While the stack does not respond,
//! all of them wait ([`client`], over the requests of local-client).

mod account;
mod args;
mod city;
mod client;
mod counts;
mod customers;
mod drivers;
mod kitchens;
mod running;
mod subscription;
mod world;

use std::sync::Arc;

use anyhow::Result;
use local_process::logs::Logs;
use local_stack::addresses::Addresses;

pub use args::{People, SimulateArgs};
pub use counts::Summary;
pub use running::keep_running;
pub use world::Shares;

use crate::client::Api;
use crate::counts::Counts;
use crate::world::{Pace, World};

/// Configuration of a simulation.
#[derive(Debug, Clone)]
pub struct Options {
    /// Roles that are simulated.
    pub people: Vec<People>,
    /// Factor by which all delays are shorter than those of people.
    pub pace: f64,
    /// Orders per minute, at pace 1.
    pub rate: f64,
    /// Maximum number of simulated orders in progress.
    pub active: u32,
    /// Number of orders after which the simulation is finished; `None`: no limit.
    pub orders: Option<u32>,
    /// Determines the decisions of each person.
    pub seed: u64,
    pub shares: Shares,
}

/// A running simulation. Dropping it stops it.
#[derive(Debug)]
pub struct Simulation {
    world: Arc<World>,
}

impl Simulation {
    /// Starts the people; they log in on their own.
    pub fn start(addresses: &Addresses, options: &Options, logs: &Logs) -> Result<Self> {
        let world = Arc::new(World {
            api: Arc::new(Api::new(&addresses.engine, &addresses.functions, logs)?),
            pace: Pace::new(options.pace),
            shares: options.shares,
            seed: options.seed,
            counts: Counts::default(),
        });
        for people in &options.people {
            let task_world = world.clone();
            match people {
                People::Customers => {
                    let demand = customers::Demand {
                        rate: options.rate,
                        active: options.active,
                        orders: options.orders,
                    };
                    world.api.spawn(customers::run(task_world, demand));
                }
                People::Kitchens => world.api.spawn(kitchens::run(task_world)),
                People::Drivers => world.api.spawn(drivers::run(task_world)),
            }
        }
        Ok(Self { world })
    }

    /// Waits until all orders of [`Options::orders`] have reached a final state; without this limit, until the simulation is stopped.
    pub async fn finished(&self) -> Summary {
        self.world.counts.finished().await;
        self.world.counts.summary()
    }

    /// Orders and actions so far.
    pub fn summary(&self) -> Summary {
        self.world.counts.summary()
    }

    /// Stops all people. Requests that the stack has received are completed there; no further ones are sent.
    pub async fn stop(self) -> Summary {
        self.world.api.stop().await;
        self.world.counts.summary()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        self.world.api.cancel();
    }
}
