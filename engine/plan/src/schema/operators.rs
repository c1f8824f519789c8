//! Operators of updates, and the values of the enums `order_by` and `cursor_ordering`.

use super::scalar::{ValueType, is_number, value_type};
use super::table::TableSchema;
use engine_model::catalog::Column;

/// Values of the enum `order_by` with their meaning (descending, nulls first) and description.
pub(crate) const ORDER_BY_VALUES: [(&str, bool, bool, &str); 6] = [
    ("asc", false, false, "in ascending order, nulls last"),
    ("asc_nulls_first", false, true, "in ascending order, nulls first"),
    ("asc_nulls_last", false, false, "in ascending order, nulls last"),
    ("desc", true, true, "in descending order, nulls first"),
    ("desc_nulls_first", true, true, "in descending order, nulls first"),
    ("desc_nulls_last", true, false, "in descending order, nulls last"),
];

/// Values of the enum `cursor_ordering` with their meaning (descending) and description.
pub(crate) const CURSOR_ORDERING_VALUES: [(&str, bool, &str); 2] = [
    ("ASC", false, "ascending ordering of the cursor"),
    ("DESC", true, "descending ordering of the cursor"),
];

/// Value of the enum of updatable columns if there is none.
pub(crate) const PLACEHOLDER: &str = "_PLACEHOLDER";

/// Operator of an update.
#[derive(Debug)]
pub(crate) struct UpdateOperator {
    /// `_set`.
    pub(crate) name: &'static str,
    /// Suffix of its input type.
    suffix: &'static str,
    /// Type of its operands if it is not that of the column.
    operand: Option<ValueType<'static>>,
    pub(crate) description: &'static str,
}

/// The operators in the order in which messages list them.
pub(crate) static UPDATE_OPERATORS: [UpdateOperator; 7] = [
    UpdateOperator {
        name: "_append",
        suffix: "append_input",
        operand: None,
        description: "append existing jsonb value of filtered columns with new jsonb value",
    },
    UpdateOperator {
        name: "_delete_at_path",
        suffix: "delete_at_path_input",
        operand: Some(ValueType {
            name: "String",
            lists: 1,
        }),
        description: "delete the field or element with specified path (for JSON arrays, negative integers count from the end)",
    },
    UpdateOperator {
        name: "_delete_elem",
        suffix: "delete_elem_input",
        operand: Some(ValueType {
            name: "Int",
            lists: 0,
        }),
        description: "delete the array element with specified index (negative integers count from the end). throws an error if top level container is not an array",
    },
    UpdateOperator {
        name: "_delete_key",
        suffix: "delete_key_input",
        operand: Some(ValueType {
            name: "String",
            lists: 0,
        }),
        description: "delete key/value pair or string element. key/value pairs are matched based on their key value",
    },
    UpdateOperator {
        name: "_inc",
        suffix: "inc_input",
        operand: None,
        description: "increments the numeric columns with given value of the filtered values",
    },
    UpdateOperator {
        name: "_prepend",
        suffix: "prepend_input",
        operand: None,
        description: "prepend existing jsonb value of filtered columns with new jsonb value",
    },
    UpdateOperator {
        name: "_set",
        suffix: "set_input",
        operand: None,
        description: "sets the columns of the filtered rows to the given values",
    },
];

impl UpdateOperator {
    pub(crate) fn of(name: &str) -> Option<&'static Self> {
        UPDATE_OPERATORS.iter().find(|operator| operator.name == name)
    }

    /// Name of its input type.
    pub(crate) fn input_type(&self, table: &TableSchema) -> String {
        table.names.operator_input(self.suffix)
    }

    pub(crate) fn applies_to(&self, column: &Column) -> bool {
        match self.name {
            "_set" => true,
            "_inc" => is_number(&column.ty),
            _ => column.ty.name == "jsonb",
        }
    }

    /// The type of its operand for a column.
    pub(crate) fn operand_type<'c>(&self, column: &'c Column) -> ValueType<'c> {
        self.operand.unwrap_or_else(|| value_type(&column.ty))
    }
}

/// The operators that apply to a column of the table.
pub(crate) fn available_operators(table: &TableSchema) -> impl Iterator<Item = &'static UpdateOperator> {
    UPDATE_OPERATORS.iter().filter(|operator| {
        let mut columns = table.update_columns();
        columns.any(|(_, column)| operator.applies_to(column))
    })
}
