//! The watchman Lambda function: connects the step in `shared::steps` to the Lambda runtime.

use lambda_http::{
    Error,
    lambda_runtime::{run_concurrent, service_fn},
    tracing,
};
use shared::{
    Config,
    database::Database,
    http::{Handler, Watchman},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = Config::from_env().await?.for_event_triggers()?;
    let database = Database::new(&config);
    let handler = Handler::new(&config, database, Watchman::new(&config));
    run_concurrent(service_fn(move |event| handler.clone().handle(event))).await
}
