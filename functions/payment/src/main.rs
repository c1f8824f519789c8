//! The payment Lambda function.
fn main() {}
