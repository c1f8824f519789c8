//! The agent-assignment Lambda function.
fn main() {}
