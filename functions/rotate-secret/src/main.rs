//! The rotate-secret Lambda function: connects `shared::rotation` to the Lambda runtime.

use lambda_http::{
    Error, LambdaEvent,
    lambda_runtime::{run, service_fn},
    tracing,
};
use shared::rotation::{Request, Rotation};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let rotation = Rotation::from_env()?;
    run(service_fn(move |event: LambdaEvent<Request>| {
        let rotation = rotation.clone();
        async move { rotation.run(&event.payload).await.map_err(Error::from) }
    }))
    .await
}
