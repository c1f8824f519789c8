//! The restaurant-approval Lambda function.
fn main() {}
