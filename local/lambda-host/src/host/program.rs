//! Program of a function process: its binary with the environment of Lambda.

use std::net::SocketAddr;

use super::Options;
use crate::FunctionSpec;
use crate::queue::Registration;
use local_process::logs::LogFormat;
use local_process::process::Program;

/// The environment is Lambda's plus the settings of the options.
pub(super) fn program(
    options: &Options,
    runtime_api: SocketAddr,
    function: &FunctionSpec,
    registration: &Registration,
) -> Program {
    let Registration {
        id: process, token, ..
    } = registration;
    let name = &function.name;
    let calls = options.limits.calls_per_process;
    // Not RUST_BACKTRACE: a backtrace would make the first panic cost 280 ms and 40 MB; Lambda does not set it either.
    let mut program = Program::new(name, &function.program)
        .inherit(&options.inherited_env)
        .env(
            "AWS_LAMBDA_RUNTIME_API",
            format!("http://{runtime_api}/{name}/{}/{token}", process.0),
        )
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", format!("local/{}", process.0))
        .env(
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            if calls > 1 {
                "lambda-managed-instances"
            } else {
                "on-demand"
            },
        )
        .env("AWS_REGION", "us-east-1")
        .env(
            "AWS_LAMBDA_LOG_FORMAT",
            match options.log_format {
                LogFormat::Text => "Text",
                LogFormat::Json => "JSON",
            },
        )
        .env("AWS_LAMBDA_LOG_LEVEL", options.log_level.as_str().to_uppercase());
    // Absent on plain Lambda.
    if calls > 1 {
        program = program.env("AWS_LAMBDA_MAX_CONCURRENCY", calls.to_string());
    }
    for (name, value) in options.env.iter().chain(&function.env) {
        program = program.env(name, value);
    }
    program
}
