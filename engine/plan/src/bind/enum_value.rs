//! Values of enum tables.

use super::input_value::{InputValue, mismatch};
use super::invalid;
use engine_error::Result;
use engine_model::catalog::TableEnum;

/// Returns the value of an enum table as text. A document contains an enum value, a variable a string.
pub(super) fn text(value: InputValue<'_>, enumeration: &TableEnum) -> Result<String> {
    let ty = &enumeration.type_name;
    let name = value
        .as_enum()
        .ok_or_else(|| mismatch("an enum value", ty, value))?;
    if let Some(value) = enumeration.value_of(name) {
        return Ok(value.to_owned());
    }
    Err(invalid(format!(
        "expected one of the values {} for type \"{ty}\", but found \"{name}\"",
        disjunction(enumeration)
    )))
}

/// Returns `a, b, or c`.
fn disjunction(enumeration: &TableEnum) -> String {
    let (mut names, others) = enumeration.in_graphql_message();
    let last = if others > 0 {
        format!("one of {others} others")
    } else {
        names.pop().unwrap_or_default().to_owned()
    };
    match names.as_slice() {
        [] => last,
        [one] => format!("{one} or {last}"),
        several => format!("{}, or {last}", several.join(", ")),
    }
}
