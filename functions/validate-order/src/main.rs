//! The validate-order Lambda function.
fn main() {}
