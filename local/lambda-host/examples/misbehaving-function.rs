//! Lambda function whose event body selects its behaviour, for the tests of the function host: crash, hang, panic,
//! binary response. `MISBEHAVE_AT_START=exit` makes it exit before its first request for work, `=soon` after it.

use std::process;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var("MISBEHAVE_AT_START").is_ok_and(|how| how == "exit") {
        eprintln!("cannot find my configuration");
        process::exit(3);
    }
    if std::env::var("MISBEHAVE_AT_START").is_ok_and(|how| how == "soon") {
        // Long after its first request for work, even on a busy machine.
        tokio::spawn(async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            process::exit(4);
        });
    }
    lambda_runtime::run_concurrent(service_fn(answer)).await
}

async fn answer(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let (event, context) = event.into_parts();
    let body = event["body"].as_str().unwrap_or_default();
    let (what, argument) = body.split_once(' ').unwrap_or((body, ""));
    let pid = process::id();
    match what {
        "crash" => process::exit(1),
        "panic" => panic!("as told"),
        "error" => Err("as told".into()),
        "hang" => loop {
            tokio::time::sleep(Duration::from_hours(1)).await;
        },
        "hold" => hold(argument).await,
        "sleep" => {
            tokio::time::sleep(Duration::from_millis(argument.parse()?)).await;
            Ok(json!({"statusCode": 200, "body": "slept"}))
        }
        "bytes" => Ok(
            json!({"statusCode": 200, "headers": {"content-type": "image/png"},
            "body": "iVBORw==", "isBase64Encoded": true}),
        ),
        "infer" => Ok(json!({"outcome": "inferred"})),
        "garbage" => Ok(json!({"statusCode": "many"})),
        "env" => Ok(json!({"statusCode": 200, "body": std::env::var(argument).unwrap_or_default()})),
        _ => Ok(json!({
            "statusCode": 200,
            "headers": {"content-type": "application/json", "x-pid": pid.to_string()},
            "cookies": ["a=1", "b=2"],
            "body": json!({"event": event, "deadline": context.deadline, "request_id": context.request_id,
                "trace_id": context.xray_trace_id, "arn": context.invoked_function_arn, "pid": pid}).to_string(),
        })),
    }
}

/// Reports the process id and the label to an address, and answers with the label when the connection is closed there.
async fn hold(argument: &str) -> Result<Value, Error> {
    let (address, label) = argument.split_once(' ').unwrap_or((argument, ""));
    let mut test = TcpStream::connect(address).await?;
    let report = format!("{} {label}\n", process::id());
    test.write_all(report.as_bytes()).await?;
    test.read_to_end(&mut Vec::new()).await?;
    Ok(json!({"statusCode": 200, "body": label}))
}
